//! Finding keys by a part of their name, however short and however rare.
//!
//! A name is cut into grams: its runs of one, two and three characters. Some thousand keys form a segment, which lists
//! their ids and, for each gram, whose names have it; a part of a name is in the names that have all its grams, and in
//! few others. Segments are written once, as a whole, when enough names have gathered: to write the grams of each name
//! by itself would cost more than all the rest of a new key. Names that wait are gone through: mostly few. Where very
//! many begin to wait at once, with other rules or another version of the program, each change makes one segment of
//! them at most, and maintenance the rest.
//!
//! What a segment says is a hint, held against the key before it counts: keys get other names and are deleted, and
//! their segments stay as they are until most of what they say is over.
//!
//! So that segments do not grow in number with every other name that keys get, maintenance looks at four of them for
//! each one that is written, in turn, and dissolves those of which less than half still holds: there are never many
//! more than four times as many as the names would fill.
//!
//! A search within one account is led to that account's keys alone: a segment knows which of its keys are whose.

mod grams;
mod search;
mod segment;

use rusqlite::{Connection, params};

use super::columns::number;
use super::errors::{Read, touched};
use super::settings::{self, Number};
use crate::store::{KeyPath, StoreError};

#[cfg(test)]
pub(super) use self::search::OF_ACCOUNT;
pub(super) use self::search::{Search, each_with_part};

/// How many names wait until they make a segment. Tests have few keys and shall have segments.
const SEGMENT: i64 = if cfg!(test) { 64 } else { 8192 };

/// How many segments one round of maintenance looks at, also where none is written: keys are deleted too.
const LOOKS_A_ROUND: i64 = 2;

/// How many it looks at for each one that is written.
const LOOKS_A_SEGMENT: i64 = 4;

/// A name on its way into a segment.
struct Name {
    id: i64,
    account: String,
    text: String,
    version: u32,
}

/// A segment that was looked at.
pub(super) struct Look {
    number: i64,
    keyspace: String,
    is_over: bool,
}

/// A key has this name, and had none before.
pub(super) fn note(db: &Connection, path: &KeyPath, name: &str) -> Result<(), StoreError> {
    let more = begin_to_wait(db, path, name, 0)?;
    let waiting = count(db, &path.account.keyspace, more)?;
    build_where_enough(db, &path.account.keyspace, waiting)
}

/// A key is about to get this name in place of that in its row.
pub(super) fn renamed(db: &Connection, path: &KeyPath, name: &str) -> Result<(), StoreError> {
    let (keyspace, id) = (&*path.account.keyspace, number(path.id));
    let version: Option<u32> = db
        .prepare_cached(
            "UPDATE keys SET name_version = name_version + 1 WHERE keyspace = ?1 AND id = ?2 AND name <> ?3
             RETURNING name_version",
        )
        .read()?
        .query_row(params![keyspace, id, name], |row| row.get(0))
        .read_optional()?;
    let Some(version) = version else {
        return Ok(());
    };
    let more = begin_to_wait(db, path, name, version)?;
    let waiting = count(db, keyspace, more)?;
    build_where_enough(db, keyspace, waiting)
}

/// Gives a key another name, one of many in the same change, which leaves it to others to make segments and counts
/// those that begin to wait: returns how many, which is one or none.
///
/// Each statement writes one row at most and returns none. SQLite prepares any other to be undone by itself, for which
/// it goes through all that the transaction has changed by then: with a hundred thousand keys that took most of the
/// time.
pub(super) fn rename_among_many(
    db: &Connection,
    path: &KeyPath,
    name: &str,
) -> Result<i64, StoreError> {
    let (keyspace, id) = (&*path.account.keyspace, number(path.id));
    let version: u32 = db
        .prepare_cached("SELECT name_version + 1 FROM keys WHERE keyspace = ?1 AND id = ?2")
        .read()?
        .query_row(params![keyspace, id], |row| row.get(0))
        .read()?;
    let changed = db
        .prepare_cached(
            "UPDATE keys SET name = ?3, name_version = ?4 WHERE keyspace = ?1 AND id = ?2",
        )
        .read()?
        .execute(params![keyspace, id, name, version])
        .read()?;
    touched(1, changed)?;
    begin_to_wait(db, path, name, version)
}

/// Returns how many names have begun to wait.
fn begin_to_wait(
    db: &Connection,
    path: &KeyPath,
    name: &str,
    version: u32,
) -> Result<i64, StoreError> {
    let (keyspace, id) = (&*path.account.keyspace, number(path.id));
    if name.is_empty() {
        wait_no_more(db, keyspace, id)?;
        return Ok(0);
    }
    let name = Name {
        id,
        account: path.account.account.clone(),
        text: name.to_owned(),
        version,
    };
    wait(db, keyspace, &name).map(|()| 1)
}

/// Begins a round: how many segments are to be looked at, at most each of them once.
pub(super) fn begin_round(db: &Connection) -> Result<i64, StoreError> {
    let there: i64 = db
        .prepare_cached("SELECT count(*) FROM name_segments")
        .read()?
        .query_row([], |row| row.get(0))
        .read()?;
    let due = settings::number(db, Number::SegmentsDue)?;
    let due = due.max(LOOKS_A_ROUND).min(there);
    settings::set_number(db, Number::SegmentsDue, due)?;
    Ok(due)
}

/// Looks at the segment after the one at which it stopped last; `None` behind the last one.
pub(super) fn look(db: &Connection) -> Result<Option<Look>, StoreError> {
    let from = settings::number(db, Number::TidiedSegment)?;
    let next: Option<(i64, String)> = db
        .prepare_cached(
            "SELECT number, keyspace FROM name_segments WHERE number > ?1 ORDER BY number LIMIT 1",
        )
        .read()?
        .query_row([from], |row| Ok((row.get(0)?, row.get(1)?)))
        .read_optional()?;
    let Some((number, keyspace)) = next else {
        return Ok(None);
    };
    let holding = segment::holding(db, number, &keyspace)?;
    Ok(Some(Look {
        number,
        is_over: holding.is_some_and(|holding| holding.is_few),
        keyspace,
    }))
}

/// Goes on from a segment that was looked at, and dissolves it where it is over.
pub(super) fn go_on(db: &Connection, look: Option<&Look>) -> Result<(), StoreError> {
    settings::set_number(
        db,
        Number::TidiedSegment,
        look.map_or(0, |look| look.number),
    )?;
    let Some(look) = look else {
        return Ok(());
    };
    let due = settings::number(db, Number::SegmentsDue)?;
    settings::set_number(db, Number::SegmentsDue, due - 1)?;
    if look.is_over {
        dissolve(db, look)?;
    }
    Ok(())
}

/// What still holds of a segment waits for the next one.
fn dissolve(db: &Connection, look: &Look) -> Result<(), StoreError> {
    // Somebody else may have done it.
    let Some(holding) = segment::holding(db, look.number, &look.keyspace)? else {
        return Ok(());
    };
    for name in &holding.names {
        wait(db, &look.keyspace, name)?;
    }
    segment::remove(db, look.number)?;
    let more = i64::try_from(holding.names.len()).unwrap_or(SEGMENT);
    let waiting = count(db, &look.keyspace, more)?;
    build_where_enough(db, &look.keyspace, waiting)
}

fn wait_no_more(db: &Connection, keyspace: &str, id: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM names_waiting WHERE keyspace = ?1 AND id = ?2")
        .read()?
        .execute(params![keyspace, id])
        .read()
        .map(drop)
}

fn wait(db: &Connection, keyspace: &str, name: &Name) -> Result<(), StoreError> {
    wait_no_more(db, keyspace, name.id)?;
    db.prepare_cached(
        "INSERT INTO names_waiting (keyspace, id, account, name, version) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .read()?
    .execute(params![
        keyspace,
        name.id,
        name.account,
        name.text,
        name.version
    ])
    .read()
    .map(drop)
}

/// Counts names that have begun to wait, and says how many do: at most so many, for those that went again are among
/// them.
pub(super) fn count(db: &Connection, keyspace: &str, more: i64) -> Result<i64, StoreError> {
    db.prepare_cached(
        "UPDATE editions SET names_waiting = names_waiting + ?2 WHERE keyspace = ?1 RETURNING names_waiting",
    )
    .read()?
    .query_row(params![keyspace, more], |row| row.get(0))
    .read()
}

/// A keyspace in which more names wait than one segment holds, as far as was counted.
pub(super) fn behind(db: &Connection) -> Result<Option<String>, StoreError> {
    db.prepare_cached(
        "SELECT keyspace FROM editions WHERE names_waiting >= ?1 ORDER BY keyspace LIMIT 1",
    )
    .read()?
    .query_row([SEGMENT], |row| row.get(0))
    .read_optional()
}

/// Makes a segment there, if that is still so.
pub(super) fn catch_up(db: &Connection, keyspace: &str) -> Result<(), StoreError> {
    let waiting = count(db, keyspace, 0)?;
    build_where_enough(db, keyspace, waiting)
}

/// Makes a segment of the oldest names that wait, where these are enough.
fn build_where_enough(db: &Connection, keyspace: &str, counted: i64) -> Result<(), StoreError> {
    if counted < SEGMENT {
        return Ok(());
    }
    // Names that went again were counted too, and one key can get another name very often.
    let names = segment::waiting(db, keyspace, SEGMENT)?;
    let found = i64::try_from(names.len()).unwrap_or(SEGMENT);
    let left = if found * 2 < SEGMENT {
        found
    } else {
        segment::build(db, keyspace, &names)?;
        let due = settings::number(db, Number::SegmentsDue)?;
        settings::set_number(db, Number::SegmentsDue, due + LOOKS_A_SEGMENT)?;
        if found < SEGMENT { 0 } else { counted - found }
    };
    let changed = db
        .prepare_cached("UPDATE editions SET names_waiting = ?2 WHERE keyspace = ?1")
        .read()?
        .execute(params![keyspace, left])
        .read()?;
    touched(1, changed)
}
