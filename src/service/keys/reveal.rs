//! Showing recoverable keys again (system row I21). Every time is in the audit trail.

use super::{Ceiling, key_path};
use crate::key::{KeyId, Secret};
use crate::service::Service;
use crate::service::error::{Code, ServiceError};
use crate::service::principal::{Place, Principal};
use crate::store::{AccountPath, KeyPath, KeyRecord, Right};

impl Service {
    /// Shows a key again, with its record.
    pub fn reveal_key(
        &self,
        caller: &Principal,
        account: &AccountPath,
        id: &str,
    ) -> Result<(Secret, KeyRecord), ServiceError> {
        caller.must(Right::KeysReveal, Place::Account(account))?;
        let path = key_path(account, id)?;
        let record = self.key_at(&path)?;
        let not_recoverable = || {
            let message = "only a digest of this key is kept, so that nobody can show it again; rotate it, or make another";
            ServiceError::new(Code::NotRecoverable, message)
        };
        if !record.is_sealed {
            return Err(not_recoverable());
        }
        // A caller who may not make such a key does not get to see one either.
        let loaded = self.profile_of(&account.keyspace)?;
        Ceiling::of(caller).check(&loaded.profile, &record.content)?;
        let mut shown = self.open_keys(caller, account, vec![path.id])?;
        let (_, secret) = shown.pop().ok_or_else(not_recoverable)?;
        Ok((secret, record))
    }

    /// Shows the keys of an account among `ids` that can be shown, with one entry in the audit trail for all.
    pub fn reveal_keys(
        &self,
        caller: &Principal,
        account: &AccountPath,
        ids: &[KeyId],
    ) -> Result<Vec<(KeyId, Secret)>, ServiceError> {
        caller.must(Right::KeysReveal, Place::Account(account))?;
        self.open_keys(caller, account, ids.to_vec())
    }

    fn open_keys(
        &self,
        caller: &Principal,
        account: &AccountPath,
        ids: Vec<KeyId>,
    ) -> Result<Vec<(KeyId, Secret)>, ServiceError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let sealed = self.store.reveal_keys(account, ids, self.act(caller))?;
        let open = |(id, digest, sealed)| {
            let path = KeyPath {
                account: account.clone(),
                id,
            };
            Ok((id, self.master_keys.open(&path, &digest, &sealed)?))
        };
        sealed.into_iter().map(open).collect()
    }
}
