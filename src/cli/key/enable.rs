//! `keyward key enable`.

use clap::Args;

use super::{IfRevision, change};
use crate::cli::Failure;
use crate::cli::client::Server;
use crate::cli::place::OneKey;

const EXAMPLES: &str = "\
Examples:
  keyward key enable key_0FkLm2x9Q --keyspace shop --account acme";

/// Switch a key on again
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Enable {
    #[command(flatten)]
    key: OneKey,
    #[command(flatten)]
    only: IfRevision,
}

impl Enable {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        change(server, &self.key, "enable", &self.only)
    }
}
