//! SQLite: one file, one writing connection on a thread of its own, a few reading ones.

mod accounts;
mod at_hand;
mod audit;
mod authority;
mod backup;
#[cfg(feature = "bench")]
mod bench;
mod columns;
mod connection;
mod errors;
mod keys;
mod keyspaces;
mod migrations;
mod names;
mod operations;
mod operators;
mod purge;
mod readers;
mod remembered;
mod reserve;
mod restore;
mod settings;
#[cfg(test)]
mod tests;
mod tokens;
mod uses;
mod writer;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use self::at_hand::AtHand;
use self::readers::Readers;
use self::reserve::Reserve;
use self::writer::Writer;
use super::{Act, Judged, Reindex, StoreError};
use crate::time::Timestamp;

pub(super) use self::backup::run as backup;
#[cfg(feature = "bench")]
pub(super) use self::bench::plans;
#[cfg(feature = "bench")]
pub use self::bench::{Planned, Statement, commit_at_most, make_in_haste};
pub(super) use self::restore::check;

/// Whether there is no file, or one without tables.
pub(super) fn is_empty(path: &Path) -> Result<bool, StoreError> {
    if !path.exists() {
        return Ok(true);
    }
    migrations::is_missing(&connection::open_for_reading(path)?)
}

/// The [`Store`](super::Store) over a SQLite file.
pub(super) struct SqliteStore {
    // Dropped in this order: the writer closes last and folds the write-ahead log into the file.
    readers: Readers,
    writer: Writer,
    at_hand: AtHand,
    /// Held while all keys of a keyspace are judged: that keeps a reading connection from all others for a while.
    judging: Mutex<()>,
}

impl SqliteStore {
    /// Opens or creates the file and brings it to the current schema.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        connection::check_library()?;
        let mut writing = connection::open_for_writing(path)?;
        migrations::run(&mut writing)?;
        Ok(Self {
            readers: Readers::open(path)?,
            writer: Writer::start(writing, Reserve::beside(path))?,
            at_hand: AtHand::default(),
            judging: Mutex::default(),
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
        let result = self.writer.run(change);
        self.at_hand.changed();
        result
    }

    /// For a change that is somebody's act: made only while the authority for it counts.
    fn write_as<T: Send + 'static>(
        &self,
        act: Act,
        change: impl FnOnce(&Connection, &Act) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.write(move |db| {
            act.must_count(db)?;
            change(db, &act)
        })
    }

    /// As [`write_as`](Self::write_as), where something is taken out of use.
    fn revoke_as<T: Send + 'static>(
        &self,
        act: Act,
        change: impl Fn(&Connection, &Act) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        self.revoke(move |db| {
            act.must_count(db)?;
            change(db, &act)
        })
    }

    /// Judges the keys of a keyspace, and then those that were changed while that went on, so that few are left to be
    /// judged in the transaction that changes the rules.
    fn judge(&self, keyspace: &str, tell: Reindex, now: Timestamp) -> Result<Judged, StoreError> {
        let _alone = self.judging.lock().unwrap_or_else(PoisonError::into_inner);
        let mut judged = self.read(|db| keys::judge(db, keyspace, tell, now))?;
        self.read(|db| keys::judge_changed(db, keyspace, &mut judged))?;
        Ok(judged)
    }

    /// Makes segments of names that wait, and looks at those that there are and dissolves those that are over: one at a
    /// time, so that others change what they like in between.
    fn tidy_names(&self) -> Result<(), StoreError> {
        while let Some(keyspace) = self.read(names::behind)? {
            self.write(move |db| names::catch_up(db, &keyspace))?;
        }
        for _ in 0..self.write(names::begin_round)? {
            let look = self.read(names::look)?;
            self.write(move |db| names::go_on(db, look.as_ref()))?;
        }
        Ok(())
    }

    /// For changes that take something out of use: they go on when the disk is full.
    fn revoke<T: Send + 'static>(
        &self,
        change: impl Fn(&Connection) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        let result = self.writer.run_revoking(change);
        self.at_hand.changed();
        result
    }
}
