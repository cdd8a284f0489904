//! What the store knows of keys, by other rules: their names and places, where these are others.

use rusqlite::Connection;

use super::judge::{self, Known};
use super::slots;
use crate::store::sqlite::names;
use crate::store::{AccountPath, Judged, KeyIndex, KeyPath, StoreError};
use crate::time::Timestamp;

/// Writes down what the rules say of those keys of which they say something else, and of those that were changed since
/// all were judged.
pub(in crate::store::sqlite) fn reindex(
    db: &Connection,
    keyspace: &str,
    mut judged: Judged,
    now: Timestamp,
) -> Result<(), StoreError> {
    judge::changed(db, keyspace, &mut judged)?;
    // Who of them holds which place by the old rules is nothing to those that come.
    for id in &judged.others {
        slots::clear(db, keyspace, *id)?;
    }
    let mut more = 0;
    for id in &judged.others {
        let known = judge::one(db, keyspace, *id)?
            .ok_or_else(|| StoreError::internal("a key vanished while it was judged"))?;
        let index = (judged.tell)(&known.key).ok_or_else(StoreError::unfit)?;
        more += put(db, keyspace, &known, &index, now)?;
    }
    names::count(db, keyspace, more).map(drop)
}

/// Returns how many names have begun to wait.
fn put(
    db: &Connection,
    keyspace: &str,
    known: &Known,
    index: &KeyIndex,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let key = &known.key;
    let path = KeyPath {
        account: AccountPath {
            keyspace: keyspace.to_owned(),
            account: key.account.clone(),
        },
        id: key.id,
    };
    let holds = slots::holds(key.state, key.content.expires_at, now);
    slots::put(db, &path, &index.slots, holds, now)?;
    if known.name == index.name {
        return Ok(0);
    }
    names::rename_among_many(db, &path, &index.name)
}
