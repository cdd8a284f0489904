//! Finding keys by a part of their name, however short and however rare.
//!
//! A name is cut into grams: its runs of one, two and three characters. Some thousand keys form a segment, which lists their
//! ids and, for each gram, whose names have it; a part of a name is in the names that have all its grams, and in few others.
//! Segments are written once, as a whole, when enough names have gathered: to write the grams of each name by itself would
//! cost more than all the rest of a new key. Names that wait are few enough to be gone through.
//!
//! What a segment says is a hint, held against the key before it counts: keys get other names and are deleted, and their
//! segments stay as they are until most of their keys are gone.

mod grams;
mod search;
mod segment;

use rusqlite::{Connection, params};

use super::columns::number;
use super::errors::{Read, touched};
use super::settings;
use crate::key::KeyId;
use crate::store::StoreError;

pub(super) use self::search::each_with_part;

/// How many names wait until they make a segment. Tests have few keys and shall have segments.
const SEGMENT: i64 = if cfg!(test) { 64 } else { 8192 };

/// How many segments one round of maintenance looks at.
const TIDIED_AT_ONCE: i64 = 2;

/// A key has this name, and had none before that is known here.
pub(super) fn note(
    db: &Connection,
    keyspace: &str,
    id: KeyId,
    name: &str,
) -> Result<(), StoreError> {
    if name.is_empty() {
        return Ok(());
    }
    wait(db, keyspace, number(id), name)?;
    if is_enough(db, keyspace, 1)? {
        segment::build(db, keyspace)?;
        reset(db, keyspace)?;
    }
    Ok(())
}

/// A key is about to get this name in place of that in its row.
pub(super) fn renamed(
    db: &Connection,
    keyspace: &str,
    id: KeyId,
    name: &str,
) -> Result<(), StoreError> {
    let before: String = db
        .prepare_cached("SELECT name FROM keys WHERE keyspace = ?1 AND id = ?2")
        .read()?
        .query_row(params![keyspace, number(id)], |row| row.get(0))
        .read()?;
    if before == name {
        return Ok(());
    }
    db.prepare_cached("DELETE FROM names_waiting WHERE keyspace = ?1 AND id = ?2")
        .read()?
        .execute(params![keyspace, number(id)])
        .read()?;
    note(db, keyspace, id, name)
}

/// Looks at some segments, from where it stopped last: one most of whose keys are gone is dissolved.
pub(super) fn tidy(db: &Connection) -> Result<(), StoreError> {
    let from = settings::tidied_segment(db)?;
    let mut query = db
        .prepare_cached(
            "SELECT number, keyspace FROM name_segments WHERE number > ?1 ORDER BY number LIMIT ?2",
        )
        .read()?;
    let segments = query
        .query_map([from, TIDIED_AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?)))
        .read()?
        .collect::<rusqlite::Result<Vec<(i64, String)>>>()
        .read()?;
    for (number, keyspace) in &segments {
        let living = segment::living(db, *number, keyspace)?;
        if living.is_few {
            let count = i64::try_from(living.names.len()).unwrap_or(SEGMENT);
            for (id, name) in living.names {
                wait(db, keyspace, id, &name)?;
            }
            segment::remove(db, *number)?;
            if is_enough(db, keyspace, count)? {
                segment::build(db, keyspace)?;
                reset(db, keyspace)?;
            }
        }
    }
    let next = segments.last().map_or(0, |(number, _)| *number);
    if next == from {
        return Ok(());
    }
    settings::set_tidied_segment(db, next)
}

fn wait(db: &Connection, keyspace: &str, id: i64, name: &str) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO names_waiting (keyspace, id, name) VALUES (?1, ?2, ?3)
         ON CONFLICT (keyspace, id) DO UPDATE SET name = excluded.name",
    )
    .read()?
    .execute(params![keyspace, id, name])
    .read()
    .map(drop)
}

/// Counts names that have begun to wait, and says whether they are enough for a segment.
fn is_enough(db: &Connection, keyspace: &str, more: i64) -> Result<bool, StoreError> {
    db.prepare_cached(
        "UPDATE editions SET names_waiting = names_waiting + ?2 WHERE keyspace = ?1 RETURNING names_waiting >= ?3",
    )
    .read()?
    .query_row(params![keyspace, more, SEGMENT], |row| row.get(0))
    .read()
}

fn reset(db: &Connection, keyspace: &str) -> Result<(), StoreError> {
    let changed = db
        .prepare_cached("UPDATE editions SET names_waiting = 0 WHERE keyspace = ?1")
        .read()?
        .execute([keyspace])
        .read()?;
    touched(1, changed)
}
