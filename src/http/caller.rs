//! Who calls, from the `Authorization` header and from nowhere else.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use zeroize::Zeroizing;

use super::App;
use super::problem::{Problem, Table};
use crate::request::{AUTHORIZATION, CredentialErrorKind, DecodeBuffer, Transport, extract};
use crate::service::Principal;

const STATUS: Table = Table(&[]);

/// Whose credential it is. What they may do is asked by the use case.
pub(super) struct Caller(pub(super) Principal);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Credential(presented) = Credential::from_request_parts(parts, app).await?;
        // Mostly it is somebody who called a moment ago.
        let caller = match app.service.authenticate_at_hand(&presented) {
            Some(caller) => caller,
            None => {
                app.identify(STATUS, move |service| service.authenticate(&presented))
                    .await?
            }
        };
        parts.extensions.insert(Admitted(caller.clone()));
        // Only now: what a query may hold is none of a stranger's business.
        app.queries.hold(parts).await?;
        Ok(Self(caller))
    }
}

/// Who was let in by the head of a request: to be asked for once more where the body comes later.
#[derive(Clone)]
pub(super) struct Admitted(pub(super) Principal);

impl Admitted {
    /// Refuses a caller who would not be let in any more.
    pub(super) async fn confirm(self, app: &App) -> Result<(), Problem> {
        app.identify(STATUS, move |service| service.confirm(&self.0))
            .await
    }
}

/// The very bytes that were presented: what an idempotent answer is sealed under.
pub(super) struct Credential(pub(super) Zeroizing<Vec<u8>>);

impl<S: Send + Sync> FromRequestParts<S> for Credential {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let values = parts
            .headers
            .get_all(header::AUTHORIZATION)
            .iter()
            .map(|value| (AUTHORIZATION, value.as_bytes()))
            .collect::<Vec<_>>();
        let mut buffer = DecodeBuffer::default();
        let credential = extract(&[Transport::Bearer], &values, &mut buffer).map_err(|error| {
            match error.kind() {
                CredentialErrorKind::Missing => Problem::missing_credential(),
                CredentialErrorKind::Ambiguous => {
                    Problem::bad_credential("ambiguous_credential", error.to_string())
                }
                _ => Problem::bad_credential("malformed_credential", error.to_string()),
            }
        })?;
        Ok(Self(Zeroizing::new(credential.key.to_vec())))
    }
}
