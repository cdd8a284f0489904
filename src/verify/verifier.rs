//! The verifier: one engine for requests, bare keys and explanations.

use super::builder::Builder;
use super::decision::Decision;
use super::explain::{Explanation, Steps};
use super::hasher::{Hasher, hashers};
use super::table::{KeyTable, Policy, RecordId};
use crate::access::{Context, LimitValue, RouteHandle, is_method};
use crate::error::{Code, Error};
use crate::key::Pepper;
use crate::profile::Profile;
use crate::request::RequestPath;
use crate::time::Timestamp;

/// A snapshot may have been signed by a clock that is ahead by so much: 5 minutes.
pub const CLOCK_SKEW_MILLIS: i64 = 5 * 60 * 1000;

pub(super) const NO_METHOD: &str = "a method is written in capital letters, such as GET";

/// From when to when a snapshot binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// When it was signed.
    pub issued_at: Timestamp,
    /// How long it counts as fresh, in seconds.
    pub fresh_for_seconds: u32,
    /// The first instant at which it decides nothing any more.
    pub valid_until: Timestamp,
}

/// A request, as far as a verifier looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Names and values of headers: all of them, or those that can hold a credential of the profile
    /// ([`Profile::credential_headers`]), each as often as it came.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The method, as sent.
    pub method: &'a [u8],
    /// The request target, as sent: `/path?query` or an absolute URL.
    pub target: &'a [u8],
    /// What the call is about.
    pub context: Context<'a>,
}

/// What is asked about a key.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Ask<'a> {
    /// Whether it is genuine and alive; nothing else.
    Alive,
    /// Whether it may make this call.
    Call {
        /// The method, as sent.
        method: &'a [u8],
        /// The path, as sent, without query.
        path: &'a [u8],
    },
    /// Whether it may make a call whose route was looked up before.
    Route(RouteHandle),
    /// Whether it has this scope.
    Scope(&'a str),
    /// Whether it has the scope at this position in the profile; a position that is none is a scope that no level
    /// lists.
    ScopeNumber(u16),
}

/// Decides for one keyspace. Nothing in it changes by deciding, and deciding allocates nothing.
#[derive(Debug)]
pub struct Verifier {
    pub(super) profile: Profile,
    pub(super) table: KeyTable,
    pub(super) validity: Option<Validity>,
    /// The ids of records that were given one by one; empty for snapshots, which carry them in the table.
    ids: Vec<Box<str>>,
    /// One for each scheme of the table, in its order.
    pub(super) hashers: Vec<Hasher>,
}

impl Verifier {
    /// A verifier over records that the caller keeps.
    pub const fn builder(profile: Profile) -> Builder {
        Builder::new(profile)
    }

    pub(crate) fn from_table(
        profile: Profile,
        table: KeyTable,
        validity: Option<Validity>,
        ids: Vec<Box<str>>,
        peppers: Vec<Pepper>,
    ) -> Result<Self, Error> {
        let holds = |policy: &Policy| match policy.level {
            Some(level) => profile
                .levels()
                .get(usize::from(level))
                .is_some_and(|level| {
                    level.scopes == policy.scopes && level.everything == policy.everything
                }),
            None => {
                !policy.everything
                    && policy
                        .scopes
                        .iter()
                        .all(|scope| usize::from(scope) < profile.scopes().len())
            }
        };
        if !table.policies().iter().all(holds) {
            return Err(Error::new(
                Code::InvalidSnapshot,
                "a policy grants something else than its level does",
            ));
        }
        Ok(Self {
            hashers: hashers(table.schemes(), peppers)?,
            profile,
            table,
            validity,
            ids,
        })
    }

    /// The rules that it decides by.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The keys that it knows.
    pub const fn table(&self) -> &KeyTable {
        &self.table
    }

    /// From when to when it decides; none for records that were given one by one.
    pub const fn validity(&self) -> Option<&Validity> {
        self.validity.as_ref()
    }

    /// Decides about a request.
    pub fn verify(&self, request: &Request<'_>, now: Timestamp) -> Decision<'_> {
        self.decide_request(request, Some(now), &mut ())
    }

    /// Decides about a bare key.
    pub fn verify_key(
        &self,
        key: &[u8],
        ask: Ask<'_>,
        context: Context<'_>,
        now: Timestamp,
    ) -> Decision<'_> {
        self.decide_key(key, ask, context, Some(now), &mut ())
    }

    /// As [`verify`](Self::verify), and why.
    pub fn explain(&self, request: &Request<'_>, now: Option<Timestamp>) -> Explanation {
        let mut steps = Steps::default();
        let decision = self.decide_request(request, now, &mut steps);
        steps.conclude(self, decision)
    }

    /// As [`verify_key`](Self::verify_key), and why.
    pub fn explain_key(
        &self,
        key: &[u8],
        ask: Ask<'_>,
        context: Context<'_>,
        now: Option<Timestamp>,
    ) -> Explanation {
        let mut steps = Steps::default();
        let decision = self.decide_key(key, ask, context, now, &mut steps);
        steps.conclude(self, decision)
    }

    /// Looks a call up before requests for it come, by its path or by a pattern of the profile, such as
    /// `/api/contact/{id}`. What can be read as both and comes to two rules is refused, and so is what comes to no rule
    /// and could be taken for one that binds every key: name it as the profile does.
    pub fn route(&self, method: &[u8], path: &[u8]) -> Result<RouteHandle, Error> {
        let invalid = |why: String| Error::new(Code::InvalidArgument, why);
        let routes = self.profile.routes();
        if !is_method(method) {
            return Err(invalid(NO_METHOD.into()));
        }
        let by_pattern = routes.find_pattern(method, path);
        if path.contains(&b'{') {
            let none = || invalid("no rule of the profile has this pattern".into());
            return by_pattern
                .map(|rule| RouteHandle(Some(rule)))
                .ok_or_else(none);
        }
        let path = RequestPath::parse(path).map_err(|error| invalid(error.to_string()))?;
        let by_path = routes.find(method, path);
        if by_pattern.is_some() && by_pattern != by_path {
            return Err(invalid(
                "as a pattern this is one route, as a path another".into(),
            ));
        }
        if by_path.is_none() && routes.strict(method, path).next().is_some() {
            let why =
                "no rule lists this path, and some routers take it for one that binds every key";
            return Err(invalid(why.into()));
        }
        Ok(RouteHandle(by_path))
    }

    /// The text of a record's id.
    pub fn key_id(&self, record: u32) -> String {
        match self.table.id(record) {
            RecordId::Key(id) => id.to_string(),
            RecordId::Ordinal(ordinal) => self
                .ids
                .get(ordinal as usize)
                .map_or_else(|| ordinal.to_string(), ToString::to_string),
        }
    }

    pub(crate) fn account(&self, record: u32) -> Option<&str> {
        self.table
            .owner(record)
            .and_then(|account| self.table.account(account))
    }

    pub(crate) fn subject(&self, record: u32) -> Option<&str> {
        self.table.note(record).0
    }

    pub(crate) fn meta(&self, record: u32) -> Option<&str> {
        self.table.note(record).1
    }

    pub(crate) fn only(&self, record: u32, dimension: u16) -> Option<Vec<LimitValue<'_>>> {
        self.table
            .limits(record)?
            .values(self.profile.dimensions(), dimension)
    }

    pub(crate) fn policy_of(&self, record: u32) -> Option<&Policy> {
        self.table
            .policies()
            .get(usize::from(self.table.policy_index(record)))
    }
}
