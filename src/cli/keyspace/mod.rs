//! `keyward keyspace`: published APIs and their rules.

mod create;
mod differences;
mod list;
mod show;
mod update;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Failure;
use super::client::Server;

/// Manage keyspaces: one published API each, with its rules
#[derive(Args)]
pub(super) struct Keyspace {
    #[command(flatten)]
    server: Server,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Create(create::Create),
    List(list::List),
    Show(show::Show),
    Update(update::Update),
}

impl Keyspace {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let server = &self.server;
        let outcome = match self.command {
            Command::Create(create) => create.run(server),
            Command::List(list) => list.run(server),
            Command::Show(show) => show.run(server),
            Command::Update(update) => update.run(server),
        };
        server.done(outcome)
    }
}
