//! Places that at most one key of an account holds. The unique index over held ones decides; what happens here before
//! is that keys which have expired make room, so that time alone never blocks anybody.

use rusqlite::{Connection, params};

use crate::key::KeyId;
use crate::store::sqlite::columns::{key_id, number};
use crate::store::sqlite::errors::{Read, touched};
use crate::store::{AccountPath, KeyPath, KeyState, Slot, StoreError};
use crate::time::Timestamp;

/// Which of its places a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// All of them.
    All,
    /// Those that it does not give up when it is switched off or has expired.
    Lasting,
}

pub(super) fn holds(state: KeyState, expires_at: Option<Timestamp>, now: Timestamp) -> Holds {
    let is_live = state == KeyState::Active && expires_at.is_none_or(|end| now < end);
    if is_live { Holds::All } else { Holds::Lasting }
}

/// Gives a key these places instead of those that it had.
pub(super) fn replace(
    db: &Connection,
    path: &KeyPath,
    slots: &[Slot],
    holds: Holds,
    now: Timestamp,
) -> Result<(), StoreError> {
    clear(db, &path.account.keyspace, path.id)?;
    put(db, path, slots, holds, now)
}

/// Takes a key's places from it.
pub(super) fn clear(db: &Connection, keyspace: &str, id: KeyId) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM key_slots WHERE keyspace = ?1 AND id = ?2")
        .read()?
        .execute(params![keyspace, number(id)])
        .read()
        .map(drop)
}

/// Has a key take or give up its places where its state has changed.
pub(super) fn settle(
    db: &Connection,
    path: &KeyPath,
    holds: Holds,
    now: Timestamp,
) -> Result<(), StoreError> {
    let slots = of_key(db, &path.account.keyspace, path.id)?;
    if slots.is_empty() {
        return Ok(());
    }
    replace(db, path, &slots, holds, now)
}

/// Gives a key, which has none, these places.
pub(super) fn put(
    db: &Connection,
    path: &KeyPath,
    slots: &[Slot],
    holds: Holds,
    now: Timestamp,
) -> Result<(), StoreError> {
    for (number, slot) in slots.iter().enumerate() {
        if !slots[..number].contains(slot) {
            put_one(db, path, slot, holds, now)?;
        }
    }
    Ok(())
}

fn put_one(
    db: &Connection,
    path: &KeyPath,
    slot: &Slot,
    holds: Holds,
    now: Timestamp,
) -> Result<(), StoreError> {
    let is_held = holds == Holds::All || !slot.while_active;
    if is_held {
        release_expired(db, &path.account, slot, now)?;
    }
    let inserted = db
        .prepare_cached(
            "INSERT INTO key_slots (keyspace, id, field, value, account, while_active, held)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .read()?
        .execute(params![
            path.account.keyspace,
            number(path.id),
            slot.field,
            slot.value,
            path.account.account,
            slot.while_active,
            is_held,
        ])
        .read();
    match inserted {
        Ok(rows) => touched(1, rows),
        Err(error) if error.is_exists() => Err(taken(db, &path.account, slot)?),
        Err(error) => Err(error),
    }
}

/// Whoever has expired by now gives the place up.
fn release_expired(
    db: &Connection,
    account: &AccountPath,
    slot: &Slot,
    now: Timestamp,
) -> Result<(), StoreError> {
    let expired: Option<i64> = db
        .prepare_cached(
            "SELECT s.id FROM key_slots AS s CROSS JOIN keys AS k ON k.keyspace = s.keyspace AND k.id = s.id
             WHERE s.keyspace = ?1 AND s.account = ?2 AND s.field = ?3 AND s.value = ?4 AND s.held = 1
               AND s.while_active = 1 AND k.expires_at <= ?5",
        )
        .read()?
        .query_row(
            params![
                account.keyspace,
                account.account,
                slot.field,
                slot.value,
                now.as_millis()
            ],
            |row| row.get(0),
        )
        .read_optional()?;
    let Some(id) = expired else {
        return Ok(());
    };
    let released = db
        .prepare_cached(
            "UPDATE key_slots SET held = 0 WHERE keyspace = ?1 AND id = ?2 AND field = ?3 AND value = ?4",
        )
        .read()?
        .execute(params![account.keyspace, id, slot.field, slot.value])
        .read()?;
    touched(1, released)
}

/// The refusal, which names the key that holds the place.
fn taken(db: &Connection, account: &AccountPath, slot: &Slot) -> Result<StoreError, StoreError> {
    db.prepare_cached(
        "SELECT id FROM key_slots WHERE keyspace = ?1 AND account = ?2 AND field = ?3 AND value = ?4 AND held = 1",
    )
    .read()?
    .query_row(
        params![account.keyspace, account.account, slot.field, slot.value],
        |row| key_id(row, 0),
    )
    .read()
    .map(|holder| StoreError::slot_taken(slot.field.clone(), holder))
}

/// The places of a key, whether it holds them or not.
pub(super) fn of_key(db: &Connection, keyspace: &str, id: KeyId) -> Result<Vec<Slot>, StoreError> {
    let mut query = db
        .prepare_cached(
            "SELECT field, value, while_active FROM key_slots WHERE keyspace = ?1 AND id = ?2",
        )
        .read()?;
    let slots = query
        .query_map(params![keyspace, number(id)], |row| {
            Ok(Slot {
                field: row.get(0)?,
                value: row.get(1)?,
                while_active: row.get(2)?,
            })
        })
        .read()?;
    slots.collect::<rusqlite::Result<_>>().read()
}
