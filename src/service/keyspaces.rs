//! Keyspaces: one published API each, with a signing key of its own that the root key vouches for.

mod update;

pub use self::update::UpdateKeyspace;

use std::sync::Arc;

use zeroize::Zeroizing;

use super::error::{Code, FieldError, ServiceError};
use super::profiles::{Loaded, Profiles};
use super::{Place, Principal, Service, names};
use crate::snapshot::{Keyring, SigningKey};
use crate::store::{Keyspace, NewKeyspace, Reach, Right, Signing};

/// Heads count as fresh for five minutes and are refused after a day, unless the keyspace says otherwise.
const DEFAULT_FRESH_FOR: u32 = 300;
const DEFAULT_VALID_FOR: u32 = 86_400;

/// Ten seconds to a day; below that, every poll would ask for a new signature.
const FRESH_FOR: std::ops::RangeInclusive<u32> = 10..=86_400;

/// At most thirty days: for so long an edge that is cut off goes on accepting.
const MAX_VALID_FOR: u32 = 30 * 86_400;

/// What a new keyspace is made from.
#[derive(Debug, Default)]
pub struct CreateKeyspace {
    /// Chosen by the caller.
    pub id: String,
    /// The id of a preset.
    pub profile: Option<String>,
    /// The TOML of a profile of its own, instead of a preset.
    pub profile_toml: Option<String>,
    /// For how many seconds its heads count as fresh.
    pub fresh_for_seconds: Option<u32>,
    /// After how many seconds its heads are refused.
    pub valid_for_seconds: Option<u32>,
}

impl Service {
    /// Adds a keyspace and makes its signing key. Needs the root key in the data directory.
    pub fn create_keyspace(
        &self,
        caller: &Principal,
        create: CreateKeyspace,
    ) -> Result<Keyspace, ServiceError> {
        caller.must(Right::KeyspacesWrite, Place::Server)?;
        let fresh_for_seconds = create.fresh_for_seconds.unwrap_or(DEFAULT_FRESH_FOR);
        let valid_for_seconds = create.valid_for_seconds.unwrap_or(DEFAULT_VALID_FOR);
        check(&create.id, fresh_for_seconds, valid_for_seconds)?;
        let profile = choose(
            &self.profiles,
            create.profile.as_deref(),
            create.profile_toml.as_deref(),
        )?;
        let root = self.directory.root_key(&create.id).map_err(ServiceError::internal)?.ok_or_else(|| {
            let message = "a keyspace is vouched for by the root key, and root.key is not in the server's data \
                           directory; put it back, create the keyspace, and take it away again";
            ServiceError::new(Code::RootKeyMissing, message)
        })?;

        let mut seed = Zeroizing::new([0; 32]);
        self.entropy.fill(seed.as_mut());
        let keys = vec![SigningKey::from_seed(&seed).public()];
        let keyring = Keyring {
            keyspace: create.id.clone(),
            era: 1,
            keys,
        }
        .sign(&root)
        .to_bytes();
        let new = NewKeyspace {
            id: create.id,
            profile: profile.profile.id().to_owned(),
            profile_toml: create.profile_toml,
            profile_digest: profile.digest,
            root_public: root.public().to_string(),
            signing: Signing { seed, keyring },
            fresh_for_seconds,
            valid_for_seconds,
        };
        let made = self.store.insert_keyspace(new, self.act(caller));
        self.speakers.forget();
        made.map_err(|error| {
            if error.is_exists() {
                let message = "a keyspace with this id exists already";
                ServiceError::about_field(Code::AlreadyExists, "id", message)
            } else {
                error.into()
            }
        })
    }

    /// The keyspaces within the caller's reach, by id.
    pub fn keyspaces(&self, caller: &Principal) -> Result<Vec<Keyspace>, ServiceError> {
        if let Reach::Keyspace(own) = caller.reach() {
            return Ok(vec![self.keyspace(caller, &own)?]);
        }
        caller.must(Right::KeyspacesRead, Place::Server)?;
        Ok(self.store.keyspaces()?)
    }

    /// One keyspace.
    pub fn keyspace(&self, caller: &Principal, id: &str) -> Result<Keyspace, ServiceError> {
        caller.must(Right::KeyspacesRead, Place::Keyspace(id))?;
        self.find_keyspace(id)
    }

    /// The keyspace with this id, for whoever asks.
    pub(super) fn find_keyspace(&self, id: &str) -> Result<Keyspace, ServiceError> {
        self.store
            .keyspace(id)?
            .ok_or_else(|| ServiceError::not_found("keyspace"))
    }
}

/// The profile that a caller names or sends: one of the two.
fn choose(
    profiles: &Profiles,
    id: Option<&str>,
    text: Option<&str>,
) -> Result<Arc<Loaded>, ServiceError> {
    match (id, text) {
        (Some(id), None) => profiles.named(id),
        (None, Some(text)) => Profiles::sent(text),
        (Some(_), Some(_)) => Err(ServiceError::invalid_field(
            "profile_toml",
            "cannot stand beside `profile`; give one of the two",
        )),
        (None, None) => Err(ServiceError::invalid_field(
            "profile",
            "is required: the id of a preset, or instead of it `profile_toml`",
        )),
    }
}

fn check(id: &str, fresh_for_seconds: u32, valid_for_seconds: u32) -> Result<(), ServiceError> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, message: String| {
        errors.push(FieldError {
            field: field.to_owned(),
            message,
        });
    };
    if let Some(objection) = names::keyspace_objection(id) {
        refuse("id", objection.to_owned());
    }
    if !FRESH_FOR.contains(&fresh_for_seconds) {
        refuse(
            "fresh_for_seconds",
            format!("must be from {} to {}", FRESH_FOR.start(), FRESH_FOR.end()),
        );
    }
    if !(fresh_for_seconds..=MAX_VALID_FOR).contains(&valid_for_seconds) {
        refuse(
            "valid_for_seconds",
            format!("must be from fresh_for_seconds to {MAX_VALID_FOR}"),
        );
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ServiceError::invalid(errors))
    }
}
