//! `keyward operator`: who manages, and what they may do.

mod create;
mod delete;
mod list;
mod rights;
mod rotate;
mod show;
mod whoami;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Failure;
use super::client::Server;
use super::created::Words;

pub(super) use self::rights::LIST as RIGHTS;

const OPERATOR: Words = Words {
    secrets: &["key"],
    record: "operator",
    noun: "operator key",
};

/// Manage operators: who may manage what, over the server, a keyspace or one account
#[derive(Args)]
pub(super) struct Operator {
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
    Rotate(rotate::Rotate),
    Delete(delete::Delete),
    Whoami(whoami::Whoami),
}

impl Operator {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let server = &self.server;
        let outcome = match self.command {
            Command::Create(create) => create.run(server),
            Command::List(list) => list.run(server),
            Command::Show(show) => show.run(server),
            Command::Rotate(rotate) => rotate.run(server),
            Command::Delete(delete) => delete.run(server),
            Command::Whoami(whoami::Whoami {}) => whoami::Whoami::run(server),
        };
        server.done(outcome)
    }
}
