//! A whole decision as the vectors write it, held against what the verifier decides and how it explains that.

use std::collections::BTreeMap;

use keyward::access::LimitValue;
use keyward::time::Timestamp;
use keyward::verify::{Decision, Explanation, Grant, Outcome, Verdict, Verifier};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::given::GivenRate;

#[derive(Debug, Deserialize)]
#[serde(tag = "verdict", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Expectation {
    Allow(Box<Allowed>),
    Deny(Denied),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Allowed {
    #[serde(default)]
    stale: bool,
    key_id: String,
    account: Option<String>,
    subject: Option<String>,
    meta: Option<Value>,
    level: Option<String>,
    /// Absent for a level that opens everything.
    #[serde(default)]
    scopes: Vec<String>,
    /// The dimensions in which the key is limited; it is free in all others.
    #[serde(default)]
    constraints: BTreeMap<String, Vec<Value>>,
    rate: Option<GivenRate>,
    #[serde(default = "one")]
    cost: u32,
    expires_at: Option<i64>,
    route: Option<Route>,
}

const fn one() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Denied {
    reason: String,
    status: u16,
    /// The step of the explanation that failed.
    step: String,
    key_id: Option<String>,
    /// What the closed route says that decided.
    note: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Route {
    method: String,
    pattern: String,
    scope: String,
}

impl Expectation {
    /// `decision` is absent where there is no instant to decide at; such a time can only be explained.
    pub(crate) fn check(
        &self,
        place: &str,
        verifier: &Verifier,
        decision: Option<Decision<'_>>,
        explanation: &Explanation,
    ) {
        match self {
            Self::Allow(expected) => {
                let decision = decision.expect("an instant");
                expected.check_decision(place, verifier, decision);
                expected.check_explanation(place, explanation);
            }
            Self::Deny(expected) => {
                let status = match decision {
                    Some(Decision::Allow(_)) => panic!("{place}: was allowed"),
                    Some(Decision::Deny(denial)) => {
                        assert_eq!(denial.reason().as_str(), expected.reason, "{place}");
                        assert_eq!(denial.note(), expected.note.as_deref(), "{place}");
                        denial.status()
                    }
                    None => explanation.status,
                };
                assert_eq!(status, expected.status, "{place}");
                expected.check_explanation(place, explanation);
            }
        }
    }
}

impl Allowed {
    fn check_decision(&self, place: &str, verifier: &Verifier, decision: Decision<'_>) {
        let Decision::Allow(grant) = decision else {
            panic!("{place}: {:?}", decision.reason());
        };
        let profile = verifier.profile();
        let scopes: Vec<&str> = grant
            .scopes()
            .iter()
            .map(|scope| &*profile.scopes()[usize::from(scope)].id)
            .collect();
        assert_eq!(grant.key_id(), self.key_id, "{place}");
        assert_eq!(grant.account(), self.account.as_deref(), "{place}");
        assert_eq!(grant.subject(), self.subject.as_deref(), "{place}");
        let meta = grant
            .meta()
            .map(|meta| serde_json::from_str::<Value>(meta).expect("JSON"));
        assert_eq!(meta, self.meta, "{place}");
        assert_eq!(grant.level(), self.level.as_deref(), "{place}");
        assert_eq!(scopes, self.scopes, "{place}");
        let expires_at = grant.expires_at().map(Timestamp::as_millis);
        assert_eq!(expires_at, self.expires_at, "{place}");
        assert_eq!(grant.is_stale(), self.stale, "{place}");
        assert_eq!(limits(verifier, grant), self.constraints, "{place}");
        assert_eq!(grant.is_limited(), !self.constraints.is_empty(), "{place}");
        let rate = grant
            .rate()
            .map(|rate| (rate.limit(), rate.window_seconds()));
        let expected = self.rate.as_ref().map(|rate| (rate.limit, rate.window));
        assert_eq!(rate, expected, "{place}");
        assert_eq!(grant.cost(), self.cost, "{place}");
        let method = grant
            .route()
            .and_then(|rule| profile.routes().rule(rule))
            .map(|rule| &*rule.method);
        let expected = self.route.as_ref().map(|route| &*route.method);
        assert_eq!(method, expected, "{place}");
    }

    fn check_explanation(&self, place: &str, explanation: &Explanation) {
        assert_eq!(explanation.verdict, Verdict::Allow, "{place}");
        assert_eq!((explanation.reason, explanation.status), (None, 200));
        assert_eq!(explanation.stale, self.stale, "{place}");
        assert_eq!(explanation.key_id.as_deref(), Some(&*self.key_id));
        assert_eq!(explanation.level, self.level, "{place}");
        assert_eq!(failed(explanation), Vec::<String>::new(), "{place}");
        match (&explanation.route, &self.route) {
            (None, None) => {}
            (Some(route), Some(expected)) => assert_eq!(
                (&route.method, &route.pattern, route.scope.as_deref()),
                (&expected.method, &expected.pattern, Some(&*expected.scope)),
                "{place}"
            ),
            (route, expected) => panic!("{place}: {route:?}, not {expected:?}"),
        }
    }
}

impl Denied {
    fn check_explanation(&self, place: &str, explanation: &Explanation) {
        assert_eq!(explanation.verdict, Verdict::Deny, "{place}");
        assert_eq!(explanation.reason, Some(&*self.reason), "{place}");
        assert_eq!(explanation.status, self.status, "{place}");
        assert_eq!(explanation.key_id, self.key_id, "{place}");
        assert_eq!(failed(explanation), [&*self.step], "{place}");
        let after = explanation
            .steps
            .iter()
            .skip_while(|step| step.outcome != Outcome::Fail)
            .skip(1);
        for step in after {
            assert_eq!(step.outcome, Outcome::Skip, "{place}: {:?}", step.step);
        }
    }
}

/// What a key is limited to, as the vectors write it.
fn limits(verifier: &Verifier, grant: Grant<'_>) -> BTreeMap<String, Vec<Value>> {
    let value = |value: &LimitValue<'_>| match value {
        LimitValue::Integer(number) => json!(number),
        LimitValue::Text(text) => json!(text),
        LimitValue::Network(network) => json!(network.to_string()),
    };
    (0..)
        .zip(verifier.profile().dimensions())
        .filter_map(|(number, dimension)| {
            let values = grant.only(number)?.iter().map(value).collect();
            Some((dimension.name.to_string(), values))
        })
        .collect()
}

/// The names of the failed steps: one for a denial, none otherwise.
fn failed(explanation: &Explanation) -> Vec<String> {
    let name = |step| match serde_json::to_value(step) {
        Ok(Value::String(name)) => name,
        other => panic!("a step is a word: {other:?}"),
    };
    explanation
        .steps
        .iter()
        .filter(|step| step.outcome == Outcome::Fail)
        .map(|step| name(step.step))
        .collect()
}
