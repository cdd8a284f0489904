//! The profiles that keyspaces have, each with the digest of what is published of it: presets, and profiles of their
//! own.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::{Code, FieldError, ServiceError};
use super::{Place, Principal, Service, rights};
use crate::key::{Digest, misplaced};
use crate::profile::Profile;
use crate::store::{AccountPath, Keyspace, Reach, Right};

/// The member that holds a profile's text.
const TOML: &str = "profile_toml";

/// A profile, and the digest of what is published of it.
pub(super) struct Loaded {
    pub(super) profile: Profile,
    pub(super) digest: Digest,
}

/// The presets of this version by id, and the profiles of their own that keyspaces have, by the digest of their text.
pub(super) struct Profiles {
    presets: BTreeMap<&'static str, Arc<Loaded>>,
    own: Mutex<HashMap<[u8; 32], Arc<Loaded>>>,
}

impl Loaded {
    fn new(profile: Profile) -> Arc<Self> {
        let digest = Digest::sha256_of(&profile.compile());
        Arc::new(Self { profile, digest })
    }
}

impl Profiles {
    pub(super) fn load() -> Self {
        let presets = Profile::PRESETS
            .iter()
            .filter_map(|&id| Some((id, Loaded::new(Profile::preset(id)?))));
        Self {
            presets: presets.collect(),
            own: Mutex::default(),
        }
    }

    /// The preset that a caller names.
    pub(super) fn named(&self, id: &str) -> Result<Arc<Loaded>, ServiceError> {
        self.presets.get(id).map(Arc::clone).ok_or_else(|| {
            let known = self.presets.keys().copied().collect::<Vec<_>>().join(", ");
            let message = format!("there is no such profile; there are: {known}");
            ServiceError::about_field(Code::UnknownProfile, "profile", message)
        })
    }

    /// The profile that a caller sends. All that is wrong with it is said at once, by line.
    pub(super) fn sent(text: &str) -> Result<Arc<Loaded>, ServiceError> {
        if misplaced::holds_key(text) {
            return Err(ServiceError::invalid_field(TOML, misplaced::OBJECTION));
        }
        read(text).map_err(|messages| {
            let error = |message| FieldError {
                field: TOML.to_owned(),
                message,
            };
            ServiceError::invalid(messages.into_iter().map(error).collect())
        })
    }

    /// The profile of a keyspace. One of its own is read once.
    pub(super) fn of(&self, keyspace: &Keyspace) -> Result<Arc<Loaded>, ServiceError> {
        let Some(text) = &keyspace.profile_toml else {
            return self.presets.get(&*keyspace.profile).map(Arc::clone).ok_or_else(|| {
                ServiceError::internal(format!(
                    "keyspace {} has the profile {}, which this version of Keyward does not have",
                    keyspace.id, keyspace.profile
                ))
            });
        };
        let digest = *Digest::sha256_of(text.as_bytes()).bytes();
        if let Some(loaded) = self.own().get(&digest) {
            return Ok(Arc::clone(loaded));
        }
        let loaded = read(text).map_err(|messages| {
            ServiceError::internal(format!(
                "keyspace {} has a profile of its own that this version of Keyward does not read: {}",
                keyspace.id,
                messages.join("; ")
            ))
        })?;
        Ok(Arc::clone(self.own().entry(digest).or_insert(loaded)))
    }

    /// A keyspace has other rules now. Where another keyspace has these too, they are read once more.
    pub(super) fn forget(&self, before: &Keyspace) {
        if let Some(text) = &before.profile_toml {
            self.own()
                .remove(Digest::sha256_of(text.as_bytes()).bytes());
        }
    }

    fn own(&self) -> MutexGuard<'_, HashMap<[u8; 32], Arc<Loaded>>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// The profile of the keyspace with this id, and the revision of its rules.
    pub(super) fn rules_of(&self, keyspace: &str) -> Result<(Arc<Loaded>, u64), ServiceError> {
        let keyspace = self.find_keyspace(keyspace)?;
        Ok((self.profiles.of(&keyspace)?, keyspace.revision))
    }

    /// The profile of the keyspace with this id.
    pub(super) fn profile_of(&self, keyspace: &str) -> Result<Arc<Loaded>, ServiceError> {
        self.profiles.of(&self.find_keyspace(keyspace)?)
    }

    /// The profile by which the keys of an account are made, for those who see its keys.
    pub fn account_profile(
        &self,
        caller: &Principal,
        account: &AccountPath,
    ) -> Result<Profile, ServiceError> {
        caller.must(Right::KeysRead, Place::Account(account))?;
        self.find_account(account)?;
        Ok(self.profile_of(&account.keyspace)?.profile.clone())
    }

    /// The profile that holds throughout `reach`, which must exist, and the revision of the rules; there is none for
    /// the whole server.
    pub(super) fn rules_at(
        &self,
        reach: &Reach,
    ) -> Result<Option<(Arc<Loaded>, u64)>, ServiceError> {
        match reach {
            Reach::Server => Ok(None),
            Reach::Keyspace(keyspace) => self.rules_of(keyspace).map(Some),
            Reach::Account(path) => {
                let rules = self.rules_of(&path.keyspace)?;
                self.find_account(path)?;
                Ok(Some(rules))
            }
        }
    }
}

/// Reads a profile, or says what is wrong with it.
fn read(text: &str) -> Result<Arc<Loaded>, Vec<String>> {
    let profile = Profile::check_toml(text)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let objections = profile
        .privileges()
        .iter()
        .filter_map(|(name, rights)| rights::privilege_objection(name, rights))
        .collect::<Vec<_>>();
    if objections.is_empty() {
        Ok(Loaded::new(profile))
    } else {
        Err(objections)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_privileges_of_presets_are_rights() {
        for id in Profile::PRESETS {
            let text = Profile::preset_toml(id).expect("a preset");
            assert_eq!(read(text).map(|_| ()), Ok(()), "{id}");
        }
    }
}
