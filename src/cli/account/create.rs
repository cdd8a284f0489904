//! `keyward account create`.

use clap::Args;
use serde_json::{Map, Value};

use crate::cli::Failure;
use crate::cli::client::{Call, Server};
use crate::cli::place::InKeyspace;
use crate::cli::record;

const EXAMPLES: &str = "\
Examples:
  keyward account create acme --keyspace shop --name \"Acme Inc.\"
  keyward account create --keyspace shop --json | jq -r .id     an id made by the server";

/// Add an account to a keyspace
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Create {
    #[command(flatten)]
    place: InKeyspace,
    /// Its id: 1 to 64 of A-Z, a-z, 0-9, -, _ and . [default: made by the server]
    id: Option<String>,
    /// A name for people
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Whether its people and operators may have keys made [default: true]
    #[arg(long, value_name = "true|false")]
    keys_enabled: Option<bool>,
    /// How many uses a calendar month are agreed; more are flagged, never blocked
    #[arg(long, value_name = "N")]
    monthly_uses: Option<u64>,
}

impl Create {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let mut body = Map::new();
        for (name, value) in [
            ("id", self.id.map(Value::from)),
            ("name", self.name.map(Value::from)),
            ("keys_enabled", self.keys_enabled.map(Value::from)),
            ("monthly_uses", self.monthly_uses.map(Value::from)),
        ] {
            if let Some(value) = value {
                body.insert(name.into(), value);
            }
        }
        let target = self.place.target().under("accounts");
        let call = Call::post(target).with(&body);
        record::show(&server.connect()?.send(&call)?, server.json)
    }
}
