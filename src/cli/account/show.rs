//! `keyward account show`.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::cli::client::{Call, Server};
use crate::cli::place::{self, InKeyspace};
use crate::cli::{Failure, record};

const EXAMPLES: &str = "\
Examples:
  keyward account show acme --keyspace shop";

/// Show an account, and how much it used this month
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    #[command(flatten)]
    place: InKeyspace,
    /// The account's id
    #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    id: String,
}

impl Show {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let call = Call::get(place::account(self.place.target(), &self.id));
        record::show(&server.connect()?.send(&call)?, server.json)
    }
}
