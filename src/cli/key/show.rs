//! `keyward key show`.

use clap::Args;

use crate::cli::client::{Call, Server};
use crate::cli::place::OneKey;
use crate::cli::{Failure, record};

const EXAMPLES: &str = "\
Examples:
  keyward key show key_0FkLm2x9Q --keyspace shop --account acme
  keyward key show key_0FkLm2x9Q --keyspace shop --account acme --json | jq .revision";

/// Show a key's record; the key itself is not in it
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    #[command(flatten)]
    key: OneKey,
}

impl Show {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let call = Call::get(self.key.target());
        record::show(&server.connect()?.send(&call)?, server.json)
    }
}
