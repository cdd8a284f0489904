//! `GET /v1/keyspaces/{keyspace}`: one keyspace.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::KeyspaceBody;
use crate::http::App;
use crate::http::caller::Operator;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::service::Code;

const STATUS: Table = Table(&[(Code::NotFound, StatusCode::NOT_FOUND)]);

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}", tag = "keyspaces", params(
    ("keyspace" = String, Path, description = "The keyspace's id"),
), responses(
    (status = 200, description = "The keyspace", body = KeyspaceBody),
    Refusals,
))]
pub(super) async fn show_keyspace(
    State(app): State<App>,
    Operator(_): Operator,
    Segments(keyspace): Segments<String>,
) -> Result<Json<KeyspaceBody>, Problem> {
    let keyspace = app
        .read(STATUS, move |service| service.keyspace(&keyspace))
        .await?;
    Ok(Json(keyspace.into()))
}
