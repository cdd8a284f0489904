//! `keyward key delete`.

use clap::Args;

use super::{IfRevision, named};
use crate::cli::client::{Call, Server};
use crate::cli::place::OneKey;
use crate::cli::{Failure, prompt, removed};

const EXAMPLES: &str = "\
Examples:
  keyward key delete key_0FkLm2x9Q --keyspace shop --account acme
  keyward key delete key_0FkLm2x9Q --keyspace shop --account acme --yes     in a script";

/// Remove a key and its record; it cannot be restored
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Delete {
    #[command(flatten)]
    key: OneKey,
    #[command(flatten)]
    only: IfRevision,
    #[command(flatten)]
    sure: prompt::Sure,
}

impl Delete {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let client = server.connect()?;
        self.sure.confirm(|| {
            let name = named(&client, &self.key)?;
            Ok(format!("Delete {name}? It cannot be restored."))
        })?;
        let call = Call::delete(self.key.target()).at_revision(self.only.if_revision);
        removed::tell(&client.send(&call)?, &self.key.id, server.json)
    }
}
