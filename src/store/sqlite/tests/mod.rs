//! What concerns this backend alone. What every backend has to do is in `store::contract`.

mod backup;
mod full;
mod migration;
mod names;
mod plans;
mod rules;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::SqliteStore;
use crate::store::contract::Directory;

/// A new store, and where it is.
fn open(place: &Directory) -> (SqliteStore, PathBuf) {
    let path = place.path().join(crate::store::FILE_NAME);
    (SqliteStore::open(&path).expect("a new database"), path)
}

/// Another connection to a database.
fn look_into(path: &Path) -> Connection {
    super::connection::open_for_reading(path).expect("the database is there")
}

/// The one number that a statement gives.
fn number(db: &Connection, sql: &str) -> i64 {
    db.query_row(sql, [], |row| row.get(0)).expect("a number")
}
