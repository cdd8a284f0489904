//! Persistence: what the use cases ask of a database, and the databases that answer.
//!
//! The operations are whole units of work. Each change writes its audit row and raises its keyspace's epoch in the
//! transaction that makes it, and returns after the commit. Every operation below a keyspace names that keyspace (and
//! account), so that what belongs to another tenant is as absent as what never existed.

mod error;
mod records;
mod sqlite;
mod state;

use std::path::Path;
use std::sync::Arc;

pub use error::StoreError;
pub use records::{
    Account, AccountPath, Act, AuditEntry, Edition, KeyPath, KeyRecord, Keyspace, NewKey,
    NewKeyspace, NewOperator, NewToken, Operator, OperatorRights, Right, Signing, Token,
};
pub use state::{KeyState, KeyTransition};

use crate::key::{Digest, KeyId};
use crate::snapshot::LiveKey;

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

/// What the use cases ask of a database. Calls block; changes return after they are durable.
pub trait Store: Send + Sync {
    /// Whether the database answers.
    fn ping(&self) -> Result<(), StoreError>;

    /// The secret under which list cursors are authenticated. A database without one takes `fresh`.
    fn cursor_secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError>;

    /// Whether there is an operator, which is to say: whether the database has been initialised.
    fn has_operators(&self) -> Result<bool, StoreError>;

    /// Adds an operator.
    fn insert_operator(&self, new: NewOperator, act: Act) -> Result<Operator, StoreError>;

    /// The operator whose key has this digest.
    fn operator_by_digest(&self, digest: &Digest) -> Result<Option<Operator>, StoreError>;

    /// Adds a keyspace at era 1, epoch 1. A taken id is [`StoreError::is_exists`].
    fn insert_keyspace(&self, new: NewKeyspace, act: Act) -> Result<Keyspace, StoreError>;

    /// All keyspaces, by id.
    fn keyspaces(&self) -> Result<Vec<Keyspace>, StoreError>;

    /// One keyspace.
    fn keyspace(&self, id: &str) -> Result<Option<Keyspace>, StoreError>;

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
        name: Option<String>,
        act: Act,
    ) -> Result<Option<Account>, StoreError>;

    /// At most `limit` accounts with ids after `after`, by id; `None` where there is no such keyspace.
    fn accounts(
        &self,
        keyspace: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Option<Vec<Account>>, StoreError>;

    /// Adds an active key; `None` where there is no such account. A taken id or digest is [`StoreError::is_exists`].
    fn insert_key(
        &self,
        path: KeyPath,
        new: NewKey,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError>;

    /// One key.
    fn key(&self, path: &KeyPath) -> Result<Option<KeyRecord>, StoreError>;

    /// At most `limit` keys of an account older than `before`, newest first; `None` where there is no such account.
    fn keys(
        &self,
        account: &AccountPath,
        before: Option<KeyId>,
        limit: u32,
    ) -> Result<Option<Vec<KeyRecord>>, StoreError>;

    /// Moves a key to another state; `None` where there is no such key. A move that leads back from a deactivated key
    /// is [`StoreError::is_deactivated`]; one that changes nothing is no change: no audit row, no new epoch.
    fn change_key(
        &self,
        path: KeyPath,
        transition: KeyTransition,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError>;

    /// Removes a key; `false` where there is no such key.
    fn delete_key(&self, path: KeyPath, act: Act) -> Result<bool, StoreError>;

    /// Adds an edge token; `None` where there is no such keyspace.
    fn insert_token(
        &self,
        keyspace: String,
        new: NewToken,
        act: Act,
    ) -> Result<Option<Token>, StoreError>;

    /// The edge tokens of a keyspace, by id; `None` where there is no such keyspace.
    fn tokens(&self, keyspace: &str) -> Result<Option<Vec<Token>>, StoreError>;

    /// The edge token with this digest, of whichever keyspace: the caller finds out here where it belongs.
    fn token_by_digest(&self, digest: &Digest) -> Result<Option<Token>, StoreError>;

    /// Removes an edge token; `false` where there is no such token.
    fn delete_token(&self, keyspace: String, id: String, act: Act) -> Result<bool, StoreError>;

    /// Where a keyspace stands.
    fn edition(&self, keyspace: &str) -> Result<Option<Edition>, StoreError>;

    /// What signs a keyspace's heads.
    fn signing(&self, keyspace: &str) -> Result<Option<Signing>, StoreError>;

    /// Hands every live key of a keyspace to `visit`, by digest, all from one state of the database, and returns the
    /// keyspace in that state. Live is what was active and not expired at the keyspace's last change: a function of the
    /// epoch alone, so that the same epoch is always published as the same bytes.
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
        before: Option<i64>,
        limit: u32,
    ) -> Result<Option<Vec<AuditEntry>>, StoreError>;
}
