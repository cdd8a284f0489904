//! The reading connections: a few, lent out one at a time.

use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::connection;
use super::errors::Read;
use crate::store::StoreError;

/// With a write-ahead log readers do not wait for the writer; a few are enough to keep the disk busy.
const CONNECTIONS: usize = 4;

/// How long a query waits for a connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// The reading connections that are not lent out.
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let idle = (0..CONNECTIONS)
            .map(|_| connection::open_for_reading(path))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            idle: Mutex::new(idle),
            returned: Condvar::new(),
        })
    }

    /// Runs `query` on one state of the database.
    pub(super) fn with<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let lent = self.lend()?;
        let db = lent.connection();
        // Ends with the guard, also where the query fails or panics.
        let transaction = db.unchecked_transaction().read()?;
        let answer = query(&transaction);
        drop(transaction);
        answer
    }

    fn lend(&self) -> Result<Lent<'_>, StoreError> {
        let (mut idle, _) = self
            .returned
            .wait_timeout_while(self.idle(), PATIENCE, |idle| idle.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        let connection = idle.pop().ok_or_else(StoreError::busy)?;
        Ok(Lent {
            connection: Some(connection),
            readers: self,
        })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        // Pushing and popping leave the list whole at every point.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection on loan; goes back when dropped.
struct Lent<'a> {
    connection: Option<Connection>,
    readers: &'a Readers,
}

impl Lent<'_> {
    fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("taken out only by drop")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.readers.idle().extend(self.connection.take());
        self.readers.returned.notify_one();
    }
}
