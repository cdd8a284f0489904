//! `keyward portal-link delete`.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::cli::client::{Call, Server};
use crate::cli::place::InAccount;
use crate::cli::{Failure, prompt, removed};

const EXAMPLES: &str = "\
Examples:
  keyward portal-link delete prt_0FkLm2x9Q --keyspace shop --account acme";

/// End a portal link before its time; the keys that were made with it stay
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Delete {
    #[command(flatten)]
    place: InAccount,
    /// The portal link's id
    #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    id: String,
    #[command(flatten)]
    sure: prompt::Sure,
}

impl Delete {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let client = server.connect()?;
        let id = &self.id;
        self.sure
            .confirm(|| Ok(format!("End the portal link {id} now?")))?;
        let target = self.place.target().under("portal-links").under(id);
        removed::tell(&client.send(&Call::delete(target))?, id, server.json)
    }
}
