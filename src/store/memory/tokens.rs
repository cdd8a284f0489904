//! Edge tokens.

use super::State;
use super::audit::Entry;
use crate::store::{Act, NewToken, StoreError, Token, counting, details};
use crate::time::Timestamp;

impl State {
    #[expect(clippy::needless_pass_by_value, reason = "as the trait has it")]
    pub(super) fn insert_token(
        &mut self,
        keyspace: String,
        new: NewToken,
        act: &Act,
    ) -> Result<Option<Token>, StoreError> {
        if !self.spaces.contains_key(&keyspace) {
            return Ok(None);
        }
        let mut tokens = self.spaces.values().flat_map(|space| space.tokens.values());
        if tokens.any(|(token, digest)| token.id == new.id || digest.bytes() == new.digest.bytes())
        {
            return Err(StoreError::exists());
        }
        let token = Token {
            id: new.id,
            keyspace: keyspace.clone(),
            rights: new.rights,
            name: new.name,
            hint: new.hint,
            last_read_at: None,
            last_reported_at: None,
            expires_at: new.expires_at,
            created_at: act.at,
            created_by: act.actor.clone(),
        };
        let known = (token.clone(), new.digest);
        self.space_mut(&keyspace)?
            .tokens
            .insert(token.id.clone(), known);
        let told = details::token(&token);
        let entry = Entry {
            action: "token.create",
            account: None,
            target: &token.id,
            details: details::created(told),
        };
        self.record(&keyspace, act, entry)?;
        Ok(Some(token))
    }

    pub(super) fn delete_token(
        &mut self,
        keyspace: &str,
        id: &str,
        act: &Act,
    ) -> Result<bool, StoreError> {
        let removed = self
            .spaces
            .get_mut(keyspace)
            .and_then(|space| space.tokens.remove(id));
        let Some((token, _)) = removed else {
            return Ok(false);
        };
        let told = details::token(&token);
        let entry = Entry {
            action: "token.delete",
            account: None,
            target: id,
            details: details::deleted(told),
        };
        self.record(keyspace, act, entry)?;
        Ok(true)
    }

    pub(super) fn touch_token(&mut self, id: &str, reported: bool, at: Timestamp) {
        let minute = Some(counting::minute(at));
        let mut tokens = self
            .spaces
            .values_mut()
            .filter_map(|space| space.tokens.get_mut(id));
        if let Some((token, _)) = tokens.next() {
            let touched = if reported {
                &mut token.last_reported_at
            } else {
                &mut token.last_read_at
            };
            *touched = minute.max(*touched);
        }
    }
}
