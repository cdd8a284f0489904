//! `keyward profile postman`: an API's calls, ready to be imported.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::Source;
use super::collection::Collection;
use crate::cli::Failure;
use crate::cli::output::print;

const EXAMPLES: &str = "\
Examples:
  keyward profile postman esputnik --base-url https://esputnik.com --out esputnik.postman_collection.json
  keyward profile postman my-api.toml > my-api.postman_collection.json

In Postman: Import, choose the file, and put a key into the collection's variable apiKey.";

/// Write a Postman collection: how a key is sent, and each call that keys can open
///
/// A Postman Collection v2.1 with the calls of each scope in a folder, the key in a variable, and neither a key nor an
/// address that is not given here.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Postman {
    /// The name of a preset, or a file of TOML
    profile: String,
    /// Where the API is reached, without the profile's base path
    #[arg(long, value_name = "URL", default_value = "https://api.example.com", value_parser = crate::cli::config::url)]
    base_url: String,
    /// The file to write [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Postman {
    pub(super) fn run(self) -> Result<(), Failure> {
        let profile = Source::open(&self.profile)?.profile;
        let collection = Collection::of(&profile, &self.base_url);
        let text = serde_json::to_string_pretty(&collection).map_err(Failure::failed)? + "\n";
        let Some(path) = &self.out else {
            return print(&text);
        };
        fs::write(path, text)
            .map_err(|error| Failure::failed(format!("cannot write {}: {error}", path.display())))
    }
}
