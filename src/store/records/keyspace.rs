//! Keyspaces: published APIs.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::{KeyIndex, KeyRecord};
use crate::key::Digest;
use crate::store::rules::Judged;
use crate::time::Timestamp;

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
    /// The TOML of a profile of its own; `None` where `profile` names a preset.
    pub profile_toml: Option<String>,
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
    /// Counts the changes of its rules; begins at 1.
    pub revision: u64,
}

impl Keyspace {
    /// What can be changed of it, as it is.
    pub fn content(&self) -> KeyspaceContent {
        KeyspaceContent {
            profile: self.profile.clone(),
            profile_toml: self.profile_toml.clone(),
            profile_digest: self.profile_digest,
            fresh_for_seconds: self.fresh_for_seconds,
            valid_for_seconds: self.valid_for_seconds,
        }
    }
}

/// What can be changed of a keyspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyspaceContent {
    /// The id of its profile.
    pub profile: String,
    /// The TOML of a profile of its own; `None` where `profile` names a preset.
    pub profile_toml: Option<String>,
    /// The digest of the compiled profile.
    pub profile_digest: Digest,
    /// For how many seconds a head counts as fresh.
    pub fresh_for_seconds: u32,
    /// After how many seconds a head is refused.
    pub valid_for_seconds: u32,
}

/// What the store needs to know of a key by other rules of its keyspace; `None` where these have no place for the key.
pub type Reindex = Box<dyn FnMut(&KeyRecord) -> Option<KeyIndex> + Send>;

/// Other rules for a keyspace.
pub struct KeyspaceUpdate {
    /// What is to hold.
    pub content: KeyspaceContent,
    /// The keys, judged by these rules, where they differ in what a key consists of.
    pub judged: Option<Judged>,
    /// The levels that were there before and stay. Whoever may give certain levels may give no others from then on:
    /// what comes by the name of one that was taken away is another one.
    pub levels: BTreeSet<String>,
}

/// A keyspace to be added.
pub struct NewKeyspace {
    /// Chosen by the caller.
    pub id: String,
    /// The id of its profile.
    pub profile: String,
    /// The TOML of a profile of its own; `None` where `profile` names a preset.
    pub profile_toml: Option<String>,
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
