//! `GET /v1/keyspaces/{keyspace}/accounts/{account}/keys`: the keys of an account, newest first.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::{AccountSegments, KeyBody};
use crate::http::App;
use crate::http::caller::Operator;
use crate::http::openapi::Refusals;
use crate::http::parameters::{PageQuery, Segments};
use crate::http::problem::{Problem, Table};
use crate::service::{AccountPath, Code};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::InvalidCursor, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// A part of the list of keys.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyListBody {
    data: Vec<KeyBody>,
    /// The `cursor` of the next part; null in the last one.
    #[schema(required)]
    next_cursor: Option<String>,
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/accounts/{account}/keys", tag = "keys", params(
    ("keyspace" = String, Path, description = "The keyspace's id"),
    ("account" = String, Path, description = "The account's id"),
    PageQuery,
), responses(
    (status = 200, description = "The keys", body = KeyListBody),
    Refusals,
))]
pub(super) async fn list_keys(
    State(app): State<App>,
    Operator(_): Operator,
    Segments(segments): Segments<AccountSegments>,
    query: PageQuery,
) -> Result<Json<KeyListBody>, Problem> {
    let account = AccountPath::from(segments);
    let page = app
        .read(STATUS, move |service| {
            service.keys(&account, &query.try_into()?)
        })
        .await?;
    Ok(Json(KeyListBody {
        data: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next,
    }))
}
