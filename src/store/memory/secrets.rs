//! Secrets: found by their digests, rotated, kept sealed, published.

use serde_json::json;

use super::audit::Entry;
use super::{Space, State};
use crate::access::Constraint;
use crate::key::{Digest, KeyId};
use crate::snapshot::LiveKey;
use crate::store::{
    AccountPath, Act, FoundKey, KeyPath, KeyRecord, KeyState, Keyspace, Remember, Retiring,
    Rotation, Sealed, StoreError, details,
};
use crate::time::Timestamp;

impl Space {
    pub(super) fn key_by_digest(&self, digest: &Digest, now: Timestamp) -> Option<FoundKey> {
        self.keys.values().find_map(|key| {
            let ends_at = key
                .record
                .retiring
                .as_ref()
                .map(|retiring| retiring.ends_at);
            let is_retiring =
                key.retiring.as_ref() == Some(digest) && ends_at.is_some_and(|end| now < end);
            let record = key.record.clone();
            (is_retiring || key.digest == *digest).then_some(FoundKey {
                record,
                is_retiring,
            })
        })
    }

    pub(super) fn visit_live(&self, visit: &mut dyn FnMut(&Keyspace, &LiveKey<'_>)) {
        let now = self.keyspace.changed_at;
        let (mut live, mut retiring) = (Vec::new(), Vec::new());
        for key in self.keys.values() {
            let end = key.record.content.expires_at;
            if key.record.state != KeyState::Active || end.is_some_and(|end| end <= now) {
                continue;
            }
            live.push((&key.digest, end, key));
            if let Some((digest, before)) = key.retiring.as_ref().zip(key.record.retiring.as_ref())
                && before.ends_at > now
            {
                let ends_at = end.map_or(before.ends_at, |end| end.min(before.ends_at));
                retiring.push((digest, Some(ends_at), key));
            }
        }
        live.extend(retiring);
        for (digest, expires_at, key) in live {
            let content = &key.record.content;
            let constraints: Vec<(&str, Constraint)> = content
                .constraints
                .iter()
                .map(|(dimension, constraint)| (dimension.as_str(), constraint.clone()))
                .collect();
            let live = LiveKey {
                id: key.record.id,
                digest,
                account: &key.record.account,
                level: &content.level,
                expires_at,
                subject: content.subject.as_deref(),
                meta: content.meta.as_deref(),
                constraints: &constraints,
                rate: content.rate,
            };
            visit(&self.keyspace, &live);
        }
    }
}

impl State {
    pub(super) fn rotate_key(
        &mut self,
        path: &KeyPath,
        rotation: Rotation,
        revision: Option<u64>,
        remember: Option<Remember>,
        act: &Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.refuse_remembered(remember.as_ref(), act)?;
        let Some((space, found)) = self.key_at(path, revision)? else {
            return Ok(None);
        };
        if matches!(found.record.state, KeyState::Deactivated { .. }) {
            return Err(StoreError::deactivated());
        }
        space.must_bear(act.premise, &path.account.account)?;
        let secret = rotation.secret;
        if space.has_digest(&secret.digest) {
            return Err(StoreError::exists());
        }
        let before = details::secret(&found.record.hint, found.record.retiring.as_ref());
        let key = space.key_mut(path)?;
        let digest = std::mem::replace(&mut key.digest, secret.digest);
        let hint = std::mem::replace(&mut key.record.hint, secret.hint);
        key.retiring = rotation.retiring.map(|_| digest);
        key.record.retiring = rotation.retiring.map(|plan| Retiring {
            hint,
            ends_at: plan.ends_at,
            ends_after_use: plan.ends_after_use,
        });
        key.record.is_sealed = secret.sealed.is_some();
        key.sealed = secret.sealed;
        key.record.rotated_at = Some(act.at);
        key.touch(act);
        let record = key.record.clone();
        let after = details::secret(&record.hint, record.retiring.as_ref());
        self.record_key(path, act, "key.rotate", details::changed(before, after))?;
        self.remember(remember, &record);
        Ok(Some(record))
    }

    pub(super) fn sealed_keys(
        &self,
        account: &AccountPath,
        ids: &[KeyId],
    ) -> Vec<(KeyId, Digest, Sealed)> {
        let Some(space) = self.spaces.get(&account.keyspace) else {
            return Vec::new();
        };
        let mut among: Vec<(KeyId, Digest, Sealed)> = Vec::new();
        for id in ids {
            let path = KeyPath {
                account: account.clone(),
                id: *id,
            };
            if let Some(key) = space.key(&path)
                && let Some(sealed) = &key.sealed
                && !among.iter().any(|(known, ..)| known == id)
            {
                among.push((*id, key.digest, sealed.clone()));
            }
        }
        among
    }

    pub(super) fn reveal_keys(
        &mut self,
        account: &AccountPath,
        ids: &[KeyId],
        act: &Act,
    ) -> Vec<(KeyId, Digest, Sealed)> {
        let revealed = self.sealed_keys(account, ids);
        let names: Vec<_> = revealed.iter().map(|(id, ..)| id.to_string()).collect();
        let target = match &names[..] {
            [] => return revealed,
            [only] => only,
            _ => &account.account,
        };
        let entry = Entry {
            action: "key.reveal",
            account: Some(&account.account),
            target,
            details: json!({ "keys": names }),
        };
        self.note(Some(&account.keyspace), None, act, entry);
        revealed
    }

    pub(super) fn sealed_under_others(
        &self,
        master: [u8; 8],
        limit: usize,
    ) -> Vec<(KeyPath, Digest, Sealed)> {
        let keys = self.spaces.iter().flat_map(|(keyspace, space)| {
            space.keys.values().filter_map(move |key| {
                let sealed = key
                    .sealed
                    .clone()
                    .filter(|sealed| sealed.master != master)?;
                let account = AccountPath {
                    keyspace: keyspace.clone(),
                    account: key.record.account.clone(),
                };
                let id = key.record.id;
                Some((KeyPath { account, id }, key.digest, sealed))
            })
        });
        keys.take(limit).collect()
    }

    pub(super) fn reseal(&mut self, path: &KeyPath, digest: &Digest, sealed: Sealed) -> bool {
        let Some(space) = self.spaces.get_mut(&path.account.keyspace) else {
            return false;
        };
        let is_it = space
            .key(path)
            .is_some_and(|key| key.digest == *digest && key.sealed.is_some());
        match space.keys.get_mut(&path.id) {
            Some(key) if is_it => {
                key.sealed = Some(sealed);
                true
            }
            _ => false,
        }
    }
}
