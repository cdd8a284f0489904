//! Keys: every statement names the keyspace, and the account wherever the caller named one.

use rusqlite::{Connection, Row, params};
use serde_json::json;

use super::audit::{self, Entry};
use super::columns::{corrupt, digest, instant, key_id, optional_instant};
use super::errors::Read;
use super::keyspaces;
use crate::key::{Digest, KeyId};
use crate::snapshot::LiveKey;
use crate::store::{
    AccountPath, Act, KeyPath, KeyRecord, KeyState, KeyTransition, Keyspace, NewKey, StoreError,
};
use crate::time::Timestamp;

const COLUMNS: &str =
    "id, account, level, state, state_since, hint, fields, subject, meta, created_at, created_by,
                       updated_at, expires_at, last_used_at";

pub(super) fn insert(
    db: &Connection,
    path: &KeyPath,
    new: NewKey,
    act: &Act,
) -> Result<Option<KeyRecord>, StoreError> {
    let AccountPath { keyspace, account } = &path.account;
    if !keyspaces::has_account(db, &path.account)? {
        return Ok(None);
    }
    db.prepare_cached(
        "INSERT INTO keys (keyspace, id, account, digest, hint, level, fields, subject, meta, state, created_at,
                           created_by, updated_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'active', ?10, ?11, ?10, ?12)",
    )
    .read()?
    .execute(params![
        keyspace,
        path.id.get().cast_signed(),
        account,
        new.digest.bytes(),
        new.hint,
        new.level,
        json!(new.fields).to_string(),
        new.subject,
        new.meta,
        act.at.as_millis(),
        act.actor,
        new.expires_at.map(Timestamp::as_millis),
    ])
    .read()?;
    let details = json!({ "level": new.level, "hint": new.hint, "expires_at": new.expires_at.map(Timestamp::as_millis) });
    record(db, path, act, "key.create", details)?;
    Ok(Some(KeyRecord {
        id: path.id,
        account: account.clone(),
        level: new.level,
        state: KeyState::Active,
        hint: new.hint,
        fields: new.fields,
        subject: new.subject,
        meta: new.meta,
        created_at: act.at,
        created_by: act.actor.clone(),
        updated_at: act.at,
        expires_at: new.expires_at,
        last_used_at: None,
    }))
}

pub(super) fn one(db: &Connection, path: &KeyPath) -> Result<Option<KeyRecord>, StoreError> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM keys WHERE keyspace = ?1 AND account = ?2 AND id = ?3"
    ))
    .read()?
    .query_row(
        params![
            path.account.keyspace,
            path.account.account,
            path.id.get().cast_signed()
        ],
        key_record,
    )
    .read_optional()
}

pub(super) fn page(
    db: &Connection,
    path: &AccountPath,
    before: Option<KeyId>,
    limit: u32,
) -> Result<Option<Vec<KeyRecord>>, StoreError> {
    if !keyspaces::has_account(db, path)? {
        return Ok(None);
    }
    let mut query = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM keys WHERE keyspace = ?1 AND account = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4"
        ))
        .read()?;
    let before = before.map_or(i64::MAX, |id| id.get().cast_signed());
    let rows = query
        .query_map(
            params![path.keyspace, path.account, before, limit],
            key_record,
        )
        .read()?;
    rows.collect::<rusqlite::Result<_>>().read().map(Some)
}

pub(super) fn change(
    db: &Connection,
    path: &KeyPath,
    transition: KeyTransition,
    act: &Act,
) -> Result<Option<KeyRecord>, StoreError> {
    let Some(mut key) = one(db, path)? else {
        return Ok(None);
    };
    let before = key.state;
    let after = before
        .after(transition, act.at)
        .map_err(|_| StoreError::deactivated())?;
    if after == before {
        return Ok(Some(key));
    }
    let since = match after {
        KeyState::Active => None,
        KeyState::Disabled { at } | KeyState::Deactivated { at } => Some(at.as_millis()),
    };
    let changed = db
        .prepare_cached(
            "UPDATE keys SET state = ?4, state_since = ?5, updated_at = ?6
             WHERE keyspace = ?1 AND account = ?2 AND id = ?3",
        )
        .read()?
        .execute(params![
            path.account.keyspace,
            path.account.account,
            path.id.get().cast_signed(),
            after.as_str(),
            since,
            act.at.as_millis(),
        ])
        .read()?;
    exactly_one(changed)?;
    record(
        db,
        path,
        act,
        transition.action(),
        json!({ "from": before.as_str() }),
    )?;
    key.state = after;
    key.updated_at = act.at;
    Ok(Some(key))
}

pub(super) fn delete(db: &Connection, path: &KeyPath, act: &Act) -> Result<bool, StoreError> {
    let Some(key) = one(db, path)? else {
        return Ok(false);
    };
    let changed = db
        .prepare_cached("DELETE FROM keys WHERE keyspace = ?1 AND account = ?2 AND id = ?3")
        .read()?
        .execute(params![
            path.account.keyspace,
            path.account.account,
            path.id.get().cast_signed()
        ])
        .read()?;
    exactly_one(changed)?;
    record(
        db,
        path,
        act,
        "key.delete",
        json!({ "hint": key.hint, "level": key.level }),
    )?;
    Ok(true)
}

pub(super) fn live(
    db: &Connection,
    keyspace: &str,
    visit: &mut dyn FnMut(&Keyspace, &LiveKey<'_>),
) -> Result<Option<Keyspace>, StoreError> {
    let Some(keyspace) = keyspaces::one(db, keyspace)? else {
        return Ok(None);
    };
    let mut query = db
        .prepare_cached(
            "SELECT id, digest, account, level, expires_at, subject, meta FROM keys
             WHERE keyspace = ?1 AND state = 'active' AND (expires_at IS NULL OR expires_at > ?2) ORDER BY digest",
        )
        .read()?;
    let mut rows = query
        .query(params![keyspace.id, keyspace.changed_at.as_millis()])
        .read()?;
    while let Some(row) = rows.next().read()? {
        let digest = digest(row, 1).read()?;
        visit(&keyspace, &live_key(row, &digest).read()?);
    }
    Ok(Some(keyspace))
}

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
    audit::record(db, &path.account.keyspace, act, &entry)
}

/// A statement that touches one key and did not is a fault of ours, and undoes the change.
fn exactly_one(changed: usize) -> Result<(), StoreError> {
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::internal(format!(
            "a change of one key touched {changed}"
        )))
    }
}

fn key_record(row: &Row<'_>) -> rusqlite::Result<KeyRecord> {
    let fields: String = row.get(6)?;
    Ok(KeyRecord {
        id: key_id(row, 0)?,
        account: row.get(1)?,
        level: row.get(2)?,
        state: state(row)?,
        hint: row.get(5)?,
        fields: serde_json::from_str(&fields)
            .map_err(|_| corrupt(6, "no JSON object of strings"))?,
        subject: row.get(7)?,
        meta: row.get(8)?,
        created_at: instant(row, 9)?,
        created_by: row.get(10)?,
        updated_at: instant(row, 11)?,
        expires_at: optional_instant(row, 12)?,
        last_used_at: optional_instant(row, 13)?,
    })
}

fn state(row: &Row<'_>) -> rusqlite::Result<KeyState> {
    match row.get_ref(3)?.as_str()? {
        "active" => Ok(KeyState::Active),
        "disabled" => Ok(KeyState::Disabled {
            at: instant(row, 4)?,
        }),
        "deactivated" => Ok(KeyState::Deactivated {
            at: instant(row, 4)?,
        }),
        _ => Err(corrupt(3, "no state of a key")),
    }
}

fn live_key<'a>(row: &'a Row<'_>, digest: &'a Digest) -> rusqlite::Result<LiveKey<'a>> {
    Ok(LiveKey {
        id: key_id(row, 0)?,
        digest,
        account: row.get_ref(2)?.as_str()?,
        level: row.get_ref(3)?.as_str()?,
        expires_at: optional_instant(row, 4)?,
        subject: row.get_ref(5)?.as_str_or_null()?,
        meta: row.get_ref(6)?.as_str_or_null()?,
        constraints: &[],
        rate: None,
    })
}
