//! What the owners of keys were told of their ends.

use super::audit::Entry;
use super::keys::Key;
use super::{Space, State};
use crate::store::{AccountPath, Act, DueNotice, KeyPath, KeyState, NoticeOutcome, NoticeSlice};
use crate::time::Timestamp;

/// Who was told of what end.
pub(super) struct Noticed {
    end: Timestamp,
    address: String,
    /// The end or the fields have changed since.
    is_open: bool,
}

impl Key {
    /// Has it looked at again whether somebody is to be told, as the end or fields have changed.
    pub(super) fn reopen_notice(&mut self) {
        if let Some(noticed) = &mut self.noticed {
            noticed.is_open = true;
        }
    }

    fn due_notice(&self, keyspace: &str, slice: &NoticeSlice) -> Option<DueNotice> {
        let content = &self.record.content;
        let (ends_at, id) = (content.expires_at?, self.record.id);
        let recipient = content.fields.get(&slice.field)?.clone();
        let is_due = self.record.state == KeyState::Active
            && slice.now < ends_at
            && ends_at <= slice.until
            && slice.after.is_none_or(|after| (ends_at, id) > after)
            && self.noticed.as_ref().is_none_or(|noticed| {
                noticed.is_open && (noticed.end != ends_at || noticed.address != recipient)
            });
        is_due.then(|| DueNotice {
            path: KeyPath {
                account: AccountPath {
                    keyspace: keyspace.to_owned(),
                    account: self.record.account.clone(),
                },
                id,
            },
            field: slice.field.clone(),
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
            let now = &key.record.content;
            let is_open = now.expires_at != Some(notice.ends_at)
                || now.fields.get(&notice.field) != Some(&notice.recipient);
            key.noticed = Some(Noticed {
                end: notice.ends_at,
                address: notice.recipient.clone(),
                is_open,
            });
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
