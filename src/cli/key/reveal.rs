//! `keyward key reveal`.

use clap::Args;

use crate::cli::Failure;
use crate::cli::client::{Call, Server};
use crate::cli::created::{self, KEY};
use crate::cli::place::OneKey;

const EXAMPLES: &str = "\
Examples:
  keyward key reveal key_0FkLm2x9Q --keyspace shop --account acme
  keyward key reveal key_0FkLm2x9Q --keyspace shop --account acme | pass insert -e inboxfirst

Only where the profile makes keys recoverable. Each time is noted in the audit trail.";

/// Show a recoverable key again
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Reveal {
    #[command(flatten)]
    key: OneKey,
}

impl Reveal {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let call = Call::post(self.key.target().under("reveal"));
        created::show_again(&server.connect()?.send(&call)?, &KEY, server.json)
    }
}
