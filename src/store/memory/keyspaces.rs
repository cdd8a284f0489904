//! Keyspaces.

use std::collections::BTreeMap;

use serde_json::json;

use super::audit::Entry;
use super::{Space, State};
use crate::key::Digest;
use crate::store::{
    Act, Edition, Keyspace, KeyspaceUpdate, NewKeyspace, Signing, StoreError, details,
};

const FIRST: Edition = Edition { era: 1, epoch: 1 };

impl State {
    pub(super) fn insert_keyspace(
        &mut self,
        new: NewKeyspace,
        act: &Act,
    ) -> Result<Keyspace, StoreError> {
        if self.spaces.contains_key(&new.id) {
            return Err(StoreError::exists());
        }
        let keyspace = Keyspace {
            id: new.id.clone(),
            profile: new.profile,
            profile_toml: new.profile_toml,
            profile_digest: new.profile_digest,
            edition: FIRST,
            changed_at: act.at,
            root_public: new.root_public,
            fresh_for_seconds: new.fresh_for_seconds,
            valid_for_seconds: new.valid_for_seconds,
            created_at: act.at,
            revision: 1,
        };
        let space = Space {
            keyspace: keyspace.clone(),
            signing: new.signing,
            accounts: BTreeMap::new(),
            keys: BTreeMap::new(),
            tokens: BTreeMap::new(),
            uses: BTreeMap::new(),
            batches: BTreeMap::new(),
        };
        self.spaces.insert(new.id, space);
        let entry = Entry {
            action: "keyspace.create",
            account: None,
            target: &keyspace.id,
            details: json!({ "after": {
                "profile": keyspace.profile,
                "fresh_for_seconds": keyspace.fresh_for_seconds,
                "valid_for_seconds": keyspace.valid_for_seconds,
            } }),
        };
        self.note(Some(&keyspace.id), Some(FIRST.epoch), act, entry);
        Ok(keyspace)
    }

    pub(super) fn update_keyspace(
        &mut self,
        id: &str,
        revision: u64,
        update: KeyspaceUpdate,
        act: &Act,
    ) -> Result<Option<Keyspace>, StoreError> {
        let Some(space) = self.spaces.get_mut(id) else {
            return Ok(None);
        };
        if space.keyspace.revision != revision {
            return Err(StoreError::stale());
        }
        let told = match update.judged {
            Some(mut judged) => Some(space.told_anew(&mut *judged.tell, act.at)?),
            None => None,
        };
        let (before, content) = (space.keyspace.content(), update.content);
        let details = details::changed(details::rules(&before), details::rules(&content));
        space.keyspace = Keyspace {
            profile: content.profile,
            profile_toml: content.profile_toml,
            profile_digest: content.profile_digest,
            fresh_for_seconds: content.fresh_for_seconds,
            valid_for_seconds: content.valid_for_seconds,
            revision: revision + 1,
            ..space.keyspace.clone()
        };
        for (id, (index, held)) in told.into_iter().flatten() {
            if let Some(key) = space.keys.get_mut(&id) {
                (key.index, key.held) = (index, held);
            }
        }
        let entry = Entry {
            action: "keyspace.update",
            account: None,
            target: id,
            details,
        };
        self.record(id, act, entry)?;
        self.keep_to_levels(id, &update.levels, act);
        Ok(self.spaces.get(id).map(|space| space.keyspace.clone()))
    }

    pub(super) fn set_profile_digest(
        &mut self,
        id: &str,
        digest: &Digest,
        act: &Act,
    ) -> Result<(), StoreError> {
        let known = &mut self.space_mut(id)?.keyspace;
        let before = std::mem::replace(&mut known.profile_digest, *digest);
        let entry = Entry {
            action: "keyspace.profile",
            account: None,
            target: id,
            details: json!({
                "before": { "profile_digest": before.to_string() },
                "after": { "profile_digest": digest.to_string() },
            }),
        };
        self.record(id, act, entry)
    }

    pub(super) fn begin_epoch(&mut self, id: &str, act: &Act) -> Result<(), StoreError> {
        let entry = Entry {
            action: "keyspace.epoch",
            account: None,
            target: id,
            details: json!({ "why": "the clock was set back" }),
        };
        self.record(id, act, entry)
    }

    pub(super) fn begin_era(
        &mut self,
        id: &str,
        era: u32,
        signing: Signing,
        act: &Act,
    ) -> Result<Option<Keyspace>, StoreError> {
        let Some(space) = self.spaces.get_mut(id) else {
            return Ok(None);
        };
        let before = space.keyspace.edition;
        if era <= before.era {
            return Err(StoreError::internal(
                "a new era is later than the one before",
            ));
        }
        let after = Edition { era, epoch: 1 };
        space.keyspace.edition = after;
        space.keyspace.changed_at = act.at;
        space.signing = signing;
        let keyspace = space.keyspace.clone();
        let entry = Entry {
            action: "keyspace.era",
            account: None,
            target: id,
            details: json!({
                "before": { "era": before.era, "epoch": before.epoch },
                "after": { "era": after.era, "epoch": after.epoch },
            }),
        };
        self.note(Some(id), Some(after.epoch), act, entry);
        Ok(Some(keyspace))
    }
}
