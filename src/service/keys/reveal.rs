//! Showing recoverable keys again (system row I21). Every time is in the audit trail.

use std::collections::BTreeMap;

use super::{Ceiling, key_path};
use crate::key::{Digest, KeyId, Secret};
use crate::service::Service;
use crate::service::error::{Code, ServiceError};
use crate::service::principal::{Place, Principal};
use crate::store::{AccountPath, KeyPath, KeyRecord, Right, Sealed};

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
        let Revealed {
            mut secrets,
            closed,
        } = self.open_keys(caller, account, &[path.id])?;
        match secrets.pop() {
            Some((_, secret)) => Ok((secret, record)),
            None => Err(closed.unwrap_or_else(not_recoverable)),
        }
    }

    /// Shows the keys of an account among `ids` that can be shown, with one entry in the audit trail for all that are.
    /// One that does not open is left out: it may be the only one that was sealed under a master key that is lost.
    /// Without any master key, nothing can be shown, which is refused.
    pub fn reveal_keys(
        &self,
        caller: &Principal,
        account: &AccountPath,
        ids: &[KeyId],
    ) -> Result<Vec<(KeyId, Secret)>, ServiceError> {
        caller.must(Right::KeysReveal, Place::Account(account))?;
        let Revealed { secrets, closed } = self.open_keys(caller, account, ids)?;
        match closed {
            Some(error) if self.master_keys.current_id().is_none() => Err(error),
            _ => Ok(secrets),
        }
    }

    /// Opens first and writes down then, so that the audit trail names what is shown and nothing else.
    fn open_keys(
        &self,
        caller: &Principal,
        account: &AccountPath,
        ids: &[KeyId],
    ) -> Result<Revealed, ServiceError> {
        let mut revealed = Revealed::default();
        let mut opened = BTreeMap::new();
        for (id, digest, sealed) in self.store.sealed_keys(account, ids)? {
            match self.open_key(account, id, &digest, &sealed) {
                Ok(secret) => drop(opened.insert(id, (digest, secret))),
                Err(error) => revealed.closed = Some(error),
            }
        }
        if opened.is_empty() {
            return Ok(revealed);
        }
        let ids = opened.keys().copied().collect();
        for (id, digest, sealed) in self.store.reveal_keys(account, ids, self.act(caller))? {
            let secret = match opened.remove(&id) {
                Some((known, secret)) if known == digest => secret,
                // It was rotated in between.
                _ => match self.open_key(account, id, &digest, &sealed) {
                    Ok(secret) => secret,
                    Err(error) => {
                        revealed.closed = Some(error);
                        continue;
                    }
                },
            };
            revealed.secrets.push((id, secret));
        }
        Ok(revealed)
    }

    fn open_key(
        &self,
        account: &AccountPath,
        id: KeyId,
        digest: &Digest,
        sealed: &Sealed,
    ) -> Result<Secret, ServiceError> {
        let path = KeyPath {
            account: account.clone(),
            id,
        };
        self.master_keys
            .open(&path, digest, sealed)
            .inspect_err(|error| {
                let cause = error
                    .cause()
                    .map_or_else(|| error.to_string(), str::to_owned);
                tracing::error!(
                    keyspace = account.keyspace,
                    account = account.account,
                    key = %id,
                    cause,
                    "a key that is kept sealed cannot be shown"
                );
            })
    }
}

/// What came of showing keys.
#[derive(Default)]
struct Revealed {
    secrets: Vec<(KeyId, Secret)>,
    /// Why one of the others did not open.
    closed: Option<ServiceError>,
}
