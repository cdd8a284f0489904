//! `keyward key deactivate`.

use clap::Args;

use super::{IfRevision, named};
use crate::cli::client::{Call, Server};
use crate::cli::place::OneKey;
use crate::cli::{Failure, prompt, record};

const EXAMPLES: &str = "\
Examples:
  keyward key deactivate key_0FkLm2x9Q --keyspace shop --account acme
  keyward key deactivate key_0FkLm2x9Q --keyspace shop --account acme --yes     in a script";

/// Take a key out of use for good; its record stays
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Deactivate {
    #[command(flatten)]
    key: OneKey,
    #[command(flatten)]
    only: IfRevision,
    #[command(flatten)]
    sure: prompt::Sure,
}

impl Deactivate {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let client = server.connect()?;
        self.sure.confirm(|| {
            let name = named(&client, &self.key)?;
            Ok(format!("Deactivate {name}? It can never be used again."))
        })?;
        let target = self.key.target().under("deactivate");
        let call = Call::post(target).at_revision(self.only.if_revision);
        record::show(&client.send(&call)?, server.json)
    }
}
