//! `keyward operator rotate`.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::OPERATOR;
use crate::cli::Failure;
use crate::cli::client::{Call, Server};
use crate::cli::created;
use crate::cli::place::Over;

const EXAMPLES: &str = "\
Examples:
  keyward operator rotate op_0FkLm2x9Q > operator.key
  keyward operator rotate op_0FkLm2x9Q --keyspace shop";

/// Give an operator another operator key and show it, this once; the one before is refused from then on
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Rotate {
    /// The operator's id; `keyward operator whoami` shows your own
    #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    id: String,
    #[command(flatten)]
    over: Over,
}

impl Rotate {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let target = self.over.target().under("operators");
        let call = Call::post(target.under(&self.id).under("rotate"));
        created::show(&server.connect()?.send(&call)?, &OPERATOR, server.json)
    }
}
