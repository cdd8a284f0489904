//! SQLite: one file, one writing connection on a thread of its own, a few reading ones.

mod audit;
mod columns;
mod connection;
mod errors;
mod keys;
mod keyspaces;
mod migrations;
mod principals;
mod readers;
mod writer;

use std::path::Path;

use rusqlite::Connection;

use self::errors::Read;
use self::readers::Readers;
use self::writer::Writer;
use super::{
    Account, AccountPath, Act, AuditEntry, Edition, KeyPath, KeyRecord, KeyTransition, Keyspace,
    NewKey, NewKeyspace, NewOperator, NewToken, Operator, Signing, Store, StoreError, Token,
};
use crate::key::{Digest, KeyId};
use crate::snapshot::LiveKey;

/// Whether there is no file, or one without tables.
pub(super) fn is_empty(path: &Path) -> Result<bool, StoreError> {
    if !path.exists() {
        return Ok(true);
    }
    migrations::is_missing(&connection::open_for_reading(path)?)
}

/// The [`Store`] over a SQLite file.
pub(super) struct SqliteStore {
    // Dropped in this order: the writer closes last and folds the write-ahead log into the file.
    readers: Readers,
    writer: Writer,
}

impl SqliteStore {
    /// Opens or creates the file and brings it to the current schema.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        connection::check_library()?;
        let mut writing = connection::open_for_writing(path)?;
        migrations::run(&mut writing)?;
        Ok(Self {
            readers: Readers::open(path)?,
            writer: Writer::start(writing)?,
        })
    }

    fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.readers.with(query)
    }

    fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.run(change)
    }
}

impl Store for SqliteStore {
    fn ping(&self) -> Result<(), StoreError> {
        self.read(|db| {
            db.query_row("SELECT count(*) FROM keyspaces", [], |_| Ok(()))
                .read()
        })
    }

    fn cursor_secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        self.write(move |db| principals::cursor_secret(db, fresh))
    }

    fn has_operators(&self) -> Result<bool, StoreError> {
        self.read(principals::has_operators)
    }

    fn insert_operator(&self, new: NewOperator, act: Act) -> Result<Operator, StoreError> {
        self.write(move |db| principals::insert_operator(db, &new, &act))
    }

    fn operator_by_digest(&self, digest: &Digest) -> Result<Option<Operator>, StoreError> {
        self.read(|db| principals::operator_by_digest(db, digest))
    }

    fn insert_keyspace(&self, new: NewKeyspace, act: Act) -> Result<Keyspace, StoreError> {
        self.write(move |db| keyspaces::insert(db, &new, &act))
    }

    fn keyspaces(&self) -> Result<Vec<Keyspace>, StoreError> {
        self.read(keyspaces::all)
    }

    fn keyspace(&self, id: &str) -> Result<Option<Keyspace>, StoreError> {
        self.read(|db| keyspaces::one(db, id))
    }

    fn set_profile_digest(
        &self,
        keyspace: &str,
        digest: &Digest,
        act: Act,
    ) -> Result<(), StoreError> {
        let (keyspace, digest) = (keyspace.to_owned(), *digest);
        self.write(move |db| keyspaces::set_profile_digest(db, &keyspace, &digest, &act))
    }

    fn begin_epoch(&self, keyspace: &str, act: Act) -> Result<(), StoreError> {
        let keyspace = keyspace.to_owned();
        self.write(move |db| keyspaces::begin_epoch(db, &keyspace, &act))
    }

    fn insert_account(
        &self,
        path: AccountPath,
        name: Option<String>,
        act: Act,
    ) -> Result<Option<Account>, StoreError> {
        self.write(move |db| keyspaces::insert_account(db, &path, name, &act))
    }

    fn accounts(
        &self,
        keyspace: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Option<Vec<Account>>, StoreError> {
        self.read(|db| keyspaces::accounts(db, keyspace, after, limit))
    }

    fn insert_key(
        &self,
        path: KeyPath,
        new: NewKey,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.write(move |db| keys::insert(db, &path, new, &act))
    }

    fn key(&self, path: &KeyPath) -> Result<Option<KeyRecord>, StoreError> {
        self.read(|db| keys::one(db, path))
    }

    fn keys(
        &self,
        account: &AccountPath,
        before: Option<KeyId>,
        limit: u32,
    ) -> Result<Option<Vec<KeyRecord>>, StoreError> {
        self.read(|db| keys::page(db, account, before, limit))
    }

    fn change_key(
        &self,
        path: KeyPath,
        transition: KeyTransition,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.write(move |db| keys::change(db, &path, transition, &act))
    }

    fn delete_key(&self, path: KeyPath, act: Act) -> Result<bool, StoreError> {
        self.write(move |db| keys::delete(db, &path, &act))
    }

    fn insert_token(
        &self,
        keyspace: String,
        new: NewToken,
        act: Act,
    ) -> Result<Option<Token>, StoreError> {
        self.write(move |db| principals::insert_token(db, keyspace, new, &act))
    }

    fn tokens(&self, keyspace: &str) -> Result<Option<Vec<Token>>, StoreError> {
        self.read(|db| principals::tokens(db, keyspace))
    }

    fn token_by_digest(&self, digest: &Digest) -> Result<Option<Token>, StoreError> {
        self.read(|db| principals::token_by_digest(db, digest))
    }

    fn delete_token(&self, keyspace: String, id: String, act: Act) -> Result<bool, StoreError> {
        self.write(move |db| principals::delete_token(db, &keyspace, &id, &act))
    }

    fn edition(&self, keyspace: &str) -> Result<Option<Edition>, StoreError> {
        self.read(|db| keyspaces::edition(db, keyspace))
    }

    fn signing(&self, keyspace: &str) -> Result<Option<Signing>, StoreError> {
        self.read(|db| keyspaces::signing(db, keyspace))
    }

    fn live_keys(
        &self,
        keyspace: &str,
        visit: &mut dyn FnMut(&Keyspace, &LiveKey<'_>),
    ) -> Result<Option<Keyspace>, StoreError> {
        self.read(|db| keys::live(db, keyspace, visit))
    }

    fn audit(
        &self,
        keyspace: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Option<Vec<AuditEntry>>, StoreError> {
        self.read(|db| audit::page(db, keyspace, before, limit))
    }
}
