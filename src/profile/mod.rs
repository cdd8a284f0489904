//! The rules of one published API, as data.
//!
//! A profile is written in TOML (`schema`), checked once, and travels to the edge in a compiled form (`compiled`), so
//! that no TOML parser and no check of it is shipped there. No code asks which system a profile is of.

mod compiled;
#[cfg(not(target_family = "wasm"))]
mod management;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod notice;
#[cfg(not(target_family = "wasm"))]
mod schema;

#[cfg(not(target_family = "wasm"))]
pub use self::management::Dialect;
#[cfg(not(target_family = "wasm"))]
use self::management::Management;
use crate::access::{self, Dimension, Level, RouteTable, ScopeSet};
#[cfg(not(target_family = "wasm"))]
use crate::error::Code;
use crate::error::Error;
use crate::key::KeyFormat;
use crate::request::{AUTHORIZATION, Transport};

/// The most headers besides `Authorization` in which a key may come.
const MAX_OWN_HEADERS: usize = 3;

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
    /// What it holds.
    pub kind: FieldKind,
    /// Among which keys its value may not be found twice. Not in the compiled form.
    pub unique: Option<Uniqueness>,
    /// How many of its characters a list shows; `None` is all of them. Not in the compiled form.
    pub shown_characters: Option<u16>,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldKind {
    /// Any text.
    #[default]
    Text,
    /// An e-mail address.
    Email,
}

impl FieldKind {
    /// The name in a profile.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "email",
        }
    }
}

/// Among which keys a field's value may not be found twice, without regard to small and capital letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Uniqueness {
    /// All keys of an account, whatever their state.
    Account,
    /// The active keys of an account that have the same level.
    AccountAndLevel,
}

impl Uniqueness {
    /// The name in a profile.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::AccountAndLevel => "account_and_level",
        }
    }
}

/// What time and people do to a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// A key that was not used for so many days is disabled.
    pub idle_disable_days: Option<u16>,
    /// The lifetimes, in days, of which one has to be chosen when a key is made, ascending; none listed: any, or none.
    pub expires_in_days: Vec<u16>,
    /// The longest lifetime, in days, however it is chosen; `None` is any, and no end. Not in the compiled form.
    pub max_expires_in_days: Option<u16>,
    /// For how many days at most the secret before a rotation may still count; 0: it ends at once. Not in the compiled
    /// form.
    pub rotation_grace_days: u16,
    /// How many days before its end a key's owner is told; `None` is never. Not in the compiled form.
    pub notice_days: Option<u16>,
    /// Whether a key that was switched off can be switched on again. Otherwise it is deactivated, for good.
    pub reversible: bool,
    /// Whether a key can be shown again after it was made.
    pub recoverable: bool,
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
    dimensions: Vec<Dimension>,
    fields: Vec<Field>,
    vocabulary: Vec<(Box<str>, Box<str>)>,
    lifecycle: Lifecycle,
    /// Nothing of it is in the compiled form.
    #[cfg(not(target_family = "wasm"))]
    management: Management,
}

impl Profile {
    /// The presets' names.
    #[cfg(not(target_family = "wasm"))]
    pub const PRESETS: &[&str] = &[
        "esputnik",
        "emailit",
        "optimove",
        "smashfly",
        "inboxfirst",
        "keyward",
    ];

    /// The TOML of a preset, by its name: a place to start one's own from.
    #[cfg(not(target_family = "wasm"))]
    pub fn preset_toml(name: &str) -> Option<&'static str> {
        Some(match name {
            "esputnik" => include_str!("presets/esputnik.toml"),
            "emailit" => include_str!("presets/emailit.toml"),
            "optimove" => include_str!("presets/optimove.toml"),
            "smashfly" => include_str!("presets/smashfly.toml"),
            "inboxfirst" => include_str!("presets/inboxfirst.toml"),
            "keyward" => include_str!("presets/keyward.toml"),
            _ => return None,
        })
    }

    /// A preset by its name.
    ///
    /// # Panics
    /// Never for the presets of this crate, which its tests read.
    #[cfg(not(target_family = "wasm"))]
    pub fn preset(name: &str) -> Option<Self> {
        let text = Self::preset_toml(name)?;
        Some(Self::from_toml(text).expect("the presets are read by this crate's tests"))
    }

    /// Reads and checks a profile. The error is the first one's: it names the line (`line 34: …`) and the mend.
    #[cfg(not(target_family = "wasm"))]
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        Self::check_toml(text).map_err(|errors| {
            let first = errors.into_iter().next();
            first.unwrap_or_else(|| Error::new(Code::InvalidProfile, "not a profile"))
        })
    }

    /// Reads and checks a profile, and finds all that is wrong with it, in the order of the lines. What is no TOML, or
    /// has members that a profile has not, is the only error.
    #[cfg(not(target_family = "wasm"))]
    pub fn check_toml(text: &str) -> Result<Self, Vec<Error>> {
        schema::read(text)
    }

    /// The JSON Schema of the TOML, generated from the types that read it.
    #[cfg(all(feature = "server", not(target_family = "wasm")))]
    pub fn json_schema() -> String {
        schema::json_schema()
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

    /// The headers in which a credential may come, in lower case: always `authorization` first, then those of the
    /// `header(…)` transports in their order. At most four.
    pub fn credential_headers(&self) -> impl Iterator<Item = &str> {
        let own = self
            .transports
            .iter()
            .filter_map(|transport| match transport {
                Transport::Header(name) => Some(&**name),
                _ => None,
            });
        std::iter::once(AUTHORIZATION).chain(own)
    }

    /// What `WWW-Authenticate` calls the API.
    pub fn realm(&self) -> &str {
        &self.realm
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

    /// The scopes that a pattern means, in which `*` stands for any one segment: `contacts.*` means `contacts.read` and
    /// not `contacts` or `contacts.read.own`. A pattern without `*` means the scope of that name. None, where nothing
    /// fits.
    pub fn scopes_like(&self, pattern: &str) -> ScopeSet {
        scopes_like(self.scopes.iter().map(|scope| &*scope.id), pattern)
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

    /// What a key can be limited in. A dimension's number is its position here.
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// The number of a dimension.
    pub fn dimension_index(&self, name: &str) -> Option<u16> {
        self.dimensions
            .iter()
            .position(|dimension| &*dimension.name == name)
            .and_then(|index| u16::try_from(index).ok())
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

fn scopes_like<'a>(scopes: impl Iterator<Item = &'a str>, pattern: &str) -> ScopeSet {
    (0..)
        .zip(scopes)
        .filter(|(_, scope)| access::matches_pattern(pattern, scope))
        .fold(ScopeSet::EMPTY, |set, (index, _)| set.with(index))
}
