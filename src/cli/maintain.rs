//! `keyward maintain`: one round of what time brings.

use std::process::ExitCode;

use clap::Args;

use super::client::{Call, Server, Target};
use super::{Failure, record};

const EXAMPLES: &str = "\
Examples:
  keyward maintain

The server does this by itself as well; this is for whoever wants it now, and to see what it did.";

/// Have the server do at once what it does by itself from time to time
///
/// Uses are written down, idle keys switched off, owners told of ends; what is over is forgotten, and what an earlier
/// master key sealed is sealed anew.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Maintain {
    #[command(flatten)]
    server: Server,
}

impl Maintain {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let server = &self.server;
        server.done(ask(server))
    }
}

fn ask(server: &Server) -> Result<(), Failure> {
    let call = Call::post(Target::v1().under("maintain")).patiently();
    record::show(&server.connect()?.send(&call)?, server.json)
}
