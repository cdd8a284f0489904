//! Keys that nobody uses are switched off.

use rusqlite::{Connection, params};
use serde_json::json;

use super::slots::{self, Holds};
use super::{change, record};
use crate::store::sqlite::columns::{key_id, optional_instant};
use crate::store::sqlite::errors::Read;
use crate::store::{AccountPath, Act, KeyPath, KeyState, StoreError};
use crate::time::Timestamp;

/// Finds them by the time since which they are idle, and reads nothing else.
pub(super) const IDLE: &str =
    "SELECT id, account, idle_since, enabled_at FROM keys INDEXED BY keys_by_idleness
     WHERE keyspace = ?1 AND state = 'active' AND idle_since < ?2 ORDER BY idle_since, id LIMIT ?3";

pub(in crate::store::sqlite) fn is_any(
    db: &Connection,
    keyspace: &str,
    cutoff: Timestamp,
) -> Result<bool, StoreError> {
    let mut query = db.prepare_cached(IDLE).read()?;
    query
        .exists(params![keyspace, cutoff.as_millis(), 1])
        .read()
}

pub(in crate::store::sqlite) fn disable(
    db: &Connection,
    keyspace: &str,
    cutoff: Timestamp,
    limit: u32,
    act: &Act,
) -> Result<Vec<KeyPath>, StoreError> {
    // In the transaction of the one writer: no use comes between the question and the change.
    let mut query = db.prepare_cached(IDLE).read()?;
    let idle = query
        .query_map(params![keyspace, cutoff.as_millis(), limit], |row| {
            let account = AccountPath {
                keyspace: keyspace.to_owned(),
                account: row.get(1)?,
            };
            let id = key_id(row, 0)?;
            let (since, enabled_at) = (row.get::<_, i64>(2)?, optional_instant(row, 3)?);
            Ok((KeyPath { account, id }, since, enabled_at))
        })
        .read()?
        .collect::<rusqlite::Result<Vec<_>>>()
        .read()?;
    let mut disabled = Vec::with_capacity(idle.len());
    for (path, since, enabled_at) in idle {
        let state = KeyState::Disabled { at: act.at };
        change::set_state(db, &path, state, enabled_at, act)?;
        slots::settle(db, &path, Holds::Lasting, act.at)?;
        let told = json!({
            "before": { "status": "active" },
            "after": { "status": "disabled" },
            "idle_since": since,
        });
        record(db, &path, act, "key.idle_disable", told)?;
        disabled.push(path);
    }
    Ok(disabled)
}
