//! `GET …/operators`: the operators over exactly this, by id.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::OperatorBody;
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::{PageQuery, Segments};
use crate::http::problem::{Problem, Table};
use crate::http::v1::keys::AccountSegments;
use crate::service::{Code, Principal, Reach};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::InvalidCursor, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// A part of a list of operators.
#[derive(Serialize, ToSchema)]
pub(super) struct OperatorListBody {
    data: Vec<OperatorBody>,
    /// The `cursor` of the next part; null in the last one.
    #[schema(required)]
    next_cursor: Option<String>,
}

#[utoipa::path(get, path = "/v1/operators", tag = "operators",
    summary = "List the operators over the server",
    description = "Those whose rights are over exactly this, oldest first; portal links are not among them. Needs `operators.read`.",
    params(PageQuery),
    responses((status = 200, description = "The operators", body = OperatorListBody), Refusals))]
pub(super) async fn list_operators(
    State(app): State<App>,
    Caller(caller): Caller,
    query: PageQuery,
) -> Result<Json<OperatorListBody>, Problem> {
    list(&app, caller, Reach::Server, query).await
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/operators", tag = "operators",
    summary = "List the operators over a keyspace",
    description = "Those whose rights are over exactly this, oldest first; portal links are not among them. Needs `operators.read`.",
    params(("keyspace" = String, Path, description = "The keyspace's id", example = "shop"), PageQuery),
    responses((status = 200, description = "The operators", body = OperatorListBody), Refusals))]
pub(super) async fn list_keyspace_operators(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
    query: PageQuery,
) -> Result<Json<OperatorListBody>, Problem> {
    list(&app, caller, Reach::Keyspace(keyspace), query).await
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/accounts/{account}/operators", tag = "operators",
    summary = "List the operators over an account",
    description = "Those whose rights are over exactly this, oldest first; portal links are not among them. Needs `operators.read`.",
    params(AccountSegments, PageQuery),
    responses((status = 200, description = "The operators", body = OperatorListBody), Refusals))]
pub(super) async fn list_account_operators(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(account): Segments<AccountSegments>,
    query: PageQuery,
) -> Result<Json<OperatorListBody>, Problem> {
    list(&app, caller, Reach::Account(account.into()), query).await
}

async fn list(
    app: &App,
    caller: Principal,
    reach: Reach,
    query: PageQuery,
) -> Result<Json<OperatorListBody>, Problem> {
    let page = app
        .read(STATUS, move |service| {
            service.operators(&caller, &reach, &query.try_into()?)
        })
        .await?;
    Ok(Json(OperatorListBody {
        data: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next,
    }))
}
