//! Changes of a key: its content, its state, its end.

use rusqlite::{Connection, params};
use serde_json::json;

use super::{must_be_at, notices, one, record, slots};
use crate::limit::Rate;
use crate::store::sqlite::columns::number;
use crate::store::sqlite::errors::{Read, touched};
use crate::store::sqlite::{accounts, names};
use crate::store::{
    Act, KeyContent, KeyIndex, KeyPath, KeyRecord, KeyState, KeyTransition, StoreError, details,
};
use crate::time::Timestamp;

pub(in crate::store::sqlite) fn update(
    db: &Connection,
    path: &KeyPath,
    revision: u64,
    content: KeyContent,
    index: &KeyIndex,
    act: &Act,
) -> Result<Option<KeyRecord>, StoreError> {
    let Some(mut key) = one(db, path)? else {
        return Ok(None);
    };
    must_be_at(&key, Some(revision))?;
    if matches!(key.state, KeyState::Deactivated { .. }) {
        return Err(StoreError::deactivated());
    }
    accounts::must_bear(db, &path.account, act.premise)?;
    names::renamed(db, path, &index.name)?;
    let changed = db
        .prepare_cached(
            "UPDATE keys SET name = ?5, level = ?6, constraints = ?7, rate_limit = ?8, rate_window = ?9, fields = ?10,
                             subject = ?11, meta = ?12, expires_at = ?13, updated_at = ?14, revision = revision + 1
             WHERE keyspace = ?1 AND account = ?2 AND id = ?3 AND revision = ?4",
        )
        .read()?
        .execute(params![
            path.account.keyspace,
            path.account.account,
            number(path.id),
            revision.cast_signed(),
            index.name,
            content.level,
            details::constraints(&content.constraints).to_string(),
            content.rate.map(Rate::limit),
            content.rate.map(Rate::window_seconds),
            json!(content.fields).to_string(),
            content.subject,
            content.meta,
            content.expires_at.map(Timestamp::as_millis),
            act.at.as_millis(),
        ])
        .read()?;
    touched(1, changed)?;
    let holds = slots::holds(key.state, content.expires_at, act.at);
    slots::replace(db, path, &index.slots, holds, act.at)?;
    if (key.content.expires_at, &key.content.fields) != (content.expires_at, &content.fields) {
        notices::reopen(db, path)?;
    }
    let told = details::changed(details::content(&key.content), details::content(&content));
    record(db, path, act, "key.update", told)?;
    key.content = content;
    key.updated_at = act.at;
    key.revision += 1;
    Ok(Some(key))
}

pub(in crate::store::sqlite) fn change(
    db: &Connection,
    path: &KeyPath,
    transition: KeyTransition,
    revision: Option<u64>,
    act: &Act,
) -> Result<Option<KeyRecord>, StoreError> {
    let Some(mut key) = one(db, path)? else {
        return Ok(None);
    };
    must_be_at(&key, revision)?;
    let before = key.state;
    let after = before
        .after(transition, act.at)
        .map_err(|_| StoreError::deactivated())?;
    if after == before {
        return Ok(Some(key));
    }
    accounts::must_bear(db, &path.account, act.premise)?;
    key.enabled_at = match after {
        KeyState::Active => Some(act.at),
        _ => key.enabled_at,
    };
    set_state(db, path, after, key.enabled_at, act)?;
    let holds = slots::holds(after, key.content.expires_at, act.at);
    slots::settle(db, path, holds, act.at)?;
    let told = details::changed(details::status(before), details::status(after));
    record(db, path, act, transition.action(), told)?;
    key.state = after;
    key.updated_at = act.at;
    key.revision += 1;
    Ok(Some(key))
}

/// Writes a key's new state into its row.
pub(super) fn set_state(
    db: &Connection,
    path: &KeyPath,
    state: KeyState,
    enabled_at: Option<Timestamp>,
    act: &Act,
) -> Result<(), StoreError> {
    let since = state.since().map(Timestamp::as_millis);
    let changed = db
        .prepare_cached(
            "UPDATE keys SET state = ?4, state_since = ?5, enabled_at = ?6, updated_at = ?7, revision = revision + 1
             WHERE keyspace = ?1 AND account = ?2 AND id = ?3",
        )
        .read()?
        .execute(params![
            path.account.keyspace,
            path.account.account,
            number(path.id),
            state.as_str(),
            since,
            enabled_at.map(Timestamp::as_millis),
            act.at.as_millis(),
        ])
        .read()?;
    touched(1, changed)
}

pub(in crate::store::sqlite) fn delete(
    db: &Connection,
    path: &KeyPath,
    revision: Option<u64>,
    act: &Act,
) -> Result<Option<KeyRecord>, StoreError> {
    let Some(key) = one(db, path)? else {
        return Ok(None);
    };
    must_be_at(&key, revision)?;
    let digests = db
        .prepare_cached(
            "DELETE FROM digests WHERE keyspace = ?1 AND digest IN (
               SELECT digest FROM keys WHERE keyspace = ?1 AND id = ?2
               UNION ALL SELECT digest FROM retiring WHERE keyspace = ?1 AND id = ?2)",
        )
        .read()?
        .execute(params![path.account.keyspace, number(path.id)])
        .read()?;
    touched(1 + usize::from(key.retiring.is_some()), digests)?;
    // What hangs on it goes with it.
    let changed = db
        .prepare_cached("DELETE FROM keys WHERE keyspace = ?1 AND account = ?2 AND id = ?3")
        .read()?
        .execute(params![
            path.account.keyspace,
            path.account.account,
            number(path.id)
        ])
        .read()?;
    touched(1, changed)?;
    accounts::count_key(db, &path.account, -1)?;
    let told = details::deleted(details::key(&key));
    record(db, path, act, "key.delete", told)?;
    Ok(Some(key))
}
