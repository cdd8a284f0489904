//! What a verifier answers: a grant, or a denial with its reason. Nothing else, and never by accident.

use super::table::RecordId;
use super::verifier::Verifier;
use crate::access::{LimitValue, ScopeSet};
use crate::limit::Rate;
use crate::profile::Profile;
use crate::time::Timestamp;

/// The answer of a verifier.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub enum Decision<'a> {
    /// The key is genuine and alive, and may do this.
    Allow(Grant<'a>),
    /// It is not, or may not.
    Deny(Denial<'a>),
}

impl<'a> Decision<'a> {
    /// The grant, where there is one.
    pub const fn grant(&self) -> Option<&Grant<'a>> {
        match self {
            Self::Allow(grant) => Some(grant),
            Self::Deny(_) => None,
        }
    }

    /// The reason of a denial.
    pub const fn reason(&self) -> Option<Reason> {
        match self {
            Self::Allow(_) => None,
            Self::Deny(denial) => Some(denial.reason()),
        }
    }
}

/// Why a request is refused. For the API's owner; callers see [`status`](Self::status) and one uniform body for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
pub enum Reason {
    /// No credential that this API takes.
    MissingCredential = 1,
    /// A credential that its own RFC does not allow.
    MalformedCredential = 2,
    /// More than one credential.
    AmbiguousCredential = 3,
    /// A path that could be read in two ways.
    MalformedPath = 4,
    /// Not a key of this format.
    MalformedKey = 5,
    /// A key of this format with a typo in it.
    BadChecksum = 6,
    /// No such key: never made here, deleted, or (from a snapshot) no longer live.
    UnknownKey = 7,
    /// Switched off, for now.
    Disabled = 8,
    /// Past its end.
    Expired = 9,
    /// Switched off for good.
    Deactivated = 10,
    /// Its level does not open this call.
    InsufficientScope = 11,
    /// A value beyond the key's constraints.
    ConstraintViolated = 12,
    /// Too many requests.
    RateLimited = 13,
    /// The snapshot is too old, or from the future.
    StaleSnapshot = 14,
    /// The verifier itself could not decide.
    Internal = 15,
}

impl Reason {
    /// All reasons, in the order of their numbers.
    pub const ALL: [Self; 15] = [
        Self::MissingCredential,
        Self::MalformedCredential,
        Self::AmbiguousCredential,
        Self::MalformedPath,
        Self::MalformedKey,
        Self::BadChecksum,
        Self::UnknownKey,
        Self::Disabled,
        Self::Expired,
        Self::Deactivated,
        Self::InsufficientScope,
        Self::ConstraintViolated,
        Self::RateLimited,
        Self::StaleSnapshot,
        Self::Internal,
    ];

    /// The word for it, everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingCredential => "missing_credential",
            Self::MalformedCredential => "malformed_credential",
            Self::AmbiguousCredential => "ambiguous_credential",
            Self::MalformedPath => "malformed_path",
            Self::MalformedKey => "malformed_key",
            Self::BadChecksum => "bad_checksum",
            Self::UnknownKey => "unknown_key",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Deactivated => "deactivated",
            Self::InsufficientScope => "insufficient_scope",
            Self::ConstraintViolated => "constraint_violated",
            Self::RateLimited => "rate_limited",
            Self::StaleSnapshot => "stale_snapshot",
            Self::Internal => "internal",
        }
    }

    /// The HTTP status that a caller gets.
    pub const fn status(self) -> u16 {
        match self {
            Self::MalformedCredential | Self::AmbiguousCredential | Self::MalformedPath => 400,
            Self::MissingCredential
            | Self::MalformedKey
            | Self::BadChecksum
            | Self::UnknownKey
            | Self::Disabled
            | Self::Expired
            | Self::Deactivated => 401,
            Self::InsufficientScope | Self::ConstraintViolated => 403,
            Self::RateLimited => 429,
            Self::StaleSnapshot | Self::Internal => 503,
        }
    }
}

/// A refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial<'a> {
    pub(super) reason: Reason,
    /// The closed route that decided, and what it says.
    pub(super) closed: Option<(u16, &'a str)>,
}

impl<'a> Denial<'a> {
    /// Why.
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// The HTTP status that a caller gets.
    pub const fn status(&self) -> u16 {
        self.reason.status()
    }

    /// What the profile says of a route that no key may call. Meant for the caller.
    pub fn note(&self) -> Option<&'a str> {
        self.closed.map(|(_, note)| note)
    }

    /// The position of that route.
    pub fn closed_route(&self) -> Option<u16> {
        self.closed.map(|(route, _)| route)
    }
}

/// What an allowed key is and may do, read in place from the verifier.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    pub(super) verifier: &'a Verifier,
    pub(super) record: u32,
    pub(super) route: Option<u16>,
    pub(super) cost: u32,
    pub(super) stale: bool,
}

impl<'a> Grant<'a> {
    /// The rules that it was decided by.
    pub const fn profile(&self) -> &'a Profile {
        self.verifier.profile()
    }

    /// The number of the record in its table.
    pub const fn record(&self) -> u32 {
        self.record
    }

    /// The key's id: a number for records of a snapshot, the position among the given records otherwise.
    pub fn record_id(&self) -> RecordId {
        self.verifier.table().id(self.record)
    }

    /// The key's id as text.
    pub fn key_id(&self) -> String {
        self.verifier.key_id(self.record)
    }

    /// The account that the key belongs to.
    pub fn account(&self) -> Option<&'a str> {
        self.verifier.account(self.record)
    }

    /// The number of that account in its table.
    pub fn owner(&self) -> Option<u32> {
        self.verifier.table().owner(self.record)
    }

    /// The API owner's own id for whoever holds the key.
    pub fn subject(&self) -> Option<&'a str> {
        self.verifier.subject(self.record)
    }

    /// Whether there is a subject or meta.
    pub fn has_note(&self) -> bool {
        self.verifier.table().has_note(self.record)
    }

    /// What the API's owner attached to the key: JSON.
    pub fn meta(&self) -> Option<&'a str> {
        self.verifier.meta(self.record)
    }

    /// The position of the policy (level, scopes) that this key shares with others.
    pub fn policy(&self) -> u16 {
        self.verifier.table().policy_index(self.record)
    }

    /// The key's level.
    pub fn level(&self) -> Option<&'a str> {
        let level = self.verifier.policy_of(self.record)?.level?;
        self.verifier
            .profile()
            .levels()
            .get(usize::from(level))
            .map(|level| &*level.id)
    }

    /// What the key may do.
    pub fn scopes(&self) -> ScopeSet {
        self.verifier
            .policy_of(self.record)
            .map_or(ScopeSet::EMPTY, |policy| policy.scopes)
    }

    /// Whether the key is limited in some dimension.
    pub fn is_limited(&self) -> bool {
        self.verifier.table().is_limited(self.record)
    }

    /// The values that the key may use of the dimension at this position in the profile; `None` for all of them.
    pub fn only(&self, dimension: u16) -> Option<Vec<LimitValue<'a>>> {
        self.verifier.only(self.record, dimension)
    }

    /// How often the key may be used. Counting is the caller's: see [`crate::limit`].
    pub fn rate(&self) -> Option<Rate> {
        self.verifier
            .policy_of(self.record)
            .and_then(|policy| policy.rate)
    }

    /// The units that the call takes, from the rate limit and from what is metered.
    pub const fn cost(&self) -> u32 {
        self.cost
    }

    /// When it ends.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.verifier.table().expires_at(self.record)
    }

    /// The position of the route rule that decided, where a call was asked for and a rule matched.
    pub const fn route(&self) -> Option<u16> {
        self.route
    }

    /// Whether the snapshot is older than `fresh_for`.
    pub const fn is_stale(&self) -> bool {
        self.stale
    }
}
