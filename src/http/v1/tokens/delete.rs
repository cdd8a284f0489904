//! `DELETE /v1/keyspaces/{keyspace}/tokens/{id}`: remove an edge token; it is refused from then on.

use axum::extract::State;
use axum::http::StatusCode;

use crate::http::App;
use crate::http::caller::Operator;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::service::Code;

const STATUS: Table = Table(&[(Code::NotFound, StatusCode::NOT_FOUND)]);

#[utoipa::path(delete, path = "/v1/keyspaces/{keyspace}/tokens/{id}", tag = "tokens", params(
    ("keyspace" = String, Path, description = "The keyspace's id"),
    ("id" = String, Path, description = "The token's id"),
), responses(
    (status = 204, description = "The token is gone"),
    Refusals,
))]
pub(super) async fn delete_token(
    State(app): State<App>,
    Operator(operator): Operator,
    Segments((keyspace, id)): Segments<(String, String)>,
) -> Result<StatusCode, Problem> {
    app.change(STATUS, move |service| {
        service.delete_token(&operator, &keyspace, &id)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
