//! Another secret under the same id, and the end of the one before.

use rusqlite::{Connection, params};

use super::create::insert_digest;
use super::{must_be_at, one, record};
use crate::key::Digest;
use crate::store::sqlite::columns::{digest, number};
use crate::store::sqlite::errors::{Read, touched};
use crate::store::sqlite::{accounts, remembered};
use crate::store::{
    Act, KeyPath, KeyRecord, KeyState, Remember, Retiring, Rotation, StoreError, details,
};
use crate::time::Timestamp;

pub(in crate::store::sqlite) fn rotate(
    db: &Connection,
    path: &KeyPath,
    rotation: Rotation,
    revision: Option<u64>,
    remember: Option<Remember>,
    act: &Act,
) -> Result<Option<KeyRecord>, StoreError> {
    remembered::refuse(db, remember.as_ref(), act)?;
    let Some(mut key) = one(db, path)? else {
        return Ok(None);
    };
    must_be_at(&key, revision)?;
    if matches!(key.state, KeyState::Deactivated { .. }) {
        return Err(StoreError::deactivated());
    }
    accounts::must_bear(db, &path.account, act.premise)?;
    let before = present_digest(db, path)?;
    let told_before = details::secret(&key.hint, key.retiring.as_ref());
    let retiring = rotation.retiring.map(|plan| Retiring {
        hint: key.hint.clone(),
        ends_at: plan.ends_at,
        ends_after_use: plan.ends_after_use,
    });
    // First the new one: no secret of the key comes back, neither the present one nor the one before.
    insert_digest(db, path, &rotation.secret.digest)?;
    if key.retiring.is_some() {
        end_retiring(db, path)?;
    }
    match &retiring {
        Some(retiring) => retire(db, path, &before, retiring)?,
        None => drop_digest(db, path, &before)?,
    }
    let secret = rotation.secret;
    let changed = db
        .prepare_cached(
            "UPDATE keys SET scheme = ?4, digest = ?5, hint = ?6, sealed_master = ?7, sealed = ?8, rotated_at = ?9,
                             updated_at = ?9, revision = revision + 1
             WHERE keyspace = ?1 AND account = ?2 AND id = ?3",
        )
        .read()?
        .execute(params![
            path.account.keyspace,
            path.account.account,
            number(path.id),
            secret.digest.scheme().to_string(),
            secret.digest.bytes(),
            secret.hint,
            secret.sealed.as_ref().map(|sealed| sealed.master),
            secret.sealed.as_ref().map(|sealed| &sealed.bytes),
            act.at.as_millis(),
        ])
        .read()?;
    touched(1, changed)?;
    key.hint = secret.hint;
    key.is_sealed = secret.sealed.is_some();
    key.retiring = retiring;
    key.rotated_at = Some(act.at);
    key.updated_at = act.at;
    key.revision += 1;
    let told = details::changed(
        told_before,
        details::secret(&key.hint, key.retiring.as_ref()),
    );
    record(db, path, act, "key.rotate", told)?;
    remembered::keep(db, remember, &key)?;
    Ok(Some(key))
}

/// Where the secret before the last rotation waits for the first use of the new one: that was at `used`, and its end is
/// brought forward.
pub(in crate::store::sqlite) fn bring_forward(
    db: &Connection,
    path: &KeyPath,
    used: Timestamp,
    act: &Act,
) -> Result<Option<KeyRecord>, StoreError> {
    end_earlier(db, path, act, |key| {
        let is_of_it = key.rotated_at.is_none_or(|rotated| used > rotated);
        let retiring = key.retiring.as_mut();
        is_of_it && retiring.is_some_and(|it| it.bring_forward(used, act.at))
    })
}

/// The secret before the last rotation ends at `ends_at`, unless it ends before.
pub(in crate::store::sqlite) fn retire_by(
    db: &Connection,
    path: &KeyPath,
    ends_at: Timestamp,
    act: &Act,
) -> Result<Option<KeyRecord>, StoreError> {
    end_earlier(db, path, act, |key| {
        let retiring = key.retiring.as_mut();
        retiring.is_some_and(|it| it.end_by(ends_at))
    })
}

/// Writes down what `change` does to the end of the secret before the last rotation, where it does anything.
fn end_earlier(
    db: &Connection,
    path: &KeyPath,
    act: &Act,
    change: impl FnOnce(&mut KeyRecord) -> bool,
) -> Result<Option<KeyRecord>, StoreError> {
    let Some(mut key) = one(db, path)? else {
        return Ok(None);
    };
    let told_before = details::secret(&key.hint, key.retiring.as_ref());
    if !change(&mut key) {
        return Ok(None);
    }
    let Some(retiring) = &key.retiring else {
        return Ok(None);
    };
    let changed = db
        .prepare_cached(
            "UPDATE retiring SET ends_at = ?3, ends_after_use = NULL WHERE keyspace = ?1 AND id = ?2",
        )
        .read()?
        .execute(params![
            path.account.keyspace,
            number(path.id),
            retiring.ends_at.as_millis()
        ])
        .read()?;
    touched(1, changed)?;
    let changed = db
        .prepare_cached(
            "UPDATE keys SET updated_at = ?3, revision = revision + 1 WHERE keyspace = ?1 AND id = ?2",
        )
        .read()?
        .execute(params![
            path.account.keyspace,
            number(path.id),
            act.at.as_millis()
        ])
        .read()?;
    touched(1, changed)?;
    key.updated_at = act.at;
    key.revision += 1;
    let told = details::changed(
        told_before,
        details::secret(&key.hint, key.retiring.as_ref()),
    );
    record(db, path, act, "key.retire", told)?;
    Ok(Some(key))
}

fn present_digest(db: &Connection, path: &KeyPath) -> Result<Digest, StoreError> {
    db.prepare_cached("SELECT scheme, digest FROM keys WHERE keyspace = ?1 AND id = ?2")
        .read()?
        .query_row(params![path.account.keyspace, number(path.id)], |row| {
            digest(row, 0)
        })
        .read()
}

/// The secret before the last rotation counts no more.
fn end_retiring(db: &Connection, path: &KeyPath) -> Result<(), StoreError> {
    let digests = db
        .prepare_cached(
            "DELETE FROM digests WHERE keyspace = ?1
               AND digest = (SELECT digest FROM retiring WHERE keyspace = ?1 AND id = ?2)",
        )
        .read()?
        .execute(params![path.account.keyspace, number(path.id)])
        .read()?;
    touched(1, digests)?;
    let secrets = db
        .prepare_cached("DELETE FROM retiring WHERE keyspace = ?1 AND id = ?2")
        .read()?
        .execute(params![path.account.keyspace, number(path.id)])
        .read()?;
    touched(1, secrets)
}

/// The present secret becomes the one before.
fn retire(
    db: &Connection,
    path: &KeyPath,
    digest: &Digest,
    retiring: &Retiring,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO retiring (keyspace, id, scheme, digest, hint, ends_at, ends_after_use)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .read()?
    .execute(params![
        path.account.keyspace,
        number(path.id),
        digest.scheme().to_string(),
        digest.bytes(),
        retiring.hint,
        retiring.ends_at.as_millis(),
        retiring.ends_after_use,
    ])
    .read()?;
    let digests = db
        .prepare_cached(
            "UPDATE digests SET is_retiring = 1 WHERE keyspace = ?1 AND digest = ?2 AND id = ?3",
        )
        .read()?
        .execute(params![
            path.account.keyspace,
            digest.bytes(),
            number(path.id)
        ])
        .read()?;
    touched(1, digests)
}

fn drop_digest(db: &Connection, path: &KeyPath, digest: &Digest) -> Result<(), StoreError> {
    let digests = db
        .prepare_cached("DELETE FROM digests WHERE keyspace = ?1 AND digest = ?2 AND id = ?3")
        .read()?
        .execute(params![
            path.account.keyspace,
            digest.bytes(),
            number(path.id)
        ])
        .read()?;
    touched(1, digests)
}
