//! What a dialect says in one request and takes several use cases: a change of name and state together, a record
//! together with the whole key.

use std::collections::BTreeMap;

use super::{Calling, ShownKey};
use crate::access::Constraint;
use crate::key::{Digest, KeyId, Secret};
use crate::service::{
    CreateKey, Created, FirstState, Principal, Service, ServiceError, UpdateKey, rfc3339,
};
use crate::store::{KeyContent, KeyRecord, KeyState, KeyTransition};

/// What a new key is made from.
#[derive(Debug)]
pub struct DialectKey {
    /// What people will know it by.
    pub name: String,
    /// The id of its level; without one, the profile's first.
    pub level: Option<String>,
    /// The dimensions for which the dialect has a word, and what it may use of them; `None` is everything.
    pub constraints: Vec<(&'static str, Option<Constraint>)>,
    /// Whether it may be used from the start.
    pub state: FirstState,
}

/// What a request changes of a key. What is `None`, or is as it was, stays.
#[derive(Debug, Default)]
pub struct DialectChange {
    /// The number of its id, which is fixed.
    pub id: Option<u64>,
    /// The whole key, which is fixed.
    pub key: Option<Secret>,
    /// What people know it by.
    pub name: Option<String>,
    /// The id of its level.
    pub level: Option<String>,
    /// Whether it may be used.
    pub is_active: Option<bool>,
}

impl Service {
    /// Makes a key in the caller's account, no stronger than the caller, and shows it whole. Where the caller is
    /// limited in something that the dialect has no word for, the new key is limited alike.
    pub fn create_dialect_key(
        &self,
        calling: &Calling,
        new: DialectKey,
    ) -> Result<ShownKey, ServiceError> {
        let Calling {
            principal,
            account,
            terms,
            ..
        } = calling;
        let level = new.level.unwrap_or_else(|| terms.default_level.clone());
        let create = CreateKey {
            fields: BTreeMap::from([(terms.name.clone(), Some(new.name))]),
            level: Some(level),
            state: new.state,
            ..handed_on(&terms.maker, new.constraints)
        };
        let Created { secret, record, .. } = self.create_key(principal, account, &create, None)?;
        Ok(self.shown(calling, record, secret))
    }

    /// A key of the caller's account.
    pub fn dialect_key(&self, calling: &Calling, id: KeyId) -> Result<ShownKey, ServiceError> {
        let record = self.key(&calling.principal, &calling.account, &id.to_string())?;
        let secret = self.dialect_secrets(calling, [&record])?.remove(&id);
        Ok(self.shown(calling, record, secret))
    }

    /// Changes a key of the caller's account. What is fixed may be said as it is. The whole key is shown last, and if
    /// it can be: switching off needs neither a master key nor space on the disk (threat 3).
    pub fn change_dialect_key(
        &self,
        calling: &Calling,
        id: KeyId,
        change: &DialectChange,
    ) -> Result<ShownKey, ServiceError> {
        let mut calling = calling.clone();
        let number = id.to_string();
        let mut record = self.key(&calling.principal, &calling.account, &number)?;
        self.check_fixed(&calling, &record, change)?;
        let update = update(&calling.terms.name, &record, change);
        let transition = match (change.is_active, record.state) {
            (Some(false), KeyState::Active) => Some(KeyTransition::Disable),
            (Some(true), KeyState::Disabled { .. } | KeyState::Deactivated { .. }) => {
                Some(KeyTransition::Enable)
            }
            _ => None,
        };
        let turn = |calling: &Calling, transition| {
            let Calling {
                principal, account, ..
            } = calling;
            self.change_key(principal, account, &number, transition, None)
        };
        // What is refused for certain is refused before anything is changed.
        if let Some(transition) = transition.filter(|_| !calling.terms.reversible) {
            record = turn(&calling, transition)?;
            return Ok(self.shown(&calling, record, None));
        }
        if update.is_none() && transition.is_none() {
            let secret = self.dialect_secrets(&calling, [&record])?.remove(&id);
            return Ok(self.shown(&calling, record, secret));
        }
        // What is done is done, also where the caller has ended since.
        let show = |calling: &Calling, record: &KeyRecord| {
            let secrets = self.dialect_secrets(calling, [record]);
            secrets.ok().and_then(|mut secrets| secrets.remove(&id))
        };
        if let Some(update) = update {
            let Calling {
                principal, account, ..
            } = &calling;
            record = self.update_key(principal, account, &number, &update, None)?;
            // A key that changes itself is what it has become: it is asked for its authority each time.
            if let Principal::Key(own) = &mut calling.principal
                && own.record.id == record.id
            {
                own.record = record.clone();
            }
        }
        let Some(transition) = transition else {
            let secret = show(&calling, &record);
            return Ok(self.shown(&calling, record, secret));
        };
        let is_own =
            matches!(&calling.principal, Principal::Key(own) if own.record.id == record.id);
        // A key that is switched off is shown nothing, not even itself.
        let secret = if is_own {
            show(&calling, &record)
        } else {
            None
        };
        record = turn(&calling, transition)?;
        let secret = secret.or_else(|| show(&calling, &record));
        Ok(self.shown(&calling, record, secret))
    }

    /// Removes a key of the caller's account, and shows what it was.
    pub fn delete_dialect_key(
        &self,
        calling: &Calling,
        id: KeyId,
    ) -> Result<ShownKey, ServiceError> {
        let id = id.to_string();
        let record = self.delete_key(&calling.principal, &calling.account, &id, None)?;
        Ok(self.shown(calling, record, None))
    }

    /// Refuses to change what is fixed.
    fn check_fixed(
        &self,
        calling: &Calling,
        record: &KeyRecord,
        change: &DialectChange,
    ) -> Result<(), ServiceError> {
        let refuse = |member| {
            let message = "is fixed; leave it out, or send it as it is";
            Err(ServiceError::invalid_field(member, message))
        };
        if change.id.is_some_and(|id| id != record.id.get()) {
            return refuse("id");
        }
        let Some(key) = &change.key else {
            return Ok(());
        };
        let digest = Digest::sha256_of(key.expose().as_bytes());
        let keyspace = &calling.account.keyspace;
        let found = self
            .store
            .key_by_digest(keyspace, &digest, self.clock.now())?;
        match found {
            Some(found) if found.record.id == record.id && !found.is_retiring => Ok(()),
            _ => refuse("api_key"),
        }
    }
}

/// The limits of the caller that a new key inherits, and those that were said.
fn handed_on(maker: &KeyContent, said: Vec<(&'static str, Option<Constraint>)>) -> CreateKey {
    let mut constraints = maker.constraints.clone();
    for (dimension, constraint) in said {
        constraints.remove(dimension);
        constraints.extend(constraint.map(|constraint| (dimension.to_owned(), constraint)));
    }
    CreateKey {
        constraints,
        rate: maker.rate,
        expires_at: maker.expires_at.map(rfc3339),
        ..CreateKey::default()
    }
}

/// What there is to update, if anything is.
fn update(name_field: &str, record: &KeyRecord, change: &DialectChange) -> Option<UpdateKey> {
    let KeyRecord { content, .. } = record;
    let name = change.name.as_ref();
    let name = name.filter(|name| content.fields.get(name_field) != Some(name));
    let level = change.level.as_ref();
    let level = level.filter(|level| content.level != **level);
    if name.is_none() && level.is_none() {
        return None;
    }
    let fields = name.map(|name| (name_field.to_owned(), Some(name.clone())));
    Some(UpdateKey {
        fields: fields.into_iter().collect(),
        level: level.cloned(),
        ..UpdateKey::default()
    })
}
