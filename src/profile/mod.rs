//! The rules of one published API, as data.
//!
//! A profile is written in TOML (`schema`), checked once, and travels to the edge in a compiled form (`compiled`), so
//! that no TOML parser and no check of it is shipped there. No code asks which system a profile is of.

#[cfg(not(target_family = "wasm"))]
mod check;
mod compiled;
#[cfg(not(target_family = "wasm"))]
mod schema;

use crate::access::{Level, RouteTable};
use crate::error::Error;
use crate::key::KeyFormat;
use crate::request::Transport;

/// A named permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The name, such as `contacts.read`.
    pub id: Box<str>,
    /// What people read.
    pub title: Box<str>,
}

/// Something that is filled in when a key is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The member's name in HTTP.
    pub name: Box<str>,
    /// What people read.
    pub label: Box<str>,
    /// A sentence that explains it; may be empty.
    pub help: Box<str>,
    /// Whether it must be filled in.
    pub required: bool,
    /// The most characters (Unicode scalar values) that it may have.
    pub max_length: u16,
}

/// What time and people do to a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// A key that was not used for so many days is disabled.
    pub idle_disable_days: Option<u16>,
}

/// The checked rules of one published API.
#[derive(Clone, Debug)]
pub struct Profile {
    id: Box<str>,
    title: Box<str>,
    description: Box<str>,
    key_format: KeyFormat,
    transports: Vec<Transport>,
    realm: Box<str>,
    scopes: Vec<Scope>,
    levels: Vec<Level>,
    routes: RouteTable,
    fields: Vec<Field>,
    vocabulary: Vec<(Box<str>, Box<str>)>,
    lifecycle: Lifecycle,
}

impl Profile {
    /// The presets' names.
    #[cfg(not(target_family = "wasm"))]
    pub const PRESETS: &[&str] = &["esputnik"];

    /// A preset by its name.
    ///
    /// # Panics
    /// Never for the presets of this crate, which its tests read.
    #[cfg(not(target_family = "wasm"))]
    pub fn preset(name: &str) -> Option<Self> {
        let text = match name {
            "esputnik" => include_str!("presets/esputnik.toml"),
            _ => return None,
        };
        Some(Self::from_toml(text).expect("the presets are read by this crate's tests"))
    }

    /// Reads and checks a profile; the error names the line or the member, and the mend.
    #[cfg(not(target_family = "wasm"))]
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let profile = schema::read(text)?;
        check::check(&profile)?;
        Ok(profile)
    }

    /// The compiled form (docs/format.md, "Compiled profile").
    pub fn compile(&self) -> Vec<u8> {
        compiled::write(self)
    }

    /// Reads a compiled form. It was checked when it was compiled; here only what deciding relies on is checked again.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        compiled::read(bytes)
    }

    /// The id, such as `esputnik`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What people call the system.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What the profile covers, in a sentence or two.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What the keys look like.
    pub const fn key_format(&self) -> &KeyFormat {
        &self.key_format
    }

    /// Where in a request a key may stand, in order of preference.
    pub fn transports(&self) -> &[Transport] {
        &self.transports
    }

    /// The values for `WWW-Authenticate`, one a transport.
    pub fn challenges(&self) -> impl Iterator<Item = String> {
        self.transports
            .iter()
            .map(|transport| transport.challenge(&self.realm))
    }

    /// The path that every route begins with; empty or `/a/b`.
    pub fn base_path(&self) -> &str {
        self.routes.base_path()
    }

    /// Whether a segment such as `v1` may stand between base path and route.
    pub const fn has_version_segment(&self) -> bool {
        self.routes.has_version_segment()
    }

    /// The named permissions. A scope's number is its position here.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// The number of a scope.
    pub fn scope_index(&self, id: &str) -> Option<u16> {
        self.scopes
            .iter()
            .position(|scope| &*scope.id == id)
            .and_then(|index| u16::try_from(index).ok())
    }

    /// What can be chosen when a key is made.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// The number of a level.
    pub fn level_index(&self, id: &str) -> Option<u16> {
        self.levels
            .iter()
            .position(|level| &*level.id == id)
            .and_then(|index| u16::try_from(index).ok())
    }

    /// The compiled route rules.
    pub const fn routes(&self) -> &RouteTable {
        &self.routes
    }

    /// What is filled in when a key is made.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The system's own words for pages, by Keyward's word for the thing.
    pub fn vocabulary(&self) -> &[(Box<str>, Box<str>)] {
        &self.vocabulary
    }

    /// What time does to a key.
    pub const fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }
}
