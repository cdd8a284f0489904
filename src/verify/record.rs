//! A key record as a verifier is given it, without any server.

use crate::access::Constraint;
use crate::key::Digest;
use crate::limit::Rate;
use crate::time::Timestamp;

/// Whether a key is switched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Status {
    /// Switched on.
    #[default]
    Active = 0,
    /// Switched off, can be switched on again.
    Disabled = 1,
    /// Switched off for good.
    Deactivated = 2,
}

impl Status {
    /// The status with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Active),
            1 => Some(Self::Disabled),
            2 => Some(Self::Deactivated),
            _ => None,
        }
    }
}

/// One key: its digest, and what it may do.
#[derive(Clone, Debug)]
pub struct Record {
    pub(super) id: Box<str>,
    /// Each with an end of its own: a key that is being rotated is known by two for a while.
    pub(super) digests: Vec<(Digest, Option<Timestamp>)>,
    pub(super) account: Option<Box<str>>,
    pub(super) level: Option<Box<str>>,
    pub(super) scopes: Vec<Box<str>>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) status: Status,
    pub(super) subject: Option<Box<str>>,
    pub(super) meta: Option<Box<str>>,
    pub(super) constraints: Vec<(Box<str>, Constraint)>,
    pub(super) rate: Option<Rate>,
}

impl Record {
    /// A record that opens nothing yet: give it a [`level`](Self::level) or a [`scope`](Self::scope).
    pub fn new(id: &str, digest: Digest) -> Self {
        Self {
            id: id.into(),
            digests: vec![(digest, None)],
            account: None,
            level: None,
            scopes: Vec::new(),
            expires_at: None,
            status: Status::Active,
            subject: None,
            meta: None,
            constraints: Vec::new(),
            rate: None,
        }
    }

    /// The level, by its id in the profile.
    #[must_use]
    pub fn level(mut self, level: &str) -> Self {
        self.level = Some(level.into());
        self
    }

    /// One more digest of the same key, which ends at an instant of its own: the one before or after a rotation.
    #[must_use]
    pub fn digest(mut self, digest: Digest, expires_at: Option<Timestamp>) -> Self {
        self.digests.push((digest, expires_at));
        self
    }

    /// What the key may use of a dimension of the profile. Dimensions that are not named are free.
    #[must_use]
    pub fn constraint(mut self, dimension: &str, constraint: Constraint) -> Self {
        self.constraints.push((dimension.into(), constraint));
        self
    }

    /// How often the key may be used, instead of what its level says.
    #[must_use]
    pub const fn rate(mut self, rate: Rate) -> Self {
        self.rate = Some(rate);
        self
    }

    /// One more scope, by its id in the profile, in which `*` stands for any segment: `contacts.*`. A record has a
    /// level or scopes, not both.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// The account that the key belongs to.
    #[must_use]
    pub fn account(mut self, account: &str) -> Self {
        self.account = Some(account.into());
        self
    }

    /// The first instant at which it is no longer valid.
    #[must_use]
    pub const fn expires_at(mut self, at: Timestamp) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// Whether it is switched on.
    #[must_use]
    pub const fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// An opaque id of the API's owner.
    #[must_use]
    pub fn subject(mut self, subject: &str) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// JSON of the API's owner.
    #[must_use]
    pub fn meta(mut self, json: &str) -> Self {
        self.meta = Some(json.into());
        self
    }
}
