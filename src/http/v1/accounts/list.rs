//! `GET /v1/keyspaces/{keyspace}/accounts`: the tenants, by id.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::AccountBody;
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

/// A part of the list of accounts.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountListBody {
    data: Vec<AccountBody>,
    /// The `cursor` of the next part; null in the last one.
    #[schema(required)]
    next_cursor: Option<String>,
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/accounts", tag = "accounts",
    summary = "List the accounts",
    description = "By id. Needs `accounts.read` over the keyspace.",
    params(("keyspace" = String, Path, description = "The keyspace's id", example = "shop"), PageQuery),
    responses((status = 200, description = "The accounts", body = AccountListBody), Refusals))]
pub(super) async fn list_accounts(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
    query: PageQuery,
) -> Result<Json<AccountListBody>, Problem> {
    let page = app
        .read(STATUS, move |service| {
            service.accounts(&caller, &keyspace, &query.try_into()?)
        })
        .await?;
    Ok(Json(AccountListBody {
        data: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next,
    }))
}
