//! `keyward operator create`.

use clap::Args;
use serde_json::json;

use super::{OPERATOR, RIGHTS, rights};
use crate::cli::Failure;
use crate::cli::client::{Call, Server};
use crate::cli::created;
use crate::cli::place::Over;
use crate::cli::when::Expiry;

const EXAMPLES: &str = "\
Examples:
  keyward operator create --name \"Release pipeline\" --right keys.read,keys.write --keyspace shop --expires-in 90d
  keyward operator create --name \"Acme's administrator\" --right all --keyspace shop --account acme > acme.key
  keyward operator create --name \"Support\" --right keys.read,usage.read --keyspace shop --level sending

";

/// Make an operator and show the operator key, this once
///
/// Nobody gives rights that they lack, nor farther than their own reach.
#[derive(Args)]
#[command(after_help = format!("{EXAMPLES}{RIGHTS}"))]
pub(super) struct Create {
    #[command(flatten)]
    over: Over,
    /// A name for people
    #[arg(long, value_name = "NAME")]
    name: String,
    /// What they may do; several with commas between or by giving it several times; `all` for all that you may give
    #[arg(
        long = "right",
        value_name = "RIGHT",
        required = true,
        value_delimiter = ','
    )]
    rights: Vec<String>,
    /// The levels that keys may have which they make [default: those that you may give]
    #[arg(long = "level", value_name = "LEVEL", value_delimiter = ',')]
    levels: Vec<String>,
    #[command(flatten)]
    expiry: Expiry,
}

impl Create {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let client = server.connect()?;
        let rights = rights::named(&client, self.rights, &self.over)?;
        let mut body = json!({ "name": self.name, "rights": rights });
        if !self.levels.is_empty() {
            body["levels"] = self.levels.into();
        }
        if let Some(at) = self.expiry.instant() {
            body["expires_at"] = at.into();
        }
        let call = Call::post(self.over.target().under("operators")).with(&body);
        created::show(&client.send(&call)?, &OPERATOR, server.json)
    }
}
