//! `keyward operator delete`.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::cli::client::{Call, Server};
use crate::cli::place::Over;
use crate::cli::{Failure, prompt, removed};

const EXAMPLES: &str = "\
Examples:
  keyward operator delete op_0FkLm2x9Q
  keyward operator delete op_0FkLm2x9Q --keyspace shop --yes";

/// Remove an operator: the operator key is refused from then on
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Delete {
    /// The operator's id
    #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    id: String,
    #[command(flatten)]
    over: Over,
    #[command(flatten)]
    sure: prompt::Sure,
}

impl Delete {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let client = server.connect()?;
        let id = &self.id;
        self.sure.confirm(|| {
            Ok(format!(
                "Delete the operator {id}? Their operator key ends at once."
            ))
        })?;
        let target = self.over.target().under("operators").under(id);
        let answer = client.send(&Call::delete(target))?;
        removed::tell(&answer, id, server.json)
    }
}
