//! The server's own settings: names and bytes.

use rusqlite::{Connection, params};

use super::errors::Read;
use crate::store::StoreError;

/// The secret of list cursors; `fresh` where there is none yet.
pub(super) fn cursor_secret(db: &Connection, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
    db.execute(
        "INSERT INTO settings (name, value) VALUES ('cursor_secret', ?1) ON CONFLICT DO NOTHING",
        [fresh],
    )
    .read()?;
    db.query_row(
        "SELECT value FROM settings WHERE name = 'cursor_secret'",
        [],
        |row| row.get(0),
    )
    .read()
}

/// A change that nobody sees, and that takes a page of its own: an update in place might find room on a full disk.
pub(super) fn probe(db: &Connection) -> Result<(), StoreError> {
    let change = "INSERT INTO settings (name, value) VALUES ('probe', randomblob(8192))
                  ON CONFLICT DO UPDATE SET value = excluded.value";
    db.execute(change, []).read()?;
    let undo = "DELETE FROM settings WHERE name = 'probe'";
    db.execute(undo, []).read().map(drop)
}

/// Up to which segment of names maintenance has come.
pub(super) fn tidied_segment(db: &Connection) -> Result<i64, StoreError> {
    let bytes: Option<[u8; 8]> = db
        .query_row(
            "SELECT value FROM settings WHERE name = 'tidied_segment'",
            [],
            |row| row.get(0),
        )
        .read_optional()?;
    Ok(bytes.map_or(0, i64::from_le_bytes))
}

pub(super) fn set_tidied_segment(db: &Connection, number: i64) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO settings (name, value) VALUES ('tidied_segment', ?1)
         ON CONFLICT DO UPDATE SET value = excluded.value",
        params![number.to_le_bytes()],
    )
    .read()
    .map(drop)
}
