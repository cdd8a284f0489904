//! Places that at most one key of an account holds.

use super::Space;
use super::keys::Key;
use crate::key::KeyId;
use crate::store::{KeyState, Slot, StoreError};
use crate::time::Timestamp;

/// The places that are due to a key with this state and this end.
pub(super) fn due(
    slots: &[Slot],
    state: KeyState,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Vec<Slot> {
    let is_live = state == KeyState::Active && expires_at.is_none_or(|end| now < end);
    let due = slots.iter().filter(|slot| is_live || !slot.while_active);
    due.cloned().collect()
}

impl Key {
    fn gives_up(&self, slot: &Slot, now: Timestamp) -> bool {
        let end = self.record.content.expires_at;
        slot.while_active && end.is_some_and(|end| end <= now)
    }
}

impl Space {
    /// Makes room for a key of an account that wants to hold `slots`: keys that have expired give theirs up.
    pub(super) fn make_room(
        &mut self,
        account: &str,
        id: KeyId,
        slots: &[Slot],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let is_same =
            |one: &Slot, other: &Slot| (&one.field, &one.value) == (&other.field, &other.value);
        let others = |key: &Key| key.record.id != id && key.record.account == account;
        for slot in slots {
            for key in self.keys.values().filter(|key| others(key)) {
                let holds = key.held.iter().find(|held| is_same(held, slot));
                if holds.is_some_and(|held| !key.gives_up(held, now)) {
                    return Err(StoreError::slot_taken(slot.field.clone(), key.record.id));
                }
            }
        }
        for slot in slots {
            for key in self.keys.values_mut().filter(|key| others(key)) {
                key.held.retain(|held| !is_same(held, slot));
            }
        }
        Ok(())
    }
}
