//! `keyward operator show`.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::cli::client::{Call, Server};
use crate::cli::place::Over;
use crate::cli::{Failure, record};

const EXAMPLES: &str = "\
Examples:
  keyward operator show op_0FkLm2x9Q --keyspace shop";

/// Show an operator: their rights, levels and end
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    /// The operator's id
    #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    id: String,
    #[command(flatten)]
    over: Over,
}

impl Show {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let call = Call::get(self.over.target().under("operators").under(&self.id));
        record::show(&server.connect()?.send(&call)?, server.json)
    }
}
