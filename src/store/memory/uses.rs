//! Uses, and what time brings.

use super::State;
use crate::key::KeyId;
use crate::store::{
    AccountPath, Act, DayUse, KeyPath, KeyRecord, OperatorKind, Retiring, StoreError, UsageFilter,
    Use, counting, details,
};
use crate::time::Timestamp;

impl State {
    pub(super) fn add_uses(
        &mut self,
        keyspace: &str,
        batch: Option<[u8; 32]>,
        uses: &[Use],
        act: &Act,
    ) -> Result<Option<Vec<(KeyPath, KeyRecord)>>, StoreError> {
        let mut retired = Vec::new();
        let Some(space) = self.spaces.get_mut(keyspace) else {
            return Ok(Some(retired));
        };
        if let Some(batch) = batch {
            if space.batches.contains_key(&batch) {
                return Ok(None);
            }
            space.batches.insert(batch, act.at);
        }
        for of_key in uses {
            retired.extend(self.add_use(keyspace, of_key, act)?);
        }
        Ok(Some(retired))
    }

    fn add_use(
        &mut self,
        keyspace: &str,
        of_key: &Use,
        act: &Act,
    ) -> Result<Option<(KeyPath, KeyRecord)>, StoreError> {
        let space = self.space_mut(keyspace)?;
        let Some(key) = space.keys.get_mut(&of_key.id) else {
            return Ok(None);
        };
        key.record.last_used_at = key.record.last_used_at.max(Some(of_key.last));
        let account = key.record.account.clone();
        if of_key.count > 0 {
            let day = (counting::day(of_key.last), of_key.id);
            let (_, count) = space.uses.entry(day).or_insert((account.clone(), 0));
            *count = counting::held(count.saturating_add(of_key.count));
        }
        let rotated_at = key.record.rotated_at;
        let used = of_key
            .newest_used_at
            .filter(|&used| rotated_at.is_none_or(|rotated| rotated < used));
        let Some(used) = used else {
            return Ok(None);
        };
        let account = AccountPath {
            keyspace: keyspace.to_owned(),
            account,
        };
        let path = KeyPath {
            account,
            id: of_key.id,
        };
        let retired = self.end_earlier(&path, act, |it| it.bring_forward(used, act.at))?;
        Ok(retired.map(|record| (path, record)))
    }

    pub(super) fn retire_key(
        &mut self,
        path: &KeyPath,
        ends_at: Timestamp,
        act: &Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.end_earlier(path, act, |it| it.end_by(ends_at))
    }

    fn end_earlier(
        &mut self,
        path: &KeyPath,
        act: &Act,
        change: impl FnOnce(&mut Retiring) -> bool,
    ) -> Result<Option<KeyRecord>, StoreError> {
        let Some((space, _)) = self.key_at(path, None)? else {
            return Ok(None);
        };
        let key = space.key_mut(path)?;
        let Some(retiring) = key.record.retiring.as_mut() else {
            return Ok(None);
        };
        let before = details::secret(&key.record.hint, Some(retiring));
        if !change(retiring) {
            return Ok(None);
        }
        let after = details::secret(&key.record.hint, Some(retiring));
        key.touch(act);
        let record = key.record.clone();
        self.record_key(path, act, "key.retire", details::changed(before, after))?;
        Ok(Some(record))
    }

    pub(super) fn usage(
        &self,
        keyspace: &str,
        filter: &UsageFilter,
        after: Option<(u32, KeyId)>,
        limit: usize,
    ) -> Option<Vec<DayUse>> {
        let space = self.space(keyspace, filter.account.as_deref())?;
        let uses = space.uses.iter().filter(|((day, id), (account, _))| {
            (filter.first_day..=filter.last_day).contains(day)
                && after.is_none_or(|after| after < (*day, *id))
                && filter.id.is_none_or(|wanted| wanted == *id)
                && filter
                    .account
                    .as_ref()
                    .is_none_or(|wanted| wanted == account)
        });
        let uses = uses.map(|((day, id), (_, count))| DayUse {
            id: *id,
            day: *day,
            count: *count,
        });
        Some(uses.take(limit).collect())
    }

    pub(super) fn used(&self, path: &AccountPath, first_day: u32, last_day: u32) -> Option<u64> {
        let space = self.space(&path.keyspace, Some(&path.account))?;
        let uses = space.uses.iter().filter(|((day, _), (account, _))| {
            (first_day..=last_day).contains(day) && *account == path.account
        });
        let sum = uses.fold(0_u64, |sum, (_, (_, count))| sum.saturating_add(*count));
        Some(counting::held(sum))
    }

    pub(super) fn purge(&mut self, oldest_day: u32, now: Timestamp) -> u64 {
        let mut gone = 0;
        let mut went = |went: usize| gone += u64::try_from(went).unwrap_or(u64::MAX);
        let is_over = |end: Timestamp| end <= now;
        for space in self.spaces.values_mut() {
            // What counted at the last change is part of what is published until the next.
            let changed_at = space.keyspace.changed_at;
            for key in space.keys.values_mut() {
                let retiring = key.record.retiring.as_ref();
                if retiring.is_some_and(|it| is_over(it.ends_at) && it.ends_at <= changed_at) {
                    key.record.retiring = None;
                    key.retiring = None;
                    went(1);
                }
            }
            went(retain(&mut space.uses, |(day, _), _| *day >= oldest_day));
            went(retain(&mut space.batches, |_, at| {
                at.as_millis() >= now.as_millis() - counting::BATCHES_KNOWN_FOR
            }));
            went(retain(&mut space.tokens, |_, (token, _)| {
                let forgotten =
                    |end: Timestamp| end.saturating_add_millis(counting::ENDED_TOKENS_LISTED_FOR);
                !token.expires_at.map(forgotten).is_some_and(is_over)
            }));
        }
        went(retain(&mut self.remembered, |_, (_, until)| {
            !is_over(*until)
        }));
        went(retain(&mut self.operators, |_, (operator, _)| {
            operator.kind != OperatorKind::PortalLink || !operator.expires_at.is_some_and(is_over)
        }));
        gone
    }
}

/// Keeps what `is_kept` and says how many went.
fn retain<K: Ord, V>(
    map: &mut std::collections::BTreeMap<K, V>,
    is_kept: impl Fn(&K, &V) -> bool,
) -> usize {
    let before = map.len();
    map.retain(|key, value| is_kept(key, value));
    before - map.len()
}
