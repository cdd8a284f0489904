//! Switching keys off and on, taking them out of use for good, and removing them.

use super::create::not_enabled;
use super::{Ceiling, TRIES, has_expired, key_path};
use crate::service::Service;
use crate::service::error::{Code, ServiceError};
use crate::service::principal::{Place, Principal};
use crate::service::revocations::Loss;
use crate::store::{AccountPath, KeyPath, KeyRecord, KeyTransition, Right, StoreError};

impl Service {
    /// Switches a key off or on, or takes it out of use for good. `if_match` is the revision that the caller has seen.
    pub fn change_key(
        &self,
        caller: &Principal,
        account: &AccountPath,
        id: &str,
        transition: KeyTransition,
        if_match: Option<u64>,
    ) -> Result<KeyRecord, ServiceError> {
        caller.must(Right::KeysWrite, Place::Account(account))?;
        let path = key_path(account, id)?;
        let loaded = self.profile_of(&account.keyspace)?;
        let profile = &loaded.profile;
        match transition {
            KeyTransition::Enable => self.enable(caller, &path, if_match),
            KeyTransition::Disable if !profile.lifecycle().reversible => {
                // Of a key that is not there, nothing is said but that.
                self.key_at(&path)?;
                Err(irreversible())
            }
            KeyTransition::Disable => {
                self.turn_off(caller, &path, transition, if_match, Loss::Disabled)
            }
            KeyTransition::Deactivate => {
                self.turn_off(caller, &path, transition, if_match, Loss::Deactivated)
            }
        }
    }

    fn turn_off(
        &self,
        caller: &Principal,
        path: &KeyPath,
        transition: KeyTransition,
        if_match: Option<u64>,
        loss: Loss,
    ) -> Result<KeyRecord, ServiceError> {
        let record = self
            .store
            .change_key(path.clone(), transition, if_match, self.act(caller))
            .map_err(|error| changed_since(error, if_match))?
            .ok_or_else(|| ServiceError::not_found("key"))?;
        self.note_key_loss(path, &record, loss);
        Ok(record)
    }

    /// Gives a key its power back, which must not be more than the caller's.
    fn enable(
        &self,
        caller: &Principal,
        path: &KeyPath,
        if_match: Option<u64>,
    ) -> Result<KeyRecord, ServiceError> {
        for _ in 0..TRIES {
            let record = self.key_at(path)?;
            let (loaded, rules) = self.rules_of(&path.account.keyspace)?;
            let profile = &loaded.profile;
            if !profile.lifecycle().reversible {
                return Err(irreversible());
            }
            let revision = seen(&record, if_match)?;
            let mut act = self.act(caller);
            act.premise.rules = Some(rules);
            if has_expired(&record.content, act.at) {
                let message = "the key has expired, and switching it on would change nothing; create a new one";
                return Err(ServiceError::new(Code::Expired, message));
            }
            Ceiling::of(caller).check(profile, &record.content)?;
            if caller.is_of_an_account() {
                self.must_be_enabled(profile, &path.account)?;
                act.premise.keys_enabled = true;
            }
            let enable = KeyTransition::Enable;
            match self
                .store
                .change_key(path.clone(), enable, Some(revision), act)
            {
                Ok(changed) => return changed.ok_or_else(|| ServiceError::not_found("key")),
                Err(error) if error.is_stale() && if_match.is_none() => {}
                Err(error) if error.is_outdated() => {}
                Err(error) if error.is_not_enabled() => return Err(not_enabled(profile)),
                Err(error) => {
                    return Err(match error.slot() {
                        Some((field, holder)) => self.taken(profile, &path.account, field, holder),
                        None => changed_since(error, if_match),
                    });
                }
            }
        }
        Err(too_busy())
    }

    /// Removes a key and returns what was known of it.
    pub fn delete_key(
        &self,
        caller: &Principal,
        account: &AccountPath,
        id: &str,
        if_match: Option<u64>,
    ) -> Result<KeyRecord, ServiceError> {
        caller.must(Right::KeysWrite, Place::Account(account))?;
        let path = key_path(account, id)?;
        let record = self
            .store
            .delete_key(path.clone(), if_match, self.act(caller))
            .map_err(|error| changed_since(error, if_match))?
            .ok_or_else(|| ServiceError::not_found("key"))?;
        self.note_key_loss(&path, &record, Loss::Deleted);
        Ok(record)
    }
}

/// Where the profile knows no state to come back from.
pub(super) fn irreversible() -> ServiceError {
    let message =
        "keys of this profile are not switched off and on again; use deactivate, which is final";
    ServiceError::new(Code::Irreversible, message)
}

/// The revision to be changed: the present one, which must be the one that the caller has seen, where it says so.
pub(super) fn seen(record: &KeyRecord, if_match: Option<u64>) -> Result<u64, ServiceError> {
    match if_match {
        Some(wanted) if wanted != record.revision => Err(precondition_failed()),
        _ => Ok(record.revision),
    }
}

/// An error of the store about a record that was named with its revision.
pub(super) fn changed_since(error: StoreError, if_match: Option<u64>) -> ServiceError {
    match if_match {
        Some(_) if error.is_stale() => precondition_failed(),
        _ => error.into(),
    }
}

fn precondition_failed() -> ServiceError {
    let message = "the key has changed since it was read; read it again, and decide anew";
    ServiceError::new(Code::PreconditionFailed, message)
}

/// Others change the record all the time.
pub(super) fn too_busy() -> ServiceError {
    let message =
        "the key is being changed by others all the time; nothing was changed; try again shortly";
    ServiceError::new(Code::Unavailable, message)
}
