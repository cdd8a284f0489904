//! What is kept: the words of the domain as plain values. How they lie in tables is each backend's own affair.

use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use super::state::KeyState;
use crate::key::{Digest, KeyId};
use crate::time::Timestamp;

/// Who does something, and when: goes into the audit row of the change.
#[derive(Clone, Debug)]
pub struct Act {
    /// The id of the operator, or `system` for what the server does by itself.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

/// Where a keyspace stands: its era and the number of changes in it. Ordered by era, then by epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edition {
    /// Starts at 1; a new one is signed by the root key.
    pub era: u32,
    /// Starts at 1 and rises with every change.
    pub epoch: u64,
}

/// One published API.
#[derive(Clone, Debug)]
pub struct Keyspace {
    /// Chosen at creation.
    pub id: String,
    /// The id of its profile.
    pub profile: String,
    /// The digest of the compiled profile as last published.
    pub profile_digest: Digest,
    /// Where it stands.
    pub edition: Edition,
    /// When the epoch last rose, by the clock of then: where that was set back, it may be earlier than before.
    pub changed_at: Timestamp,
    /// The root public key that its readers pin, as text.
    pub root_public: String,
    /// For how many seconds a head counts as fresh.
    pub fresh_for_seconds: u32,
    /// After how many seconds a head is refused.
    pub valid_for_seconds: u32,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A keyspace to be added.
pub struct NewKeyspace {
    /// Chosen by the caller.
    pub id: String,
    /// The id of its profile.
    pub profile: String,
    /// The digest of the compiled profile.
    pub profile_digest: Digest,
    /// The root public key, as text.
    pub root_public: String,
    /// What signs its heads.
    pub signing: Signing,
    /// For how many seconds a head counts as fresh.
    pub fresh_for_seconds: u32,
    /// After how many seconds a head is refused.
    pub valid_for_seconds: u32,
}

/// What signs a keyspace's heads.
pub struct Signing {
    /// The seed of the online key.
    pub seed: Zeroizing<[u8; 32]>,
    /// The root key's signed statement that this online key signs for the keyspace.
    pub keyring: Vec<u8>,
}

/// One tenant inside a keyspace.
#[derive(Clone, Debug)]
pub struct Account {
    /// Chosen at creation, by the caller or by the server.
    pub id: String,
    /// A name for people.
    pub name: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// The address of an account.
#[derive(Clone, Debug)]
pub struct AccountPath {
    /// The keyspace.
    pub keyspace: String,
    /// The account in it.
    pub account: String,
}

/// The address of a key.
#[derive(Clone, Debug)]
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
    /// The id of its access level.
    pub level: String,
    /// Whether it may be used.
    pub state: KeyState,
    /// What may be shown of it.
    pub hint: String,
    /// The profile's fields that were filled in, by name.
    pub fields: BTreeMap<String, String>,
    /// The API owner's id for whom it stands for.
    pub subject: Option<String>,
    /// The API owner's JSON object, as text.
    pub meta: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The operator who created it.
    pub created_by: String,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, as far as is known.
    pub last_used_at: Option<Timestamp>,
}

/// A key to be added.
pub struct NewKey {
    /// What is stored instead of the key.
    pub digest: Digest,
    /// The id of its access level.
    pub level: String,
    /// What may be shown of it.
    pub hint: String,
    /// The profile's fields that were filled in, by name.
    pub fields: BTreeMap<String, String>,
    /// The API owner's id for whom it stands for.
    pub subject: Option<String>,
    /// The API owner's JSON object, as text.
    pub meta: Option<String>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// What an edge token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Read head and snapshot.
    SnapshotRead,
    /// Report usage.
    UsageWrite,
    /// Have keys verified by the server.
    KeysVerify,
}

impl Right {
    /// Every right there is.
    pub const ALL: [Self; 3] = [Self::SnapshotRead, Self::UsageWrite, Self::KeysVerify];

    /// The right as it appears outside.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SnapshotRead => "snapshot.read",
            Self::UsageWrite => "usage.write",
            Self::KeysVerify => "keys.verify",
        }
    }

    /// The right of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.as_str() == name)
    }
}

/// What an edge presents to the server. The token itself is not kept.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its public identifier.
    pub id: String,
    /// The only keyspace it concerns.
    pub keyspace: String,
    /// What it may do, and nothing else.
    pub rights: BTreeSet<Right>,
    /// A name for people.
    pub name: Option<String>,
    /// What may be shown of it.
    pub hint: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// The operator who created it.
    pub created_by: String,
}

/// An edge token to be added.
pub struct NewToken {
    /// Its public identifier.
    pub id: String,
    /// What is stored instead of the token.
    pub digest: Digest,
    /// What it may do.
    pub rights: BTreeSet<Right>,
    /// A name for people.
    pub name: Option<String>,
    /// What may be shown of it.
    pub hint: String,
}

/// What an operator may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OperatorRights {
    /// Everything, in every keyspace.
    All,
}

/// Who manages. The operator's key is not kept.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Its public identifier.
    pub id: String,
    /// What it may do.
    pub rights: OperatorRights,
}

/// An operator to be added.
pub struct NewOperator {
    /// Its public identifier.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// What is stored instead of the operator's key.
    pub digest: Digest,
    /// What it may do.
    pub rights: OperatorRights,
}

/// One line of the audit trail.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Rises with every entry.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// Who: the id of an operator, or `system`.
    pub actor: String,
    /// What, such as `key.create`.
    pub action: String,
    /// The account it concerned, if one.
    pub account: Option<String>,
    /// The id of what was changed.
    pub target: String,
    /// The epoch that the change made.
    pub epoch: u64,
    /// Particulars, as a JSON object; no secrets.
    pub details: String,
}
