//! `POST /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/enable`: switch a key on again.

use axum::extract::State;
use axum::http::StatusCode;

use super::{KeyBody, KeySegments};
use crate::http::App;
use crate::http::body::{Nothing, Optional};
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::precondition::{IfMatch, Tagged};
use crate::http::problem::{Problem, Table};
use crate::service::{Code, KeyTransition};

const STATUS: Table = Table(&[
    (Code::StrongerThanMaker, StatusCode::FORBIDDEN),
    (Code::KeysNotEnabled, StatusCode::FORBIDDEN),
    (Code::NotFound, StatusCode::NOT_FOUND),
    (Code::AlreadyExists, StatusCode::CONFLICT),
    (Code::Deactivated, StatusCode::CONFLICT),
    (Code::Expired, StatusCode::CONFLICT),
    (Code::Irreversible, StatusCode::CONFLICT),
    (Code::PreconditionFailed, StatusCode::PRECONDITION_FAILED),
]);

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/enable", tag = "keys",
    summary = "Switch a key on again",
    description = "Needs `keys.write` and `keys.read`; the key must not be stronger than the caller. What is on already stays as it is.",
    params(
        KeySegments,
        ("If-Match" = Option<String>, Header, description = "The entity tag of the record as the caller saw it, such as \"7\", or `*`"),
    ),
    responses(
        Refusals,
        (status = 200, description = "The record as it is now", body = KeyBody,
            headers(("ETag" = String, description = "The record's entity tag"))),
        (status = 403, description = "The caller may not do this: `missing_right`, `stronger_than_maker`; they speak for an account that may not have keys made: `keys_not_enabled`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The key is out of use for good: `deactivated`; it has expired: `expired`; keys of this profile can only be taken out of use for good: `irreversible`; another key of the account holds its place by now: `already_exists`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn enable_key(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<KeySegments>,
    IfMatch(revision): IfMatch,
    Optional(Nothing {}, _): Optional<Nothing>,
) -> Result<Tagged<KeyBody>, Problem> {
    let (account, id) = segments.split();
    let transition = KeyTransition::Enable;
    let (key, now) = app
        .change(STATUS, move |service| {
            let key = service.change_key(&caller, &account, &id, transition, revision)?;
            Ok((key, service.now()))
        })
        .await?;
    Ok(KeyBody::tagged(key, now))
}
