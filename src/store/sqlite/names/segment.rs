//! A segment: the ids of some thousand keys, and for each gram the positions of those whose names have it.

use rusqlite::{Connection, params};

use super::Name;
use super::grams::{self, Gram};
use crate::store::StoreError;
use crate::store::sqlite::errors::{Read, touched};

/// What still holds of a segment.
pub(super) struct Holding {
    /// The keys that there still are, and still have the names that the segment knows.
    pub(super) names: Vec<Name>,
    /// Whether they are less than half of the segment.
    pub(super) is_few: bool,
}

/// The names of a keyspace that wait, at most so many, those of the oldest keys first.
pub(super) fn waiting(
    db: &Connection,
    keyspace: &str,
    limit: i64,
) -> Result<Vec<Name>, StoreError> {
    let mut query = db
        .prepare_cached(
            "SELECT id, account, name, version FROM names_waiting WHERE keyspace = ?1 ORDER BY id LIMIT ?2",
        )
        .read()?;
    let names = query
        .query_map(params![keyspace, limit], |row| {
            Ok(Name {
                id: row.get(0)?,
                account: row.get(1)?,
                text: row.get(2)?,
                version: row.get(3)?,
            })
        })
        .read()?;
    names.collect::<rusqlite::Result<_>>().read()
}

/// Makes a segment of the first names that wait, which are no more than positions can say.
pub(super) fn build(db: &Connection, keyspace: &str, names: &[Name]) -> Result<(), StoreError> {
    let ([first, ..], [.., last]) = (names, names) else {
        return Ok(());
    };
    write(db, keyspace, names, (first.id, last.id))?;
    let forgotten = db
        .prepare_cached("DELETE FROM names_waiting WHERE keyspace = ?1 AND id <= ?2")
        .read()?
        .execute(params![keyspace, last.id])
        .read()?;
    touched(names.len(), forgotten)
}

fn write(
    db: &Connection,
    keyspace: &str,
    names: &[Name],
    (first, last): (i64, i64),
) -> Result<(), StoreError> {
    let ids: Vec<u8> = names
        .iter()
        .flat_map(|name| name.id.to_le_bytes())
        .collect();
    let versions = names.iter().map(|name| name.version);
    let versions: Vec<u8> = if versions.clone().all(|version| version == 0) {
        Vec::new()
    } else {
        versions.flat_map(u32::to_le_bytes).collect()
    };
    db.prepare_cached(
        "INSERT INTO name_segments (keyspace, first_id, last_id, ids, versions) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .read()?
    .execute(params![keyspace, first, last, ids, versions])
    .read()?;
    let segment = db.last_insert_rowid();

    let mut occurrences: Vec<(Gram, u16)> = Vec::new();
    for (position, name) in (0..).zip(names) {
        let grams = grams::all(&name.text).into_iter();
        occurrences.extend(grams.map(|gram| (gram, position)));
        occurrences.push((grams::of_account(keyspace, &name.account), position));
    }
    occurrences.sort_unstable();
    let mut insert = db
        .prepare_cached("INSERT INTO name_grams (segment, gram, members) VALUES (?1, ?2, ?3)")
        .read()?;
    for of_gram in occurrences.chunk_by(|(one, _), (other, _)| one == other) {
        let members = grams::pack(of_gram.iter().map(|(_, position)| *position));
        insert
            .execute(params![segment, of_gram[0].0, members])
            .read()?;
    }
    Ok(())
}

/// Hands over the ids of a segment whose names have all `wanted` grams. The gram that shows that there are none is
/// asked first of the next segment: there it mostly shows the same.
pub(super) fn find(
    db: &Connection,
    segment: i64,
    wanted: &mut [Gram],
    found: &mut dyn FnMut(i64),
) -> Result<(), StoreError> {
    let mut members = db
        .prepare_cached("SELECT members FROM name_grams WHERE segment = ?1 AND gram = ?2")
        .read()?;
    let mut common: Option<Vec<u16>> = None;
    for position in 0..wanted.len() {
        let gram = wanted[position];
        let is_there = members
            .query_row(params![segment, gram], |row| {
                let members = grams::unpack(row.get_ref(0)?.as_blob()?);
                match &mut common {
                    Some(common) => grams::intersect(common, members),
                    None => common = Some(members.collect()),
                }
                Ok(())
            })
            .read_optional()?
            .is_some();
        if !is_there || common.as_ref().is_some_and(Vec::is_empty) {
            wanted[..=position].rotate_right(1);
            return Ok(());
        }
    }
    db.prepare_cached("SELECT ids FROM name_segments WHERE number = ?1")
        .read()?
        .query_row([segment], |row| {
            let ids = row.get_ref(0)?.as_blob()?;
            for position in common.unwrap_or_default() {
                if let Some(id) = id_at(ids, position.into()) {
                    found(id);
                }
            }
            Ok(())
        })
        .read()
}

/// What still holds of a segment; `None` where there is no such one.
pub(super) fn holding(
    db: &Connection,
    segment: i64,
    keyspace: &str,
) -> Result<Option<Holding>, StoreError> {
    let found: Option<(Vec<u8>, Vec<u8>)> = db
        .prepare_cached("SELECT ids, versions FROM name_segments WHERE number = ?1")
        .read()?
        .query_row([segment], |row| Ok((row.get(0)?, row.get(1)?)))
        .read_optional()?;
    let Some((ids, versions)) = found else {
        return Ok(None);
    };
    let mut present = db
        .prepare_cached(
            "SELECT account, name FROM keys WHERE keyspace = ?1 AND id = ?2 AND name_version = ?3 AND name <> ''",
        )
        .read()?;
    let (mut count, mut names) = (0, Vec::new());
    while let Some(id) = id_at(&ids, count) {
        let version = version_at(&versions, count);
        count += 1;
        let found = present
            .query_row(params![keyspace, id, version], |row| {
                Ok(Name {
                    id,
                    account: row.get(0)?,
                    text: row.get(1)?,
                    version,
                })
            })
            .read_optional()?;
        names.extend(found);
    }
    let is_few = names.len() * 2 < count;
    Ok(Some(Holding { names, is_few }))
}

/// Removes a segment with its grams.
pub(super) fn remove(db: &Connection, segment: i64) -> Result<(), StoreError> {
    let removed = db
        .prepare_cached("DELETE FROM name_segments WHERE number = ?1")
        .read()?
        .execute([segment])
        .read()?;
    touched(1, removed)
}

fn id_at(ids: &[u8], position: usize) -> Option<i64> {
    ids.as_chunks()
        .0
        .get(position)
        .copied()
        .map(i64::from_le_bytes)
}

fn version_at(versions: &[u8], position: usize) -> u32 {
    let version = versions.as_chunks().0.get(position).copied();
    version.map_or(0, u32::from_le_bytes)
}
