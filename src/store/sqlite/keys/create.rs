//! A new key.

use rusqlite::{Connection, params};
use serde_json::json;

use super::{record, slots};
use crate::key::{Digest, KeyId};
use crate::limit::Rate;
use crate::store::sqlite::columns::number;
use crate::store::sqlite::errors::Read;
use crate::store::sqlite::{accounts, names, remembered};
use crate::store::{Act, KeyPath, KeyRecord, NewKey, NewSecret, Remember, StoreError, details};
use crate::time::Timestamp;

pub(in crate::store::sqlite) fn insert(
    db: &Connection,
    path: &KeyPath,
    new: NewKey,
    remember: Option<Remember>,
    act: &Act,
) -> Result<Option<KeyRecord>, StoreError> {
    remembered::refuse(db, remember.as_ref(), act)?;
    if !accounts::exists(db, &path.account.keyspace, &path.account.account)? {
        return Ok(None);
    }
    accounts::must_bear(db, &path.account, act.premise)?;
    insert_row(db, path, &new, act)?;
    insert_digest(db, path, &new.secret.digest)?;
    accounts::count_key(db, &path.account, 1)?;
    note_skew(db, &path.account.keyspace, path.id, act.at)?;
    names::note(db, path, &new.index.name)?;
    let state = new.state.of(act.at);
    let holds = slots::holds(state, new.content.expires_at, act.at);
    slots::put(db, path, &new.index.slots, holds, act.at)?;

    let NewSecret { hint, sealed, .. } = new.secret;
    let key = KeyRecord {
        id: path.id,
        account: path.account.account.clone(),
        content: new.content,
        state,
        hint,
        is_sealed: sealed.is_some(),
        created_at: act.at,
        created_by: act.actor.clone(),
        updated_at: act.at,
        revision: 1,
        enabled_at: None,
        rotated_at: None,
        retiring: None,
        last_used_at: None,
    };
    let told = details::created(details::key(&key));
    record(db, path, act, "key.create", told)?;
    remembered::keep(db, remember, &key)?;
    Ok(Some(key))
}

fn insert_row(db: &Connection, path: &KeyPath, new: &NewKey, act: &Act) -> Result<(), StoreError> {
    let (content, secret) = (&new.content, &new.secret);
    let state = new.state.of(act.at);
    db.prepare_cached(
        "INSERT INTO keys (keyspace, id, account, name, scheme, digest, hint, level, constraints, rate_limit, rate_window,
                           fields, subject, meta, created_at, created_by, updated_at, revision, expires_at,
                           sealed_master, sealed, state, state_since)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?15, 1, ?17, ?18, ?19, ?20, ?21)",
    )
    .read()?
    .execute(params![
        path.account.keyspace,
        number(path.id),
        path.account.account,
        new.index.name,
        secret.digest.scheme().to_string(),
        secret.digest.bytes(),
        secret.hint,
        content.level,
        details::constraints(&content.constraints).to_string(),
        content.rate.map(Rate::limit),
        content.rate.map(Rate::window_seconds),
        json!(content.fields).to_string(),
        content.subject,
        content.meta,
        act.at.as_millis(),
        act.actor,
        content.expires_at.map(Timestamp::as_millis),
        secret.sealed.as_ref().map(|sealed| sealed.master),
        secret.sealed.as_ref().map(|sealed| &sealed.bytes),
        state.as_str(),
        state.since().map(Timestamp::as_millis),
    ])
    .read()
    .map(drop)
}

/// Takes the digest for the key's present secret: the one place that says whose it is.
pub(super) fn insert_digest(
    db: &Connection,
    path: &KeyPath,
    digest: &Digest,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO digests (keyspace, digest, id, is_retiring) VALUES (?1, ?2, ?3, 0)",
    )
    .read()?
    .execute(params![
        path.account.keyspace,
        digest.bytes(),
        number(path.id)
    ])
    .read()
    .map(drop)
}

/// Lists by time of creation are cut out of the order of ids, which tell it too: this is how far they are wrong at
/// most.
fn note_skew(
    db: &Connection,
    keyspace: &str,
    id: KeyId,
    created_at: Timestamp,
) -> Result<(), StoreError> {
    let skew = (created_at.as_millis() - id.made_at().as_millis()).abs();
    if skew == 0 {
        return Ok(());
    }
    db.prepare_cached("UPDATE editions SET id_skew = ?2 WHERE keyspace = ?1 AND id_skew < ?2")
        .read()?
        .execute(params![keyspace, skew])
        .read()
        .map(drop)
}
