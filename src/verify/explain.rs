//! Why a decision came out as it did: the same checks, with each step written down.

use std::fmt::Display;

use serde::{Serialize, Serializer};

use super::decision::{Decision, Reason};
use super::table::RecordId;
use super::verifier::Verifier;
use crate::access::RouteAccess;

/// A decision and the steps that led to it. For the API's owner, never for the caller.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Explanation {
    /// Allow or deny.
    pub verdict: Verdict,
    /// The reason of a denial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The HTTP status that the caller gets; 200 stands for "goes on to the API".
    pub status: u16,
    /// Whether the snapshot is past its fresh time.
    pub stale: bool,
    /// Every step, in order; those after the failing one are skipped.
    pub steps: Vec<Step>,
    /// The id of the key, as soon as it was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// The position of the record, for verifiers made from records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordinal: Option<u32>,
    /// The key's level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The rule that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<ExplainedRoute>,
}

/// Allow or deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The call may go on.
    Allow,
    /// It may not.
    Deny,
}

impl Verdict {
    /// The word for it, everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A rule, written out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedRoute {
    /// The method.
    pub method: String,
    /// The pattern, base path included.
    pub pattern: String,
    /// The scope it needs; none for a route that no key may call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Which one.
    pub step: StepName,
    /// How it went.
    pub outcome: Outcome,
    /// What was seen, in words.
    pub detail: String,
}

/// The checks, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum StepName {
    /// Is the time a time?
    Clock,
    /// Is there one credential, well formed?
    Credential,
    /// Has the path one reading?
    Path,
    /// Is it a key by its shape?
    Format,
    /// Does its checksum fit?
    Checksum,
    /// Is the snapshot recent enough?
    Snapshot,
    /// Is there a key with its digest?
    Digest,
    /// Is the key alive?
    State,
    /// Which rule speaks for the call?
    Route,
    /// Has the key the scope that the rule needs?
    Scope,
    /// Is the snapshot fresh, where the rule requires it?
    Freshness,
    /// Is the call within the key's constraints?
    Constraint,
}

impl StepName {
    const ALL: [Self; 12] = [
        Self::Clock,
        Self::Credential,
        Self::Path,
        Self::Format,
        Self::Checksum,
        Self::Snapshot,
        Self::Digest,
        Self::State,
        Self::Route,
        Self::Scope,
        Self::Freshness,
        Self::Constraint,
    ];

    /// The word for it, everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Credential => "credential",
            Self::Path => "path",
            Self::Format => "format",
            Self::Checksum => "checksum",
            Self::Snapshot => "snapshot",
            Self::Digest => "digest",
            Self::State => "state",
            Self::Route => "route",
            Self::Scope => "scope",
            Self::Freshness => "freshness",
            Self::Constraint => "constraint",
        }
    }
}

impl Serialize for StepName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Passed.
    Pass,
    /// Failed: this step decided.
    Fail,
    /// Not asked, or not reached.
    Skip,
}

impl Outcome {
    /// The word for it, everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Is told each step while a verifier decides. `()` hears nothing and costs nothing.
pub(crate) trait Trace {
    fn step(&mut self, step: StepName, outcome: Outcome, detail: impl FnOnce() -> String);
    fn found(&mut self, record: u32);
    fn matched(&mut self, rule: Option<u16>);

    fn pass(&mut self, step: StepName, detail: impl FnOnce() -> String) {
        self.step(step, Outcome::Pass, detail);
    }

    fn fail(&mut self, step: StepName, why: &dyn Display) {
        self.step(step, Outcome::Fail, || why.to_string());
    }

    fn judge(&mut self, step: StepName, passed: bool, detail: impl FnOnce() -> String) {
        self.step(
            step,
            if passed { Outcome::Pass } else { Outcome::Fail },
            detail,
        );
    }
}

impl Trace for () {
    fn step(&mut self, _: StepName, _: Outcome, _: impl FnOnce() -> String) {}
    fn found(&mut self, _: u32) {}
    fn matched(&mut self, _: Option<u16>) {}
}

/// Collects the steps.
#[derive(Default)]
pub(crate) struct Steps {
    taken: Vec<Step>,
    record: Option<u32>,
    matched: Option<u16>,
}

impl Trace for Steps {
    fn step(&mut self, step: StepName, outcome: Outcome, detail: impl FnOnce() -> String) {
        self.taken.push(Step {
            step,
            outcome,
            detail: detail(),
        });
    }

    fn found(&mut self, record: u32) {
        self.record = Some(record);
    }

    fn matched(&mut self, rule: Option<u16>) {
        self.matched = rule;
    }
}

impl Steps {
    /// Joins the steps with what they came to; steps that were not taken are listed as skipped.
    pub(crate) fn conclude(self, verifier: &Verifier, decision: Decision<'_>) -> Explanation {
        let Self {
            taken,
            record,
            matched,
        } = self;
        let steps = StepName::ALL
            .into_iter()
            .map(|name| {
                let silent_pass =
                    name == StepName::Clock && taken.iter().all(|step| step.step != name);
                taken
                    .iter()
                    .find(|step| step.step == name)
                    .cloned()
                    .unwrap_or_else(|| Step {
                        step: name,
                        outcome: if silent_pass {
                            Outcome::Pass
                        } else {
                            Outcome::Skip
                        },
                        detail: String::new(),
                    })
            })
            .collect();
        let profile = verifier.profile();
        let rule = matched.and_then(|rule| profile.routes().rule(rule));
        let route = rule.map(|rule| ExplainedRoute {
            method: rule.method.to_string(),
            pattern: format!("{}{}", profile.base_path(), rule.pattern),
            scope: match rule.access {
                RouteAccess::Scope(scope) => Some(verifier.scope_name(scope).to_owned()),
                RouteAccess::Closed(_) => None,
            },
        });
        let level = record
            .and_then(|record| verifier.policy_of(record)?.level)
            .and_then(|level| profile.levels().get(usize::from(level)))
            .map(|level| level.id.to_string());
        let ordinal = record.and_then(|record| match verifier.table().id(record) {
            RecordId::Ordinal(ordinal) => Some(ordinal),
            RecordId::Key(_) => None,
        });
        let reason = decision.reason();
        Explanation {
            verdict: if reason.is_none() {
                Verdict::Allow
            } else {
                Verdict::Deny
            },
            reason: reason.map(Reason::as_str),
            status: reason.map_or(200, Reason::status),
            stale: decision.grant().is_some_and(super::Grant::is_stale),
            steps,
            key_id: record.map(|record| verifier.key_id(record)),
            ordinal,
            level,
            route,
        }
    }
}
