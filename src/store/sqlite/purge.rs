//! What is over is forgotten, a kind and a part at a time, so that other changes come between.
//!
//! Each kind has an index by its end: a part costs what it takes away, however much stays, and a kind of which nothing
//! is over costs a look.

use rusqlite::{Connection, params};

use super::errors::{Read, touched};
use crate::store::{StoreError, counting};
use crate::time::Timestamp;

/// How many rows go at once.
const AT_ONCE: u32 = if cfg!(test) { 2 } else { 1_000 };

/// What can be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Secrets before rotations that count no more.
    Retired,
    /// Answers that could be had again.
    Remembered,
    /// Portal links.
    Links,
    /// Edge tokens that ended a while ago.
    Tokens,
    /// Reports of uses that were known, so that they count once.
    Batches,
    /// Uses by key and day.
    Uses,
    /// Uses by account and day: they go with those by key, and are not counted besides.
    Totals,
}

/// All of them.
pub(super) const KINDS: [Kind; 7] = [
    Kind::Retired,
    Kind::Remembered,
    Kind::Links,
    Kind::Tokens,
    Kind::Batches,
    Kind::Uses,
    Kind::Totals,
];

/// A part that was forgotten.
pub(super) struct Part {
    /// How many rows of it people would miss.
    pub(super) rows: u64,
    /// Whether nothing of the kind is left.
    pub(super) is_last: bool,
}

/// Forgets a part of a kind: of uses, what was before `oldest_day`, of all else what is over at `now`.
pub(super) fn part(
    db: &Connection,
    kind: Kind,
    oldest_day: u32,
    now: Timestamp,
) -> Result<Part, StoreError> {
    let now = now.as_millis();
    let gone = match kind {
        Kind::Retired => retired(db, now)?,
        Kind::Batches => delete(db, kind, now - counting::BATCHES_KNOWN_FOR)?,
        Kind::Tokens => delete(db, kind, now - counting::ENDED_TOKENS_LISTED_FOR)?,
        Kind::Uses | Kind::Totals => delete(db, kind, oldest_day.into())?,
        Kind::Remembered | Kind::Links => delete(db, kind, now)?,
    };
    Ok(Part {
        rows: if kind == Kind::Totals { 0 } else { gone },
        is_last: gone < u64::from(AT_ONCE),
    })
}

/// What says what is over and takes it away, at most so many rows.
pub(super) const fn statement(kind: Kind) -> &'static str {
    match kind {
        // Those that counted at the last change of their keyspace stay until the next: what is published is a function
        // of the epoch, and they are part of it.
        Kind::Retired => {
            "SELECT r.keyspace, r.id, r.digest FROM editions AS e CROSS JOIN retiring AS r INDEXED BY retiring_by_end
             ON r.keyspace = e.keyspace AND r.ends_at <= min(?1, e.changed_at) LIMIT ?2"
        }
        Kind::Remembered => {
            "DELETE FROM remembered WHERE id IN
               (SELECT id FROM remembered INDEXED BY remembered_by_end WHERE until <= ?1 ORDER BY until LIMIT ?2)"
        }
        Kind::Links => {
            "DELETE FROM operators WHERE id IN
               (SELECT id FROM operators INDEXED BY operators_by_expiry
                WHERE kind = 'portal_link' AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2)"
        }
        Kind::Tokens => {
            "DELETE FROM tokens WHERE (keyspace, id) IN
               (SELECT keyspace, id FROM tokens INDEXED BY tokens_by_expiry
                WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)"
        }
        Kind::Batches => {
            "DELETE FROM batches WHERE (keyspace, batch) IN
               (SELECT keyspace, batch FROM batches INDEXED BY batches_by_time WHERE at < ?1 ORDER BY at LIMIT ?2)"
        }
        Kind::Uses => {
            "DELETE FROM uses WHERE (keyspace, id, day) IN
               (SELECT u.keyspace, u.id, u.day FROM editions AS e CROSS JOIN uses AS u INDEXED BY uses_by_day
                ON u.keyspace = e.keyspace AND u.day < ?1 LIMIT ?2)"
        }
        Kind::Totals => {
            "DELETE FROM account_uses WHERE (keyspace, account, day) IN
               (SELECT keyspace, account, day FROM account_uses INDEXED BY account_uses_by_day
                WHERE day < ?1 ORDER BY day LIMIT ?2)"
        }
    }
}

fn delete(db: &Connection, kind: Kind, before: i64) -> Result<u64, StoreError> {
    let mut delete = db.prepare_cached(statement(kind)).read()?;
    let rows = delete.execute(params![before, AT_ONCE]).read()?;
    Ok(u64::try_from(rows).unwrap_or(u64::MAX))
}

/// They are in two tables, so they are picked first.
fn retired(db: &Connection, now: i64) -> Result<u64, StoreError> {
    let mut query = db.prepare_cached(statement(Kind::Retired)).read()?;
    let over = query
        .query_map(params![now, AT_ONCE], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .read()?
        .collect::<rusqlite::Result<Vec<(String, i64, [u8; 32])>>>()
        .read()?;
    let mut from_digests = db
        .prepare_cached("DELETE FROM digests WHERE keyspace = ?1 AND digest = ?2 AND id = ?3")
        .read()?;
    let mut from_retiring = db
        .prepare_cached("DELETE FROM retiring WHERE keyspace = ?1 AND id = ?2")
        .read()?;
    for (keyspace, id, digest) in &over {
        let gone = from_digests.execute(params![keyspace, digest, id]).read()?;
        touched(1, gone)?;
        touched(1, from_retiring.execute(params![keyspace, id]).read()?)?;
    }
    Ok(u64::try_from(over.len()).unwrap_or(u64::MAX))
}
