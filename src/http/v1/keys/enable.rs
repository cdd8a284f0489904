//! `POST /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/enable`: switch a key on again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::{KeyBody, KeySegments};
use crate::http::App;
use crate::http::caller::Operator;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::service::{Code, KeyTransition};

const STATUS: Table = Table(&[
    (Code::NotFound, StatusCode::NOT_FOUND),
    (Code::Deactivated, StatusCode::CONFLICT),
]);

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/enable", tag = "keys", params(
    ("keyspace" = String, Path, description = "The keyspace's id"),
    ("account" = String, Path, description = "The account's id"),
    ("id" = String, Path, description = "The key's id"),
), responses(
    (status = 200, description = "The key's record", body = KeyBody),
    Refusals,
))]
pub(super) async fn enable_key(
    State(app): State<App>,
    Operator(operator): Operator,
    Segments(segments): Segments<KeySegments>,
) -> Result<Json<KeyBody>, Problem> {
    let (account, id) = segments.split();
    let transition = KeyTransition::Enable;
    let key = app
        .change(STATUS, move |service| {
            service.change_key(&operator, &account, &id, transition)
        })
        .await?;
    Ok(Json(key.into()))
}
