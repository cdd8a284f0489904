//! `DELETE /v1/keyspaces/{keyspace}/tokens/{id}`: remove an edge token; it is refused from then on.

use axum::extract::State;
use axum::http::StatusCode;

use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::service::Code;

const STATUS: Table = Table(&[(Code::NotFound, StatusCode::NOT_FOUND)]);

#[utoipa::path(delete, path = "/v1/keyspaces/{keyspace}/tokens/{id}", tag = "tokens",
    summary = "Remove an edge token",
    description = "It is refused from now on; edges go on deciding with what they have until that is too old. Needs `tokens.write` over the keyspace.",
    params(
        ("keyspace" = String, Path, description = "The keyspace's id", example = "shop"),
        ("id" = String, Path, description = "The token's id", example = "tok_0FkLm2x9Q"),
    ),
    responses((status = 204, description = "The token is gone"), Refusals))]
pub(super) async fn delete_token(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments((keyspace, id)): Segments<(String, String)>,
) -> Result<StatusCode, Problem> {
    app.change(STATUS, move |service| {
        service.delete_token(&caller, &keyspace, &id)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
