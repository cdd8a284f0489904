//! Other rules for a keyspace that is there, keys and all.
//!
//! The keys keep what they are: rules that have no place for one of them are refused, with the list of what is in the
//! way. What a level opens, which calls there are and how a key travels may change as the API's owner likes; edges and
//! server decide by it from the next epoch on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::{check, choose};
use crate::profile::{Field, Profile};
use crate::service::error::{Code, FieldError, ServiceError};
use crate::service::profiles::Loaded;
use crate::service::{Place, Principal, Service, keys};
use crate::store::{
    Edition, KeyIndex, KeyRecord, Keyspace, KeyspaceContent, KeyspaceUpdate, Reindex, Right,
    StoreError,
};
use crate::time::Timestamp;

/// How often a change is computed anew because somebody else has changed the keyspace in between.
const TRIES: usize = 8;

/// What is to be changed of a keyspace; `None` leaves it as it is.
#[derive(Debug, Default)]
pub struct UpdateKeyspace {
    /// The id of a preset.
    pub profile: Option<String>,
    /// The TOML of a profile of its own, instead of a preset.
    pub profile_toml: Option<String>,
    /// For how many seconds its heads count as fresh.
    pub fresh_for_seconds: Option<u32>,
    /// After how many seconds its heads are refused.
    pub valid_for_seconds: Option<u32>,
    /// Whether it is only to be tried: all is checked, nothing changed.
    pub is_trial: bool,
}

impl Service {
    /// Changes a keyspace, where its rules still have the revision `if_match` if one is given, and returns what it is
    /// then, or after a trial: what it would be.
    pub fn update_keyspace(
        &self,
        caller: &Principal,
        id: &str,
        update: &UpdateKeyspace,
        if_match: Option<u64>,
    ) -> Result<Keyspace, ServiceError> {
        caller.must(Right::KeyspacesWrite, Place::Keyspace(id))?;
        for _ in 0..TRIES {
            let before = self.find_keyspace(id)?;
            let revision = if_match.unwrap_or(before.revision);
            let known = self.profiles.of(&before)?;
            let (content, wanted) = self.changed(&before, &known, update)?;
            if content == before.content() && revision == before.revision {
                return Ok(before);
            }
            if content.profile_toml != before.profile_toml || content.profile != before.profile {
                must_give_every_level(caller)?;
            }
            if revision != before.revision {
                let message =
                    "the rules have changed since you read them; read them again and decide anew";
                return Err(ServiceError::new(Code::PreconditionFailed, message));
            }
            let in_the_way = InTheWay::default();
            let judged = reindex(&known, &wanted, &in_the_way)
                .map(|tell| self.store.judge_keys(id, tell, self.clock.now()))
                .transpose()
                .map_err(|error| in_the_way.explain(error))?;
            let act = self.act(caller);
            if update.is_trial {
                self.store.confirm(&act)?;
                return Ok(changed_to(before, content, act.at));
            }
            let change = KeyspaceUpdate {
                content,
                judged,
                levels: staying(&known.profile, &wanted.profile),
            };
            match self.store.update_keyspace(id, revision, change, act) {
                Ok(Some(after)) => {
                    self.profiles.forget(&before);
                    self.speakers.forget();
                    return Ok(after);
                }
                Ok(None) => return Err(ServiceError::not_found("keyspace")),
                Err(error) if error.is_stale() && if_match.is_none() => {}
                Err(error) => return Err(in_the_way.explain(error)),
            }
        }
        let message = "the keyspace changes too fast for this; nothing was changed; try again";
        Err(ServiceError::new(Code::Unavailable, message))
    }

    /// What the keyspace would be, and its profile then.
    fn changed(
        &self,
        before: &Keyspace,
        known: &Arc<Loaded>,
        update: &UpdateKeyspace,
    ) -> Result<(KeyspaceContent, Arc<Loaded>), ServiceError> {
        let mut content = before.content();
        let mut wanted = Arc::clone(known);
        if update.profile.is_some() || update.profile_toml.is_some() {
            let (id, text) = (update.profile.as_deref(), update.profile_toml.as_deref());
            wanted = choose(&self.profiles, id, text)?;
            wanted.profile.id().clone_into(&mut content.profile);
            content.profile_toml.clone_from(&update.profile_toml);
            content.profile_digest = wanted.digest;
        }
        if let Some(seconds) = update.fresh_for_seconds {
            content.fresh_for_seconds = seconds;
        }
        if let Some(seconds) = update.valid_for_seconds {
            content.valid_for_seconds = seconds;
        }
        check(
            &before.id,
            content.fresh_for_seconds,
            content.valid_for_seconds,
        )?;
        Ok((content, wanted))
    }
}

/// The levels that both have.
fn staying(old: &Profile, new: &Profile) -> BTreeSet<String> {
    let ids = old.levels().iter().map(|level| &*level.id);
    ids.filter(|id| new.level_index(id).is_some())
        .map(str::to_owned)
        .collect()
}

/// What the keyspace would be.
fn changed_to(before: Keyspace, content: KeyspaceContent, at: Timestamp) -> Keyspace {
    Keyspace {
        profile: content.profile,
        profile_toml: content.profile_toml,
        profile_digest: content.profile_digest,
        fresh_for_seconds: content.fresh_for_seconds,
        valid_for_seconds: content.valid_for_seconds,
        edition: Edition {
            epoch: before.edition.epoch + 1,
            ..before.edition
        },
        changed_at: at,
        revision: before.revision + 1,
        ..before
    }
}

/// Whoever may only give some levels would give themselves all that they could write into these.
fn must_give_every_level(caller: &Principal) -> Result<(), ServiceError> {
    match caller {
        Principal::Operator(operator) if operator.levels.is_some() => {
            let message =
                "you may give some levels only, and what a level opens is among the rules";
            Err(ServiceError::new(Code::StrongerThanMaker, message))
        }
        _ => Ok(()),
    }
}

/// Places that the new rules do not have, each with how many keys need it.
#[derive(Clone, Default)]
struct InTheWay(Arc<Mutex<BTreeMap<String, u64>>>);

impl InTheWay {
    fn count(&self, places: Vec<String>) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for place in places {
            *counts.entry(place).or_default() += 1;
        }
    }

    /// Why the keys have no place in the new rules, where that is the error.
    fn explain(&self, error: StoreError) -> ServiceError {
        if error.is_unfit() {
            return self.refusal();
        }
        match error.slot() {
            Some((field, holder)) => refusal(vec![format!(
                "{field}: the key {holder} and another one of its account have the same, which these rules do not allow; \
                 change or delete one of them first"
            )]),
            None => error.into(),
        }
    }

    fn refusal(&self) -> ServiceError {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let say = |(place, count): (&String, &u64)| {
            let (keys, need) = if *count == 1 {
                ("key", "needs")
            } else {
                ("keys", "need")
            };
            format!(
                "{place}: {count} {keys} {need} what it was; keep it, or change or delete these keys first"
            )
        };
        refusal(counts.iter().map(say).collect())
    }
}

fn refusal(messages: Vec<String>) -> ServiceError {
    let error = |message| FieldError {
        field: "profile".to_owned(),
        message,
    };
    let fields = messages.into_iter().map(error).collect();
    ServiceError::of_members(Code::KeysDoNotFit, fields)
}

/// What is asked of each key; `None` where the rules differ in nothing that a key consists of.
fn reindex(known: &Arc<Loaded>, wanted: &Arc<Loaded>, in_the_way: &InTheWay) -> Option<Reindex> {
    let (old, new) = (&known.profile, &wanted.profile);
    let is_other_key = old.key_format() != new.key_format()
        || old.lifecycle().recoverable != new.lifecycle().recoverable;
    let keeps_levels = old
        .levels()
        .iter()
        .all(|level| new.level_index(&level.id).is_some());
    let is_like = |one: &Field, other: &Field| {
        let what = |field: &Field| (field.required, field.max_length, field.kind, field.unique);
        one.name == other.name && what(one) == what(other)
    };
    let is_same = keeps_levels
        && !is_other_key
        && old.dimensions() == new.dimensions()
        // A dimension names levels by their position.
        && (new.dimensions().is_empty()
            || old.levels().iter().map(|level| &level.id).eq(new.levels().iter().map(|level| &level.id)))
        && old.fields().len() == new.fields().len()
        && old.fields().iter().zip(new.fields()).all(|(one, other)| is_like(one, other));
    if is_same {
        return None;
    }
    let (old, new, in_the_way) = (Arc::clone(known), Arc::clone(wanted), in_the_way.clone());
    Some(Box::new(move |key| {
        tell(&old.profile, &new.profile, key)
            .map_err(|places| in_the_way.count(places))
            .ok()
    }))
}

/// What the store has to know of a key by the new rules, or what they have no place for.
fn tell(old: &Profile, new: &Profile, key: &KeyRecord) -> Result<KeyIndex, Vec<String>> {
    let mut places = keys::misfits(new, &key.content);
    if old.key_format() != new.key_format() {
        places.push("the format of keys".to_owned());
    }
    if old.lifecycle().recoverable != new.lifecycle().recoverable {
        places.push("whether keys are recoverable".to_owned());
    }
    if places.is_empty() {
        Ok(keys::index(new, &key.content))
    } else {
        Err(places)
    }
}
