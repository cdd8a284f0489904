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
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::http::v1::keys::AccountSegments;
use crate::service::{Code, Principal, Reach};

const STATUS: Table = Table(&[(Code::NotFound, StatusCode::NOT_FOUND)]);

/// Operators, oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct OperatorListBody {
    data: Vec<OperatorBody>,
}

#[utoipa::path(get, path = "/v1/operators", tag = "operators",
    summary = "List the operators over the server",
    description = "Those whose rights are over exactly this, oldest first; portal links are not among them. Needs `operators.read`.",
    responses((status = 200, description = "The operators", body = OperatorListBody), Refusals))]
pub(super) async fn list_operators(
    State(app): State<App>,
    Caller(caller): Caller,
) -> Result<Json<OperatorListBody>, Problem> {
    list(&app, caller, Reach::Server).await
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/operators", tag = "operators",
    summary = "List the operators over a keyspace",
    description = "Those whose rights are over exactly this, oldest first; portal links are not among them. Needs `operators.read`.",
    params(("keyspace" = String, Path, description = "The keyspace's id", example = "shop")),
    responses((status = 200, description = "The operators", body = OperatorListBody), Refusals))]
pub(super) async fn list_keyspace_operators(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
) -> Result<Json<OperatorListBody>, Problem> {
    list(&app, caller, Reach::Keyspace(keyspace)).await
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/accounts/{account}/operators", tag = "operators",
    summary = "List the operators over an account",
    description = "Those whose rights are over exactly this, oldest first; portal links are not among them. Needs `operators.read`.",
    params(AccountSegments),
    responses((status = 200, description = "The operators", body = OperatorListBody), Refusals))]
pub(super) async fn list_account_operators(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(account): Segments<AccountSegments>,
) -> Result<Json<OperatorListBody>, Problem> {
    list(&app, caller, Reach::Account(account.into())).await
}

async fn list(
    app: &App,
    caller: Principal,
    reach: Reach,
) -> Result<Json<OperatorListBody>, Problem> {
    let operators = app
        .read(STATUS, move |service| service.operators(&caller, &reach))
        .await?;
    Ok(Json(OperatorListBody {
        data: operators.into_iter().map(Into::into).collect(),
    }))
}
