//! The operations of the store: which of them read, which write, and which file they are in.

use std::sync::Arc;

use super::errors::Read;
use super::{
    SqliteStore, accounts, audit, keys, keyspaces, operators, purge, remembered, restore, settings,
    tokens, uses,
};
use crate::key::{Digest, KeyId};
use crate::snapshot::LiveKey;
use crate::store::{
    Account, AccountContent, AccountPath, Act, AuditEntry, AuditFilter, DayUse, DueNotice, Edition,
    FoundKey, Judged, KeyContent, KeyFilter, KeyIndex, KeyPath, KeyRecord, KeySlice, KeyTransition,
    Keyspace, KeyspaceUpdate, NewKey, NewKeyspace, NewOperator, NewToken, NoticeOutcome,
    NoticeSlice, Operator, Reach, Reindex, Remember, Remembered, Rotation, Sealed, Signing, Store,
    StoreError, Token, UsageFilter, Use, counting,
};
use crate::time::Timestamp;

impl Store for SqliteStore {
    fn ping(&self) -> Result<(), StoreError> {
        self.read(|db| {
            db.query_row("SELECT count(*) FROM keyspaces", [], |_| Ok(()))
                .read()
        })
    }

    fn probe(&self) -> Result<(), StoreError> {
        self.write(settings::probe)
    }

    fn cursor_secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        self.write(move |db| settings::cursor_secret(db, fresh))
    }

    fn has_operators(&self) -> Result<bool, StoreError> {
        self.read(operators::are_there)
    }

    fn confirm(&self, act: &Act) -> Result<(), StoreError> {
        self.read(|db| act.must_count(db))
    }

    fn insert_operator(&self, new: NewOperator, act: Act) -> Result<Option<Operator>, StoreError> {
        self.write_as(act, move |db, act| operators::insert(db, new, act))
    }

    fn operator_by_digest(&self, digest: &Digest) -> Result<Option<Arc<Operator>>, StoreError> {
        self.at_hand.operator_or(digest, || {
            self.read(|db| Ok(operators::by_digest(db, digest)?.map(Arc::new)))
        })
    }

    fn operator_at_hand(&self, digest: &Digest) -> Option<Arc<Operator>> {
        self.at_hand.operator(digest)
    }

    fn operators(
        &self,
        reach: &Reach,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Operator>, StoreError> {
        self.read(|db| operators::with_reach(db, reach, after, limit))
    }

    fn operator(&self, id: &str) -> Result<Option<Operator>, StoreError> {
        self.read(|db| operators::one(db, id))
    }

    fn rotate_operator(
        &self,
        id: &str,
        digest: Digest,
        hint: String,
        act: Act,
    ) -> Result<Option<Operator>, StoreError> {
        let id = id.to_owned();
        self.write_as(act, move |db, act| {
            operators::rotate(db, &id, &digest, hint, act)
        })
    }

    fn restore_operator_key(
        &self,
        id: &str,
        digest: Digest,
        hint: String,
        revision: u64,
        act: Act,
    ) -> Result<Option<bool>, StoreError> {
        let id = id.to_owned();
        self.write_as(act, move |db, act| {
            operators::restore_key(db, &id, &digest, hint, revision, act)
        })
    }

    fn delete_operator(&self, id: &str, act: Act) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.revoke_as(act, move |db, act| operators::delete(db, &id, act))
    }

    fn insert_keyspace(&self, new: NewKeyspace, act: Act) -> Result<Keyspace, StoreError> {
        self.write_as(act, move |db, act| keyspaces::insert(db, &new, act))
    }

    fn keyspaces(&self) -> Result<Vec<Keyspace>, StoreError> {
        self.read(keyspaces::all)
    }

    fn keyspace(&self, id: &str) -> Result<Option<Keyspace>, StoreError> {
        self.read(|db| keyspaces::one(db, id))
    }

    fn judge_keys(
        &self,
        keyspace: &str,
        tell: Reindex,
        now: Timestamp,
    ) -> Result<Judged, StoreError> {
        self.judge(keyspace, tell, now)
    }

    fn update_keyspace(
        &self,
        id: &str,
        revision: u64,
        update: KeyspaceUpdate,
        act: Act,
    ) -> Result<Option<Keyspace>, StoreError> {
        let id = id.to_owned();
        self.write_as(act, move |db, act| {
            keyspaces::update(db, &id, revision, update, act)
        })
    }

    fn set_profile_digest(
        &self,
        keyspace: &str,
        digest: &Digest,
        act: Act,
    ) -> Result<(), StoreError> {
        let (keyspace, digest) = (keyspace.to_owned(), *digest);
        self.write_as(act, move |db, act| {
            keyspaces::set_profile_digest(db, &keyspace, &digest, act)
        })
    }

    fn begin_epoch(&self, keyspace: &str, act: Act) -> Result<(), StoreError> {
        let keyspace = keyspace.to_owned();
        self.write_as(act, move |db, act| {
            keyspaces::begin_epoch(db, &keyspace, act)
        })
    }

    fn insert_account(
        &self,
        path: AccountPath,
        content: AccountContent,
        act: Act,
    ) -> Result<Option<Account>, StoreError> {
        self.write_as(act, move |db, act| {
            accounts::insert(db, &path, content, act)
        })
    }

    fn account(&self, path: &AccountPath) -> Result<Option<Account>, StoreError> {
        self.read(|db| accounts::one(db, path))
    }

    fn update_account(
        &self,
        path: AccountPath,
        revision: u64,
        content: AccountContent,
        act: Act,
    ) -> Result<Option<Account>, StoreError> {
        self.write_as(act, move |db, act| {
            accounts::update(db, &path, revision, content, act)
        })
    }

    fn accounts(
        &self,
        keyspace: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Option<Vec<Account>>, StoreError> {
        self.read(|db| accounts::page(db, keyspace, after, limit))
    }

    fn insert_key(
        &self,
        path: KeyPath,
        new: NewKey,
        remember: Option<Remember>,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.write_as(act, move |db, act| {
            keys::insert(db, &path, new, remember, act)
        })
    }

    fn key(&self, path: &KeyPath) -> Result<Option<KeyRecord>, StoreError> {
        self.read(|db| keys::one(db, path))
    }

    fn key_by_digest(
        &self,
        keyspace: &str,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<FoundKey>, StoreError> {
        self.read(|db| keys::by_digest(db, keyspace, digest, now))
    }

    fn keys(
        &self,
        keyspace: &str,
        filter: &KeyFilter,
        slice: KeySlice,
    ) -> Result<Option<Vec<KeyRecord>>, StoreError> {
        self.read(|db| keys::page(db, keyspace, filter, slice))
    }

    fn count_keys(&self, keyspace: &str, filter: &KeyFilter) -> Result<Option<u64>, StoreError> {
        self.read(|db| keys::count(db, keyspace, filter))
    }

    fn update_key(
        &self,
        path: KeyPath,
        revision: u64,
        content: KeyContent,
        index: KeyIndex,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.write_as(act, move |db, act| {
            keys::update(db, &path, revision, content, &index, act)
        })
    }

    fn change_key(
        &self,
        path: KeyPath,
        transition: KeyTransition,
        revision: Option<u64>,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        let change = move |db: &_, act: &_| keys::change(db, &path, transition, revision, act);
        match transition {
            KeyTransition::Enable => self.write_as(act, change),
            KeyTransition::Disable | KeyTransition::Deactivate => self.revoke_as(act, change),
        }
    }

    fn rotate_key(
        &self,
        path: KeyPath,
        rotation: Rotation,
        revision: Option<u64>,
        remember: Option<Remember>,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.write_as(act, move |db, act| {
            keys::rotate(db, &path, rotation, revision, remember, act)
        })
    }

    fn delete_key(
        &self,
        path: KeyPath,
        revision: Option<u64>,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.revoke_as(act, move |db, act| keys::delete(db, &path, revision, act))
    }

    fn sealed_keys(
        &self,
        account: &AccountPath,
        ids: &[KeyId],
    ) -> Result<Vec<(KeyId, Digest, Sealed)>, StoreError> {
        self.read(|db| keys::sealed(db, account, ids))
    }

    fn reveal_keys(
        &self,
        account: &AccountPath,
        ids: Vec<KeyId>,
        act: Act,
    ) -> Result<Vec<(KeyId, Digest, Sealed)>, StoreError> {
        let account = account.clone();
        self.write_as(act, move |db, act| keys::reveal(db, &account, &ids, act))
    }

    fn sealed_under_others(
        &self,
        master: [u8; 8],
        limit: u32,
    ) -> Result<Vec<(KeyPath, Digest, Sealed)>, StoreError> {
        self.read(|db| keys::under_others(db, master, limit))
    }

    fn reseal(&self, path: KeyPath, digest: Digest, sealed: Sealed) -> Result<bool, StoreError> {
        self.write(move |db| keys::reseal(db, &path, &digest, &sealed))
    }

    fn remembered(&self, id: [u8; 32], now: Timestamp) -> Result<Option<Remembered>, StoreError> {
        self.read(|db| remembered::one(db, &id, now))
    }

    fn add_uses(
        &self,
        keyspace: &str,
        batch: Option<[u8; 32]>,
        uses: Vec<Use>,
        act: Act,
    ) -> Result<Option<Vec<(KeyPath, KeyRecord)>>, StoreError> {
        let keyspace = keyspace.to_owned();
        self.write_as(act, move |db, act| {
            uses::add(db, &keyspace, batch, &uses, act)
        })
    }

    fn retire_key(
        &self,
        path: KeyPath,
        ends_at: Timestamp,
        act: Act,
    ) -> Result<Option<KeyRecord>, StoreError> {
        self.write_as(act, move |db, act| keys::retire_by(db, &path, ends_at, act))
    }

    fn usage(
        &self,
        keyspace: &str,
        filter: &UsageFilter,
        after: Option<(u32, KeyId)>,
        limit: u32,
    ) -> Result<Option<Vec<DayUse>>, StoreError> {
        self.read(|db| uses::page(db, keyspace, filter, after, limit))
    }

    fn used(
        &self,
        account: &AccountPath,
        first_day: u32,
        last_day: u32,
    ) -> Result<Option<u64>, StoreError> {
        self.read(|db| uses::sum(db, account, first_day, last_day))
    }

    fn has_idle(&self, keyspace: &str, cutoff: Timestamp) -> Result<bool, StoreError> {
        self.read(|db| keys::has_idle(db, keyspace, cutoff))
    }

    fn disable_idle(
        &self,
        keyspace: &str,
        cutoff: Timestamp,
        limit: u32,
        act: Act,
    ) -> Result<Vec<KeyPath>, StoreError> {
        let keyspace = keyspace.to_owned();
        self.revoke_as(act, move |db, act| {
            keys::disable_idle(db, &keyspace, cutoff, limit, act)
        })
    }

    fn due_notices(
        &self,
        keyspace: &str,
        slice: &NoticeSlice,
    ) -> Result<Vec<DueNotice>, StoreError> {
        self.read(|db| keys::due_notices(db, keyspace, slice))
    }

    fn note_notice(
        &self,
        notice: DueNotice,
        outcome: NoticeOutcome,
        act: Act,
    ) -> Result<(), StoreError> {
        self.write(move |db| keys::note_notice(db, &notice, &outcome, &act))
    }

    fn purge(&self, oldest_day: u32, act: Act) -> Result<u64, StoreError> {
        let mut gone = 0;
        for kind in purge::KINDS {
            loop {
                let now = act.at;
                let part = self.write(move |db| purge::part(db, kind, oldest_day, now))?;
                gone += part.rows;
                if part.is_last {
                    break;
                }
            }
        }
        self.tidy_names()?;
        Ok(gone)
    }

    fn insert_token(
        &self,
        keyspace: String,
        new: NewToken,
        act: Act,
    ) -> Result<Option<Token>, StoreError> {
        self.write_as(act, move |db, act| tokens::insert(db, keyspace, new, act))
    }

    fn tokens(
        &self,
        keyspace: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Option<Vec<Token>>, StoreError> {
        self.read(|db| tokens::page(db, keyspace, after, limit))
    }

    fn token_by_digest(&self, digest: &Digest) -> Result<Option<Arc<Token>>, StoreError> {
        self.at_hand.token_or(digest, || {
            self.read(|db| Ok(tokens::by_digest(db, digest)?.map(Arc::new)))
        })
    }

    fn token_at_hand(&self, digest: &Digest) -> Option<Arc<Token>> {
        self.at_hand.token(digest)
    }

    fn delete_token(&self, keyspace: String, id: String, act: Act) -> Result<bool, StoreError> {
        self.revoke_as(act, move |db, act| tokens::delete(db, &keyspace, &id, act))
    }

    fn begin_era(
        &self,
        keyspace: &str,
        era: u32,
        signing: Signing,
        act: Act,
    ) -> Result<Option<Keyspace>, StoreError> {
        let keyspace = keyspace.to_owned();
        self.write_as(act, move |db, act| {
            restore::begin_era(db, &keyspace, era, &signing, act)
        })
    }

    fn note_restore(&self, details: serde_json::Value, act: Act) -> Result<(), StoreError> {
        self.write_as(act, move |db, act| restore::note_restore(db, details, act))
    }

    fn edition(&self, keyspace: &str) -> Result<Option<Edition>, StoreError> {
        self.at_hand.edition_or(keyspace, || {
            self.read(|db| keyspaces::edition(db, keyspace))
        })
    }

    fn edition_at_hand(&self, keyspace: &str) -> Option<Edition> {
        self.at_hand.edition(keyspace)
    }

    fn signing(&self, keyspace: &str) -> Result<Option<Signing>, StoreError> {
        self.read(|db| keyspaces::signing(db, keyspace))
    }

    fn live_keys(
        &self,
        keyspace: &str,
        visit: &mut dyn FnMut(&Keyspace, &LiveKey<'_>),
    ) -> Result<Option<Keyspace>, StoreError> {
        self.read(|db| keys::live(db, keyspace, visit))
    }

    fn audit(
        &self,
        keyspace: &str,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Option<Vec<AuditEntry>>, StoreError> {
        self.read(|db| audit::page(db, keyspace, filter, before, limit))
    }

    fn audit_chain(&self, after: i64, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        self.read(|db| audit::whole(db, after, limit))
    }

    fn touch_token(&self, id: &str, reported: bool, at: Timestamp) -> Result<(), StoreError> {
        let minute = counting::minute(at);
        if !self.read(|db| tokens::is_touchable(db, id, reported, minute))? {
            return Ok(());
        }
        let id = id.to_owned();
        self.write(move |db| tokens::touch(db, &id, reported, minute))
    }
}
