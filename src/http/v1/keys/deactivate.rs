//! `POST /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/deactivate`: take a key out of use for good.

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
    (Code::NotFound, StatusCode::NOT_FOUND),
    (Code::PreconditionFailed, StatusCode::PRECONDITION_FAILED),
]);

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/deactivate", tag = "keys",
    summary = "Take a key out of use for good",
    description = "Nothing leads back. Needs `keys.write` and `keys.read`. What is deactivated already stays as it is.",
    params(
        KeySegments,
        ("If-Match" = Option<String>, Header, description = "The entity tag of the record as the caller saw it, such as \"7\", or `*`"),
    ),
    responses(
        (status = 200, description = "The record as it is now", body = KeyBody,
            headers(("ETag" = String, description = "The record's entity tag"))),
        Refusals,
    ))]
pub(super) async fn deactivate_key(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<KeySegments>,
    IfMatch(revision): IfMatch,
    Optional(Nothing {}, _): Optional<Nothing>,
) -> Result<Tagged<KeyBody>, Problem> {
    let (account, id) = segments.split();
    let transition = KeyTransition::Deactivate;
    let (key, now) = app
        .change(STATUS, move |service| {
            let key = service.change_key(&caller, &account, &id, transition, revision)?;
            Ok((key, service.now()))
        })
        .await?;
    Ok(KeyBody::tagged(key, now))
}
