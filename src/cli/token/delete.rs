//! `keyward token delete`.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::cli::client::{Call, Server};
use crate::cli::place::InKeyspace;
use crate::cli::{Failure, prompt, removed};

const EXAMPLES: &str = "\
Examples:
  keyward token delete tok_0FkLm2x9Q --keyspace shop";

/// Remove an edge token: it is refused from then on
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Delete {
    #[command(flatten)]
    place: InKeyspace,
    /// The token's id
    #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    id: String,
    #[command(flatten)]
    sure: prompt::Sure,
}

impl Delete {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let client = server.connect()?;
        let id = &self.id;
        self.sure.confirm(|| {
            Ok(format!(
                "Delete the token {id}? Edges that present it get no more news."
            ))
        })?;
        let target = self.place.target().under("tokens").under(id);
        let answer = client.send(&Call::delete(target))?;
        removed::tell(&answer, id, server.json)
    }
}
