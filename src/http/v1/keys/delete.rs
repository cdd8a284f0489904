//! `DELETE /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}`: remove a key; it cannot be restored.

use axum::extract::State;
use axum::http::StatusCode;

use super::KeySegments;
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::precondition::IfMatch;
use crate::http::problem::{Problem, Table};
use crate::service::Code;

const STATUS: Table = Table(&[
    (Code::NotFound, StatusCode::NOT_FOUND),
    (Code::PreconditionFailed, StatusCode::PRECONDITION_FAILED),
]);

#[utoipa::path(delete, path = "/v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}", tag = "keys",
    summary = "Remove a key",
    description = "It cannot be restored. Needs `keys.write` and `keys.read`.",
    params(
        KeySegments,
        ("If-Match" = Option<String>, Header, description = "The entity tag of the record as the caller saw it, such as \"7\", or `*`"),
    ),
    responses((status = 204, description = "The key is gone"), Refusals))]
pub(super) async fn delete_key(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<KeySegments>,
    IfMatch(revision): IfMatch,
) -> Result<StatusCode, Problem> {
    let (account, id) = segments.split();
    app.change(STATUS, move |service| {
        service.delete_key(&caller, &account, &id, revision)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
