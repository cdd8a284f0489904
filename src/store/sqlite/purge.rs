//! What is over is forgotten, a part at a time, so that other changes come between.

use rusqlite::{Connection, ToSql, params};

use super::errors::Read;
use super::names;
use crate::store::{Act, StoreError, counting};

/// How many rows of a kind go at once.
const AT_ONCE: u32 = if cfg!(test) { 2 } else { 2_000 };

/// Forgets a part of what is over; returns how many rows went, and none where nothing is left.
pub(super) fn run(db: &Connection, oldest_day: u32, act: &Act) -> Result<u64, StoreError> {
    let now = act.at.as_millis();
    let mut gone = retired(db, now)?;
    gone += delete(
        db,
        "DELETE FROM remembered WHERE id IN (SELECT id FROM remembered WHERE until <= ?1 LIMIT ?2)",
        params![now, AT_ONCE],
    )?;
    gone += delete(
        db,
        "DELETE FROM operators WHERE kind = 'portal_link' AND id IN
           (SELECT id FROM operators WHERE kind = 'portal_link' AND expires_at <= ?1 LIMIT ?2)",
        params![now, AT_ONCE],
    )?;
    gone += delete(
        db,
        "DELETE FROM batches WHERE (keyspace, batch) IN
           (SELECT keyspace, batch FROM batches WHERE at < ?1 LIMIT ?2)",
        params![now - counting::BATCHES_KNOWN_FOR, AT_ONCE],
    )?;
    gone += delete(
        db,
        "DELETE FROM uses WHERE (keyspace, id, day) IN
           (SELECT u.keyspace, u.id, u.day FROM editions AS e CROSS JOIN uses AS u INDEXED BY uses_by_day
            ON u.keyspace = e.keyspace AND u.day < ?1 LIMIT ?2)",
        params![oldest_day, AT_ONCE],
    )?;
    Ok(gone)
}

/// Dissolves segments of names most of whose keys are gone.
pub(super) fn tidy(db: &Connection) -> Result<(), StoreError> {
    names::tidy(db)
}

/// Secrets before rotations that count no more. Those that counted at the last change of their keyspace stay until the next:
/// what is published is a function of the epoch, and they are part of it.
fn retired(db: &Connection, now: i64) -> Result<u64, StoreError> {
    const OVER: &str =
        "SELECT r.keyspace, r.id FROM retiring AS r JOIN editions AS e ON e.keyspace = r.keyspace
         WHERE r.ends_at <= ?1 AND r.ends_at <= e.changed_at LIMIT ?2";
    delete(
        db,
        &format!(
            "DELETE FROM digests WHERE (keyspace, digest) IN
               (SELECT keyspace, digest FROM retiring WHERE (keyspace, id) IN ({OVER}))"
        ),
        params![now, AT_ONCE],
    )?;
    delete(
        db,
        &format!("DELETE FROM retiring WHERE (keyspace, id) IN ({OVER})"),
        params![now, AT_ONCE],
    )
}

fn delete(db: &Connection, sql: &str, values: &[&dyn ToSql]) -> Result<u64, StoreError> {
    let rows = db.prepare_cached(sql).read()?.execute(values).read()?;
    Ok(u64::try_from(rows).unwrap_or(u64::MAX))
}
