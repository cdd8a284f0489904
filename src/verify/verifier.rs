//! The verifier: one engine for requests, bare keys and explanations.

use super::builder::Builder;
use super::decision::{Decision, Denial, Grant, Reason};
use super::explain::{Explanation, StepName, Steps, Trace};
use super::record::Status;
use super::table::{KeyTable, Policy, RecordId};
use crate::access::{Matched, RouteHandle};
use crate::error::{Code, Error};
use crate::key::{Digest, MAX_KEY_LENGTH};
use crate::profile::Profile;
use crate::request::{self, CredentialErrorKind, DecodeBuffer, RequestPath};
use crate::time::Timestamp;

/// A snapshot may have been signed by a clock that is ahead by so much: 5 minutes.
pub const CLOCK_SKEW_MILLIS: i64 = 5 * 60 * 1000;

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
    /// The values of all `Authorization` headers.
    pub authorization: &'a [&'a [u8]],
    /// The method, as sent.
    pub method: &'a [u8],
    /// The request target, as sent: `/path?query` or an absolute URL.
    pub target: &'a [u8],
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
    /// Whether it has the scope at this position in the profile; a position that is none is a scope that no level lists.
    ScopeNumber(u16),
}

/// Decides for one keyspace. Nothing in it changes by deciding, and deciding allocates nothing.
#[derive(Debug)]
pub struct Verifier {
    profile: Profile,
    table: KeyTable,
    validity: Option<Validity>,
    /// The ids of records that were given one by one; empty for snapshots, which carry them in the table.
    ids: Vec<Box<str>>,
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
    pub fn verify_key(&self, key: &[u8], ask: Ask<'_>, now: Timestamp) -> Decision<'_> {
        self.decide_key(key, ask, Some(now), &mut ())
    }

    /// As [`verify`](Self::verify), and why.
    pub fn explain(&self, request: &Request<'_>, now: Option<Timestamp>) -> Explanation {
        let mut steps = Steps::default();
        let decision = self.decide_request(request, now, &mut steps);
        steps.conclude(self, decision)
    }

    /// As [`verify_key`](Self::verify_key), and why.
    pub fn explain_key(&self, key: &[u8], ask: Ask<'_>, now: Option<Timestamp>) -> Explanation {
        let mut steps = Steps::default();
        let decision = self.decide_key(key, ask, now, &mut steps);
        steps.conclude(self, decision)
    }

    /// Looks a call up before requests for it come. The path may also be a pattern of the profile, such as `/api/contact/{id}`.
    pub fn route(&self, method: &[u8], path: &[u8]) -> Result<RouteHandle, request::PathError> {
        let routes = self.profile.routes();
        if let Some(handle) = routes.find_pattern(method, path) {
            return Ok(handle);
        }
        RequestPath::parse(path).map(|path| RouteHandle(routes.find(method, path)))
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

    pub(crate) fn policy_of(&self, record: u32) -> Option<&Policy> {
        self.table
            .policies()
            .get(usize::from(self.table.policy_index(record)))
    }

    pub(crate) fn decide_request(
        &self,
        request: &Request<'_>,
        now: Option<Timestamp>,
        trace: &mut impl Trace,
    ) -> Decision<'_> {
        let Some(now) = check_clock(now, trace) else {
            return deny(Reason::Internal);
        };
        let mut buffer = DecodeBuffer::default();
        let credential = match request::extract(
            self.profile.transports(),
            request.authorization,
            &mut buffer,
        ) {
            Ok(credential) => credential,
            Err(error) => {
                trace.fail(StepName::Credential, &error);
                return deny(match error.kind() {
                    CredentialErrorKind::Missing => Reason::MissingCredential,
                    CredentialErrorKind::Malformed => Reason::MalformedCredential,
                    CredentialErrorKind::Ambiguous => Reason::AmbiguousCredential,
                });
            }
        };
        trace.pass(StepName::Credential, || {
            format!("found in Authorization, {}", credential.transport.as_str())
        });
        let path = match RequestPath::of_target(request.target) {
            Ok(path) => path,
            Err(error) => {
                trace.fail(StepName::Path, &error);
                return deny(Reason::MalformedPath);
            }
        };
        trace.pass(StepName::Path, || {
            String::from_utf8_lossy(path.as_bytes()).into_owned()
        });
        self.decide(
            credential.key,
            Need::Call {
                method: request.method,
                path,
            },
            now,
            trace,
        )
    }

    pub(crate) fn decide_key(
        &self,
        key: &[u8],
        ask: Ask<'_>,
        now: Option<Timestamp>,
        trace: &mut impl Trace,
    ) -> Decision<'_> {
        let Some(now) = check_clock(now, trace) else {
            return deny(Reason::Internal);
        };
        let need = match ask {
            Ask::Alive => Need::Nothing,
            Ask::Route(RouteHandle(matched)) => Need::Matched(matched),
            Ask::Scope(scope) => Need::Scope(self.profile.scope_index(scope)),
            Ask::ScopeNumber(scope) => Need::Scope(Some(scope)),
            Ask::Call { method, path } => match RequestPath::parse(path) {
                Ok(path) => {
                    trace.pass(StepName::Path, || {
                        String::from_utf8_lossy(path.as_bytes()).into_owned()
                    });
                    Need::Call { method, path }
                }
                Err(error) => {
                    trace.fail(StepName::Path, &error);
                    return deny(Reason::MalformedPath);
                }
            },
        };
        self.decide(key, need, now, trace)
    }

    /// The checks that all ways in share, in the order of docs/format.md.
    fn decide(
        &self,
        key: &[u8],
        need: Need<'_>,
        now: Timestamp,
        trace: &mut impl Trace,
    ) -> Decision<'_> {
        if let Err(error) = self
            .profile
            .key_format()
            .check(&key[..key.len().min(MAX_KEY_LENGTH + 1)])
        {
            if error.is_bad_checksum() {
                trace.pass(StepName::Format, || "a key of this API by its shape".into());
                trace.fail(StepName::Checksum, &error);
                return deny(Reason::BadChecksum);
            }
            trace.fail(StepName::Format, &error);
            return deny(Reason::MalformedKey);
        }
        trace.pass(StepName::Format, || {
            format!(
                "starts with {}_, 36 letters and digits",
                self.profile.key_format().prefix()
            )
        });
        trace.pass(StepName::Checksum, || {
            "the last six characters fit the 30 before them".into()
        });

        let stale = match self.age(now) {
            Age::Fresh => false,
            Age::Stale => true,
            Age::Invalid(why) => {
                trace.fail(StepName::Snapshot, &why);
                return deny(Reason::StaleSnapshot);
            }
        };
        if self.validity.is_some() {
            trace.pass(StepName::Snapshot, || {
                if stale {
                    "past its fresh time, still valid"
                } else {
                    "fresh"
                }
                .into()
            });
        }

        let Some(record) = self.table.find(&Digest::sha256_of(key)) else {
            trace.fail(StepName::Digest, &"no live key has this SHA-256 digest");
            return deny(Reason::UnknownKey);
        };
        let Some(policy) = self
            .policy_of(record)
            .filter(|_| self.table.is_whole(record))
        else {
            trace.fail(StepName::Digest, &"the record is damaged");
            return deny(Reason::Internal);
        };
        trace.found(record);
        trace.pass(StepName::Digest, || {
            "a live key has this SHA-256 digest".into()
        });

        let dead = match policy.status {
            Status::Deactivated => Some((Reason::Deactivated, "the key was deactivated, for good")),
            Status::Disabled => Some((Reason::Disabled, "the key is switched off")),
            Status::Active => self
                .table
                .expires_at(record)
                .filter(|&end| now >= end)
                .map(|_| (Reason::Expired, "the key has expired")),
        };
        if let Some((reason, why)) = dead {
            trace.fail(StepName::State, &why);
            return deny(reason);
        }
        trace.pass(StepName::State, || "switched on, not expired".into());

        let (route, allowed) = self.check_access(policy, need, trace);
        if !allowed {
            return deny(Reason::InsufficientScope);
        }
        Decision::Allow(Grant {
            verifier: self,
            record,
            route,
            stale,
        })
    }

    /// Which rule speaks for the need, and whether the policy meets it.
    fn check_access(
        &self,
        policy: &Policy,
        need: Need<'_>,
        trace: &mut impl Trace,
    ) -> (Option<Matched>, bool) {
        let matched = match need {
            Need::Nothing => return (None, true),
            Need::Scope(scope) => {
                let has =
                    policy.everything || scope.is_some_and(|scope| policy.scopes.contains(scope));
                trace.judge(StepName::Scope, has, || {
                    let verb = if has { "has" } else { "lacks" };
                    format!(
                        "{verb} {}",
                        scope.map_or("a scope of that name", |scope| self.scope_name(scope))
                    )
                });
                return (None, has);
            }
            Need::Matched(matched) => matched,
            Need::Call { method, path } => self.profile.routes().find(method, path),
        };
        trace.matched(matched);
        let rule = match matched {
            Matched::Rule(rule) => self.profile.routes().rule(rule),
            Matched::Nothing => None,
        };
        let Some(rule) = rule else {
            trace.judge(StepName::Route, policy.everything, || {
                "no rule lists this call".into()
            });
            if policy.everything {
                trace.pass(StepName::Scope, || "the level opens every call".into());
            }
            return (Some(matched), policy.everything);
        };
        trace.pass(StepName::Route, || {
            format!("{} {}", rule.method, rule.pattern)
        });
        let has = policy.everything || policy.scopes.contains(rule.scope);
        trace.judge(StepName::Scope, has, || {
            let scope = self.scope_name(rule.scope);
            match (policy.everything, has) {
                (true, _) => format!("needs {scope}; the level opens every call"),
                (false, true) => format!("needs {scope}, and the key has it"),
                (false, false) => format!("needs {scope}, which the key lacks"),
            }
        });
        (Some(matched), has)
    }

    fn scope_name(&self, scope: u16) -> &str {
        let scope = self.profile.scopes().get(usize::from(scope));
        scope.map_or("a scope of that name", |scope| &scope.id)
    }

    fn age(&self, now: Timestamp) -> Age {
        let Some(validity) = &self.validity else {
            return Age::Fresh;
        };
        let fresh_for = i64::from(validity.fresh_for_seconds) * 1000;
        if now >= validity.valid_until {
            Age::Invalid("the snapshot is past its valid_until")
        } else if now < validity.issued_at.saturating_add_millis(-CLOCK_SKEW_MILLIS) {
            Age::Invalid("the snapshot was signed more than five minutes ahead of this clock")
        } else if now >= validity.issued_at.saturating_add_millis(fresh_for) {
            Age::Stale
        } else {
            Age::Fresh
        }
    }
}

enum Age {
    Fresh,
    Stale,
    Invalid(&'static str),
}

/// What is asked, with its path read.
#[derive(Clone, Copy)]
enum Need<'a> {
    Nothing,
    Call {
        method: &'a [u8],
        path: RequestPath<'a>,
    },
    Matched(Matched),
    /// None for a name that the profile does not know.
    Scope(Option<u16>),
}

const fn deny(reason: Reason) -> Decision<'static> {
    Decision::Deny(Denial { reason })
}

fn check_clock(now: Option<Timestamp>, trace: &mut impl Trace) -> Option<Timestamp> {
    if now.is_none() {
        trace.fail(
            StepName::Clock,
            &"the time is not a number of milliseconds after 1970",
        );
    }
    now
}
