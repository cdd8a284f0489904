//! Accounts.

use super::State;
use super::audit::Entry;
use crate::store::{Account, AccountContent, AccountPath, Act, StoreError, details};

impl State {
    pub(super) fn insert_account(
        &mut self,
        path: &AccountPath,
        content: AccountContent,
        act: &Act,
    ) -> Result<Option<Account>, StoreError> {
        let Some(space) = self.spaces.get_mut(&path.keyspace) else {
            return Ok(None);
        };
        if space.accounts.contains_key(&path.account) {
            return Err(StoreError::exists());
        }
        let account = Account {
            id: path.account.clone(),
            name: content.name,
            keys_enabled: content.keys_enabled,
            monthly_uses: content.monthly_uses,
            created_at: act.at,
            revision: 1,
        };
        space.accounts.insert(path.account.clone(), account.clone());
        let entry = Entry {
            action: "account.create",
            account: Some(&path.account),
            target: &path.account,
            details: details::created(details::account(&account)),
        };
        self.record(&path.keyspace, act, entry)?;
        Ok(Some(account))
    }

    pub(super) fn update_account(
        &mut self,
        path: &AccountPath,
        revision: u64,
        content: AccountContent,
        act: &Act,
    ) -> Result<Option<Account>, StoreError> {
        let known = self
            .spaces
            .get_mut(&path.keyspace)
            .and_then(|space| space.accounts.get_mut(&path.account));
        let Some(known) = known else {
            return Ok(None);
        };
        if known.revision != revision {
            return Err(StoreError::stale());
        }
        let before = known.clone();
        let after = Account {
            name: content.name,
            keys_enabled: content.keys_enabled,
            monthly_uses: content.monthly_uses,
            revision: revision + 1,
            ..before.clone()
        };
        known.clone_from(&after);
        let entry = Entry {
            action: "account.update",
            account: Some(&path.account),
            target: &path.account,
            details: details::changed(details::account(&before), details::account(&after)),
        };
        self.record(&path.keyspace, act, entry)?;
        Ok(Some(after))
    }
}
