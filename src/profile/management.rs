//! What a server and its pages know of a profile and no edge does: read from TOML, and not in the compiled form. A
//! profile that was read from its compiled form has none of it.

use super::{Field, FieldKind, Profile};
use crate::access::Level;

/// The wire formats in which keys can be managed besides Keyward's own. A format, not a system: any profile may have
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// `/api-keys`, pages by number (docs/systems.md, M).
    Emailit,
    /// `/api_keys` and `/organization/{id}/api_keys`, an envelope around every answer (docs/systems.md, I).
    Inboxfirst,
}

impl Dialect {
    /// The name in a profile.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Emailit => "emailit",
            Self::Inboxfirst => "inboxfirst",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Management {
    pub(super) dialect: Option<Dialect>,
    pub(super) columns: Vec<Box<str>>,
    pub(super) privileges: Vec<(Box<str>, Vec<Box<str>>)>,
}

impl Profile {
    /// The level of a key that is made without naming one, where that is allowed: the first (M3, I3).
    ///
    /// # Panics
    /// Where a profile without a level was read from a compiled form. TOML without a level is refused, so that no
    /// profile is compiled to one.
    pub fn default_level(&self) -> &Level {
        let first = self.levels.first();
        first.expect("a profile that was read from TOML has a level")
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| &*field.name == name)
    }

    /// What people know a key by: the first field.
    pub fn name_field(&self) -> Option<&Field> {
        self.fields.first()
    }

    /// What tells the address of a key's owner: the first field that holds one (S15).
    pub fn owner_field(&self) -> Option<&Field> {
        self.fields
            .iter()
            .find(|field| field.kind == FieldKind::Email)
    }

    /// The wire format in which keys can be managed besides Keyward's own.
    pub fn dialect(&self) -> Option<Dialect> {
        self.management.dialect
    }

    /// What a list of keys shows, in order: names of fields and constraints, and `key`, `id`, `level`, `status`,
    /// `subject`, `created_by`, `created_at`, `updated_at`, `expires_at`, `last_used_at`. Empty: in a page's own order.
    pub fn columns(&self) -> &[Box<str>] {
        &self.management.columns
    }

    /// The system's own names of rights over an account, each with the rights that it stands for (S6). That there are
    /// such rights is not checked here.
    pub fn privileges(&self) -> &[(Box<str>, Vec<Box<str>>)] {
        &self.management.privileges
    }

    /// What an account is told that is not to have keys (S5): the word `unavailable`.
    pub fn not_enabled(&self) -> Option<&str> {
        self.word("unavailable")
    }

    /// The system's own word for one of Keyward's.
    pub fn word(&self, word: &str) -> Option<&str> {
        let mut words = self.vocabulary.iter();
        words
            .find(|(known, _)| &**known == word)
            .map(|(_, text)| &**text)
    }
}
