//! `keyward keyspace show`.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde::Deserialize;

use crate::cli::client::{Call, Server};
use crate::cli::output::print;
use crate::cli::{Failure, place, record};

const EXAMPLES: &str = "\
Examples:
  keyward keyspace show shop
  keyward keyspace show shop --json | jq -r '.public_keys[0]'     what an edge pins
  keyward keyspace show shop --toml > my-api.toml                 the profile of its own";

/// Show a keyspace: its profile, its public keys, where it stands
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    /// The keyspace's id
    #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    id: String,
    /// Print the profile of its own, as the TOML that was sent
    #[arg(long, conflicts_with = "json")]
    toml: bool,
}

#[derive(Deserialize)]
struct Rules {
    profile: String,
    profile_toml: Option<String>,
}

impl Show {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let call = Call::get(place::keyspace(&self.id));
        let answer = server.connect()?.send(&call)?;
        if !self.toml {
            return record::show(&answer, server.json);
        }
        let Rules {
            profile,
            profile_toml,
        } = answer.read()?;
        match profile_toml {
            Some(toml) => print(&toml),
            None => Err(Failure::failed(format!(
                "the keyspace has a preset: `keyward profile show {profile} --toml` prints it"
            ))),
        }
    }
}
