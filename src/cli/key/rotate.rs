//! `keyward key rotate`.

use clap::Args;
use serde_json::Map;

use super::IfRevision;
use crate::cli::Failure;
use crate::cli::client::{Call, Server};
use crate::cli::created::{self, KEY, Once};
use crate::cli::place::OneKey;
use crate::cli::when::Span;

const EXAMPLES: &str = "\
Examples:
  keyward key rotate key_0FkLm2x9Q --keyspace shop --account acme > new.key
  keyward key rotate key_0FkLm2x9Q --keyspace shop --account acme --grace 24h
  keyward key rotate key_0FkLm2x9Q --keyspace shop --account acme --grace 1h --after-first-use";

/// Give a key another secret under the same id and show it, this once
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Rotate {
    #[command(flatten)]
    key: OneKey,
    /// For how long the secret before still counts, at most what the profile allows [default: not at all]
    #[arg(long, value_name = "SPAN")]
    grace: Option<Span>,
    /// Count the grace from the first use of the new secret
    #[arg(long)]
    after_first_use: bool,
    #[command(flatten)]
    only: IfRevision,
    #[command(flatten)]
    once: Once,
}

impl Rotate {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let mut body = Map::new();
        if let Some(grace) = self.grace {
            body.insert("grace_seconds".into(), grace.as_seconds().into());
        }
        if self.after_first_use {
            body.insert("after_first_use".into(), true.into());
        }
        let call = Call::post(self.key.target().under("rotate"))
            .with(&body)
            .at_revision(self.only.if_revision)
            .once(&self.once.key());
        created::show(&server.connect()?.send(&call)?, &KEY, server.json)
    }
}
