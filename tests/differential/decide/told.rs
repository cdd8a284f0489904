//! Answers, in the words of tests/differential/reading.ts.

use std::collections::BTreeMap;

use keyward::access::LimitValue;
use keyward::limit::{Rate, RateOutcome};
use keyward::profile::Profile;
use keyward::time::Timestamp;
use keyward::verify::{Denial, Grant, Reason, Verifier};
use serde::Serialize;
use serde_json::Value as Json;

/// The members that tests/differential/reading.ts gives, in the same words.
#[derive(Serialize)]
#[serde(rename_all = "camelCase", untagged)]
pub(crate) enum Answer {
    #[serde(rename_all = "camelCase")]
    Allowed {
        allowed: bool,
        id: String,
        level: Option<String>,
        scopes: Vec<String>,
        constraints: BTreeMap<String, Json>,
        expires_at: Option<i64>,
        stale: bool,
        cost: u32,
        rate: Option<Json>,
    },
    Denied(Denied),
    /// The route that was asked about has no handle.
    NoHandle {
        allowed: bool,
        reason: &'static str,
    },
}

/// A refusal, and of a rate that is used up, until when.
#[derive(Serialize)]
pub(crate) struct Denied {
    allowed: bool,
    reason: &'static str,
    status: u16,
    note: Option<String>,
    wait: Option<Json>,
}

/// A key in its parts, or why it is none.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum KeyAnswer {
    Parsed {
        ok: bool,
        prefix: Option<String>,
        body: String,
        checksum: Option<String>,
        account: Option<u64>,
    },
    Unparsed {
        ok: bool,
        reason: &'static str,
        at: usize,
    },
}

impl Answer {
    pub(crate) const NO_HANDLE: Self = Self::NoHandle {
        allowed: false,
        reason: "no_handle",
    };

    pub(crate) fn because(reason: Reason) -> Self {
        Self::Denied(Denied::with(reason))
    }

    pub(crate) fn denied(denial: &Denial<'_>) -> Self {
        Self::Denied(Denied {
            note: denial.note().map(ToOwned::to_owned),
            ..Denied::with(denial.reason())
        })
    }

    pub(crate) fn limited(outcome: RateOutcome) -> Self {
        let wait = serde_json::json!({
            "remaining": outcome.remaining,
            "resetSeconds": outcome.reset_millis.div_ceil(1000),
            "retrySeconds": outcome.retry_after_millis.div_ceil(1000),
        });
        Self::Denied(Denied {
            wait: Some(wait),
            ..Denied::with(Reason::RateLimited)
        })
    }

    pub(crate) fn allowed(
        verifier: &Verifier,
        grant: &Grant<'_>,
        cost: u32,
        rate: Option<(Rate, RateOutcome)>,
    ) -> Self {
        let profile = verifier.profile();
        let scopes = grant.scopes();
        let constraints = (0..)
            .zip(profile.dimensions())
            .map(|(position, dimension)| {
                let only = grant
                    .only(position)
                    .map(|values| values.into_iter().map(shown).collect());
                (
                    dimension.name.to_string(),
                    only.map_or_else(|| Json::from("all"), Json::Array),
                )
            });
        Self::Allowed {
            allowed: true,
            id: grant.key_id(),
            level: grant.level().map(ToOwned::to_owned),
            scopes: scopes
                .iter()
                .map(|scope| profile.scopes()[usize::from(scope)].id.to_string())
                .collect(),
            constraints: constraints.collect(),
            expires_at: grant.expires_at().map(Timestamp::as_millis),
            stale: grant.is_stale(),
            cost,
            rate: rate.map(|(rate, outcome)| {
                serde_json::json!({
                    "limit": rate.limit(),
                    "remaining": outcome.remaining,
                    "resetMs": outcome.reset_millis,
                })
            }),
        }
    }
}

impl Denied {
    fn with(reason: Reason) -> Self {
        Self {
            allowed: false,
            reason: reason.as_str(),
            status: reason.status(),
            note: None,
            wait: None,
        }
    }
}

impl KeyAnswer {
    pub(crate) fn of(profile: &Profile, key: &str) -> Self {
        match profile.key_format().parse(key.as_bytes()) {
            Ok(parsed) => Self::Parsed {
                ok: true,
                prefix: parsed.prefix.map(ToOwned::to_owned),
                body: parsed.body.to_owned(),
                checksum: parsed.checksum.map(ToOwned::to_owned),
                account: parsed.account,
            },
            Err(error) => Self::Unparsed {
                ok: false,
                reason: error.code(),
                at: error.at(),
            },
        }
    }
}

fn shown(value: LimitValue<'_>) -> Json {
    match value {
        LimitValue::Integer(number) => number.into(),
        LimitValue::Text(text) => text.into(),
        LimitValue::Network(network) => network.to_string().into(),
    }
}
