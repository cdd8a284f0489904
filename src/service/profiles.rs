//! The profiles that keyspaces can have, each with the digest of what is published of it.

use std::collections::BTreeMap;

use super::error::{Code, ServiceError};
use crate::key::Digest;
use crate::profile::Profile;
use crate::store::Keyspace;

/// A profile, and the digest of what is published of it.
pub(super) struct Loaded {
    pub(super) profile: Profile,
    pub(super) digest: Digest,
}

/// The profiles of this version, by id.
pub(super) struct Profiles(BTreeMap<&'static str, Loaded>);

impl Profiles {
    pub(super) fn load() -> Self {
        let loaded = Profile::PRESETS.iter().filter_map(|&id| {
            let profile = Profile::preset(id)?;
            let digest = Digest::sha256_of(&profile.compile());
            Some((id, Loaded { profile, digest }))
        });
        Self(loaded.collect())
    }

    /// The profile that a caller names.
    pub(super) fn named(&self, id: &str) -> Result<&Loaded, ServiceError> {
        self.0.get(id).ok_or_else(|| {
            let known = self.0.keys().copied().collect::<Vec<_>>().join(", ");
            let message = format!("there is no such profile; there are: {known}");
            ServiceError::about_field(Code::UnknownProfile, "profile", message)
        })
    }

    /// The profile of a keyspace.
    pub(super) fn of(&self, keyspace: &Keyspace) -> Result<&Loaded, ServiceError> {
        self.0.get(&*keyspace.profile).ok_or_else(|| {
            ServiceError::internal(format!(
                "keyspace {} has the profile {}, which this version of Keyward does not have",
                keyspace.id, keyspace.profile
            ))
        })
    }
}
