//! Dialects: customers' own keys manage the keys of their account, by the API that the profile of their keyspace speaks
//! (system rows M and I).
//!
//! Who may call is decided by the verifier, by the profile's own routes. What a call does is done by the same use cases
//! that operators have; here stands only what dialects have besides them.

mod caller;
mod list;
mod speakers;
mod write;

pub use self::caller::{Calling, DialectDenial, DialectRefusal};
pub use self::list::{DialectList, DialectPart};
pub(super) use self::speakers::Speakers;
pub use self::write::{DialectChange, DialectKey};

use std::collections::BTreeMap;

use crate::key::{KeyId, Secret};
use crate::service::keys::{Ceiling, key_status};
use crate::service::{Code, Service, ServiceError};
use crate::store::{KeyContent, KeyRecord};

/// A key as a dialect shows it.
pub struct ShownKey {
    /// What is known of it.
    pub record: KeyRecord,
    /// What people know it by.
    pub name: String,
    /// Whether it may be used now.
    pub is_active: bool,
    /// The whole key, where the caller is shown that.
    pub secret: Option<Secret>,
}

impl Service {
    fn shown(&self, calling: &Calling, record: KeyRecord, secret: Option<Secret>) -> ShownKey {
        let name = record.content.fields.get(&calling.terms.name);
        ShownKey {
            name: name.cloned().unwrap_or_default(),
            is_active: key_status(&record, self.clock.now()) == "active",
            record,
            secret,
        }
    }

    /// The whole keys of these records, as far as the caller is shown them (I21); one entry in the audit trail names
    /// them all. What is stronger than the caller is not among them: to see it would be to have it (threat 33). Nor is
    /// any where the master key is missing, or the audit trail takes no entry: nothing is shown that is not written
    /// down, and reading goes on without. Only a caller that has ended is refused.
    fn dialect_secrets<'a>(
        &self,
        calling: &Calling,
        keys: impl IntoIterator<Item = &'a KeyRecord>,
    ) -> Result<BTreeMap<KeyId, Secret>, ServiceError> {
        if !calling.terms.shows_keys {
            return Ok(BTreeMap::new());
        }
        let loaded = self.profile_of(&calling.account.keyspace)?;
        let ceiling = Ceiling::of(&calling.principal);
        let is_shown = |key: &&KeyRecord| {
            let power = KeyContent {
                subject: None,
                meta: None,
                ..key.content.clone()
            };
            key.is_sealed && ceiling.check(&loaded.profile, &power).is_ok()
        };
        let ids: Vec<_> = keys
            .into_iter()
            .filter(is_shown)
            .map(|key| key.id)
            .collect();
        match self.reveal_keys(&calling.principal, &calling.account, &ids) {
            Ok(secrets) => Ok(secrets.into_iter().collect()),
            Err(error) if error.code() == Code::InvalidCredential => Err(error),
            Err(error) => {
                let cause = error
                    .cause()
                    .map_or_else(|| error.to_string(), str::to_owned);
                tracing::warn!(
                    keyspace = calling.account.keyspace,
                    account = calling.account.account,
                    cause,
                    "whole keys are left out of an answer"
                );
                Ok(BTreeMap::new())
            }
        }
    }
}
