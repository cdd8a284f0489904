//! The key of a request that was allowed, as the service behind the layer sees it.

use std::fmt;
use std::sync::Arc;

use crate::access::{Constraint, ConstraintValue, LimitValue};
use crate::limit::{Rate, RateOutcome};
use crate::time::Timestamp;
use crate::verify::{Grant, Verifier};

/// Whose key it was and what it grants, read in place from the verifier that decided. A copy costs two counters.
#[derive(Clone)]
pub struct Key {
    verifier: Arc<Verifier>,
    id: Arc<str>,
    record: u32,
    cost: u32,
    stale: bool,
    rate: Option<(Rate, RateOutcome)>,
}

impl Key {
    pub(super) fn new(verifier: &Arc<Verifier>, grant: &Grant<'_>) -> Self {
        Self {
            verifier: Arc::clone(verifier),
            id: grant.key_id().into(),
            record: grant.record(),
            cost: grant.cost(),
            stale: grant.is_stale(),
            rate: None,
        }
    }

    pub(super) fn with_rate(mut self, rate: Rate, outcome: RateOutcome) -> Self {
        self.rate = Some((rate, outcome));
        self
    }

    /// The public identifier of the key.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The account that the key belongs to.
    pub fn account(&self) -> Option<&str> {
        self.verifier.account(self.record)
    }

    /// What the API's owner attached to the key: an id of theirs.
    pub fn subject(&self) -> Option<&str> {
        self.verifier.subject(self.record)
    }

    /// What the API's owner attached to the key: JSON.
    pub fn meta(&self) -> Option<&str> {
        self.verifier.meta(self.record)
    }

    /// The access level, unless the key was given scopes one by one.
    pub fn level(&self) -> Option<&str> {
        let level = self.verifier.policy_of(self.record)?.level?;
        let levels = self.verifier.profile().levels();
        levels.get(usize::from(level)).map(|level| &*level.id)
    }

    /// The scopes that the key has, in the order of the profile.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let policy = self.verifier.policy_of(self.record);
        let scopes = self.verifier.profile().scopes().iter();
        (0..)
            .zip(scopes)
            .filter(move |(index, _)| policy.is_some_and(|policy| policy.scopes.contains(*index)))
            .map(|(_, scope)| &*scope.id)
    }

    /// Whether its level opens every call, also those that no scope speaks of.
    pub fn opens_everything(&self) -> bool {
        let policy = self.verifier.policy_of(self.record);
        policy.is_some_and(|policy| policy.everything)
    }

    /// What the key may use of each dimension of the profile.
    pub fn constraints(&self) -> impl Iterator<Item = (&str, Constraint)> {
        let dimensions = self.verifier.profile().dimensions().iter();
        (0..)
            .zip(dimensions)
            .map(|(index, dimension)| (&*dimension.name, self.constraint_at(index)))
    }

    /// What the key may use of one dimension; `None` where the profile has no such dimension.
    pub fn constraint(&self, dimension: &str) -> Option<Constraint> {
        let index = self.verifier.profile().dimension_index(dimension)?;
        Some(self.constraint_at(index))
    }

    fn constraint_at(&self, dimension: u16) -> Constraint {
        let Some(values) = self.verifier.only(self.record, dimension) else {
            return Constraint::All;
        };
        let values = values.into_iter().map(|value| match value {
            LimitValue::Integer(number) => number.into(),
            LimitValue::Text(text) => text.into(),
            LimitValue::Network(network) => ConstraintValue::Text(network.to_string().into()),
        });
        Constraint::only::<ConstraintValue>(values).expect("a table holds no empty list")
    }

    /// The first instant at which it is no longer valid; `None` for never.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.verifier.table().expires_at(self.record)
    }

    /// Whether the snapshot is older than it should be (past `fresh_for`), but still valid.
    pub const fn is_stale(&self) -> bool {
        self.stale
    }

    /// How many units the call took, from the rate limit and from what is metered.
    pub const fn cost(&self) -> u32 {
        self.cost
    }

    /// How often the key may be used, and what of that is left after this call; `None` where it has no limit.
    pub const fn rate(&self) -> Option<(Rate, RateOutcome)> {
        self.rate
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("account", &self.account())
            .field("level", &self.level())
            .finish_non_exhaustive()
    }
}
