//! Persistence: what the use cases ask of a database, and the databases that answer.
//!
//! The operations are whole units of work. Each change writes its audit row and raises its keyspace's epoch in the
//! transaction that makes it, and returns after the commit. Every operation below a keyspace names that keyspace (and
//! account), so that what belongs to another tenant is as absent as what never existed.

mod authority;
#[cfg(feature = "bench")]
pub mod bench;
pub mod chain;
#[cfg(test)]
mod contract;
mod counting;
mod details;
mod error;
#[cfg(test)]
mod memory;
mod notices;
mod records;
mod rules;
mod sqlite;
mod state;

use std::path::Path;
use std::sync::Arc;

pub use authority::{Authority, KeyAuthority};
pub use error::StoreError;
pub use notices::{DueNotice, NoticeOutcome, NoticeSlice};
pub use records::{
    Account, AccountContent, AccountPath, Act, AuditEntry, AuditFilter, DayUse, Edition,
    FirstState, FoundKey, KeyContent, KeyFilter, KeyIndex, KeyPath, KeyRecord, KeySlice, Keyspace,
    KeyspaceContent, KeyspaceUpdate, NewKey, NewKeyspace, NewOperator, NewSecret, NewToken,
    Operator, OperatorKind, Order, Premise, Reach, Reindex, Remember, Remembered, Retiring,
    RetiringPlan, Right, Rotation, Seal, Sealed, Signing, Slot, StatusFilter, Token, UsageFilter,
    Use,
};
pub use rules::Judged;
pub use state::{KeyState, KeyTransition};

use crate::key::{Digest, KeyId};
use crate::snapshot::LiveKey;
use crate::time::Timestamp;

/// The name of the database file in a data directory.
pub const FILE_NAME: &str = "keyward.db";

/// Opens the database file at `path`, creating it and bringing it to the current schema where needed.
pub fn open(path: &Path) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(sqlite::SqliteStore::open(path)?))
}

/// Whether the database file at `path` is missing or has no tables. Changes nothing.
pub fn is_empty(path: &Path) -> Result<bool, StoreError> {
    sqlite::is_empty(path)
}

/// Writes a consistent copy of the database file at `from` to `to`, which must not exist; also while a server works on
/// it.
pub fn backup(from: &Path, to: &Path) -> Result<(), StoreError> {
    sqlite::backup(from, to)
}

/// Reads the whole database file at `path` and holds it against its own rules. Changes nothing.
pub fn check(path: &Path) -> Result<(), StoreError> {
    sqlite::check(path)
}

/// What the use cases ask of a database. Calls block; changes return after they are durable. Each change that is
/// somebody's act is made only while the authority for it counts, asked in its own transaction:
/// [`StoreError::is_unauthorized`] otherwise.
pub trait Store: Send + Sync {
    /// Whether the database answers.
    fn ping(&self) -> Result<(), StoreError>;

    /// Whether the database takes changes: makes one that nobody sees.
    fn probe(&self) -> Result<(), StoreError>;

    /// The secret under which list cursors are authenticated. A database without one takes `fresh`.
    fn cursor_secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError>;

    /// Whether there is an operator, which is to say: whether the database has been initialised.
    fn has_operators(&self) -> Result<bool, StoreError>;

    /// Whether a change on this act's authority would be made now. Changes nothing.
    fn confirm(&self, act: &Act) -> Result<(), StoreError>;

    /// Adds an operator; `None` where its reach does not exist. A taken id or digest is [`StoreError::is_exists`]. What
    /// was planned by other rules of its keyspace is [`StoreError::is_outdated`].
    fn insert_operator(&self, new: NewOperator, act: Act) -> Result<Option<Operator>, StoreError>;

    /// The operator or portal link whose key has this digest, expired ones included.
    fn operator_by_digest(&self, digest: &Digest) -> Result<Option<Arc<Operator>>, StoreError>;

    /// The same, where it is known without asking the database: blocks nobody.
    fn operator_at_hand(&self, _digest: &Digest) -> Option<Arc<Operator>> {
        None
    }

    /// At most `limit` operators (no portal links) with exactly this reach and ids after `after`, by id.
    fn operators(
        &self,
        reach: &Reach,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Operator>, StoreError>;

    /// One operator or portal link.
    fn operator(&self, id: &str) -> Result<Option<Operator>, StoreError>;

    /// Gives an operator another key; `None` where there is no such operator. The one before is refused from then on.
    fn rotate_operator(
        &self,
        id: &str,
        digest: Digest,
        hint: String,
        act: Act,
    ) -> Result<Option<Operator>, StoreError>;

    /// Gives a restored operator the key that it had at `revision`: `false` where the one that it has is as late;
    /// `None` where there is no such operator.
    fn restore_operator_key(
        &self,
        id: &str,
        digest: Digest,
        hint: String,
        revision: u64,
        act: Act,
    ) -> Result<Option<bool>, StoreError>;

    /// Removes an operator or portal link; `false` where there is no such one. The last operator who may do everything
    /// on the server is kept: [`StoreError::is_last_operator`].
    fn delete_operator(&self, id: &str, act: Act) -> Result<bool, StoreError>;

    /// Adds a keyspace at era 1, epoch 1. A taken id is [`StoreError::is_exists`].
    fn insert_keyspace(&self, new: NewKeyspace, act: Act) -> Result<Keyspace, StoreError>;

    /// All keyspaces, by id.
    fn keyspaces(&self) -> Result<Vec<Keyspace>, StoreError>;

    /// One keyspace.
    fn keyspace(&self, id: &str) -> Result<Option<Keyspace>, StoreError>;

    /// Judges every key of a keyspace by other rules, at `now`. Changes nothing, and waits for no other change.
    /// [`StoreError::is_unfit`] where there is no place for one of them, when all were asked; [`StoreError::slot`]
    /// where two want the same place.
    fn judge_keys(
        &self,
        keyspace: &str,
        tell: Reindex,
        now: Timestamp,
    ) -> Result<Judged, StoreError>;

    /// Gives a keyspace other rules (`keyspace.update`, a new epoch); `None` where there is no such keyspace,
    /// [`StoreError::is_stale`] where its revision is another. Keys that were judged and changed since are judged
    /// again: refused as by [`judge_keys`](Self::judge_keys). Operators and portal links lose the levels that go
    /// (`operator.narrow`, `portal_link.narrow`), and have another revision.
    fn update_keyspace(
        &self,
        id: &str,
        revision: u64,
        update: KeyspaceUpdate,
        act: Act,
    ) -> Result<Option<Keyspace>, StoreError>;

    /// Notes that a keyspace's profile now compiles to other bytes, which changes what is published.
    fn set_profile_digest(
        &self,
        keyspace: &str,
        digest: &Digest,
        act: Act,
    ) -> Result<(), StoreError>;

    /// Raises a keyspace's epoch where nothing else has changed but the clock.
    fn begin_epoch(&self, keyspace: &str, act: Act) -> Result<(), StoreError>;

    /// Adds an account; `None` where there is no such keyspace. A taken id is [`StoreError::is_exists`].
    fn insert_account(
        &self,
        path: AccountPath,
        content: AccountContent,
        act: Act,
    ) -> Result<Option<Account>, StoreError>;

    /// One account.
    fn account(&self, path: &AccountPath) -> Result<Option<Account>, StoreError>;

    /// Changes an account; `None` where there is no such one, [`StoreError::is_stale`] where its revision is another.
    fn update_account(
        &self,
        path: AccountPath,
        revision: u64,
        content: AccountContent,
        act: Act,
    ) -> Result<Option<Account>, StoreError>;

    /// At most `limit` accounts with ids after `after`, by id; `None` where there is no such keyspace.
    fn accounts(
        &self,
        keyspace: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Option<Vec<Account>>, StoreError>;

    /// Adds a key; `None` where there is no such account. A taken id or digest is [`StoreError::is_exists`], a
    /// place of [`KeyIndex::slots`] that another key holds [`StoreError::slot`]: a key that is switched off, or has
    /// expired by `act.at`, holds none that is `while_active`. A request that is remembered already, whoever was
    /// faster, is [`StoreError::is_remembered`].
    fn insert_key(
        &self,
        path: KeyPath,
        new: NewKey,
        remember: Option<Remember>,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError>;

    /// One key.
    fn key(&self, path: &KeyPath) -> Result<Option<KeyRecord>, StoreError>;

    /// The key of a keyspace with this digest, the present one or, at `now`, a retiring one.
    fn key_by_digest(
        &self,
        keyspace: &str,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<FoundKey>, StoreError>;

    /// A part of the keys of a keyspace; `None` where there is no such keyspace, or no such account in it.
    fn keys(
        &self,
        keyspace: &str,
        filter: &KeyFilter,
        slice: KeySlice,
    ) -> Result<Option<Vec<KeyRecord>>, StoreError>;

    /// How many keys there are; `None` as above.
    fn count_keys(&self, keyspace: &str, filter: &KeyFilter) -> Result<Option<u64>, StoreError>;

    /// Changes what can be chosen of a key; `None` where there is no such key, [`StoreError::is_stale`] where its
    /// revision is another, [`StoreError::is_deactivated`] where it is, [`StoreError::slot`] as on creation.
    fn update_key(
        &self,
        path: KeyPath,
        revision: u64,
        content: KeyContent,
        index: KeyIndex,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError>;

    /// Moves a key to another state; `None` where there is no such key. A move that leads back from a deactivated key
    /// is [`StoreError::is_deactivated`]; one that changes nothing is no change: no audit row, no new epoch. Enabling
    /// takes the key's places again: [`StoreError::slot`]. `revision`, where it is given, must be the record's:
    /// [`StoreError::is_stale`].
    fn change_key(
        &self,
        path: KeyPath,
        transition: KeyTransition,
        revision: Option<u64>,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError>;

    /// Gives a key another secret under the same id; `None` where there is no such key, [`StoreError::is_deactivated`]
    /// where it is, otherwise as `insert_key` and `change_key`.
    fn rotate_key(
        &self,
        path: KeyPath,
        rotation: Rotation,
        revision: Option<u64>,
        remember: Option<Remember>,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError>;

    /// Removes a key; `None` where there is no such key, otherwise its last record.
    fn delete_key(
        &self,
        path: KeyPath,
        revision: Option<u64>,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError>;

    /// The sealed keys of an account among `ids`, with their digests, in order to see which of them open. Whoever shows
    /// one asks [`reveal_keys`](Self::reveal_keys) for it.
    fn sealed_keys(
        &self,
        account: &AccountPath,
        ids: &[KeyId],
    ) -> Result<Vec<(KeyId, Digest, Sealed)>, StoreError>;

    /// The sealed keys of an account among `ids`, with their digests; one audit entry, `key.reveal`, names all of them.
    /// No new epoch. Keys that are not sealed, or not there, are left out.
    fn reveal_keys(
        &self,
        account: &AccountPath,
        ids: Vec<KeyId>,
        act: Act,
    ) -> Result<Vec<(KeyId, Digest, Sealed)>, StoreError>;

    /// At most `limit` sealed keys that are sealed under another master key than this, of any keyspace.
    fn sealed_under_others(
        &self,
        master: [u8; 8],
        limit: u32,
    ) -> Result<Vec<(KeyPath, Digest, Sealed)>, StoreError>;

    /// Replaces what is sealed, where the digest is still this one: `false` otherwise. Neither audited nor an epoch:
    /// nothing is changed that anybody could see.
    fn reseal(&self, path: KeyPath, digest: Digest, sealed: Sealed) -> Result<bool, StoreError>;

    /// What a request got the first time, unless that is over at `now`.
    fn remembered(&self, id: [u8; 32], now: Timestamp) -> Result<Option<Remembered>, StoreError>;

    /// Adds uses: `last_used_at` never goes back, unknown keys are left out. Where the newest secret was used and the
    /// one before waits for that, its end is brought forward, which is a change (`key.retire`, a new epoch); otherwise
    /// neither audited nor an epoch. Returns the keys that were changed so. A `batch` that is known for the keyspace
    /// changes nothing and returns `None`.
    fn add_uses(
        &self,
        keyspace: &str,
        batch: Option<[u8; 32]>,
        uses: Vec<Use>,
        act: Act,
    ) -> Result<Option<Vec<(KeyPath, KeyRecord)>>, StoreError>;

    /// Brings the end of the secret before the last rotation forward (`key.retire`); `None` where there is no such key,
    /// or no secret before that would last longer.
    fn retire_key(
        &self,
        path: KeyPath,
        ends_at: Timestamp,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError>;

    /// At most `limit` uses of a key on a day, by day and id, behind those of the day and key `after`; `None` where
    /// there is no such keyspace or account.
    fn usage(
        &self,
        keyspace: &str,
        filter: &UsageFilter,
        after: Option<(u32, KeyId)>,
        limit: u32,
    ) -> Result<Option<Vec<DayUse>>, StoreError>;

    /// How often all keys of an account were used on these days, both included; `None` where there is no such account.
    /// Costs the same however many keys there are.
    fn used(
        &self,
        account: &AccountPath,
        first_day: u32,
        last_day: u32,
    ) -> Result<Option<u64>, StoreError>;

    /// Whether [`disable_idle`](Self::disable_idle) would find a key. Changes nothing, and waits for no other change.
    fn has_idle(&self, keyspace: &str, cutoff: Timestamp) -> Result<bool, StoreError>;

    /// Disables at most `limit` active keys of a keyspace that were neither created, nor used, nor enabled at `cutoff`
    /// or later, each with an audit entry `key.idle_disable`, and returns them.
    fn disable_idle(
        &self,
        keyspace: &str,
        cutoff: Timestamp,
        limit: u32,
        act: Act,
    ) -> Result<Vec<KeyPath>, StoreError>;

    /// The keys of a keyspace whose owners are to be told of their ends, the nearest first. Changes nothing, and waits
    /// for no other change.
    fn due_notices(
        &self,
        keyspace: &str,
        slice: &NoticeSlice,
    ) -> Result<Vec<DueNotice>, StoreError>;

    /// Notes what became of a notice, with an audit entry `key.notice`, and marks its key: it is due again for another
    /// end, or when its field holds another address than was told, also where that came in between. No new epoch, no
    /// new revision. The entry is written also where the key has gone meanwhile.
    fn note_notice(
        &self,
        notice: DueNotice,
        outcome: NoticeOutcome,
        act: Act,
    ) -> Result<(), StoreError>;

    /// Forgets what is over at `act.at`: retired secrets, remembered answers, expired portal links, edge tokens that
    /// ended 30 days ago, known batches older than a week, uses before `oldest_day`. Returns how many rows went.
    fn purge(&self, oldest_day: u32, act: Act) -> Result<u64, StoreError>;

    /// Adds an edge token; `None` where there is no such keyspace.
    fn insert_token(
        &self,
        keyspace: String,
        new: NewToken,
        act: Act,
    ) -> Result<Option<Token>, StoreError>;

    /// At most `limit` edge tokens of a keyspace with ids after `after`, by id; `None` where there is no such keyspace.
    fn tokens(
        &self,
        keyspace: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Option<Vec<Token>>, StoreError>;

    /// The edge token with this digest, of whichever keyspace: the caller finds out here where it belongs.
    fn token_by_digest(&self, digest: &Digest) -> Result<Option<Arc<Token>>, StoreError>;

    /// The same, where it is known without asking the database: blocks nobody.
    fn token_at_hand(&self, _digest: &Digest) -> Option<Arc<Token>> {
        None
    }

    /// Removes an edge token; `false` where there is no such token.
    fn delete_token(&self, keyspace: String, id: String, act: Act) -> Result<bool, StoreError>;

    /// Begins an era of a keyspace that was restored, at epoch 1 and with another online key; `None` where there is no
    /// such keyspace. It must be later than the present one.
    fn begin_era(
        &self,
        keyspace: &str,
        era: u32,
        signing: Signing,
        act: Act,
    ) -> Result<Option<Keyspace>, StoreError>;

    /// Writes into the audit trail that the database was restored; `details` is a JSON object without secrets.
    fn note_restore(&self, details: serde_json::Value, act: Act) -> Result<(), StoreError>;

    /// Where a keyspace stands.
    fn edition(&self, keyspace: &str) -> Result<Option<Edition>, StoreError>;

    /// The same, where it is known without asking the database: blocks nobody.
    fn edition_at_hand(&self, _keyspace: &str) -> Option<Edition> {
        None
    }

    /// What signs a keyspace's heads.
    fn signing(&self, keyspace: &str) -> Result<Option<Signing>, StoreError>;

    /// Hands every live key of a keyspace to `visit`, all from one state of the database, and returns the keyspace in
    /// that state: first the present secrets, by id, then those before rotations, by id. Live is what was active and
    /// not expired at the keyspace's last change: a function of the epoch alone, so that the same epoch is always
    /// published as the same bytes.
    fn live_keys(
        &self,
        keyspace: &str,
        visit: &mut dyn FnMut(&Keyspace, &LiveKey<'_>),
    ) -> Result<Option<Keyspace>, StoreError>;

    /// At most `limit` audit entries of a keyspace before `before`, newest first; `None` where there is no such
    /// keyspace.
    fn audit(
        &self,
        keyspace: &str,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Option<Vec<AuditEntry>>, StoreError>;

    /// At most `limit` audit entries of the whole server after `after`, oldest first: the chain, to be checked.
    fn audit_chain(&self, after: i64, limit: u32) -> Result<Vec<AuditEntry>, StoreError>;

    /// Notes that an edge token was used to read or to report at `at`; finer than a minute is lost.
    fn touch_token(&self, id: &str, reported: bool, at: Timestamp) -> Result<(), StoreError>;
}
