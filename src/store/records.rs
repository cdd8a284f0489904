//! What is kept: the words of the domain as plain values. How they lie in tables is each backend's own affair.

use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use super::authority::Authority;
use super::state::KeyState;
use crate::access::Constraint;
use crate::key::{Digest, KeyId};
use crate::limit::Rate;
use crate::time::Timestamp;

/// Who does something, and when: goes into the audit row of the change, which is made only while the authority counts.
#[derive(Clone, Debug)]
pub struct Act {
    /// The id of the operator or portal link, of the key that called a dialect, or `system` for what the server does by
    /// itself.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// On whose authority.
    pub authority: Authority,
    /// What was found before, and must still be so.
    pub premise: Premise,
}

/// What it was decided by that something is done to a key, and must still be so in the transaction that does it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Premise {
    /// The revision of the keyspace by whose rules it was decided:
    /// [`StoreError::is_outdated`](super::StoreError::is_outdated) where they are others by now.
    pub rules: Option<u64>,
    /// Whether it takes an account that may have keys made ([`Account::keys_enabled`]):
    /// [`StoreError::is_not_enabled`](super::StoreError::is_not_enabled) where it may not.
    pub keys_enabled: bool,
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
    /// Asked of each key, where the rules differ in what a key consists of.
    pub reindex: Option<Reindex>,
    /// Whether it is only to be tried: nothing is kept of it.
    pub is_trial: bool,
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

/// One tenant inside a keyspace.
#[derive(Clone, Debug)]
pub struct Account {
    /// Chosen at creation, by the caller or by the server.
    pub id: String,
    /// A name for people.
    pub name: Option<String>,
    /// Whether its people and operators may have keys made (system row S5).
    pub keys_enabled: bool,
    /// How many uses a calendar month (UTC) are agreed; more are flagged, never blocked (S3, S4).
    pub monthly_uses: Option<u64>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Rises with every change.
    pub revision: u64,
}

/// What can be chosen of an account.
#[derive(Clone, Debug)]
pub struct AccountContent {
    /// A name for people.
    pub name: Option<String>,
    /// Whether keys may be made.
    pub keys_enabled: bool,
    /// How many uses a calendar month are agreed.
    pub monthly_uses: Option<u64>,
}

/// The address of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPath {
    /// The keyspace.
    pub keyspace: String,
    /// The account in it.
    pub account: String,
}

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
    pub(super) const fn of(self, now: Timestamp) -> KeyState {
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

/// The answer to a request that may be sent twice (`Idempotency-Key`), to be kept in the transaction that makes it.
pub struct Remember {
    /// A digest over caller, endpoint and idempotency key.
    pub id: [u8; 32],
    /// A digest of the request's content.
    pub fingerprint: [u8; 32],
    /// Until when the answer can be had again.
    pub until: Timestamp,
    /// Seals the answer: the store never sees it.
    pub seal: Seal,
}

/// Makes of a record, as it stands after the change, the answer to be kept, sealed.
pub type Seal = Box<dyn FnOnce(&KeyRecord) -> Vec<u8> + Send>;

/// The answer that a request got the first time.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// A digest of the request's content.
    pub fingerprint: [u8; 32],
    /// The sealed answer.
    pub sealed: Vec<u8>,
}

/// Which keys of a keyspace are wanted. Members that are `None` are not asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFilter {
    /// Keys of this account.
    pub account: Option<String>,
    /// The whole name, folded.
    pub name: Option<String>,
    /// A part of the name, folded.
    pub name_contains: Option<String>,
    /// The state.
    pub status: Option<StatusFilter>,
    /// The level's id.
    pub level: Option<String>,
    /// The whole subject.
    pub subject: Option<String>,
    /// Created before this instant.
    pub created_before: Option<Timestamp>,
    /// Created at this instant or later.
    pub created_after: Option<Timestamp>,
    /// Last used before this instant, or never.
    pub used_before: Option<Timestamp>,
    /// Last used at this instant or later.
    pub used_after: Option<Timestamp>,
}

/// The state of keys that are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusFilter {
    /// Switched on and not expired at this instant.
    Active(Timestamp),
    /// Switched on and expired at this instant.
    Expired(Timestamp),
    /// Switched off.
    Disabled,
    /// Taken out of use for good.
    Deactivated,
}

/// Which part of a list of keys is wanted.
#[derive(Clone, Copy, Debug)]
pub struct KeySlice {
    /// By id, which is by age.
    pub order: Order,
    /// Keys behind this one, in that order.
    pub after: Option<KeyId>,
    /// How many to leave out from there.
    pub skip: u64,
    /// How many at most.
    pub limit: u32,
}

/// The order of a list of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Ids falling.
    NewestFirst,
    /// Ids rising.
    OldestFirst,
}

/// A key found by what was presented.
#[derive(Clone, Debug)]
pub struct FoundKey {
    /// Its record.
    pub record: KeyRecord,
    /// The digest by which it was found is the one before the last rotation.
    pub is_retiring: bool,
}

/// Uses of one key, as they come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The key.
    pub id: KeyId,
    /// How many.
    pub count: u64,
    /// The last of them.
    pub last: Timestamp,
    /// When the present secret was last used, as far as is known. A use from before the last rotation was one of the
    /// secret that was present then, and says nothing of this one.
    pub newest_used_at: Option<Timestamp>,
}

/// How often a key was used on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayUse {
    /// The key.
    pub id: KeyId,
    /// Days since 1970, UTC.
    pub day: u32,
    /// How many uses.
    pub count: u64,
}

/// Whose uses are wanted, and on which days.
#[derive(Clone, Debug)]
pub struct UsageFilter {
    /// Keys of this account.
    pub account: Option<String>,
    /// This key.
    pub id: Option<KeyId>,
    /// From this day on, in days since 1970, UTC.
    pub first_day: u32,
    /// To this day, inclusive.
    pub last_day: u32,
}

/// What an operator, a portal link or an edge token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Right {
    /// See keyspaces.
    KeyspacesRead,
    /// Make and change keyspaces.
    KeyspacesWrite,
    /// See accounts.
    AccountsRead,
    /// Make and change accounts.
    AccountsWrite,
    /// See keys, their hints included, never the keys themselves.
    KeysRead,
    /// Make, change, rotate, disable, enable, deactivate and delete keys. Needs `keys.read` beside it.
    KeysWrite,
    /// Have recoverable keys shown.
    KeysReveal,
    /// Have keys verified and explained by the server.
    KeysVerify,
    /// See operators.
    OperatorsRead,
    /// Make and remove operators with rights no greater than one's own.
    OperatorsWrite,
    /// See edge tokens.
    TokensRead,
    /// Make and remove edge tokens.
    TokensWrite,
    /// Make portal links for accounts.
    PortalLinksWrite,
    /// Read head and snapshot.
    SnapshotRead,
    /// See usage.
    UsageRead,
    /// Report usage.
    UsageWrite,
    /// See the audit trail.
    AuditRead,
    /// Look after the server: maintenance, backups, the check of the audit trail.
    ServerMaintain,
}

impl Right {
    /// Every right there is.
    pub const ALL: [Self; 18] = [
        Self::KeyspacesRead,
        Self::KeyspacesWrite,
        Self::AccountsRead,
        Self::AccountsWrite,
        Self::KeysRead,
        Self::KeysWrite,
        Self::KeysReveal,
        Self::KeysVerify,
        Self::OperatorsRead,
        Self::OperatorsWrite,
        Self::TokensRead,
        Self::TokensWrite,
        Self::PortalLinksWrite,
        Self::SnapshotRead,
        Self::UsageRead,
        Self::UsageWrite,
        Self::AuditRead,
        Self::ServerMaintain,
    ];

    /// Those that an edge token can have.
    pub const OF_TOKENS: [Self; 3] = [Self::SnapshotRead, Self::UsageWrite, Self::KeysVerify];

    /// Those that an operator over one account, or a portal link, can have.
    pub const OF_ACCOUNTS: [Self; 8] = [
        Self::AccountsRead,
        Self::KeysRead,
        Self::KeysWrite,
        Self::KeysReveal,
        Self::OperatorsRead,
        Self::OperatorsWrite,
        Self::UsageRead,
        Self::AuditRead,
    ];

    /// The right as it appears outside.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyspacesRead => "keyspaces.read",
            Self::KeyspacesWrite => "keyspaces.write",
            Self::AccountsRead => "accounts.read",
            Self::AccountsWrite => "accounts.write",
            Self::KeysRead => "keys.read",
            Self::KeysWrite => "keys.write",
            Self::KeysReveal => "keys.reveal",
            Self::KeysVerify => "keys.verify",
            Self::OperatorsRead => "operators.read",
            Self::OperatorsWrite => "operators.write",
            Self::TokensRead => "tokens.read",
            Self::TokensWrite => "tokens.write",
            Self::PortalLinksWrite => "portal_links.write",
            Self::SnapshotRead => "snapshot.read",
            Self::UsageRead => "usage.read",
            Self::UsageWrite => "usage.write",
            Self::AuditRead => "audit.read",
            Self::ServerMaintain => "server.maintain",
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
    /// When it last read a head or snapshot; to the minute.
    pub last_read_at: Option<Timestamp>,
    /// When it last reported usage; to the minute.
    pub last_reported_at: Option<Timestamp>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
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
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// What an operator's rights are over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// The whole server.
    Server,
    /// One keyspace.
    Keyspace(String),
    /// One account.
    Account(AccountPath),
}

/// What kind of operator it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OperatorKind {
    /// A person or program with an operator key.
    Operator,
    /// Whoever opened a portal link: a customer's administrator, for a while.
    PortalLink,
}

/// Who manages. The operator's key is not kept.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Its public identifier.
    pub id: String,
    /// What kind it is.
    pub kind: OperatorKind,
    /// A name for people.
    pub name: String,
    /// What may be shown of its key.
    pub hint: String,
    /// Which of its keys this is: 1 for the first, more with every rotation.
    pub revision: u64,
    /// What its rights are over.
    pub reach: Reach,
    /// What it may do there.
    pub rights: BTreeSet<Right>,
    /// The levels that keys may have which it makes; `None` is all of them.
    pub levels: Option<BTreeSet<String>>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The operator who created it, or `system`.
    pub created_by: String,
}

impl Operator {
    /// Whether it may do everything on the server, and for good.
    pub(super) fn may_do_everything(&self) -> bool {
        self.kind == OperatorKind::Operator
            && self.reach == Reach::Server
            && self.rights.len() == Right::ALL.len()
            && self.levels.is_none()
            && self.expires_at.is_none()
    }
}

/// An operator to be added.
pub struct NewOperator {
    /// Its public identifier.
    pub id: String,
    /// What kind it is.
    pub kind: OperatorKind,
    /// A name for people.
    pub name: String,
    /// What is stored instead of the operator's key.
    pub digest: Digest,
    /// What may be shown of it.
    pub hint: String,
    /// What its rights are over.
    pub reach: Reach,
    /// What it may do there; never empty.
    pub rights: BTreeSet<Right>,
    /// The levels that keys may have which it makes; `None` is all of them.
    pub levels: Option<BTreeSet<String>>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
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
    /// The keyspace it concerned; `None` for the server's own affairs.
    pub keyspace: Option<String>,
    /// The epoch that the change made, where it made one.
    pub epoch: Option<u64>,
    /// Particulars, as a JSON object without secrets: `before` and `after` where something was changed.
    pub details: String,
    /// SHA-256 over the hash of the entry before and this entry (docs/operating.md).
    pub hash: [u8; 32],
}

/// Which audit entries are wanted. Members that are `None` are not asked about.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Of this account.
    pub account: Option<String>,
    /// About this key, operator, token or account.
    pub target: Option<String>,
    /// By this actor.
    pub actor: Option<String>,
    /// Of this kind, such as `key.create`.
    pub action: Option<String>,
}
