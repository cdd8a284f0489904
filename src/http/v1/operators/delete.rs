//! `DELETE …/operators/{id}`: remove an operator. What it made stays.

use axum::extract::State;
use axum::http::StatusCode;

use super::{AccountOperatorSegments, KeyspaceOperatorSegments, OperatorSegments};
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::service::{Code, Principal, Reach};

const STATUS: Table = Table(&[
    (Code::StrongerThanMaker, StatusCode::FORBIDDEN),
    (Code::NotFound, StatusCode::NOT_FOUND),
    (Code::LastOperator, StatusCode::CONFLICT),
]);

#[utoipa::path(delete, path = "/v1/operators/{id}", tag = "operators",
    summary = "Remove an operator over the server",
    description = "Its key is refused from now on; the keys, tokens and operators that it made stay. Needs `operators.write`, and all that the operator may do.",
    params(OperatorSegments),
    responses(
        Refusals,
        (status = 204, description = "The operator is gone"),
        (status = 403, description = "The caller may not do this: `missing_right`, or may do less than the operator: `stronger_than_maker`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Nobody would be left who may do everything: `last_operator`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn delete_operator(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<OperatorSegments>,
) -> Result<StatusCode, Problem> {
    delete(&app, caller, segments.split()).await
}

#[utoipa::path(delete, path = "/v1/keyspaces/{keyspace}/operators/{id}", tag = "operators",
    summary = "Remove an operator over a keyspace",
    description = "Its key is refused from now on; the keys, tokens and operators that it made stay. Needs `operators.write`, and all that the operator may do.",
    params(KeyspaceOperatorSegments),
    responses(
        Refusals,
        (status = 204, description = "The operator is gone"),
        (status = 403, description = "The caller may not do this: `missing_right`, or may do less than the operator: `stronger_than_maker`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn delete_keyspace_operator(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<KeyspaceOperatorSegments>,
) -> Result<StatusCode, Problem> {
    delete(&app, caller, segments.split()).await
}

#[utoipa::path(delete, path = "/v1/keyspaces/{keyspace}/accounts/{account}/operators/{id}", tag = "operators",
    summary = "Remove an operator over an account",
    description = "Its key is refused from now on; the keys, tokens and operators that it made stay. Needs `operators.write`, and all that the operator may do.",
    params(AccountOperatorSegments),
    responses(
        Refusals,
        (status = 204, description = "The operator is gone"),
        (status = 403, description = "The caller may not do this: `missing_right`, or may do less than the operator: `stronger_than_maker`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn delete_account_operator(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<AccountOperatorSegments>,
) -> Result<StatusCode, Problem> {
    delete(&app, caller, segments.split()).await
}

async fn delete(
    app: &App,
    caller: Principal,
    (reach, id): (Reach, String),
) -> Result<StatusCode, Problem> {
    app.change(STATUS, move |service| {
        service.delete_operator(&caller, &reach, &id)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
