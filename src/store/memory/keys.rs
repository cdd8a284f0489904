//! Keys: made, found, changed, removed.

use serde_json::json;

use super::audit::Entry;
use super::notices::Noticed;
use super::{Space, State, slots};
use crate::key::{Digest, KeyId};
use crate::store::{
    AccountPath, Act, KeyContent, KeyFilter, KeyIndex, KeyPath, KeyRecord, KeySlice, KeyState,
    KeyTransition, NewKey, Order, Remember, Remembered, Sealed, Slot, StatusFilter, StoreError,
    details,
};
use crate::time::Timestamp;

/// A key as it is kept.
pub(super) struct Key {
    pub(super) record: KeyRecord,
    pub(super) index: KeyIndex,
    pub(super) digest: Digest,
    pub(super) sealed: Option<Sealed>,
    /// The digest of the secret before the last rotation; there where `record.retiring` is.
    pub(super) retiring: Option<Digest>,
    /// The places that it holds.
    pub(super) held: Vec<Slot>,
    /// The end that its owner was told of, and at which address.
    pub(super) noticed: Option<Noticed>,
}

impl Key {
    /// Since when nothing has kept it awake.
    fn idle_since(&self) -> Timestamp {
        let record = &self.record;
        [record.enabled_at, record.last_used_at]
            .into_iter()
            .flatten()
            .fold(record.created_at, Timestamp::max)
    }

    /// Counts one change more.
    pub(super) fn touch(&mut self, act: &Act) {
        self.record.updated_at = act.at;
        self.record.revision += 1;
    }

    fn is_asked(&self, filter: &KeyFilter) -> bool {
        let (record, content) = (&self.record, &self.record.content);
        let is = |asked: &Option<String>, said: &str| asked.as_deref().is_none_or(|it| it == said);
        let has_ended = |now: Timestamp| content.expires_at.is_some_and(|end| end <= now);
        let status = match filter.status {
            None => true,
            Some(StatusFilter::Active(now)) => record.state == KeyState::Active && !has_ended(now),
            Some(StatusFilter::Expired(now)) => record.state == KeyState::Active && has_ended(now),
            Some(StatusFilter::Disabled) => matches!(record.state, KeyState::Disabled { .. }),
            Some(StatusFilter::Deactivated) => matches!(record.state, KeyState::Deactivated { .. }),
        };
        let part = filter.name_contains.as_deref().unwrap_or_default();
        let created = record.created_at;
        status
            && is(&filter.account, &record.account)
            && is(&filter.name, &self.index.name)
            && self.index.name.contains(part)
            && is(&filter.level, &content.level)
            && (filter.subject.is_none() || filter.subject == content.subject)
            && filter.created_before.is_none_or(|before| created < before)
            && filter.created_after.is_none_or(|after| created >= after)
            && filter
                .used_before
                .is_none_or(|before| record.last_used_at.is_none_or(|used| used < before))
            && filter
                .used_after
                .is_none_or(|after| record.last_used_at.is_some_and(|used| used >= after))
    }
}

impl Space {
    pub(super) fn key(&self, path: &KeyPath) -> Option<&Key> {
        let key = self.keys.get(&path.id)?;
        (key.record.account == path.account.account).then_some(key)
    }

    /// A key that was found before.
    pub(super) fn key_mut(&mut self, path: &KeyPath) -> Result<&mut Key, StoreError> {
        self.keys
            .get_mut(&path.id)
            .ok_or_else(|| StoreError::internal("a key vanished"))
    }

    /// Whether a digest is that of a key's secret, the present one or the one before.
    pub(super) fn has_digest(&self, digest: &Digest) -> bool {
        self.keys.values().any(|key| {
            [Some(&key.digest), key.retiring.as_ref()]
                .into_iter()
                .flatten()
                .any(|known| known.bytes() == digest.bytes())
        })
    }

    fn asked<'a>(&'a self, filter: &'a KeyFilter) -> impl DoubleEndedIterator<Item = &'a Key> {
        self.keys.values().filter(|key| key.is_asked(filter))
    }

    pub(super) fn count(&self, filter: &KeyFilter) -> u64 {
        u64::try_from(self.asked(filter).count()).unwrap_or(u64::MAX)
    }

    pub(super) fn page(&self, filter: &KeyFilter, slice: KeySlice) -> Vec<KeyRecord> {
        let skip = usize::try_from(slice.skip).unwrap_or(usize::MAX);
        let limit = usize::try_from(slice.limit).unwrap_or(usize::MAX);
        let records = |keys: &mut dyn Iterator<Item = &Key>| {
            let part = keys.skip(skip).take(limit);
            part.map(|key| key.record.clone()).collect()
        };
        let id = |key: &&Key| key.record.id;
        match slice.order {
            Order::NewestFirst => records(
                &mut self
                    .asked(filter)
                    .rev()
                    .filter(|key| slice.after.is_none_or(|after| id(key) < after)),
            ),
            Order::OldestFirst => records(
                &mut self
                    .asked(filter)
                    .filter(|key| slice.after.is_none_or(|after| id(key) > after)),
            ),
        }
    }

    pub(super) fn idle(&self, cutoff: Timestamp) -> Vec<KeyId> {
        let mut idle: Vec<_> = self
            .keys
            .values()
            .filter(|key| key.record.state == KeyState::Active && key.idle_since() < cutoff)
            .map(|key| (key.idle_since(), key.record.id))
            .collect();
        idle.sort_unstable();
        idle.into_iter().map(|(_, id)| id).collect()
    }
}

impl State {
    pub(super) fn insert_key(
        &mut self,
        path: &KeyPath,
        new: NewKey,
        remember: Option<Remember>,
        act: &Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.refuse_remembered(remember.as_ref(), act)?;
        let AccountPath { keyspace, account } = &path.account;
        if self.space(keyspace, Some(account)).is_none() {
            return Ok(None);
        }
        let space = self.space_mut(keyspace)?;
        space.must_bear(act.premise, account)?;
        if space.keys.contains_key(&path.id) || space.has_digest(&new.secret.digest) {
            return Err(StoreError::exists());
        }
        let state = new.state.of(act.at);
        let held = slots::due(&new.index.slots, state, new.content.expires_at, act.at);
        space.make_room(account, path.id, &held, act.at)?;
        let record = KeyRecord {
            id: path.id,
            account: account.clone(),
            content: new.content,
            state,
            hint: new.secret.hint,
            is_sealed: new.secret.sealed.is_some(),
            created_at: act.at,
            created_by: act.actor.clone(),
            updated_at: act.at,
            revision: 1,
            enabled_at: None,
            rotated_at: None,
            retiring: None,
            last_used_at: None,
        };
        let key = Key {
            record: record.clone(),
            index: new.index,
            digest: new.secret.digest,
            sealed: new.secret.sealed,
            retiring: None,
            held,
            noticed: None,
        };
        space.keys.insert(path.id, key);
        let told = details::created(details::key(&record));
        self.record_key(path, act, "key.create", told)?;
        self.remember(remember, &record);
        Ok(Some(record))
    }

    pub(super) fn update_key(
        &mut self,
        path: &KeyPath,
        revision: u64,
        content: KeyContent,
        index: KeyIndex,
        act: &Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        let Some((space, key)) = self.key_at(path, Some(revision))? else {
            return Ok(None);
        };
        if matches!(key.record.state, KeyState::Deactivated { .. }) {
            return Err(StoreError::deactivated());
        }
        let held = slots::due(&index.slots, key.record.state, content.expires_at, act.at);
        space.must_bear(act.premise, &path.account.account)?;
        space.make_room(&path.account.account, path.id, &held, act.at)?;
        let key = space.key_mut(path)?;
        let before = std::mem::replace(&mut key.record.content, content);
        key.index = index;
        key.held = held;
        let after = &key.record.content;
        if (before.expires_at, &before.fields) != (after.expires_at, &after.fields) {
            key.reopen_notice();
        }
        key.touch(act);
        let record = key.record.clone();
        let told = details::changed(details::content(&before), details::content(&record.content));
        self.record_key(path, act, "key.update", told)?;
        Ok(Some(record))
    }

    pub(super) fn change_key(
        &mut self,
        path: &KeyPath,
        transition: KeyTransition,
        revision: Option<u64>,
        act: &Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        let Some((space, key)) = self.key_at(path, revision)? else {
            return Ok(None);
        };
        let before = key.record.state;
        let after = before
            .after(transition, act.at)
            .map_err(|_| StoreError::deactivated())?;
        if after == before {
            return Ok(Some(key.record.clone()));
        }
        space.must_bear(act.premise, &path.account.account)?;
        let end = key.record.content.expires_at;
        let held = slots::due(&key.index.slots, after, end, act.at);
        space.make_room(&path.account.account, path.id, &held, act.at)?;
        let key = space.key_mut(path)?;
        key.record.state = after;
        if after == KeyState::Active {
            key.record.enabled_at = Some(act.at);
        }
        key.held = held;
        key.touch(act);
        let record = key.record.clone();
        let told = details::changed(details::status(before), details::status(after));
        self.record_key(path, act, transition.action(), told)?;
        Ok(Some(record))
    }

    pub(super) fn delete_key(
        &mut self,
        path: &KeyPath,
        revision: Option<u64>,
        act: &Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        let Some((space, _)) = self.key_at(path, revision)? else {
            return Ok(None);
        };
        let Some(Key { record, .. }) = space.keys.remove(&path.id) else {
            return Ok(None);
        };
        let told = details::deleted(details::key(&record));
        self.record_key(path, act, "key.delete", told)?;
        Ok(Some(record))
    }

    pub(super) fn disable_idle(
        &mut self,
        keyspace: &str,
        cutoff: Timestamp,
        limit: usize,
        act: &Act,
    ) -> Result<Vec<KeyPath>, StoreError> {
        let Some(space) = self.spaces.get(keyspace) else {
            return Ok(Vec::new());
        };
        let mut disabled = Vec::new();
        for id in space.idle(cutoff).into_iter().take(limit) {
            let Some(key) = self.space_mut(keyspace)?.keys.get_mut(&id) else {
                continue;
            };
            let idle_since = key.idle_since().as_millis();
            key.record.state = KeyState::Disabled { at: act.at };
            key.held.retain(|slot| !slot.while_active);
            key.touch(act);
            let account = AccountPath {
                keyspace: keyspace.to_owned(),
                account: key.record.account.clone(),
            };
            let path = KeyPath { account, id };
            let told = json!({
                "before": { "status": "active" },
                "after": { "status": "disabled" },
                "idle_since": idle_since,
            });
            self.record_key(&path, act, "key.idle_disable", told)?;
            disabled.push(path);
        }
        Ok(disabled)
    }

    /// A key at the revision that the caller has read, with its keyspace.
    pub(super) fn key_at(
        &mut self,
        path: &KeyPath,
        revision: Option<u64>,
    ) -> Result<Option<(&mut Space, Found)>, StoreError> {
        let Some(space) = self.spaces.get_mut(&path.account.keyspace) else {
            return Ok(None);
        };
        let Some(key) = space.key(path) else {
            return Ok(None);
        };
        match revision {
            Some(revision) if revision != key.record.revision => Err(StoreError::stale()),
            _ => {
                let found = Found {
                    record: key.record.clone(),
                    index: key.index.clone(),
                };
                Ok(Some((space, found)))
            }
        }
    }

    /// Raises the epoch and notes the change of one key.
    pub(super) fn record_key(
        &mut self,
        path: &KeyPath,
        act: &Act,
        action: &'static str,
        details: serde_json::Value,
    ) -> Result<(), StoreError> {
        let entry = Entry {
            action,
            account: Some(&path.account.account),
            target: &path.id.to_string(),
            details,
        };
        self.record(&path.account.keyspace, act, entry)
    }

    /// Refuses a request that was answered before.
    pub(super) fn refuse_remembered(
        &self,
        remember: Option<&Remember>,
        act: &Act,
    ) -> Result<(), StoreError> {
        let known = remember.and_then(|remember| self.remembered.get(&remember.id));
        match known {
            Some((_, until)) if act.at < *until => Err(StoreError::remembered()),
            _ => Ok(()),
        }
    }

    /// Keeps the answer.
    pub(super) fn remember(&mut self, remember: Option<Remember>, record: &KeyRecord) {
        if let Some(remember) = remember {
            let answer = Remembered {
                fingerprint: remember.fingerprint,
                sealed: (remember.seal)(record),
            };
            self.remembered
                .insert(remember.id, (answer, remember.until));
        }
    }
}

/// What a change asks of a key before it touches it.
pub(super) struct Found {
    pub(super) record: KeyRecord,
    pub(super) index: KeyIndex,
}
