//! The operations of the store, under the lock.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::MemoryStore;
use crate::key::{Digest, KeyId};
use crate::snapshot::LiveKey;
use crate::store::{
    Account, AccountContent, AccountPath, Act, AuditEntry, AuditFilter, DayUse, DueNotice, Edition,
    FoundKey, Judged, KeyContent, KeyFilter, KeyIndex, KeyPath, KeyRecord, KeySlice, KeyTransition,
    Keyspace, KeyspaceUpdate, NewKey, NewKeyspace, NewOperator, NewToken, NoticeOutcome,
    NoticeSlice, Operator, OperatorKind, Reach, Reindex, Remember, Remembered, Rotation, Sealed,
    Signing, Store, StoreError, Token, UsageFilter, Use,
};
use crate::time::Timestamp;

impl Store for MemoryStore {
    fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn probe(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn cursor_secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        Ok(*self.lock().cursor_secret.get_or_insert(fresh))
    }

    fn has_operators(&self) -> Result<bool, StoreError> {
        Ok(!self.lock().operators.is_empty())
    }

    fn confirm(&self, act: &Act) -> Result<(), StoreError> {
        self.lock_for(act).map(drop)
    }

    fn insert_operator(&self, new: NewOperator, act: Act) -> Result<Option<Operator>, StoreError> {
        self.lock_for(&act)?.insert_operator(new, &act)
    }

    fn operator_by_digest(&self, digest: &Digest) -> Result<Option<Arc<Operator>>, StoreError> {
        let state = self.lock();
        let found = state.operators.values().find(|(_, own)| own == digest);
        Ok(found.map(|(operator, _)| Arc::new(operator.clone())))
    }

    fn operators(
        &self,
        reach: &Reach,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Operator>, StoreError> {
        let state = self.lock();
        let operators = state.operators.values().map(|(operator, _)| operator);
        let wanted = operators
            .filter(|it| it.kind == OperatorKind::Operator && it.reach == *reach)
            .filter(|it| after.is_none_or(|after| after < &*it.id))
            .take(whole(limit))
            .cloned();
        Ok(wanted.collect())
    }

    fn operator(&self, id: &str) -> Result<Option<Operator>, StoreError> {
        let state = self.lock();
        Ok(state
            .operators
            .get(id)
            .map(|(operator, _)| operator.clone()))
    }

    fn rotate_operator(
        &self,
        id: &str,
        digest: Digest,
        hint: String,
        act: Act,
    ) -> Result<Option<Operator>, StoreError> {
        self.lock_for(&act)?.rotate_operator(id, digest, hint, &act)
    }

    fn restore_operator_key(
        &self,
        id: &str,
        digest: Digest,
        hint: String,
        revision: u64,
        act: Act,
    ) -> Result<Option<bool>, StoreError> {
        self.lock_for(&act)?
            .restore_operator_key(id, digest, hint, revision, &act)
    }

    fn delete_operator(&self, id: &str, act: Act) -> Result<bool, StoreError> {
        self.lock_for(&act)?.delete_operator(id, &act)
    }

    fn insert_keyspace(&self, new: NewKeyspace, act: Act) -> Result<Keyspace, StoreError> {
        self.lock_for(&act)?.insert_keyspace(new, &act)
    }

    fn keyspaces(&self) -> Result<Vec<Keyspace>, StoreError> {
        let state = self.lock();
        let keyspaces = state.spaces.values().map(|space| space.keyspace.clone());
        Ok(keyspaces.collect())
    }

    fn keyspace(&self, id: &str) -> Result<Option<Keyspace>, StoreError> {
        let state = self.lock();
        Ok(state.spaces.get(id).map(|space| space.keyspace.clone()))
    }

    fn judge_keys(
        &self,
        keyspace: &str,
        mut tell: Reindex,
        now: Timestamp,
    ) -> Result<Judged, StoreError> {
        if let Some(space) = self.lock().spaces.get(keyspace) {
            space.told_anew(&mut *tell, now)?;
        }
        Ok(Judged {
            tell,
            upto: 0,
            others: BTreeSet::new(),
        })
    }

    fn update_keyspace(
        &self,
        id: &str,
        revision: u64,
        update: KeyspaceUpdate,
        act: Act,
    ) -> Result<Option<Keyspace>, StoreError> {
        self.lock_for(&act)?
            .update_keyspace(id, revision, update, &act)
    }

    fn set_profile_digest(
        &self,
        keyspace: &str,
        digest: &Digest,
        act: Act,
    ) -> Result<(), StoreError> {
        self.lock_for(&act)?
            .set_profile_digest(keyspace, digest, &act)
    }

    fn begin_epoch(&self, keyspace: &str, act: Act) -> Result<(), StoreError> {
        self.lock_for(&act)?.begin_epoch(keyspace, &act)
    }

    fn insert_account(
        &self,
        path: AccountPath,
        content: AccountContent,
        act: Act,
    ) -> Result<Option<Account>, StoreError> {
        self.lock_for(&act)?.insert_account(&path, content, &act)
    }

    fn account(&self, path: &AccountPath) -> Result<Option<Account>, StoreError> {
        let state = self.lock();
        let space = state.spaces.get(&path.keyspace);
        Ok(space.and_then(|space| space.accounts.get(&path.account).cloned()))
    }

    fn update_account(
        &self,
        path: AccountPath,
        revision: u64,
        content: AccountContent,
        act: Act,
    ) -> Result<Option<Account>, StoreError> {
        self.lock_for(&act)?
            .update_account(&path, revision, content, &act)
    }

    fn accounts(
        &self,
        keyspace: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Option<Vec<Account>>, StoreError> {
        let state = self.lock();
        let Some(space) = state.spaces.get(keyspace) else {
            return Ok(None);
        };
        let accounts = space
            .accounts
            .values()
            .filter(|account| after.is_none_or(|after| account.id.as_str() > after));
        Ok(Some(accounts.take(whole(limit)).cloned().collect()))
    }

    fn insert_key(
        &self,
        path: KeyPath,
        new: NewKey,
        remember: Option<Remember>,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.lock_for(&act)?.insert_key(&path, new, remember, &act)
    }

    fn key(&self, path: &KeyPath) -> Result<Option<KeyRecord>, StoreError> {
        let state = self.lock();
        let space = state.spaces.get(&path.account.keyspace);
        let key = space.and_then(|space| space.key(path));
        Ok(key.map(|key| key.record.clone()))
    }

    fn key_by_digest(
        &self,
        keyspace: &str,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<FoundKey>, StoreError> {
        let state = self.lock();
        let space = state.spaces.get(keyspace);
        Ok(space.and_then(|space| space.key_by_digest(digest, now)))
    }

    fn keys(
        &self,
        keyspace: &str,
        filter: &KeyFilter,
        slice: KeySlice,
    ) -> Result<Option<Vec<KeyRecord>>, StoreError> {
        let state = self.lock();
        let space = state.space(keyspace, filter.account.as_deref());
        Ok(space.map(|space| space.page(filter, slice)))
    }

    fn count_keys(&self, keyspace: &str, filter: &KeyFilter) -> Result<Option<u64>, StoreError> {
        let state = self.lock();
        let space = state.space(keyspace, filter.account.as_deref());
        Ok(space.map(|space| space.count(filter)))
    }

    fn update_key(
        &self,
        path: KeyPath,
        revision: u64,
        content: KeyContent,
        index: KeyIndex,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.lock_for(&act)?
            .update_key(&path, revision, content, index, &act)
    }

    fn change_key(
        &self,
        path: KeyPath,
        transition: KeyTransition,
        revision: Option<u64>,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.lock_for(&act)?
            .change_key(&path, transition, revision, &act)
    }

    fn rotate_key(
        &self,
        path: KeyPath,
        rotation: Rotation,
        revision: Option<u64>,
        remember: Option<Remember>,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.lock_for(&act)?
            .rotate_key(&path, rotation, revision, remember, &act)
    }

    fn delete_key(
        &self,
        path: KeyPath,
        revision: Option<u64>,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.lock_for(&act)?.delete_key(&path, revision, &act)
    }

    fn sealed_keys(
        &self,
        account: &AccountPath,
        ids: &[KeyId],
    ) -> Result<Vec<(KeyId, Digest, Sealed)>, StoreError> {
        Ok(self.lock().sealed_keys(account, ids))
    }

    fn reveal_keys(
        &self,
        account: &AccountPath,
        ids: Vec<KeyId>,
        act: Act,
    ) -> Result<Vec<(KeyId, Digest, Sealed)>, StoreError> {
        Ok(self.lock_for(&act)?.reveal_keys(account, &ids, &act))
    }

    fn sealed_under_others(
        &self,
        master: [u8; 8],
        limit: u32,
    ) -> Result<Vec<(KeyPath, Digest, Sealed)>, StoreError> {
        Ok(self.lock().sealed_under_others(master, whole(limit)))
    }

    fn reseal(&self, path: KeyPath, digest: Digest, sealed: Sealed) -> Result<bool, StoreError> {
        Ok(self.lock().reseal(&path, &digest, sealed))
    }

    fn remembered(&self, id: [u8; 32], now: Timestamp) -> Result<Option<Remembered>, StoreError> {
        let state = self.lock();
        let known = state.remembered.get(&id).filter(|(_, until)| now < *until);
        Ok(known.map(|(answer, _)| answer.clone()))
    }

    fn add_uses(
        &self,
        keyspace: &str,
        batch: Option<[u8; 32]>,
        uses: Vec<Use>,
        act: Act,
    ) -> Result<Option<Vec<(KeyPath, KeyRecord)>>, StoreError> {
        self.lock_for(&act)?.add_uses(keyspace, batch, &uses, &act)
    }

    fn retire_key(
        &self,
        path: KeyPath,
        ends_at: Timestamp,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.lock_for(&act)?.retire_key(&path, ends_at, &act)
    }

    fn usage(
        &self,
        keyspace: &str,
        filter: &UsageFilter,
        after: Option<(u32, KeyId)>,
        limit: u32,
    ) -> Result<Option<Vec<DayUse>>, StoreError> {
        Ok(self.lock().usage(keyspace, filter, after, whole(limit)))
    }

    fn used(
        &self,
        account: &AccountPath,
        first_day: u32,
        last_day: u32,
    ) -> Result<Option<u64>, StoreError> {
        Ok(self.lock().used(account, first_day, last_day))
    }

    fn has_idle(&self, keyspace: &str, cutoff: Timestamp) -> Result<bool, StoreError> {
        let state = self.lock();
        let space = state.spaces.get(keyspace);
        Ok(space.is_some_and(|space| !space.idle(cutoff).is_empty()))
    }

    fn disable_idle(
        &self,
        keyspace: &str,
        cutoff: Timestamp,
        limit: u32,
        act: Act,
    ) -> Result<Vec<KeyPath>, StoreError> {
        self.lock_for(&act)?
            .disable_idle(keyspace, cutoff, whole(limit), &act)
    }

    fn due_notices(
        &self,
        keyspace: &str,
        slice: &NoticeSlice,
    ) -> Result<Vec<DueNotice>, StoreError> {
        Ok(self.lock().due_notices(keyspace, slice))
    }

    fn note_notice(
        &self,
        notice: DueNotice,
        outcome: NoticeOutcome,
        act: Act,
    ) -> Result<(), StoreError> {
        self.lock().note_notice(&notice, &outcome, &act);
        Ok(())
    }

    fn purge(&self, oldest_day: u32, act: Act) -> Result<u64, StoreError> {
        Ok(self.lock().purge(oldest_day, act.at))
    }

    fn insert_token(
        &self,
        keyspace: String,
        new: NewToken,
        act: Act,
    ) -> Result<Option<Token>, StoreError> {
        self.lock_for(&act)?.insert_token(keyspace, new, &act)
    }

    fn tokens(
        &self,
        keyspace: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Option<Vec<Token>>, StoreError> {
        let state = self.lock();
        let tokens = state.spaces.get(keyspace).map(|space| &space.tokens);
        Ok(tokens.map(|tokens| {
            let behind = tokens.values().map(|(token, _)| token);
            let behind = behind.filter(|token| after.is_none_or(|after| after < &*token.id));
            behind.take(whole(limit)).cloned().collect()
        }))
    }

    fn token_by_digest(&self, digest: &Digest) -> Result<Option<Arc<Token>>, StoreError> {
        let state = self.lock();
        let mut tokens = state
            .spaces
            .values()
            .flat_map(|space| space.tokens.values());
        let found = tokens.find(|(_, own)| own == digest);
        Ok(found.map(|(token, _)| Arc::new(token.clone())))
    }

    fn delete_token(&self, keyspace: String, id: String, act: Act) -> Result<bool, StoreError> {
        self.lock_for(&act)?.delete_token(&keyspace, &id, &act)
    }

    fn begin_era(
        &self,
        keyspace: &str,
        era: u32,
        signing: Signing,
        act: Act,
    ) -> Result<Option<Keyspace>, StoreError> {
        self.lock_for(&act)?.begin_era(keyspace, era, signing, &act)
    }

    fn note_restore(&self, details: serde_json::Value, act: Act) -> Result<(), StoreError> {
        let entry = super::audit::Entry {
            action: "server.restore",
            account: None,
            target: "server",
            details,
        };
        self.lock_for(&act)?.note(None, None, &act, entry);
        Ok(())
    }

    fn edition(&self, keyspace: &str) -> Result<Option<Edition>, StoreError> {
        let state = self.lock();
        let space = state.spaces.get(keyspace);
        Ok(space.map(|space| space.keyspace.edition))
    }

    fn signing(&self, keyspace: &str) -> Result<Option<Signing>, StoreError> {
        let state = self.lock();
        let space = state.spaces.get(keyspace);
        Ok(space.map(|space| Signing {
            seed: space.signing.seed.clone(),
            keyring: space.signing.keyring.clone(),
        }))
    }

    fn live_keys(
        &self,
        keyspace: &str,
        visit: &mut dyn FnMut(&Keyspace, &LiveKey<'_>),
    ) -> Result<Option<Keyspace>, StoreError> {
        let state = self.lock();
        let Some(space) = state.spaces.get(keyspace) else {
            return Ok(None);
        };
        space.visit_live(visit);
        Ok(Some(space.keyspace.clone()))
    }

    fn audit(
        &self,
        keyspace: &str,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Option<Vec<AuditEntry>>, StoreError> {
        let state = self.lock();
        if !state.spaces.contains_key(keyspace) {
            return Ok(None);
        }
        Ok(Some(state.audit_page(
            keyspace,
            filter,
            before,
            whole(limit),
        )))
    }

    fn audit_chain(&self, after: i64, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let state = self.lock();
        let entries = state.audit.iter().filter(|entry| entry.sequence > after);
        Ok(entries.take(whole(limit)).cloned().collect())
    }

    fn touch_token(&self, id: &str, reported: bool, at: Timestamp) -> Result<(), StoreError> {
        self.lock().touch_token(id, reported, at);
        Ok(())
    }
}

fn whole(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
