//! `keyward operator whoami`.

use clap::Args;

use crate::cli::client::{Call, Server, Target};
use crate::cli::{Failure, record};

const EXAMPLES: &str = "\
Examples:
  keyward operator whoami
  keyward operator whoami --operator-key-file acme.key";

/// Show whose operator key this is, what it may do and where
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Whoami {}

impl Whoami {
    pub(super) fn run(server: &Server) -> Result<(), Failure> {
        let call = Call::get(Target::v1().under("me"));
        record::show(&server.connect()?.send(&call)?, server.json)
    }
}
