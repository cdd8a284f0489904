//! How a connection to the file is opened, and which SQLite may do it.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::errors::Read;
use crate::store::StoreError;

/// Older libraries can lose a commit when a checkpoint of the write-ahead log meets a write.
const OLDEST_LIBRARY: (i32, &str) = (3_051_003, "3.51.3");

/// How long one statement waits for a lock that another process holds. Longer waits are for the caller to decide.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// How many statements a connection keeps prepared: more than there are.
const STATEMENTS: usize = 192;

/// Refuses to run with a SQLite that is too old.
pub(super) fn check_library() -> Result<(), StoreError> {
    if rusqlite::version_number() < OLDEST_LIBRARY.0 {
        return Err(StoreError::unusable(format!(
            "this build carries SQLite {}, and {} is the oldest that keeps its promises; build Keyward with the bundled one",
            rusqlite::version(),
            OLDEST_LIBRARY.1
        )));
    }
    Ok(())
}

/// The connection that writes: every commit is on disk before it returns, and deleted rows are overwritten. What it
/// changes in the indexes of a million keys fits into 32 MiB. It goes from the log into the file every 4 MB, which is
/// what `reserve` keeps space for.
pub(super) fn open_for_writing(path: &Path) -> Result<Connection, StoreError> {
    let db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .read()?;
    prepare(&db)?;
    let mode: String = db
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .read()?;
    if mode != "wal" {
        return Err(StoreError::unusable(format!(
            "the database cannot use a write-ahead log here (journal mode {mode}); put the data directory on a local disk"
        )));
    }
    db.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 67108864;
         PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 1000;",
    )
    .read()?;
    #[cfg(feature = "bench")]
    super::bench::hasten(&db)?;
    Ok(db)
}

/// A connection that cannot write.
pub(super) fn open_for_reading(path: &Path) -> Result<Connection, StoreError> {
    let db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .read()?;
    prepare(&db)?;
    db.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8192;")
        .read()?;
    Ok(db)
}

fn prepare(db: &Connection) -> Result<(), StoreError> {
    db.busy_timeout(LOCK_WAIT).read()?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    // Plans do not depend on the values that are bound. Otherwise a statement with a join is prepared anew each time.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .read()?;
    db.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;",
    )
    .read()
}
