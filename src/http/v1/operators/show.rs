//! `GET …/operators/{id}`: one operator.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::{AccountOperatorSegments, KeyspaceOperatorSegments, OperatorBody, OperatorSegments};
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::service::{Code, Principal, Reach};

const STATUS: Table = Table(&[(Code::NotFound, StatusCode::NOT_FOUND)]);

#[utoipa::path(get, path = "/v1/operators/{id}", tag = "operators",
    summary = "Show an operator over the server",
    description = "Never its key. Needs `operators.read`.",
    params(OperatorSegments),
    responses((status = 200, description = "The operator", body = OperatorBody), Refusals))]
pub(super) async fn show_operator(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<OperatorSegments>,
) -> Result<Json<OperatorBody>, Problem> {
    show(&app, caller, segments.split()).await
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/operators/{id}", tag = "operators",
    summary = "Show an operator over a keyspace",
    description = "Never its key. Needs `operators.read`.",
    params(KeyspaceOperatorSegments),
    responses((status = 200, description = "The operator", body = OperatorBody), Refusals))]
pub(super) async fn show_keyspace_operator(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<KeyspaceOperatorSegments>,
) -> Result<Json<OperatorBody>, Problem> {
    show(&app, caller, segments.split()).await
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/accounts/{account}/operators/{id}", tag = "operators",
    summary = "Show an operator over an account",
    description = "Never its key. Needs `operators.read`.",
    params(AccountOperatorSegments),
    responses((status = 200, description = "The operator", body = OperatorBody), Refusals))]
pub(super) async fn show_account_operator(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<AccountOperatorSegments>,
) -> Result<Json<OperatorBody>, Problem> {
    show(&app, caller, segments.split()).await
}

async fn show(
    app: &App,
    caller: Principal,
    (reach, id): (Reach, String),
) -> Result<Json<OperatorBody>, Problem> {
    let operator = app
        .read(STATUS, move |service| {
            service.operator(&caller, &reach, &id)
        })
        .await?;
    Ok(Json(operator.into()))
}
