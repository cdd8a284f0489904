//! `GET /v1/keyspaces/{keyspace}/tokens`: the edge tokens of a keyspace.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::TokenBody;
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::{PageQuery, Segments};
use crate::http::problem::{Problem, Table};
use crate::service::Code;

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::InvalidCursor, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// A part of the list of edge tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenListBody {
    data: Vec<TokenBody>,
    /// The `cursor` of the next part; null in the last one.
    #[schema(required)]
    next_cursor: Option<String>,
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/tokens", tag = "tokens",
    summary = "List the edge tokens",
    description = "Oldest first. Needs `tokens.read` over the keyspace.",
    params(("keyspace" = String, Path, description = "The keyspace's id", example = "shop"), PageQuery),
    responses((status = 200, description = "The tokens", body = TokenListBody), Refusals))]
pub(super) async fn list_tokens(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
    query: PageQuery,
) -> Result<Json<TokenListBody>, Problem> {
    let page = app
        .read(STATUS, move |service| {
            service.tokens(&caller, &keyspace, &query.try_into()?)
        })
        .await?;
    Ok(Json(TokenListBody {
        data: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next,
    }))
}
