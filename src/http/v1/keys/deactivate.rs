//! `POST /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/deactivate`: take a key out of use for good.

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

const STATUS: Table = Table(&[(Code::NotFound, StatusCode::NOT_FOUND)]);

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/deactivate", tag = "keys", params(
    ("keyspace" = String, Path, description = "The keyspace's id"),
    ("account" = String, Path, description = "The account's id"),
    ("id" = String, Path, description = "The key's id"),
), responses(
    (status = 200, description = "The key's record", body = KeyBody),
    Refusals,
))]
pub(super) async fn deactivate_key(
    State(app): State<App>,
    Operator(operator): Operator,
    Segments(segments): Segments<KeySegments>,
) -> Result<Json<KeyBody>, Problem> {
    let (account, id) = segments.split();
    let transition = KeyTransition::Deactivate;
    let key = app
        .change(STATUS, move |service| {
            service.change_key(&operator, &account, &id, transition)
        })
        .await?;
    Ok(Json(key.into()))
}
