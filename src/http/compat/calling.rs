//! Which key calls: read from the request's headers, whichever of them the profile takes keys in.

use std::sync::{Arc, OnceLock};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};

use super::{STATUS, dialect_of};
use crate::http::App;
use crate::http::caller::Admitted;
use crate::http::problem::Problem;
use crate::service::{Calling, DialectDenial, DialectRefusal};
use crate::verify::Reason;

/// The key that calls, and may. Stands first among a handler's arguments, so that a stranger learns of nothing else
/// that is wrong.
pub(super) struct CallingKey(pub(super) Calling);

impl FromRequestParts<App> for CallingKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let path = parts.uri.path();
        let (dialect, path) = dialect_of(path).ok_or_else(Problem::no_such_call)?;
        let path = path.to_owned();
        let method = parts.method.clone();
        let headers = parts.headers.clone();
        let found = app.identify(STATUS, move |service| {
            let headers = listed(&headers);
            Ok(service.authenticate_key(dialect, &headers, method.as_str(), &path))
        });
        let calling = found.await?.map_err(refused)?;
        if let Some(Challenge(challenge)) = parts.extensions.get() {
            // Set once: a request has one caller.
            drop(challenge.set(calling.challenge.clone()));
        }
        parts.extensions.insert(Admitted(calling.principal.clone()));
        Ok(Self(calling))
    }
}

/// What the key that calls is asked for where it is refused after all: written by [`CallingKey`] into the request, and
/// read where refusals are put into words.
#[derive(Clone, Default)]
pub(super) struct Challenge(pub(super) Arc<OnceLock<String>>);

/// What everybody is told whose key is none.
pub(super) const UNAUTHORIZED: (&str, &str) = ("unauthorized", "this needs a valid API key");

fn listed(headers: &HeaderMap) -> Vec<(&str, &[u8])> {
    let headers = headers.iter();
    headers
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect()
}

fn refused(refusal: DialectRefusal) -> Problem {
    match refusal {
        DialectRefusal::Denied(denial) => denied(&denial),
        DialectRefusal::Failed(error) => STATUS.problem(&error),
        _ => Problem::no_such_call(),
    }
}

/// What the caller is told. Everything that concerns the key itself reads alike: no oracle.
fn denied(denial: &DialectDenial) -> Problem {
    let reason = denial.reason;
    tracing::debug!(reason = reason.as_str(), "a key may not call");
    let status = StatusCode::from_u16(reason.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (code, detail) = match reason {
        Reason::MalformedCredential => (reason.as_str(), "the credential cannot be read"),
        Reason::AmbiguousCredential => (
            reason.as_str(),
            "the request carries more than one credential",
        ),
        Reason::MalformedPath => (reason.as_str(), "the path can be read in more than one way"),
        Reason::InsufficientScope => (reason.as_str(), "the API key may not do this"),
        Reason::ConstraintViolated => (reason.as_str(), "the API key may not do this here"),
        Reason::RateLimited => (reason.as_str(), "too many requests with this API key"),
        Reason::StaleSnapshot | Reason::Internal => {
            ("unavailable", "API keys cannot be checked now")
        }
        _ => UNAUTHORIZED,
    };
    let problem = Problem::denied(status, code, denial.note.as_deref().unwrap_or(detail));
    if status == StatusCode::UNAUTHORIZED {
        return problem.with_header(header::WWW_AUTHENTICATE, &denial.challenge);
    }
    match denial.retry_after_seconds {
        Some(seconds) => problem.with_header(header::RETRY_AFTER, &seconds.to_string()),
        None => problem,
    }
}
