//! Keys, as they are kept and made.

use std::collections::BTreeMap;

use super::AccountPath;
use crate::access::Constraint;
use crate::key::{Digest, KeyId};
use crate::limit::Rate;
use crate::store::state::KeyState;
use crate::time::Timestamp;

/// The address of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPath {
    /// The account it belongs to.
    pub account: AccountPath,
    /// The key's id.
    pub id: KeyId,
}

/// What is known of a key. The key itself is not.
#[derive(Clone, Debug)]
pub struct KeyRecord {
    /// Its public identifier.
    pub id: KeyId,
    /// The account it belongs to.
    pub account: String,
    /// What was chosen when it was made, or since.
    pub content: KeyContent,
    /// Whether it may be used.
    pub state: KeyState,
    /// What may be shown of it.
    pub hint: String,
    /// Whether it is kept sealed, and can be shown again.
    pub is_sealed: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it: the id of an operator, portal link or key.
    pub created_by: String,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Rises with every change of the record; uses are none.
    pub revision: u64,
    /// When it was last switched on, where it was off before.
    pub enabled_at: Option<Timestamp>,
    /// When it last got a new secret.
    pub rotated_at: Option<Timestamp>,
    /// The secret before the last rotation, while it still counts.
    pub retiring: Option<Retiring>,
    /// When it was last used, as far as is known.
    pub last_used_at: Option<Timestamp>,
}

/// What can be chosen of a key, and changed later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyContent {
    /// The id of its access level.
    pub level: String,
    /// What it may use, by dimension of the profile; those that are not named are free.
    pub constraints: BTreeMap<String, Constraint>,
    /// How often it may be used, instead of what its level says.
    pub rate: Option<Rate>,
    /// The profile's fields that were filled in, by name.
    pub fields: BTreeMap<String, String>,
    /// The API owner's id for whom it stands for.
    pub subject: Option<String>,
    /// The API owner's JSON object, as text.
    pub meta: Option<String>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

impl KeyContent {
    /// Whether a key with this content can do what one with `other` can, no more and no less: all but its fields.
    pub fn is_as_strong_as(&self, other: &Self) -> bool {
        let Self {
            level,
            constraints,
            rate,
            fields: _,
            subject,
            meta,
            expires_at,
        } = self;
        (level, constraints, rate) == (&other.level, &other.constraints, &other.rate)
            && (subject, meta, expires_at) == (&other.subject, &other.meta, &other.expires_at)
    }
}

/// What the store needs to know of a key's content besides the content: it knows no profile.
#[derive(Clone, Debug, Default)]
pub struct KeyIndex {
    /// What people know it by, folded: what name filters are held against. Empty where it has no name.
    pub name: String,
    /// The places that no two keys of an account may hold at once.
    pub slots: Vec<Slot>,
}

/// A place that at most one key of an account holds: a name, or an e-mail address and level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The field that it is made of; an error names it.
    pub field: String,
    /// The folded value, and whatever else makes the place.
    pub value: String,
    /// Whether the key gives it up when it is switched off or has expired. Otherwise it holds it until it is deleted.
    pub while_active: bool,
}

/// The secret before a rotation, while it still counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retiring {
    /// What may be shown of it.
    pub hint: String,
    /// From when on it is refused, whatever happens.
    pub ends_at: Timestamp,
    /// It is refused so many milliseconds after the new secret was first used, if that is earlier.
    pub ends_after_use: Option<i64>,
}

/// A whole key, sealed by the service. The store keeps it and cannot read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The id of the master key that it is sealed under.
    pub master: [u8; 8],
    /// The sealed bytes.
    pub bytes: Vec<u8>,
}

/// The secret of a key, as it is kept.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// What is stored instead of the key.
    pub digest: Digest,
    /// What may be shown of it.
    pub hint: String,
    /// The key itself, where the profile makes keys recoverable.
    pub sealed: Option<Sealed>,
}

/// The state in which a key begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FirstState {
    /// It may be used.
    #[default]
    Active,
    /// It is switched off, and can be switched on.
    Disabled,
}

impl FirstState {
    /// The state of a key that is made now.
    pub(in crate::store) const fn of(self, now: Timestamp) -> KeyState {
        match self {
            Self::Active => KeyState::Active,
            Self::Disabled => KeyState::Disabled { at: now },
        }
    }
}

/// A key to be added.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Its secret.
    pub secret: NewSecret,
    /// How it begins.
    pub state: FirstState,
    /// What was chosen.
    pub content: KeyContent,
    /// What follows from it.
    pub index: KeyIndex,
}

/// A new secret for a key.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The new secret.
    pub secret: NewSecret,
    /// For how long the one before still counts; `None`: not at all. One before that never does.
    pub retiring: Option<RetiringPlan>,
}

/// When the secret before a rotation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetiringPlan {
    /// From when on it is refused, whatever happens.
    pub ends_at: Timestamp,
    /// It is refused so many milliseconds after the new secret was first used, if that is earlier.
    pub ends_after_use: Option<i64>,
}

/// A key found by what was presented.
#[derive(Clone, Debug)]
pub struct FoundKey {
    /// Its record.
    pub record: KeyRecord,
    /// The digest by which it was found is the one before the last rotation.
    pub is_retiring: bool,
}
