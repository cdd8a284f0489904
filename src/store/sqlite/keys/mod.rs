//! Keys: every statement names the keyspace, and the account wherever the caller named one.

mod change;
mod create;
mod filter;
mod idle;
mod judge;
mod list;
mod live;
mod notices;
mod path;
#[cfg(test)]
pub(super) mod plans;
mod record;
mod reindex;
mod rotate;
mod sealed;
mod slots;

use rusqlite::{Connection, params};

pub(super) use self::change::{change, delete, update};
pub(super) use self::create::insert;
pub(super) use self::filter::Range;
pub(super) use self::idle::{disable as disable_idle, is_any as has_idle};
pub(super) use self::judge::{changed as judge_changed, every as judge};
pub(super) use self::list::{count, page};
pub(super) use self::live::all as live;
pub(super) use self::notices::{due as due_notices, note as note_notice};
pub(super) use self::reindex::reindex;
pub(super) use self::rotate::{bring_forward, retire_by, rotate};
pub(super) use self::sealed::{among as sealed, reseal, reveal, under_others};

use self::record::{COLUMNS, RETIRING, key_record};
use super::audit::{self, Entry};
use super::columns::number;
use super::errors::Read;
use crate::key::Digest;
use crate::store::{Act, FoundKey, KeyPath, KeyRecord, StoreError};
use crate::time::Timestamp;

pub(super) fn one(db: &Connection, path: &KeyPath) -> Result<Option<KeyRecord>, StoreError> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM keys AS k {RETIRING} WHERE k.keyspace = ?1 AND k.account = ?2 AND k.id = ?3"
    ))
    .read()?
    .query_row(
        params![path.account.keyspace, path.account.account, number(path.id)],
        key_record,
    )
    .read_optional()
}

pub(super) fn by_digest(
    db: &Connection,
    keyspace: &str,
    digest: &Digest,
    now: Timestamp,
) -> Result<Option<FoundKey>, StoreError> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS}, d.is_retiring FROM digests AS d
         JOIN keys AS k ON k.keyspace = d.keyspace AND k.id = d.id {RETIRING}
         WHERE d.keyspace = ?1 AND d.digest = ?2
           AND CASE d.is_retiring WHEN 0 THEN k.scheme = ?3 ELSE r.scheme = ?3 AND r.ends_at > ?4 END"
    ))
    .read()?
    .query_row(
        params![
            keyspace,
            digest.bytes(),
            digest.scheme().to_string(),
            now.as_millis()
        ],
        |row| {
            Ok(FoundKey {
                record: key_record(row)?,
                is_retiring: row.get("is_retiring")?,
            })
        },
    )
    .read_optional()
}

/// Raises the epoch and writes the audit row of a change of one key.
fn record(
    db: &Connection,
    path: &KeyPath,
    act: &Act,
    action: &'static str,
    details: serde_json::Value,
) -> Result<(), StoreError> {
    let entry = Entry {
        action,
        account: Some(&path.account.account),
        target: &path.id.to_string(),
        details,
    };
    audit::record(db, &path.account.keyspace, act, entry)
}

/// Holds a key's revision against the one that the caller has read, where it said one.
fn must_be_at(key: &KeyRecord, revision: Option<u64>) -> Result<(), StoreError> {
    match revision {
        Some(revision) if revision != key.revision => Err(StoreError::stale()),
        _ => Ok(()),
    }
}
