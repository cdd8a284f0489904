//! What the owners of keys were told of their ends.

use super::audit::Entry;
use super::keys::Key;
use super::{Space, State};
use crate::store::{AccountPath, Act, DueNotice, KeyPath, KeyState, NoticeOutcome, NoticeSlice};

impl Key {
    /// Takes the mark away where the address that was told is in none of its fields any more.
    pub(super) fn readdressed(&mut self) {
        let mut fields = self.record.content.fields.values();
        if let Some((_, told)) = &self.noticed
            && !fields.any(|value| value == told)
        {
            self.noticed = None;
        }
    }

    fn due_notice(&self, keyspace: &str, slice: &NoticeSlice) -> Option<DueNotice> {
        let content = &self.record.content;
        let (ends_at, id) = (content.expires_at?, self.record.id);
        let is_due = self.record.state == KeyState::Active
            && slice.now < ends_at
            && ends_at <= slice.until
            && slice.after.is_none_or(|after| (ends_at, id) > after)
            && self
                .noticed
                .as_ref()
                .is_none_or(|(told, _)| *told != ends_at);
        let recipient = content.fields.get(&slice.field)?.clone();
        is_due.then(|| DueNotice {
            path: KeyPath {
                account: AccountPath {
                    keyspace: keyspace.to_owned(),
                    account: self.record.account.clone(),
                },
                id,
            },
            ends_at,
            recipient,
        })
    }
}

impl State {
    pub(super) fn due_notices(&self, keyspace: &str, slice: &NoticeSlice) -> Vec<DueNotice> {
        let keys = self.spaces.get(keyspace).map(|space: &Space| &space.keys);
        let keys = keys.into_iter().flat_map(|keys| keys.values());
        let mut due: Vec<_> = keys
            .filter_map(|key| key.due_notice(keyspace, slice))
            .collect();
        due.sort_by_key(|notice| (notice.ends_at, notice.path.id));
        due.truncate(usize::try_from(slice.limit).unwrap_or(usize::MAX));
        due
    }

    pub(super) fn note_notice(&mut self, notice: &DueNotice, outcome: &NoticeOutcome, act: &Act) {
        let KeyPath { account, id } = &notice.path;
        let space = self.spaces.get_mut(&account.keyspace);
        let key = space.and_then(|space| space.keys.get_mut(id));
        if let Some(key) = key.filter(|key| key.record.account == account.account) {
            key.noticed = Some((notice.ends_at, notice.recipient.clone()));
        }
        let entry = Entry {
            action: "key.notice",
            account: Some(&account.account),
            target: &id.to_string(),
            details: notice.details(outcome),
        };
        self.note(Some(&account.keyspace), None, act, entry);
    }
}
