//! What the caller of a refused request is told: the same as the npm package says (pkg/src/decision.ts).

use std::fmt::Write as _;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use crate::limit::{Rate, RateOutcome};
use crate::profile::Profile;
use crate::verify::{Denial, Reason};

/// Fields of draft-ietf-httpapi-ratelimit-headers-10.
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A refusal on its way to the caller.
pub(super) struct Refusal {
    reason: Reason,
    /// The profile's own words about a route that no key may call.
    note: Option<String>,
    rate: Option<(Rate, RateOutcome)>,
}

impl Refusal {
    pub(super) fn denied(denial: Denial<'_>) -> Self {
        Self {
            reason: denial.reason(),
            note: denial.note().map(Into::into),
            rate: None,
        }
    }

    pub(super) const fn limited(rate: Rate, outcome: RateOutcome) -> Self {
        Self {
            reason: Reason::RateLimited,
            note: None,
            rate: Some((rate, outcome)),
        }
    }

    /// The whole response, with the reason in its extensions.
    pub(super) fn into_response<B: From<String>>(self, profile: &Profile) -> http::Response<B> {
        let status =
            StatusCode::from_u16(self.reason.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        let mut response = http::Response::new(B::from(self.body()));
        *response.status_mut() = status;
        let mut set = |name: HeaderName, value: &str| {
            // All values are printable ASCII: numbers, and realms, which a profile's check holds to that.
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(name, value);
            }
        };
        set(CONTENT_TYPE, "application/problem+json");
        set(CACHE_CONTROL, "no-store");
        if status == StatusCode::UNAUTHORIZED {
            let challenges: Vec<_> = profile.challenges().collect();
            set(WWW_AUTHENTICATE, &challenges.join(", "));
        }
        if let Some((rate, outcome)) = self.rate {
            let seconds = |millis: u64| millis.div_ceil(1_000);
            if outcome.retry_after_millis > 0 {
                set(
                    RETRY_AFTER,
                    &seconds(outcome.retry_after_millis).to_string(),
                );
            }
            let (remaining, reset) = (outcome.remaining, seconds(outcome.reset_millis));
            set(RATELIMIT, &format!("\"key\";r={remaining};t={reset}"));
            let (limit, window) = (rate.limit(), rate.window_seconds());
            set(RATELIMIT_POLICY, &format!("\"key\";q={limit};w={window}"));
        }
        response.extensions_mut().insert(self.reason);
        response
    }

    /// Problem details (RFC 9457).
    fn body(&self) -> String {
        let Outward {
            title,
            code,
            detail,
        } = outward(self.reason);
        let detail = self.note.as_deref().unwrap_or(detail);
        format!(
            r#"{{"type":"about:blank","title":"{title}","status":{},"code":"{code}","detail":{}}}"#,
            self.reason.status(),
            json_string(detail)
        )
    }
}

struct Outward {
    title: &'static str,
    code: &'static str,
    detail: &'static str,
}

/// What the caller is told. Everything that concerns the key itself reads alike: no oracle.
const fn outward(reason: Reason) -> Outward {
    let (title, code, detail) = match reason {
        Reason::MissingCredential
        | Reason::MalformedKey
        | Reason::BadChecksum
        | Reason::UnknownKey
        | Reason::Disabled
        | Reason::Expired
        | Reason::Deactivated => (
            "Unauthorized",
            "unauthorized",
            "This needs a valid API key.",
        ),
        Reason::MalformedCredential => (
            "Bad Request",
            reason.as_str(),
            "The credential cannot be read.",
        ),
        Reason::AmbiguousCredential => (
            "Bad Request",
            reason.as_str(),
            "The request carries more than one credential.",
        ),
        Reason::MalformedPath => (
            "Bad Request",
            reason.as_str(),
            "The path can be read in more than one way.",
        ),
        Reason::InsufficientScope => ("Forbidden", reason.as_str(), "The API key may not do this."),
        Reason::ConstraintViolated => (
            "Forbidden",
            reason.as_str(),
            "The API key may not do this here.",
        ),
        Reason::RateLimited => (
            "Too Many Requests",
            reason.as_str(),
            "Too many requests with this API key.",
        ),
        Reason::StaleSnapshot | Reason::Internal => (
            "Service Unavailable",
            "unavailable",
            "API keys cannot be checked now.",
        ),
    };
    Outward {
        title,
        code,
        detail,
    }
}

/// A text as JSON (RFC 8259 section 7). The library half of this crate has no JSON writer, and this is all it writes.
fn json_string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            '\0'..='\x1f' => {
                let written = write!(json, "\\u{:04x}", u32::from(character));
                written.expect("a String takes everything");
            }
            _ => json.push(character),
        }
    }
    json.push('"');
    json
}
