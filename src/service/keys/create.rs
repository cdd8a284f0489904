//! Making a key.

use std::collections::BTreeMap;

use super::change::irreversible;
use super::check::{self, Mistakes};
use super::once::Once;
use super::{Ceiling, Created, TRIES, expiry, index};
use crate::access::Constraint;
use crate::key::{Digest, KeyId, Secret};
use crate::limit::Rate;
use crate::profile::Profile;
use crate::service::Service;
use crate::service::error::{Code, ServiceError};
use crate::service::principal::{Place, Principal};
use crate::store::{
    AccountPath, Act, FirstState, KeyContent, KeyPath, KeyRecord, NewKey, NewSecret, Premise, Right,
};
use crate::time::Timestamp;

/// What a new key is made from.
#[derive(Clone, Debug, Default)]
pub struct CreateKey {
    /// The profile's fields, by name; those sent without a value too, because a name can be wrong all the same.
    pub fields: BTreeMap<String, Option<String>>,
    /// The id of its access level.
    pub level: Option<String>,
    /// What it may use, by dimension of the profile; those that are not named are free.
    pub constraints: BTreeMap<String, Constraint>,
    /// How often it may be used, instead of what its level says.
    pub rate: Option<Rate>,
    /// When it ends, in RFC 3339.
    pub expires_at: Option<String>,
    /// After how many days it ends; excludes `expires_at`.
    pub expires_in_days: Option<u32>,
    /// The API owner's id for whom it stands for.
    pub subject: Option<String>,
    /// The API owner's JSON object, as text.
    pub meta: Option<String>,
    /// Whether it may be used from the start.
    pub state: FirstState,
}

impl Service {
    /// Makes a key for an account. With `once`, a request that is sent again gets the answer that it got before.
    pub fn create_key(
        &self,
        caller: &Principal,
        account: &AccountPath,
        create: &CreateKey,
        once: Option<&Once>,
    ) -> Result<Created<KeyRecord>, ServiceError> {
        caller.must(Right::KeysWrite, Place::Account(account))?;
        if let Some(answer) = self.answered_before(once)? {
            return Ok(answer);
        }
        for _ in 0..TRIES {
            let (loaded, rules) = self.rules_of(&account.keyspace)?;
            let profile = &loaded.profile;
            self.must_be_enabled(profile, account)?;
            if create.state == FirstState::Disabled && !profile.lifecycle().reversible {
                return Err(irreversible());
            }
            let act = Act {
                premise: Premise {
                    rules: Some(rules),
                    keys_enabled: true,
                },
                ..self.act(caller)
            };
            let content = content(profile, create, act.at)?;
            Ceiling::of(caller).check_new(profile, &content)?;
            let path = KeyPath {
                account: account.clone(),
                id: KeyId::generate(act.at, &*self.entropy),
            };
            let (secret, new) = self.new_secret(profile, &path)?;
            let new = NewKey {
                index: index(profile, &content),
                secret: new,
                state: create.state,
                content,
            };
            let remember = once.map(|once| once.remember(&secret, act.at, &self.entropy));
            let error = match self.store.insert_key(path, new, remember, act) {
                Ok(Some(record)) => {
                    return Ok(Created {
                        secret: Some(secret),
                        record,
                        replayed: false,
                    });
                }
                Ok(None) => return Err(ServiceError::not_found("account")),
                // Neither is the first one's answer theirs any more.
                Err(error) if error.is_unauthorized() => return Err(error.into()),
                Err(error) => error,
            };
            // The same request, sent twice at once: whichever was second gets the first one's answer.
            if let Some(answer) = self.answered_before(once)? {
                return Ok(answer);
            }
            if let Some((field, holder)) = error.slot() {
                return Err(self.taken(profile, account, field, holder));
            }
            if error.is_not_enabled() {
                return Err(not_enabled(profile));
            }
            if !(error.is_exists() || error.is_outdated()) {
                return Err(error.into());
            }
        }
        let message = "the rules of the keyspace are being changed by others all the time; nothing was made; try again shortly";
        Err(ServiceError::new(Code::Unavailable, message))
    }

    /// System row S5.
    pub(super) fn must_be_enabled(
        &self,
        profile: &Profile,
        account: &AccountPath,
    ) -> Result<(), ServiceError> {
        let found = self.store.account(account)?;
        let found = found.ok_or_else(|| ServiceError::not_found("account"))?;
        if found.keys_enabled {
            return Ok(());
        }
        Err(not_enabled(profile))
    }

    /// A fresh secret for the key at `path`, and what is kept of it.
    pub(super) fn new_secret(
        &self,
        profile: &Profile,
        path: &KeyPath,
    ) -> Result<(Secret, NewSecret), ServiceError> {
        let format = profile.key_format();
        let secret = format
            .generate(Some(&path.account.account), &*self.entropy)
            .map_err(|error| {
                ServiceError::about_field(Code::InvalidField, "account", error.message())
            })?;
        let digest = Digest::sha256_of(secret.expose().as_bytes());
        let sealed = profile
            .lifecycle()
            .recoverable
            .then(|| {
                self.master_keys
                    .seal(path, &digest, &secret, &*self.entropy)
            })
            .transpose()?;
        let new = NewSecret {
            digest,
            hint: format.hint(&secret),
            sealed,
        };
        Ok((secret, new))
    }
}

pub(super) fn not_enabled(profile: &Profile) -> ServiceError {
    let message = profile
        .not_enabled()
        .unwrap_or("keys are not enabled for this account; ask whoever runs the API");
    ServiceError::new(Code::KeysNotEnabled, message)
}

/// Holds a request against the profile; finds all mistakes at once.
fn content(
    profile: &Profile,
    create: &CreateKey,
    now: Timestamp,
) -> Result<KeyContent, ServiceError> {
    let mut mistakes = Mistakes::default();
    let mut fields = BTreeMap::new();
    check::fields(profile, &create.fields, &mut fields, &mut mistakes);
    let level = check::level(profile, create.level.as_deref(), &mut mistakes);
    let subject = check::subject(create.subject.as_deref(), &mut mistakes);
    let meta = check::meta(create.meta.as_deref(), &mut mistakes);
    super::constraints::check(profile, level, &create.constraints, &mut mistakes);
    let end = expiry::on_creation(
        profile.lifecycle(),
        create.expires_at.as_deref(),
        create.expires_in_days,
        now,
    );
    let expires_at = mistakes.note(end).flatten();
    mistakes.conclude()?;
    Ok(KeyContent {
        level: create.level.clone().unwrap_or_default(),
        constraints: create.constraints.clone(),
        rate: create.rate,
        fields,
        subject,
        meta,
        expires_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(create: &CreateKey) -> ServiceError {
        let profile = Profile::preset("esputnik").expect("a preset");
        let now = Timestamp::from_millis(1_795_292_040_123).expect("positive");
        content(&profile, create, now).expect_err("refused")
    }

    #[test]
    fn all_mistakes_are_found_at_once() {
        let create = CreateKey {
            fields: BTreeMap::from([("colour".to_owned(), None)]),
            level: None,
            constraints: BTreeMap::from([("ip".to_owned(), Constraint::All)]),
            expires_in_days: Some(0),
            subject: Some("\u{202e}".to_owned()),
            meta: Some("[]".to_owned()),
            ..CreateKey::default()
        };
        let error = refused(&create);
        let fields = error
            .fields()
            .iter()
            .map(|error| &*error.field)
            .collect::<Vec<_>>();
        assert_eq!(error.code(), Code::InvalidField);
        for field in [
            "colour",
            "subject",
            "meta",
            "level",
            "expires_in_days",
            "constraints.ip",
        ] {
            assert!(fields.contains(&field), "{field} of {fields:?}");
        }
    }

    #[test]
    fn an_unknown_level_is_answered_with_the_known_ones() {
        let fields = BTreeMap::from([("description".to_owned(), Some("CRM".to_owned()))]);
        let error = refused(&CreateKey {
            fields,
            level: Some("god".to_owned()),
            ..CreateKey::default()
        });
        assert_eq!(error.code(), Code::UnknownLevel);
        assert!(
            error
                .to_string()
                .contains("full, events, events_and_contacts"),
            "{error}"
        );
    }
}
