//! `GET /v1/keyspaces`: the keyspaces that the caller reaches.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::KeyspaceBody;
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::problem::{Problem, Table};

const STATUS: Table = Table(&[]);

/// Keyspaces, by id.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyspaceListBody {
    data: Vec<KeyspaceBody>,
}

#[utoipa::path(get, path = "/v1/keyspaces", tag = "keyspaces",
    summary = "List the keyspaces",
    description = "Those within the caller's reach, by id. Needs `keyspaces.read`.",
    responses((status = 200, description = "The keyspaces", body = KeyspaceListBody), Refusals))]
pub(super) async fn list_keyspaces(
    State(app): State<App>,
    Caller(caller): Caller,
) -> Result<Json<KeyspaceListBody>, Problem> {
    let keyspaces = app
        .read(STATUS, move |service| service.keyspaces(&caller))
        .await?;
    Ok(Json(KeyspaceListBody {
        data: keyspaces.into_iter().map(Into::into).collect(),
    }))
}
