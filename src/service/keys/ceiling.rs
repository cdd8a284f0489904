//! Never stronger than the maker (threat 33): what a key may become is bounded by who makes, changes, rotates or
//! switches it on.
//!
//! An operator may be limited to certain levels. Whoever speaks for one account, an operator of it or a portal link, is
//! a customer (threat 52): they make keys of those levels, and loosen nothing of keys that are there, for the limits
//! may be the API owner's. A customer's key that manages keys gives nothing that it lacks itself: scopes, constraints,
//! end, rate. What is not said counts as everything, and so is more than a limit.

mod customer;

use std::collections::BTreeSet;

use crate::access::{Constraint, ConstraintValue, Level};
use crate::limit::Rate;
use crate::profile::Profile;
use crate::request::Network;
use crate::service::error::{Code, ServiceError};
use crate::service::principal::Principal;
use crate::store::{KeyContent, Reach};

/// What keys must not exceed that a caller makes or changes.
pub(in crate::service) enum Ceiling<'a> {
    /// There is none.
    Open,
    /// These levels alone.
    Levels(&'a BTreeSet<String>),
    /// What a customer may do with the keys of their account: these levels, or all.
    Account(Option<&'a BTreeSet<String>>),
    /// What this key may do itself.
    Key(&'a KeyContent),
    /// Nothing at all.
    Closed,
}

impl<'a> Ceiling<'a> {
    pub(in crate::service) fn of(caller: &'a Principal) -> Self {
        match caller {
            Principal::Operator(operator) => match (&operator.reach, &operator.levels) {
                (Reach::Account(_), levels) => Self::Account(levels.as_ref()),
                (_, None) => Self::Open,
                (_, Some(levels)) => Self::Levels(levels),
            },
            Principal::Key(key) => Self::Key(&key.record.content),
            Principal::Edge(_) => Self::Closed,
        }
    }

    /// Refuses a new key that would be stronger than the caller.
    pub(super) fn check_new(
        &self,
        profile: &Profile,
        content: &KeyContent,
    ) -> Result<(), ServiceError> {
        self.check(profile, content)?;
        match self {
            Self::Account(_) => refuse(customer::overstated(profile, content)),
            _ => Ok(()),
        }
    }

    /// Refuses to hand out a key that is stronger than the caller: to show it, to give it another secret, to switch it
    /// on.
    pub(in crate::service) fn check(
        &self,
        profile: &Profile,
        content: &KeyContent,
    ) -> Result<(), ServiceError> {
        refuse(self.exceeded(profile, content))
    }

    /// As [`check`](Self::check), for a key that is there already: what an update leaves as it was is not given by it,
    /// so that a key can be renamed by whoever could not have made it.
    pub(super) fn check_update(
        &self,
        profile: &Profile,
        before: &KeyContent,
        after: &KeyContent,
    ) -> Result<(), ServiceError> {
        if before.is_as_strong_as(after) {
            return Ok(());
        }
        self.check(profile, after)?;
        match self {
            Self::Account(_) => {
                let is_theirs = self.check_new(profile, before).is_ok();
                if before.level != after.level
                    && !(is_theirs && self.check_new(profile, after).is_ok())
                {
                    return refuse(Some(customer::another_level()));
                }
                refuse(customer::loosened(profile, before, after, is_theirs))
            }
            _ => Ok(()),
        }
    }

    fn exceeded(&self, profile: &Profile, content: &KeyContent) -> Option<Excess> {
        let maker = match self {
            Self::Open | Self::Account(None) => return None,
            Self::Closed => return Some(("level".to_owned(), "this credential makes no keys")),
            Self::Levels(levels) | Self::Account(Some(levels)) => {
                let why = "is not among the levels that this operator may give";
                return (!levels.contains(&content.level)).then(|| ("level".to_owned(), why));
            }
            Self::Key(maker) => maker,
        };
        let levels = level(profile, maker).zip(level(profile, content));
        let Some((own, made)) = levels else {
            return Some(("level".to_owned(), "is not a level of this profile"));
        };
        if !opens_no_more(made, own) {
            let why = "opens more than the key that makes it";
            return Some(("level".to_owned(), why));
        }
        if let Some(dimension) = widened(content, maker) {
            let why = "the key that makes it is limited here: repeat its values, or some of them";
            return Some((format!("constraints.{dimension}"), why));
        }
        if !ends_no_later(content, maker) {
            let why = "must not be later than the end of the key that makes it";
            return Some(("expires_at".to_owned(), why));
        }
        if !is_no_faster(content.rate.or(made.rate), maker.rate.or(own.rate)) {
            let why = "must not be above the rate of the key that makes it; say one that is not";
            return Some(("rate".to_owned(), why));
        }
        // Whoever reads a decision takes them for the API owner's word.
        for (member, made, own) in [
            ("subject", &content.subject, &maker.subject),
            ("meta", &content.meta, &maker.meta),
        ] {
            if made.is_some() && made != own {
                return Some((member.to_owned(), "a key can hand on its own, and no other"));
            }
        }
        None
    }
}

/// The member that goes too far, and why.
type Excess = (String, &'static str);

fn refuse(excess: Option<Excess>) -> Result<(), ServiceError> {
    excess.map_or(Ok(()), |(field, why)| {
        Err(ServiceError::about_field(
            Code::StrongerThanMaker,
            &field,
            why,
        ))
    })
}

/// Whether a key can do no more after a change than before: the rule for customers whose account may have no keys made
/// (S5).
pub(super) fn narrows(profile: &Profile, before: &KeyContent, after: &KeyContent) -> bool {
    before.level == after.level && customer::loosened(profile, before, after, false).is_none()
}

/// The level of a key, where the profile has it.
fn level<'a>(profile: &'a Profile, content: &KeyContent) -> Option<&'a Level> {
    let index = profile.level_index(&content.level)?;
    profile.levels().get(usize::from(index))
}

/// A dimension in which what is `made` goes beyond the constraints of `limits`.
fn widened<'a>(made: &KeyContent, limits: &'a KeyContent) -> Option<&'a str> {
    let mut limits = limits.constraints.iter();
    let wider =
        limits.find(|(dimension, limit)| !is_within(made.constraints.get(*dimension), limit));
    wider.map(|(dimension, _)| dimension.as_str())
}

/// A level that opens everything also opens what no scope lists.
fn opens_no_more(made: &Level, own: &Level) -> bool {
    own.everything || !made.everything && made.scopes.union(own.scopes) == own.scopes
}

/// Whether what is `made` of a dimension lies within the maker's limit.
fn is_within(made: Option<&Constraint>, limit: &Constraint) -> bool {
    match (limit, made) {
        (Constraint::All, _) => true,
        (Constraint::Only(_), None | Some(Constraint::All)) => false,
        (Constraint::Only(own), Some(Constraint::Only(made))) => made
            .as_slice()
            .iter()
            .all(|value| own.as_slice().iter().any(|limit| covers(limit, value))),
    }
}

/// Equal, or a network that holds the other one.
fn covers(limit: &ConstraintValue, value: &ConstraintValue) -> bool {
    if limit == value {
        return true;
    }
    let network = |value: &ConstraintValue| match value {
        ConstraintValue::Text(text) => text.parse::<Network>().ok(),
        ConstraintValue::Integer(_) => None,
    };
    network(limit)
        .zip(network(value))
        .is_some_and(|(limit, value)| limit.covers(&value))
}

fn ends_no_later(made: &KeyContent, maker: &KeyContent) -> bool {
    maker
        .expires_at
        .is_none_or(|last| made.expires_at.is_some_and(|end| end <= last))
}

/// Neither more at once nor more in the long run.
fn is_no_faster(made: Option<Rate>, own: Option<Rate>) -> bool {
    let Some(own) = own else { return true };
    let Some(made) = made else { return false };
    let (limit, window) = (u64::from(own.limit()), u64::from(own.window_seconds()));
    made.limit() <= own.limit()
        && u64::from(made.limit()) * window <= limit * u64::from(made.window_seconds())
}

#[cfg(test)]
mod tests;
