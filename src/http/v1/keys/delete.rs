//! `DELETE /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}`: remove a key; it cannot be restored.

use axum::extract::State;
use axum::http::StatusCode;

use super::KeySegments;
use crate::http::App;
use crate::http::caller::Operator;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::service::Code;

const STATUS: Table = Table(&[(Code::NotFound, StatusCode::NOT_FOUND)]);

#[utoipa::path(delete, path = "/v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}", tag = "keys", params(
    ("keyspace" = String, Path, description = "The keyspace's id"),
    ("account" = String, Path, description = "The account's id"),
    ("id" = String, Path, description = "The key's id"),
), responses(
    (status = 204, description = "The key is gone"),
    Refusals,
))]
pub(super) async fn delete_key(
    State(app): State<App>,
    Operator(operator): Operator,
    Segments(segments): Segments<KeySegments>,
) -> Result<StatusCode, Problem> {
    let (account, id) = segments.split();
    app.change(STATUS, move |service| {
        service.delete_key(&operator, &account, &id)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
