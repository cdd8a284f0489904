//! Changing what can be chosen of a key.

use std::collections::BTreeMap;

use super::ceiling::narrows;
use super::change::{changed_since, seen, too_busy};
use super::check::{self, Mistakes};
use super::create::not_enabled;
use super::{Ceiling, TRIES, expiry, has_expired, index, key_path};
use crate::access::Constraint;
use crate::limit::Rate;
use crate::profile::Profile;
use crate::service::Service;
use crate::service::error::{Code, ServiceError};
use crate::service::principal::{Place, Principal};
use crate::service::revocations::Loss;
use crate::store::{AccountPath, KeyContent, KeyRecord, KeyState, Right};
use crate::time::Timestamp;

/// What is to be changed of a key; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct UpdateKey {
    /// Fields of the profile, by name: a value replaces the one before, `None` takes it away.
    pub fields: BTreeMap<String, Option<String>>,
    /// The id of its access level.
    pub level: Option<String>,
    /// What it may use: all its constraints anew.
    pub constraints: Option<BTreeMap<String, Constraint>>,
    /// How often it may be used; `Some(None)`: as its level says.
    pub rate: Option<Option<Rate>>,
    /// When it ends, in RFC 3339; `Some(None)`: never.
    pub expires_at: Option<Option<String>>,
    /// The API owner's id for whom it stands for; `Some(None)`: nobody's.
    pub subject: Option<Option<String>>,
    /// The API owner's JSON object, as text; `Some(None)`: none.
    pub meta: Option<Option<String>>,
}

impl Service {
    /// Changes a key. `if_match` is the revision that the caller has seen; without it, the change is applied to
    /// whatever the record is by then.
    pub fn update_key(
        &self,
        caller: &Principal,
        account: &AccountPath,
        id: &str,
        update: &UpdateKey,
        if_match: Option<u64>,
    ) -> Result<KeyRecord, ServiceError> {
        caller.must(Right::KeysWrite, Place::Account(account))?;
        let path = key_path(account, id)?;
        for _ in 0..TRIES {
            let (loaded, rules) = self.rules_of(&account.keyspace)?;
            let profile = &loaded.profile;
            let record = self.key_at(&path)?;
            let revision = seen(&record, if_match)?;
            if matches!(record.state, KeyState::Deactivated { .. }) {
                let message = "the key was deactivated and is kept as it was; create a new one";
                return Err(ServiceError::new(Code::Deactivated, message));
            }
            let mut act = self.act(caller);
            act.premise.rules = Some(rules);
            let content = updated(profile, &record, update, act.at)?;
            if content == record.content {
                return Ok(record);
            }
            if has_expired(&record.content, act.at) && !has_expired(&content, act.at) {
                may_revive(caller, profile)?;
            }
            Ceiling::of(caller).check_update(profile, &record.content, &content)?;
            if caller.is_of_an_account() && !narrows(profile, &record.content, &content) {
                self.must_be_enabled(profile, account)?;
                act.premise.keys_enabled = true;
            }
            let index = index(profile, &content);
            match self
                .store
                .update_key(path.clone(), revision, content, index, act)
            {
                Ok(None) => return Err(ServiceError::not_found("key")),
                Ok(Some(changed)) => {
                    if ends_earlier(&record.content, &changed.content) {
                        self.note_key_loss(&path, &changed, Loss::Expires);
                    }
                    return Ok(changed);
                }
                Err(error) if error.is_stale() && if_match.is_none() => {}
                Err(error) if error.is_outdated() => {}
                Err(error) if error.is_not_enabled() => return Err(not_enabled(profile)),
                Err(error) => {
                    return Err(match error.slot() {
                        Some((field, holder)) => self.taken(profile, account, field, holder),
                        None => changed_since(error, if_match),
                    });
                }
            }
        }
        Err(too_busy())
    }
}

/// Whether an expired key can be given a later end, which brings it back: by whoever runs the API, where nothing is for
/// good. A customer makes another one: whoever looked through their keys took this one for gone.
fn may_revive(caller: &Principal, profile: &Profile) -> Result<(), ServiceError> {
    if !profile.lifecycle().reversible || caller.is_of_an_account() {
        let message = "the key has expired, and no later end brings it back; create a new one";
        return Err(ServiceError::new(Code::Expired, message));
    }
    Ok(())
}

fn ends_earlier(before: &KeyContent, after: &KeyContent) -> bool {
    let end = |content: &KeyContent| content.expires_at.unwrap_or(Timestamp::MAX);
    end(after) < end(before)
}

/// The content that a key has after an update; finds all mistakes at once.
fn updated(
    profile: &Profile,
    record: &KeyRecord,
    update: &UpdateKey,
    now: Timestamp,
) -> Result<KeyContent, ServiceError> {
    let mut content = record.content.clone();
    let mut mistakes = Mistakes::default();
    check::fields(profile, &update.fields, &mut content.fields, &mut mistakes);
    if let Some(level) = &update.level {
        content.level.clone_from(level);
    }
    if let Some(constraints) = &update.constraints {
        content.constraints.clone_from(constraints);
    }
    if update.level.is_some() || update.constraints.is_some() {
        let level = check::level(profile, Some(&content.level), &mut mistakes);
        super::constraints::check(profile, level, &content.constraints, &mut mistakes);
    }
    if let Some(rate) = update.rate {
        content.rate = rate;
    }
    if let Some(end) = &update.expires_at {
        let end = expiry::on_update(profile.lifecycle(), end.as_deref(), record.created_at, now);
        if let Some(end) = mistakes.note(end) {
            content.expires_at = end;
        }
    }
    if let Some(subject) = &update.subject {
        content.subject = check::subject(subject.as_deref(), &mut mistakes);
    }
    if let Some(meta) = &update.meta {
        content.meta = check::meta(meta.as_deref(), &mut mistakes);
    }
    mistakes.conclude()?;
    Ok(content)
}
