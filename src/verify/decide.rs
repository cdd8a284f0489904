//! The checks, in the order of docs/format.md, once for requests, bare keys and explanations.

use super::decision::{Decision, Denial, Grant, Reason};
use super::explain::{Outcome, StepName, Trace};
use super::hasher::Hasher;
use super::record::Status;
use super::table::Policy;
use super::verifier::{Ask, CLOCK_SKEW_MILLIS, NO_METHOD, Request, Verifier};
use crate::access::{Concern, Context, RouteAccess, RouteHandle, RouteRule, Violation, is_method};
use crate::key::MAX_KEY_LENGTH;
use crate::request::{self, CredentialErrorKind, DecodeBuffer, RequestPath};
use crate::time::Timestamp;

impl Verifier {
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
        let credential =
            match request::extract(self.profile.transports(), request.headers, &mut buffer) {
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
            format!(
                "found in {}, {}",
                credential.transport.header(),
                credential.transport
            )
        });
        let path = match RequestPath::of_target(request.target) {
            Ok(path) => path,
            Err(error) => {
                trace.fail(StepName::Path, &error);
                return deny(Reason::MalformedPath);
            }
        };
        trace.pass(StepName::Path, || path.as_str().to_owned());
        self.decide(
            credential.key,
            Need::Call {
                method: request.method,
                path,
            },
            &request.context,
            now,
            trace,
        )
    }

    pub(crate) fn decide_key(
        &self,
        key: &[u8],
        ask: Ask<'_>,
        context: Context<'_>,
        now: Option<Timestamp>,
        trace: &mut impl Trace,
    ) -> Decision<'_> {
        let Some(now) = check_clock(now, trace) else {
            return deny(Reason::Internal);
        };
        let need = match ask {
            Ask::Alive => Need::Nothing,
            Ask::Route(RouteHandle(rule)) => Need::Rule(rule),
            Ask::Scope(scope) => Need::Scope(self.profile.scope_index(scope)),
            Ask::ScopeNumber(scope) => {
                let is_known = usize::from(scope) < self.profile.scopes().len();
                Need::Scope(Some(scope).filter(|_| is_known))
            }
            Ask::Call { method, path } => match RequestPath::parse(path) {
                Ok(path) => {
                    trace.pass(StepName::Path, || path.as_str().to_owned());
                    Need::Call { method, path }
                }
                Err(error) => {
                    trace.fail(StepName::Path, &error);
                    return deny(Reason::MalformedPath);
                }
            },
        };
        self.decide(key, need, &context, now, trace)
    }

    /// The checks that all ways in share, in the order of docs/format.md.
    fn decide(
        &self,
        key: &[u8],
        need: Need<'_>,
        context: &Context<'_>,
        now: Timestamp,
        trace: &mut impl Trace,
    ) -> Decision<'_> {
        let format = self.profile.key_format();
        if let Err(error) = format.check(&key[..key.len().min(MAX_KEY_LENGTH + 1)]) {
            if error.is_bad_checksum() {
                trace.pass(StepName::Format, || {
                    format!("a key of this API by its shape, {}", format.as_str())
                });
                trace.fail(StepName::Checksum, &error);
                return deny(Reason::BadChecksum);
            }
            trace.fail(StepName::Format, &error);
            return deny(Reason::MalformedKey);
        }
        trace.pass(StepName::Format, || {
            format!("a key of this API by its shape, {}", format.as_str())
        });
        if format.has_checksum() {
            trace.pass(StepName::Checksum, || {
                "the last six characters fit those before them".into()
            });
        }

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

        let Some((record, hasher)) = self.find(key) else {
            trace.fail(StepName::Digest, &"no live key has this digest");
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
            format!("a key has this {} digest", hasher.name())
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

        let access = match self.check_access(policy, need, trace) {
            Ok(access) => access,
            Err(denial) => return Decision::Deny(denial),
        };
        if stale && access.requires_fresh {
            let why = "this call needs a snapshot within its fresh time";
            trace.fail(StepName::Freshness, &why);
            return deny(Reason::StaleSnapshot);
        }
        if let Err(reason) = self.check_constraints(record, access.concern, context, trace) {
            return deny(reason);
        }
        Decision::Allow(Grant {
            verifier: self,
            record,
            route: access.route,
            cost: access.cost,
            stale,
        })
    }

    /// Finds the key by each active scheme. Known and unknown keys are hashed alike (threat 24).
    fn find(&self, key: &[u8]) -> Option<(u32, &Hasher)> {
        let end = |record| self.table.expires_at(record).unwrap_or(Timestamp::MAX);
        let mut found = None;
        for (scheme, hasher) in (0u8..).zip(&self.hashers) {
            let Some(record) = self.table.find(scheme, &hasher.digest(key)) else {
                continue;
            };
            // While peppers change a key may be known by two digests: it lives as long as either does.
            if found.is_none_or(|(other, _)| end(other) <= end(record)) {
                found = Some((record, hasher));
            }
        }
        found
    }

    /// Whether the policy meets the need, and what speaks for it.
    fn check_access(
        &self,
        policy: &Policy,
        need: Need<'_>,
        trace: &mut impl Trace,
    ) -> Result<Access, Denial<'_>> {
        let lacking = Denial {
            reason: Reason::InsufficientScope,
            closed: None,
        };
        let free = |concern| Access {
            concern,
            route: None,
            cost: 1,
            requires_fresh: false,
        };
        let (route, call) = match need {
            Need::Nothing => return Ok(free(Concern::Alive)),
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
                return if has {
                    Ok(free(Concern::Scope(scope)))
                } else {
                    Err(lacking)
                };
            }
            Need::Rule(rule) => (rule, None),
            Need::Call { method, path } => {
                if !is_method(method) {
                    trace.fail(StepName::Route, &NO_METHOD);
                    return Err(lacking);
                }
                (
                    self.profile.routes().find(method, path),
                    Some((method, path)),
                )
            }
        };
        trace.matched(route);
        let rule = route.and_then(|route| Some((route, self.profile.routes().rule(route)?)));
        let Some((route, rule)) = rule else {
            trace.judge(StepName::Route, policy.everything, || {
                "no rule lists this call".into()
            });
            if !policy.everything {
                return Err(lacking);
            }
            let access = self.check_strict(free(Concern::Scope(None)), call, trace)?;
            trace.pass(StepName::Scope, || "the level opens every call".into());
            return Ok(access);
        };
        trace.pass(StepName::Route, || {
            format!("{} {}", rule.method, rule.pattern)
        });
        let scope = self.check_rule(policy, route, rule, trace)?;
        Ok(Access {
            concern: Concern::Scope(Some(scope)),
            route: Some(route),
            cost: rule.cost,
            requires_fresh: rule.require_fresh,
        })
    }

    /// Holds a call that no rule lists to whatever strict rule a router could take it for.
    #[cold]
    fn check_strict(
        &self,
        mut access: Access,
        call: Option<(&[u8], RequestPath<'_>)>,
        trace: &mut impl Trace,
    ) -> Result<Access, Denial<'_>> {
        let routes = self.profile.routes();
        let Some((method, path)) = call else {
            return Ok(access);
        };
        for route in routes.strict(method, path) {
            let Some(rule) = routes.rule(route) else {
                continue;
            };
            if let RouteAccess::Closed(note) = &rule.access {
                trace.fail(
                    StepName::Scope,
                    &"some routers take it for a call that no key may make",
                );
                return Err(Denial {
                    reason: Reason::InsufficientScope,
                    closed: Some((route, note)),
                });
            }
            access.cost = access.cost.max(rule.cost);
            access.requires_fresh |= rule.require_fresh;
        }
        Ok(access)
    }

    /// Whether the policy meets a rule, and the scope that the rule needs.
    fn check_rule<'a>(
        &self,
        policy: &Policy,
        route: u16,
        rule: &'a RouteRule,
        trace: &mut impl Trace,
    ) -> Result<u16, Denial<'a>> {
        let scope = match &rule.access {
            RouteAccess::Scope(scope) => *scope,
            RouteAccess::Closed(note) => {
                trace.fail(StepName::Scope, &"no key may make this call");
                return Err(Denial {
                    reason: Reason::InsufficientScope,
                    closed: Some((route, note)),
                });
            }
        };
        let has = policy.everything || policy.scopes.contains(scope);
        trace.judge(StepName::Scope, has, || {
            let scope = self.scope_name(scope);
            match (policy.everything, has) {
                (true, _) => format!("needs {scope}; the level opens every call"),
                (false, true) => format!("needs {scope}, and the key has it"),
                (false, false) => format!("needs {scope}, which the key lacks"),
            }
        });
        if has {
            Ok(scope)
        } else {
            Err(Denial {
                reason: Reason::InsufficientScope,
                closed: None,
            })
        }
    }

    /// Whether the call is within what the key is limited to. Keys without limits pay one look.
    fn check_constraints(
        &self,
        record: u32,
        concern: Concern,
        context: &Context<'_>,
        trace: &mut impl Trace,
    ) -> Result<(), Reason> {
        if !self.table.is_limited(record) {
            return Ok(());
        }
        let dimensions = self.profile.dimensions();
        let checked = match self.table.limits(record) {
            Some(limits) => limits.check(dimensions, concern, context),
            None => Err(Violation::Damaged),
        };
        let name = |at: u8| {
            dimensions
                .get(usize::from(at))
                .map_or("", |dimension| &dimension.name)
        };
        let (reason, why) = match checked {
            Ok(()) => {
                trace.pass(StepName::Constraint, || {
                    "within everything that the key is limited to".into()
                });
                return Ok(());
            }
            Err(Violation::Damaged) => {
                trace.fail(StepName::Constraint, &"the constraints are damaged");
                return Err(Reason::Internal);
            }
            Err(Violation::Unsaid(at)) => (
                Reason::ConstraintViolated,
                trace_text(
                    name(at),
                    "the key is limited in it, and the call does not say it",
                ),
            ),
            Err(Violation::Outside(at)) => (
                Reason::ConstraintViolated,
                trace_text(name(at), "outside what the key is limited to"),
            ),
        };
        trace.step(StepName::Constraint, Outcome::Fail, why);
        Err(reason)
    }

    pub(super) fn scope_name(&self, scope: u16) -> &str {
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
/// What speaks for a call that may be made, and what it asks for.
struct Access {
    concern: Concern,
    /// The rule that lists it.
    route: Option<u16>,
    cost: u32,
    requires_fresh: bool,
}

/// What is said of a method that is none.
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
    /// A rule that was looked up before; none where no rule lists the call.
    Rule(Option<u16>),
    /// None for a name that the profile does not know.
    Scope(Option<u16>),
}

const fn deny(reason: Reason) -> Decision<'static> {
    Decision::Deny(Denial {
        reason,
        closed: None,
    })
}

/// Put together only where somebody listens.
fn trace_text(dimension: &str, why: &'static str) -> impl FnOnce() -> String {
    move || format!("{dimension}: {why}")
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
