//! `keyward account update`.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde_json::{Map, Value};

use crate::cli::client::{Call, Server};
use crate::cli::place::{self, InKeyspace};
use crate::cli::{Failure, record};

const EXAMPLES: &str = "\
Examples:
  keyward account update acme --keyspace shop --name \"Acme Ltd.\"
  keyward account update acme --keyspace shop --keys-enabled false      no more keys are made; those there are stay
  keyward account update acme --keyspace shop --monthly-uses 100000     more are flagged, never blocked
  keyward account update acme --keyspace shop --clear monthly-uses";

/// Change an account
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Update {
    #[command(flatten)]
    place: InKeyspace,
    /// The account's id
    #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    id: String,
    #[command(flatten)]
    change: Change,
    /// Only if the account is still of this revision
    #[arg(long, value_name = "REVISION")]
    if_revision: Option<u64>,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct Change {
    /// A name for people
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Whether its people and operators may have keys made
    #[arg(long, value_name = "true|false")]
    keys_enabled: Option<bool>,
    /// How many uses a calendar month are agreed
    #[arg(long, value_name = "N")]
    monthly_uses: Option<u64>,
    /// Take something away
    #[arg(long, value_name = "WHAT", value_parser = ["name", "monthly-uses"])]
    clear: Vec<String>,
}

impl Update {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let call = Call::patch(place::account(self.place.target(), &self.id))
            .with(&self.change.body())
            .at_revision(self.if_revision);
        record::show(&server.connect()?.send(&call)?, server.json)
    }
}

impl Change {
    fn body(self) -> Value {
        let mut body = Map::new();
        for (name, value) in [
            ("name", self.name.map(Value::from)),
            ("keys_enabled", self.keys_enabled.map(Value::from)),
            ("monthly_uses", self.monthly_uses.map(Value::from)),
        ] {
            if let Some(value) = value {
                body.insert(name.into(), value);
            }
        }
        for what in self.clear {
            body.insert(what.replace('-', "_"), Value::Null);
        }
        Value::Object(body)
    }
}
