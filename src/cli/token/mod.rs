//! `keyward token`: what edges present to the server.

mod create;
mod delete;
mod list;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Failure;
use super::client::Server;

/// Manage edge tokens: what an edge presents to read a keyspace's files and report usage
#[derive(Args)]
pub(super) struct Token {
    #[command(flatten)]
    server: Server,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Create(create::Create),
    List(list::List),
    Delete(delete::Delete),
}

impl Token {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let server = &self.server;
        let outcome = match self.command {
            Command::Create(create) => create.run(server),
            Command::List(list) => list.run(server),
            Command::Delete(delete) => delete.run(server),
        };
        server.done(outcome)
    }
}
