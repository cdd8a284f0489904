//! `keyward portal-link`: a customer's administrator, for a while.

mod create;
mod delete;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Failure;
use super::client::Server;

/// Let a customer's administrator manage the keys of their account for a while, and nothing else
#[derive(Args)]
pub(super) struct PortalLink {
    #[command(flatten)]
    server: Server,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Create(create::Create),
    Delete(delete::Delete),
}

impl PortalLink {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let server = &self.server;
        let outcome = match self.command {
            Command::Create(create) => create.run(server),
            Command::Delete(delete) => delete.run(server),
        };
        server.done(outcome)
    }
}
