//! `keyward key`: the keys of an account.

mod ask;
mod content;
mod create;
mod deactivate;
mod delete;
mod disable;
mod enable;
mod list;
mod reveal;
mod rotate;
mod show;
mod update;
mod usage;
mod verify;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Failure;
use super::client::{Call, Client, Item, Server};
use super::place::OneKey;
use super::record;

pub(super) use self::ask::{AskedCall, Presented};

/// Manage keys: make, list, restrict, rotate, switch off and on, delete, verify
#[derive(Args)]
pub(super) struct Key {
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
    Rotate(rotate::Rotate),
    Disable(disable::Disable),
    Enable(enable::Enable),
    Deactivate(deactivate::Deactivate),
    Reveal(reveal::Reveal),
    Delete(delete::Delete),
    Verify(verify::Verify),
    Usage(usage::Usage),
}

impl Key {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let server = &self.server;
        let outcome = match self.command {
            Command::Create(create) => create.run(server),
            Command::List(list) => list.run(server),
            Command::Show(show) => show.run(server),
            Command::Update(update) => update.run(server),
            Command::Rotate(rotate) => rotate.run(server),
            Command::Disable(disable) => disable.run(server),
            Command::Enable(enable) => enable.run(server),
            Command::Deactivate(deactivate) => deactivate.run(server),
            Command::Reveal(reveal) => reveal.run(server),
            Command::Delete(delete) => delete.run(server),
            Command::Verify(verify) => return server.told(verify.run(server)),
            Command::Usage(usage) => usage.run(server),
        };
        server.done(outcome)
    }
}

/// Holds a change to what was seen of the record.
#[derive(Args)]
struct IfRevision {
    /// Only if the key is still of this revision, as `keyward key show` shows it
    #[arg(long, value_name = "REVISION")]
    if_revision: Option<u64>,
}

/// Moves a key to another state.
fn change(server: &Server, key: &OneKey, verb: &str, only: &IfRevision) -> Result<(), Failure> {
    let call = Call::post(key.target().under(verb)).at_revision(only.if_revision);
    record::show(&server.connect()?.send(&call)?, server.json)
}

/// A key for a question: its id, what it is called and what may be shown of it.
fn named(client: &Client, key: &OneKey) -> Result<String, Failure> {
    let item: Item = client.send(&Call::get(key.target()))?.read()?;
    let names: Vec<_> = list::fields(&item)
        .filter_map(|name| item.member(name)?.as_str())
        .chain([item.text("hint")])
        .filter(|name| !name.is_empty())
        .collect();
    Ok(format!(
        "{} ({}) of {}",
        key.id,
        names.join(", "),
        key.place.account
    ))
}
