//! Answers to requests that may be sent twice.

use rusqlite::{Connection, params};

use super::errors::Read;
use crate::store::{Act, KeyRecord, Remember, Remembered, StoreError};
use crate::time::Timestamp;

/// Refuses a request that was answered before.
pub(super) fn refuse(
    db: &Connection,
    remember: Option<&Remember>,
    act: &Act,
) -> Result<(), StoreError> {
    match remember {
        Some(remember) if one(db, &remember.id, act.at)?.is_some() => Err(StoreError::remembered()),
        _ => Ok(()),
    }
}

/// Keeps the answer; one that is over makes room.
pub(super) fn keep(
    db: &Connection,
    remember: Option<Remember>,
    record: &KeyRecord,
) -> Result<(), StoreError> {
    let Some(remember) = remember else {
        return Ok(());
    };
    let sealed = (remember.seal)(record);
    db.prepare_cached(
        "INSERT INTO remembered (id, fingerprint, sealed, until) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, sealed = excluded.sealed, until = excluded.until",
    )
    .read()?
    .execute(params![
        remember.id,
        remember.fingerprint,
        sealed,
        remember.until.as_millis()
    ])
    .read()
    .map(drop)
}

pub(super) fn one(
    db: &Connection,
    id: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Remembered>, StoreError> {
    db.prepare_cached("SELECT fingerprint, sealed FROM remembered WHERE id = ?1 AND until > ?2")
        .read()?
        .query_row(params![id, now.as_millis()], |row| {
            Ok(Remembered {
                fingerprint: row.get(0)?,
                sealed: row.get(1)?,
            })
        })
        .read_optional()
}
