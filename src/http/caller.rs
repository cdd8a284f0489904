//! Who calls, from the `Authorization` header and from nowhere else.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use zeroize::Zeroizing;

use super::App;
use super::problem::{Problem, Table};
use crate::request::{AUTHORIZATION, CredentialErrorKind, DecodeBuffer, Transport, extract};
use crate::service::{self, Code, Principal};

const STATUS: Table = Table(&[
    (Code::InvalidCredential, StatusCode::UNAUTHORIZED),
    (Code::MissingRight, StatusCode::FORBIDDEN),
]);

/// Anybody with a credential that is known: what they may do is still to be asked.
pub(super) struct Caller(pub(super) Principal);

/// An operator.
pub(super) struct Operator(pub(super) service::Operator);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
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
        let presented = Zeroizing::new(credential.key.to_vec());
        app.identify(STATUS, move |service| service.authenticate(&presented))
            .await
            .map(Self)
    }
}

impl FromRequestParts<App> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Caller(principal) = Caller::from_request_parts(parts, app).await?;
        principal
            .operator()
            .map(Self)
            .map_err(|error| STATUS.problem(&error))
    }
}
