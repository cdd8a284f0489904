//! The audit trail, and the epoch that rises with it.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, ToSql, params};

use super::columns::instant;
use super::errors::Read;
use super::keyspaces;
use crate::key::KeyId;
use crate::store::{Act, AuditEntry, AuditFilter, StoreError, chain};

const COLUMNS: &str =
    "sequence, at, actor, action, keyspace, account, target, epoch, details, hash";

/// What a change did, for its audit row.
pub(super) struct Entry<'a> {
    pub(super) action: &'static str,
    pub(super) account: Option<&'a str>,
    pub(super) target: &'a str,
    /// Particulars without secrets.
    pub(super) details: serde_json::Value,
}

/// Raises the epoch of `keyspace` and writes the audit row: to be called once by every change of what is published, in
/// its transaction.
pub(super) fn record(
    db: &Connection,
    keyspace: &str,
    act: &Act,
    entry: Entry<'_>,
) -> Result<(), StoreError> {
    let epoch = keyspaces::raise_epoch(db, keyspace, act.at)?;
    write(db, Some(keyspace), Some(epoch), act, entry)
}

/// Writes the audit row of a change that published nothing new.
#[expect(clippy::needless_pass_by_value, reason = "an entry is written once")]
pub(super) fn write(
    db: &Connection,
    keyspace: Option<&str>,
    epoch: Option<u64>,
    act: &Act,
    entry: Entry<'_>,
) -> Result<(), StoreError> {
    let (last, previous) = db
        .prepare_cached("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")
        .read()?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .read_optional()?
        .unwrap_or((0, chain::START));
    let mut entry = AuditEntry {
        sequence: last + 1,
        at: act.at,
        actor: act.actor.clone(),
        action: entry.action.to_owned(),
        account: entry.account.map(str::to_owned),
        target: entry.target.to_owned(),
        keyspace: keyspace.map(str::to_owned),
        epoch,
        details: entry.details.to_string(),
        hash: previous,
    };
    entry.hash = chain::link(&previous, &entry);
    db.prepare_cached(
        "INSERT INTO audit (sequence, at, actor, action, keyspace, account, target, epoch, details, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )
    .read()?
    .execute(params![
        entry.sequence,
        entry.at.as_millis(),
        entry.actor,
        entry.action,
        entry.keyspace,
        entry.account,
        entry.target,
        entry.epoch.map(u64::cast_signed),
        entry.details,
        entry.hash,
    ])
    .read()
    .map(drop)
}

pub(super) fn page(
    db: &Connection,
    keyspace: &str,
    filter: &AuditFilter,
    before: Option<i64>,
    limit: u32,
) -> Result<Option<Vec<AuditEntry>>, StoreError> {
    if keyspaces::edition(db, keyspace)?.is_none() {
        return Ok(None);
    }
    let (sql, asked) = query(filter);
    let before = before.unwrap_or(i64::MAX);
    let mut values: Vec<&dyn ToSql> = vec![&keyspace, &before, &limit];
    values.extend(asked.iter().map(|value| value as &dyn ToSql));
    entries(db, &sql, &values).map(Some)
}

/// The statement for a filter, and the values of what it asks, from the fourth parameter on. What is asked first leads:
/// of one thing there are fewer entries than of one account, action or actor.
fn query(filter: &AuditFilter) -> (String, Vec<&str>) {
    let members = [
        (&filter.target, "target", "audit_by_target"),
        (&filter.account, "account", "audit_by_account"),
        (&filter.action, "action", "audit_by_action"),
        (&filter.actor, "actor", "audit_by_actor"),
    ];
    let mut index = "audit_by_keyspace";
    let (mut conditions, mut values) = (String::new(), Vec::new());
    for (wanted, column, by_column) in members {
        let Some(wanted) = wanted else { continue };
        if values.is_empty() {
            index = by_column;
        }
        values.push(wanted.as_str());
        conditions = format!("{conditions} AND {column} = ?{}", values.len() + 3);
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM audit INDEXED BY {index} WHERE keyspace = ?1 AND sequence < ?2{conditions}
         ORDER BY sequence DESC LIMIT ?3"
    );
    (sql, values)
}

pub(super) fn whole(
    db: &Connection,
    after: i64,
    limit: u32,
) -> Result<Vec<AuditEntry>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM audit WHERE sequence > ?1 ORDER BY sequence LIMIT ?2");
    entries(db, &sql, &[&after, &limit])
}

fn entries(
    db: &Connection,
    sql: &str,
    values: &[&dyn ToSql],
) -> Result<Vec<AuditEntry>, StoreError> {
    let mut query = db.prepare_cached(sql).read()?;
    let rows = query.query_map(values, entry).read()?;
    rows.collect::<rusqlite::Result<_>>().read()
}

/// The last entry of the whole server; 0 where there is none.
pub(super) fn last(db: &Connection) -> Result<i64, StoreError> {
    db.prepare_cached("SELECT coalesce(max(sequence), 0) FROM audit")
        .read()?
        .query_row([], |row| row.get(0))
        .read()
}

/// What of a keyspace was changed after an entry, as the trail says: no key is changed without one.
pub(super) const CHANGED_SINCE: &str = "SELECT DISTINCT target FROM audit INDEXED BY audit_by_keyspace WHERE keyspace = ?1 AND sequence > ?2";

/// The keys of a keyspace that were made, changed or removed after an entry.
pub(super) fn keys_changed_since(
    db: &Connection,
    keyspace: &str,
    sequence: i64,
) -> Result<BTreeSet<KeyId>, StoreError> {
    let mut query = db.prepare_cached(CHANGED_SINCE).read()?;
    let mut rows = query.query(params![keyspace, sequence]).read()?;
    let mut keys = BTreeSet::new();
    while let Some(row) = rows.next().read()? {
        let target = row.get_ref(0).read()?.as_str();
        // What is no key has no key's id.
        keys.extend(target.ok().and_then(|target| target.parse::<KeyId>().ok()));
    }
    Ok(keys)
}

/// Chains the rows of a database that had no chain yet.
pub(super) fn chain_all(db: &Connection) -> Result<(), StoreError> {
    let mut previous = chain::START;
    let (mut last, mut update) = (
        0,
        db.prepare("UPDATE audit SET hash = ?2 WHERE sequence = ?1")
            .read()?,
    );
    loop {
        let entries = whole(db, last, 1000)?;
        for entry in &entries {
            previous = chain::link(&previous, entry);
            update.execute(params![entry.sequence, previous]).read()?;
            last = entry.sequence;
        }
        if entries.is_empty() {
            return Ok(());
        }
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    Ok(AuditEntry {
        sequence: row.get(0)?,
        at: instant(row, 1)?,
        actor: row.get(2)?,
        action: row.get(3)?,
        keyspace: row.get(4)?,
        account: row.get(5)?,
        target: row.get(6)?,
        epoch: row.get::<_, Option<i64>>(7)?.map(i64::cast_unsigned),
        details: row.get(8)?,
        hash: row.get(9)?,
    })
}
