//! All keys of a keyspace by other rules, while others change what they like: whether each has its place, and of which
//! the store would have to know something else.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, Row, params};
use sha2::{Digest as _, Sha256};

use super::record::{COLUMNS, RETIRING, key_record};
use super::slots::{self, Holds};
use crate::key::KeyId;
use crate::store::sqlite::audit;
use crate::store::sqlite::columns::number;
use crate::store::sqlite::errors::Read;
use crate::store::{Judged, KeyIndex, KeyRecord, Reindex, Slot, StoreError};
use crate::time::Timestamp;

/// So many keys are read at a time.
const BATCH: u32 = 1000;

/// A key, and what the store knows of it besides.
pub(super) struct Known {
    pub(super) key: KeyRecord,
    pub(super) name: String,
    slots: Vec<Slot>,
}

impl Known {
    /// Whether the store knows all this already.
    pub(super) fn is(&self, index: &KeyIndex) -> bool {
        let has = |all: &[Slot], some: &[Slot]| some.iter().all(|slot| all.contains(slot));
        self.name == index.name && has(&self.slots, &index.slots) && has(&index.slots, &self.slots)
    }
}

/// Asks `tell` about each key, as they are at one moment. All are asked also where there is no place for one, so that
/// whoever asks learns of all.
pub(in crate::store::sqlite) fn every(
    db: &Connection,
    keyspace: &str,
    tell: Reindex,
    now: Timestamp,
) -> Result<Judged, StoreError> {
    let mut judged = Judged {
        tell,
        upto: audit::last(db)?,
        others: BTreeSet::new(),
    };
    let (mut places, mut is_fit, mut after) = (Places::default(), true, i64::MIN);
    loop {
        let keys = part(db, keyspace, after)?;
        let Some(last) = keys.last() else { break };
        after = number(last.key.id);
        for known in &keys {
            match (judged.tell)(&known.key) {
                Some(index) if is_fit => {
                    places.take(&known.key, &index, now);
                    if !known.is(&index) {
                        judged.others.insert(known.key.id);
                    }
                }
                Some(_) => {}
                None => is_fit = false,
            }
        }
    }
    if is_fit {
        places.conflict.map_or(Ok(judged), Err)
    } else {
        Err(StoreError::unfit())
    }
}

/// Asks about those that were changed since. Who wants the same place is found where places are taken.
pub(in crate::store::sqlite) fn changed(
    db: &Connection,
    keyspace: &str,
    judged: &mut Judged,
) -> Result<(), StoreError> {
    let mut is_fit = true;
    let upto = audit::last(db)?;
    for id in audit::keys_changed_since(db, keyspace, judged.upto)? {
        judged.others.remove(&id);
        let Some(known) = one(db, keyspace, id)? else {
            continue;
        };
        match (judged.tell)(&known.key) {
            Some(index) if known.is(&index) => {}
            Some(_) => drop(judged.others.insert(id)),
            None => is_fit = false,
        }
    }
    judged.upto = upto;
    if is_fit {
        Ok(())
    } else {
        Err(StoreError::unfit())
    }
}

/// One key of a keyspace, of whichever account.
pub(super) fn one(db: &Connection, keyspace: &str, id: KeyId) -> Result<Option<Known>, StoreError> {
    let found = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, k.name AS known_name FROM keys AS k {RETIRING} WHERE k.keyspace = ?1 AND k.id = ?2"
        ))
        .read()?
        .query_row(params![keyspace, number(id)], known)
        .read_optional()?;
    found
        .map(|known| with_slots(db, keyspace, known))
        .transpose()
}

fn part(db: &Connection, keyspace: &str, after: i64) -> Result<Vec<Known>, StoreError> {
    let mut query = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, k.name AS known_name FROM keys AS k {RETIRING}
             WHERE k.keyspace = ?1 AND k.id > ?2 ORDER BY k.id LIMIT ?3"
        ))
        .read()?;
    let keys = query
        .query_map(params![keyspace, after, BATCH], known)
        .read()?
        .collect::<rusqlite::Result<Vec<_>>>()
        .read()?;
    let with_slots = |known| with_slots(db, keyspace, known);
    keys.into_iter().map(with_slots).collect()
}

fn known(row: &Row<'_>) -> rusqlite::Result<Known> {
    Ok(Known {
        key: key_record(row)?,
        name: row.get("known_name")?,
        slots: Vec::new(),
    })
}

fn with_slots(db: &Connection, keyspace: &str, known: Known) -> Result<Known, StoreError> {
    Ok(Known {
        slots: slots::of_key(db, keyspace, known.key.id)?,
        ..known
    })
}

/// Who would hold which place. Of a place there is a digest: there may be a million of them.
#[derive(Default)]
struct Places {
    holders: HashMap<[u8; 16], KeyId>,
    /// The first that two want.
    conflict: Option<StoreError>,
}

impl Places {
    fn take(&mut self, key: &KeyRecord, index: &KeyIndex, now: Timestamp) {
        let holds = slots::holds(key.state, key.content.expires_at, now);
        for slot in &index.slots {
            if slot.while_active && holds == Holds::Lasting {
                continue;
            }
            let holder = *self.holders.entry(place(key, slot)).or_insert(key.id);
            if holder != key.id {
                let taken = || StoreError::slot_taken(slot.field.clone(), holder);
                self.conflict.get_or_insert_with(taken);
            }
        }
    }
}

fn place(key: &KeyRecord, slot: &Slot) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in [&key.account, &slot.field, &slot.value] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let hash: [u8; 32] = hash.finalize().into();
    hash.first_chunk().copied().unwrap_or_default()
}
