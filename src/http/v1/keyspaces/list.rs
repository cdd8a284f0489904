//! `GET /v1/keyspaces`: all keyspaces.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::KeyspaceBody;
use crate::http::App;
use crate::http::caller::Operator;
use crate::http::openapi::Refusals;
use crate::http::problem::{Problem, Table};
use crate::service::Service;

const STATUS: Table = Table(&[]);

/// All keyspaces, by id.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyspaceListBody {
    data: Vec<KeyspaceBody>,
}

#[utoipa::path(get, path = "/v1/keyspaces", tag = "keyspaces", responses(
    (status = 200, description = "The keyspaces", body = KeyspaceListBody),
    Refusals,
))]
pub(super) async fn list_keyspaces(
    State(app): State<App>,
    Operator(_): Operator,
) -> Result<Json<KeyspaceListBody>, Problem> {
    let keyspaces = app.read(STATUS, Service::keyspaces).await?;
    Ok(Json(KeyspaceListBody {
        data: keyspaces.into_iter().map(Into::into).collect(),
    }))
}
