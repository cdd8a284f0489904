//! `keyward account`: the tenants of a keyspace.

mod create;
mod list;
mod show;
mod update;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Failure;
use super::client::Server;

/// Manage accounts: the tenants of a keyspace, to which keys belong
#[derive(Args)]
pub(super) struct Account {
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

impl Account {
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
