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

/// A number that is kept from one round of maintenance to the next; 0 before the first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    /// Up to which segment of names maintenance has come.
    TidiedSegment,
    /// How many segments of names it has still to look at.
    SegmentsDue,
}

impl Number {
    const fn name(self) -> &'static str {
        match self {
            Self::TidiedSegment => "tidied_segment",
            Self::SegmentsDue => "segments_due",
        }
    }
}

pub(super) fn number(db: &Connection, which: Number) -> Result<i64, StoreError> {
    let bytes: Option<[u8; 8]> = db
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")
        .read()?
        .query_row([which.name()], |row| row.get(0))
        .read_optional()?;
    Ok(bytes.map_or(0, i64::from_le_bytes))
}

pub(super) fn set_number(db: &Connection, which: Number, value: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
    )
    .read()?
    .execute(params![which.name(), value.to_le_bytes()])
    .read()
    .map(drop)
}
