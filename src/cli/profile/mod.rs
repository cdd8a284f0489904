//! `keyward profile`: look at profiles, check them, compile them, make examples of them.

mod check;
mod collection;
mod compile;
mod list;
mod postman;
mod schema;
mod show;
mod view;

use std::fs;

use clap::{Args, Subcommand};

use super::Failure;
use crate::profile;

/// Look at profiles, check them, compile them
///
/// A profile is the rules of one published API, as TOML: what keys look like, where they stand in a request, what they
/// may do. The presets are the profiles that Keyward brings along.
#[derive(Args)]
pub(super) struct Profile {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::List),
    Show(show::Show),
    Check(check::Check),
    Compile(compile::Compile),
    Postman(postman::Postman),
    /// Print the JSON Schema of profiles, for editors that complete and check TOML by one
    Schema,
}

impl Profile {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::List(list) => list.run(),
            Command::Show(show) => show.run(),
            Command::Check(check) => check.run(),
            Command::Compile(compile) => compile.run(),
            Command::Postman(postman) => postman.run(),
            Command::Schema => schema::run(),
        }
    }
}

/// A profile and the TOML that it was read from.
pub(super) struct Source {
    pub(super) profile: profile::Profile,
    pub(super) text: String,
}

impl Source {
    /// The preset of this name, or what is in the file of this name.
    pub(super) fn open(name: &str) -> Result<Self, Failure> {
        let text = match profile::Profile::preset_toml(name) {
            Some(text) => text.to_owned(),
            None => read(name)?,
        };
        let profile = profile::Profile::from_toml(&text)
            .map_err(|error| Failure::failed(format!("{name}: {error}")))?;
        Ok(Self { profile, text })
    }
}

fn read(name: &str) -> Result<String, Failure> {
    fs::read_to_string(name).map_err(|error| {
        let presets = profile::Profile::PRESETS.join(", ");
        Failure::failed(format!(
            "{name} is no preset ({presets}) and cannot be read as a file: {error}"
        ))
    })
}
