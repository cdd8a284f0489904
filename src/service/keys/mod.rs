//! Keys: made once and shown once, then known by their record only.

mod ceiling;
mod change;
mod check;
mod constraints;
mod create;
mod expiry;
mod kept;
mod list;
mod once;
mod reveal;
mod rotate;
mod update;

use std::collections::BTreeMap;

pub(super) use self::ceiling::Ceiling;
use self::check::Mistakes;
use super::error::ServiceError;
use super::principal::{Place, Principal};
use super::{Service, text};
use crate::key::Secret;
use crate::profile::{FieldKind, Profile, Uniqueness};
use crate::store::{AccountPath, KeyContent, KeyIndex, KeyPath, KeyRecord, KeyState, Right, Slot};
use crate::time::Timestamp;

pub use self::create::CreateKey;
pub use self::list::KeyQuery;
pub use self::once::Once;
pub use self::rotate::RotateKey;
pub use self::update::UpdateKey;

/// How often a change is computed anew because somebody else has changed the record or the rules in between, where the
/// caller did not name the revision that is meant.
const TRIES: usize = 8;

/// A thing that was just made, with the secret that is shown this once.
pub struct Created<T> {
    /// The whole key or token. `None` only where an earlier answer is given again to somebody who may not see it.
    pub secret: Option<Secret>,
    /// What is known of it from now on; of a request that was sent again, what was known then.
    pub record: T,
    /// Whether this is the answer to an earlier request with the same idempotency key.
    pub replayed: bool,
}

/// The state of a key at `now`, as it appears outside: `active`, `disabled`, `deactivated` or `expired`.
pub fn key_status(key: &KeyRecord, now: Timestamp) -> &'static str {
    match key.state {
        KeyState::Active if has_expired(&key.content, now) => "expired",
        state => state.as_str(),
    }
}

impl Service {
    /// One key of an account.
    pub fn key(
        &self,
        caller: &Principal,
        account: &AccountPath,
        id: &str,
    ) -> Result<KeyRecord, ServiceError> {
        caller.must(Right::KeysRead, Place::Account(account))?;
        self.key_at(&key_path(account, id)?)
    }

    fn key_at(&self, path: &KeyPath) -> Result<KeyRecord, ServiceError> {
        self.store
            .key(path)?
            .ok_or_else(|| ServiceError::not_found("key"))
    }

    /// The error of a value that another key of the account holds, with the name of that key.
    fn taken(
        &self,
        profile: &Profile,
        account: &AccountPath,
        field: &str,
        holder: crate::key::KeyId,
    ) -> ServiceError {
        let path = KeyPath {
            account: account.clone(),
            id: holder,
        };
        // It may have gone by now, which is no reason to fail: the caller tries again.
        let record = self.store.key(&path).ok().flatten();
        let name = record.and_then(|record| {
            let field = profile.name_field()?;
            record.content.fields.get(&*field.name).cloned()
        });
        let taken = profile.field(field);
        let label = taken.map_or(field, |known| &known.label);
        let mend = match taken.and_then(|known| known.unique) {
            Some(Uniqueness::AccountAndLevel) => {
                "an active key has it in this level; choose another level, deactivate that key, or let it expire"
            }
            // It stays taken whatever the state of the key is.
            Some(Uniqueness::Account) | None => "choose another, or delete that key",
        };
        let message =
            format!("another key of this account, {holder}, has this {label} already; {mend}");
        ServiceError::about_field(super::Code::AlreadyExists, field, message)
            .with_existing(holder, name.unwrap_or_default())
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

fn has_expired(content: &KeyContent, now: Timestamp) -> bool {
    content.expires_at.is_some_and(|end| now >= end)
}

/// What the store has to know of a key's content: the profile says which fields name it and which are unique.
pub(super) fn index(profile: &Profile, content: &KeyContent) -> KeyIndex {
    let slots = profile.fields().iter().filter_map(|field| {
        let value = content.fields.get(&*field.name)?;
        let folded = match field.kind {
            FieldKind::Email => text::fold_email(value),
            FieldKind::Text => text::fold(value),
        };
        let (value, while_active) = match field.unique? {
            Uniqueness::Account => (folded, false),
            // Stands in no level's id and in no text.
            Uniqueness::AccountAndLevel => (format!("{folded}\0{}", content.level), true),
        };
        Some(Slot {
            field: field.name.to_string(),
            value,
            while_active,
        })
    });
    KeyIndex {
        name: profile
            .name_field()
            .and_then(|field| content.fields.get(&*field.name))
            .map(|value| text::fold(value))
            .unwrap_or_default(),
        slots: slots.collect(),
    }
}

/// What of a key a profile has no place for: names of levels, constraints and fields.
pub(super) fn misfits(profile: &Profile, content: &KeyContent) -> Vec<String> {
    let mut mistakes = Mistakes::default();
    let level = profile.level_index(&content.level);
    constraints::check(profile, level, &content.constraints, &mut mistakes);
    let given = content.fields.iter();
    let given = given.map(|(name, value)| (name.clone(), Some(value.clone())));
    check::fields(
        profile,
        &given.collect(),
        &mut BTreeMap::new(),
        &mut mistakes,
    );
    let mut places: Vec<_> = mistakes.members().map(str::to_owned).collect();
    if level.is_none() {
        places.push(format!("level {}", content.level));
    }
    places
}
