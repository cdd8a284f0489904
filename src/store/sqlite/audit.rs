//! The audit trail, and the epoch that rises with it.

use rusqlite::{Connection, Row, params};

use super::columns::instant;
use super::errors::Read;
use super::keyspaces;
use crate::store::{Act, AuditEntry, StoreError};

/// What a change did, for its audit row.
pub(super) struct Entry<'a> {
    pub(super) action: &'static str,
    pub(super) account: Option<&'a str>,
    pub(super) target: &'a str,
    /// Particulars without secrets.
    pub(super) details: serde_json::Value,
}

/// Raises the epoch of `keyspace` and writes the audit row: to be called once by every change, in its transaction.
pub(super) fn record(
    db: &Connection,
    keyspace: &str,
    act: &Act,
    entry: &Entry<'_>,
) -> Result<(), StoreError> {
    let epoch = keyspaces::raise_epoch(db, keyspace, act.at)?;
    write(db, Some((keyspace, epoch)), act, entry)
}

/// Writes the audit row of a change that published nothing new: the first state of a keyspace, or the server's own affairs.
pub(super) fn write(
    db: &Connection,
    keyspace: Option<(&str, u64)>,
    act: &Act,
    entry: &Entry<'_>,
) -> Result<(), StoreError> {
    let (keyspace, epoch) = keyspace.unzip();
    db.prepare_cached(
        "INSERT INTO audit (at, actor, action, keyspace, account, target, epoch, details)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .read()?
    .execute(params![
        act.at.as_millis(),
        act.actor,
        entry.action,
        keyspace,
        entry.account,
        entry.target,
        epoch.map(u64::cast_signed),
        entry.details.to_string(),
    ])
    .read()
    .map(drop)
}

pub(super) fn page(
    db: &Connection,
    keyspace: &str,
    before: Option<i64>,
    limit: u32,
) -> Result<Option<Vec<AuditEntry>>, StoreError> {
    if keyspaces::edition(db, keyspace)?.is_none() {
        return Ok(None);
    }
    let mut query = db
        .prepare_cached(
            "SELECT sequence, at, actor, action, account, target, epoch, details FROM audit
             WHERE keyspace = ?1 AND sequence < ?2 ORDER BY sequence DESC LIMIT ?3",
        )
        .read()?;
    let rows = query
        .query_map(params![keyspace, before.unwrap_or(i64::MAX), limit], entry)
        .read()?;
    rows.collect::<rusqlite::Result<_>>().read().map(Some)
}

fn entry(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    Ok(AuditEntry {
        sequence: row.get(0)?,
        at: instant(row, 1)?,
        actor: row.get(2)?,
        action: row.get(3)?,
        account: row.get(4)?,
        target: row.get(5)?,
        epoch: row.get::<_, i64>(6)?.cast_unsigned(),
        details: row.get(7)?,
    })
}
