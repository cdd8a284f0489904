//! `GET /v1/keyspaces/{keyspace}`: one keyspace.

use axum::extract::State;
use axum::http::StatusCode;

use super::ShownKeyspaceBody;
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::precondition::Tagged;
use crate::http::problem::{Problem, Table};
use crate::service::Code;

const STATUS: Table = Table(&[(Code::NotFound, StatusCode::NOT_FOUND)]);

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}", tag = "keyspaces",
    summary = "Show a keyspace",
    description = "Needs `keyspaces.read` over the keyspace.",
    params(("keyspace" = String, Path, description = "The keyspace's id", example = "shop")),
    responses(
        (status = 200, description = "The keyspace", body = ShownKeyspaceBody,
            headers(("ETag" = String, description = "The record's entity tag"))),
        Refusals,
    ))]
pub(super) async fn show_keyspace(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
) -> Result<Tagged<ShownKeyspaceBody>, Problem> {
    let keyspace = app
        .read(STATUS, move |service| service.keyspace(&caller, &keyspace))
        .await?;
    Ok(keyspace.into())
}
