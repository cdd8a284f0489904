//! Other rules for a keyspace, and the keys that are there.

use std::collections::BTreeMap;

use super::{Space, slots};
use crate::key::KeyId;
use crate::store::{KeyIndex, KeyRecord, Premise, Slot, StoreError};
use crate::time::Timestamp;

impl Space {
    /// Holds that what was decided of a key of the account still follows from what is so.
    pub(super) fn must_bear(&self, premise: Premise, account: &str) -> Result<(), StoreError> {
        if premise
            .rules
            .is_some_and(|rules| rules != self.keyspace.revision)
        {
            return Err(StoreError::outdated());
        }
        let may_have_keys = || self.accounts.get(account).is_some_and(|it| it.keys_enabled);
        if premise.keys_enabled && !may_have_keys() {
            return Err(StoreError::not_enabled());
        }
        Ok(())
    }

    /// What the store needs to know of each key by other rules, and which places each would hold. All are asked before
    /// two are found in one place.
    pub(super) fn told_anew(
        &self,
        tell: &mut dyn FnMut(&KeyRecord) -> Option<KeyIndex>,
        now: Timestamp,
    ) -> Result<BTreeMap<KeyId, (KeyIndex, Vec<Slot>)>, StoreError> {
        let told: Vec<_> = self
            .keys
            .values()
            .map(|key| (&key.record, tell(&key.record)))
            .collect();
        if told.iter().any(|(_, index)| index.is_none()) {
            return Err(StoreError::unfit());
        }
        let mut held_by = BTreeMap::new();
        let mut anew = BTreeMap::new();
        for (record, index) in told {
            let index = index.ok_or_else(StoreError::unfit)?;
            let end = record.content.expires_at;
            let held = slots::due(&index.slots, record.state, end, now);
            for slot in &held {
                let place = (
                    record.account.clone(),
                    slot.field.clone(),
                    slot.value.clone(),
                );
                if let Some(holder) = held_by.insert(place, record.id)
                    && holder != record.id
                {
                    return Err(StoreError::slot_taken(slot.field.clone(), holder));
                }
            }
            anew.insert(record.id, (index, held));
        }
        Ok(anew)
    }
}
