//! `keyward token create`.

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::json;

use crate::cli::Failure;
use crate::cli::client::{Call, Server};
use crate::cli::created::{self, Words};
use crate::cli::place::InKeyspace;
use crate::cli::when::Expiry;
use crate::service::Right;

const EXAMPLES: &str = "\
Examples:
  keyward token create --keyspace shop --right snapshot.read,usage.write --name \"Worker in Frankfurt\" --expires-in 365d
  keyward token create --keyspace shop --right snapshot.read | wrangler secret put KEYWARD_TOKEN";

const TOKEN: Words = Words {
    secrets: &["token"],
    record: "record",
    noun: "token",
};

/// Make an edge token and show it, this once
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Create {
    #[command(flatten)]
    place: InKeyspace,
    /// What it may do, and nothing else; several with commas between or by giving it several times
    #[arg(long = "right", value_name = "RIGHT", required = true, value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Right::OF_TOKENS.map(Right::as_str)))]
    rights: Vec<String>,
    /// A name for people
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    expiry: Expiry,
}

impl Create {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let mut body = json!({ "rights": self.rights });
        if let Some(name) = self.name {
            body["name"] = name.into();
        }
        if let Some(at) = self.expiry.instant() {
            body["expires_at"] = at.into();
        }
        let call = Call::post(self.place.target().under("tokens")).with(&body);
        created::show(&server.connect()?.send(&call)?, &TOKEN, server.json)
    }
}
