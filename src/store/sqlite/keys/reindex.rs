//! All keys of a keyspace by other rules: their names and places told anew.

use rusqlite::{Connection, params};

use super::record::{COLUMNS, RETIRING, key_record};
use super::slots;
use crate::store::sqlite::columns::number;
use crate::store::sqlite::errors::{Read, touched};
use crate::store::sqlite::names;
use crate::store::{AccountPath, KeyIndex, KeyPath, KeyRecord, StoreError};
use crate::time::Timestamp;

/// So many keys are read at a time.
const BATCH: u32 = 1000;

/// Asks `tell` about each key and writes down what it says. All are asked also where there is no place for one, so that
/// whoever asks learns of all.
pub(in crate::store::sqlite) fn reindex(
    db: &Connection,
    keyspace: &str,
    tell: &mut dyn FnMut(&KeyRecord) -> Option<KeyIndex>,
    now: Timestamp,
) -> Result<(), StoreError> {
    // Who holds which place by the old rules is nothing to those that come.
    db.execute("DELETE FROM key_slots WHERE keyspace = ?1", [keyspace])
        .read()?;
    let mut query = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM keys AS k {RETIRING} WHERE k.keyspace = ?1 AND k.id > ?2 ORDER BY k.id LIMIT ?3"
        ))
        .read()?;
    let (mut after, mut is_fit) = (i64::MIN, true);
    loop {
        let keys = query
            .query_map(params![keyspace, after, BATCH], key_record)
            .read()?
            .collect::<rusqlite::Result<Vec<_>>>()
            .read()?;
        let Some(last) = keys.last() else { break };
        after = number(last.id);
        for key in &keys {
            match tell(key) {
                Some(index) if is_fit => put(db, keyspace, key, &index, now)?,
                Some(_) => {}
                None => is_fit = false,
            }
        }
    }
    if is_fit {
        Ok(())
    } else {
        Err(StoreError::unfit())
    }
}

fn put(
    db: &Connection,
    keyspace: &str,
    key: &KeyRecord,
    index: &KeyIndex,
    now: Timestamp,
) -> Result<(), StoreError> {
    let path = KeyPath {
        account: AccountPath {
            keyspace: keyspace.to_owned(),
            account: key.account.clone(),
        },
        id: key.id,
    };
    names::renamed(db, &path, &index.name)?;
    let changed = db
        .prepare_cached("UPDATE keys SET name = ?3 WHERE keyspace = ?1 AND id = ?2")
        .read()?
        .execute(params![keyspace, number(key.id), index.name])
        .read()?;
    touched(1, changed)?;
    let holds = slots::holds(key.state, key.content.expires_at, now);
    slots::put(db, &path, &index.slots, holds, now)
}
