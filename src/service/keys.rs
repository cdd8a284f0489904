//! Keys: made once and shown once, then known by their record only.

use std::collections::BTreeMap;

use super::cursor::List;
use super::error::{Code, FieldError, ServiceError};
use super::{Page, PageRequest, Service, instant, meta, names, text};
use crate::key::{Digest, KeyId, Secret};
use crate::profile::Profile;
use crate::store::{AccountPath, KeyPath, KeyRecord, KeyTransition, NewKey, Operator};
use crate::time::Timestamp;

/// The most characters of a subject.
const MAX_SUBJECT: usize = 256;

/// What a new key is made from.
#[derive(Debug, Default)]
pub struct CreateKey {
    /// The profile's fields, by name; those sent without a value too, because a name can be wrong all the same.
    pub fields: BTreeMap<String, Option<String>>,
    /// The id of its access level.
    pub level: Option<String>,
    /// When it ends, in RFC 3339.
    pub expires_at: Option<String>,
    /// After how many days it ends; excludes `expires_at`.
    pub expires_in_days: Option<u32>,
    /// The API owner's id for whom it stands for.
    pub subject: Option<String>,
    /// The API owner's JSON object, as text.
    pub meta: Option<String>,
}

/// A thing that was just made, with the secret that is shown this once.
pub struct Created<T> {
    /// The whole key or token.
    pub secret: Secret,
    /// What is known of it from now on.
    pub record: T,
}

impl Service {
    /// Makes a key for an account.
    pub fn create_key(
        &self,
        operator: &Operator,
        account: &AccountPath,
        create: &CreateKey,
    ) -> Result<Created<KeyRecord>, ServiceError> {
        let keyspace = self.keyspace(&account.keyspace)?;
        let profile = &self.profiles.of(&keyspace)?.profile;
        for _ in 0..names::ATTEMPTS {
            let act = self.act(operator);
            let (level, expires_at) = check(profile, create, act.at)?;
            let secret = profile
                .key_format()
                .generate(Some(&account.account), &*self.entropy)
                .map_err(|error| {
                    ServiceError::about_field(Code::InvalidField, "account", error.message())
                })?;
            let new = NewKey {
                digest: Digest::sha256_of(secret.expose().as_bytes()),
                level,
                hint: profile.key_format().hint(&secret),
                fields: filled_in(&create.fields),
                subject: create.subject.clone(),
                meta: create.meta.clone(),
                expires_at,
            };
            let path = KeyPath {
                account: account.clone(),
                id: KeyId::generate(act.at, &*self.entropy),
            };
            match self.store.insert_key(path, new, act) {
                Ok(Some(record)) => return Ok(Created { secret, record }),
                Ok(None) => return Err(ServiceError::not_found("account")),
                Err(error) if error.is_exists() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::internal("no free key id was found"))
    }

    /// One key of an account.
    pub fn key(&self, account: &AccountPath, id: &str) -> Result<KeyRecord, ServiceError> {
        let path = key_path(account, id)?;
        self.store
            .key(&path)?
            .ok_or_else(|| ServiceError::not_found("key"))
    }

    /// The keys of an account, newest first.
    pub fn keys(
        &self,
        account: &AccountPath,
        request: &PageRequest,
    ) -> Result<Page<KeyRecord>, ServiceError> {
        let list = List {
            of: "keys",
            keyspace: &account.keyspace,
            account: &account.account,
        };
        let before = match &request.cursor {
            Some(cursor) => Some(
                self.cursors
                    .open(&list, cursor)?
                    .parse::<KeyId>()
                    .map_err(ServiceError::internal)?,
            ),
            None => None,
        };
        let keys = self
            .store
            .keys(account, before, request.limit + 1)?
            .ok_or_else(|| ServiceError::not_found("account"))?;
        Ok(self.page(&list, request, keys, |key| key.id.to_string()))
    }

    /// Switches a key off or on, or takes it out of use for good.
    pub fn change_key(
        &self,
        operator: &Operator,
        account: &AccountPath,
        id: &str,
        transition: KeyTransition,
    ) -> Result<KeyRecord, ServiceError> {
        let path = key_path(account, id)?;
        self.store
            .change_key(path, transition, self.act(operator))?
            .ok_or_else(|| ServiceError::not_found("key"))
    }

    /// Removes a key.
    pub fn delete_key(
        &self,
        operator: &Operator,
        account: &AccountPath,
        id: &str,
    ) -> Result<(), ServiceError> {
        let path = key_path(account, id)?;
        if self.store.delete_key(path, self.act(operator))? {
            Ok(())
        } else {
            Err(ServiceError::not_found("key"))
        }
    }
}

/// What is no key id cannot be the id of a key: not found rather than malformed.
fn key_path(account: &AccountPath, id: &str) -> Result<KeyPath, ServiceError> {
    let id = id.parse().map_err(|_| ServiceError::not_found("key"))?;
    Ok(KeyPath {
        account: account.clone(),
        id,
    })
}

/// The fields that have a value.
fn filled_in(fields: &BTreeMap<String, Option<String>>) -> BTreeMap<String, String> {
    let filled = fields
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
    filled.collect()
}

/// Holds a request against the profile; finds all mistakes at once.
fn check(
    profile: &Profile,
    create: &CreateKey,
    now: Timestamp,
) -> Result<(String, Option<Timestamp>), ServiceError> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, message: String| {
        errors.push(FieldError {
            field: field.to_owned(),
            message,
        });
    };
    for name in create.fields.keys() {
        if !profile.fields().iter().any(|field| *field.name == **name) {
            let known = profile
                .fields()
                .iter()
                .map(|field| &*field.name)
                .collect::<Vec<_>>()
                .join(", ");
            refuse(
                name,
                format!("is no member of a key of this profile, whose fields are: {known}"),
            );
        }
    }
    for field in profile.fields() {
        match create.fields.get(&*field.name).and_then(Option::as_ref) {
            Some(value) => {
                if let Some(objection) = text::objection(value, usize::from(field.max_length)) {
                    refuse(&field.name, objection);
                }
            }
            None if field.required => refuse(&field.name, format!("is required: {}", field.label)),
            None => {}
        }
    }
    if let Some(objection) = create
        .subject
        .as_deref()
        .and_then(|subject| text::objection(subject, MAX_SUBJECT))
    {
        refuse("subject", objection);
    }
    if let Some(objection) = create.meta.as_deref().and_then(meta::objection) {
        refuse("meta", objection);
    }
    let levels = || {
        profile
            .levels()
            .iter()
            .map(|level| &*level.id)
            .collect::<Vec<_>>()
            .join(", ")
    };
    if create.level.is_none() {
        refuse("level", format!("is required; there are: {}", levels()));
    }
    let expires_at = instant::expiry(create.expires_at.as_deref(), create.expires_in_days, now)
        .map_err(|error| errors.push(error))
        .unwrap_or_default();
    match &create.level {
        Some(level) if errors.is_empty() => {
            if profile.level_index(level).is_none() {
                let message = format!("there is no such level; there are: {}", levels());
                return Err(ServiceError::about_field(
                    Code::UnknownLevel,
                    "level",
                    message,
                ));
            }
            Ok((level.clone(), expires_at))
        }
        _ => Err(ServiceError::invalid(errors)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(create: &CreateKey) -> ServiceError {
        let profile = Profile::preset("esputnik").expect("a preset");
        let now = Timestamp::from_millis(1_795_292_040_123).expect("positive");
        check(&profile, create, now).expect_err("refused")
    }

    #[test]
    fn all_mistakes_are_found_at_once() {
        let create = CreateKey {
            fields: BTreeMap::from([("colour".to_owned(), None)]),
            level: None,
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
        for field in ["colour", "subject", "meta", "level", "expires_in_days"] {
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
