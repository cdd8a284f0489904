//! `POST /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/reveal`: show a recoverable key again.

use axum::extract::State;
use axum::http::StatusCode;

use super::{KeySegments, ShownKeyBody};
use crate::http::App;
use crate::http::body::{Nothing, Optional};
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::precondition::Tagged;
use crate::http::problem::{Problem, Table};
use crate::service::Code;

const STATUS: Table = Table(&[
    (Code::StrongerThanMaker, StatusCode::FORBIDDEN),
    (Code::NotFound, StatusCode::NOT_FOUND),
    (Code::NotRecoverable, StatusCode::CONFLICT),
    (Code::MasterKeyMissing, StatusCode::CONFLICT),
]);

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/reveal", tag = "keys",
    summary = "Show a recoverable key again",
    description = "Only where the profile keeps keys recoverable. Needs `keys.reveal`; every time is in the audit trail.",
    params(KeySegments),
    responses(
        Refusals,
        (status = 200, description = "The key and its record", body = ShownKeyBody,
            headers(("ETag" = String, description = "The record's entity tag"))),
        (status = 403, description = "The caller may not do this: `missing_right`, `stronger_than_maker`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Only a digest of the key is kept: `not_recoverable`; it is sealed under a master key that the server does not have: `master_key_missing`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn reveal_key(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<KeySegments>,
    Optional(Nothing {}, _): Optional<Nothing>,
) -> Result<Tagged<ShownKeyBody>, Problem> {
    let (account, id) = segments.split();
    let (secret, key, now) = app
        .change(STATUS, move |service| {
            let (secret, key) = service.reveal_key(&caller, &account, &id)?;
            Ok((secret, key, service.now()))
        })
        .await?;
    Ok(ShownKeyBody::tagged(Some(secret), key, now))
}
