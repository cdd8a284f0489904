//! `keyward audit`: who changed what, and whether the trail is whole.

mod export;
mod list;
mod verify;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Failure;
use super::client::Server;

/// See who changed what and when, and check that nothing was taken out
#[derive(Args)]
pub(super) struct Audit {
    #[command(flatten)]
    server: Server,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::List),
    Export(export::Export),
    Verify(verify::Verify),
}

impl Audit {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let server = &self.server;
        match self.command {
            Command::List(list) => server.done(list.run(server)),
            Command::Export(export::Export {}) => server.done(export::Export::run(server)),
            Command::Verify(verify::Verify {}) => server.told(verify::Verify::run(server)),
        }
    }
}
