//! `keyward portal-link create`.

use clap::Args;
use serde_json::Map;

use crate::cli::Failure;
use crate::cli::client::{Call, Server};
use crate::cli::created::{self, Words};
use crate::cli::place::InAccount;
use crate::cli::when::Span;

const EXAMPLES: &str = "\
Examples:
  keyward portal-link create --keyspace shop --account acme
  keyward portal-link create --keyspace shop --account acme --expires-in 1h --right keys.read,accounts.read

Without --right: accounts.read, keys.read, keys.write and usage.read. With a public URL in the server's configuration
the link is printed, otherwise the token alone.";

const LINK: Words = Words {
    secrets: &["token", "url"],
    record: "record",
    noun: "portal link",
};

/// Make a portal link and show it, this once
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Create {
    #[command(flatten)]
    place: InAccount,
    /// Whom it is for
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What it lets its holder do
    #[arg(long = "right", value_name = "RIGHT", value_delimiter = ',')]
    rights: Vec<String>,
    /// The levels that keys may have which are made with it [default: those that you may give]
    #[arg(long = "level", value_name = "LEVEL", value_delimiter = ',')]
    levels: Vec<String>,
    /// For how long it works, from 1m to 24h [default: 15m]
    #[arg(long, value_name = "SPAN")]
    expires_in: Option<Span>,
}

impl Create {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let mut body = Map::new();
        if let Some(name) = self.name {
            body.insert("name".into(), name.into());
        }
        for (name, list) in [("rights", self.rights), ("levels", self.levels)] {
            if !list.is_empty() {
                body.insert(name.into(), list.into());
            }
        }
        if let Some(span) = self.expires_in {
            body.insert("expires_in_seconds".into(), span.as_seconds().into());
        }
        let call = Call::post(self.place.target().under("portal-links")).with(&body);
        created::show(&server.connect()?.send(&call)?, &LINK, server.json)
    }
}
