//! `POST …/operators/{id}/rotate`: another key for an operator, shown this once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::{
    AccountOperatorSegments, KeyspaceOperatorSegments, OperatorSegments, ShownOperatorBody,
};
use crate::http::App;
use crate::http::body::{Nothing, Optional};
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::service::{Code, Principal, Reach};

const STATUS: Table = Table(&[
    (Code::StrongerThanMaker, StatusCode::FORBIDDEN),
    (Code::NotFound, StatusCode::NOT_FOUND),
    (Code::Expired, StatusCode::CONFLICT),
]);

#[utoipa::path(post, path = "/v1/operators/{id}/rotate", tag = "operators",
    summary = "Give an operator over the server another key",
    description = "The answer shows the new key, this once; the one before is refused from now on. Needs `operators.write`, and all that the operator may do.",
    params(OperatorSegments),
    responses(
        Refusals,
        (status = 200, description = "The operator and its new key, shown this once", body = ShownOperatorBody),
        (status = 403, description = "The caller may not do this: `missing_right`, or may do less than the operator: `stronger_than_maker`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The operator has expired: `expired`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn rotate_operator(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<OperatorSegments>,
    Optional(Nothing {}, _): Optional<Nothing>,
) -> Result<Json<ShownOperatorBody>, Problem> {
    rotate(&app, caller, segments.split()).await
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/operators/{id}/rotate", tag = "operators",
    summary = "Give an operator over a keyspace another key",
    description = "The answer shows the new key, this once; the one before is refused from now on. Needs `operators.write`, and all that the operator may do.",
    params(KeyspaceOperatorSegments),
    responses(
        Refusals,
        (status = 200, description = "The operator and its new key, shown this once", body = ShownOperatorBody),
        (status = 403, description = "The caller may not do this: `missing_right`, or may do less than the operator: `stronger_than_maker`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The operator has expired: `expired`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn rotate_keyspace_operator(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<KeyspaceOperatorSegments>,
    Optional(Nothing {}, _): Optional<Nothing>,
) -> Result<Json<ShownOperatorBody>, Problem> {
    rotate(&app, caller, segments.split()).await
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/accounts/{account}/operators/{id}/rotate", tag = "operators",
    summary = "Give an operator over an account another key",
    description = "The answer shows the new key, this once; the one before is refused from now on. Needs `operators.write`, and all that the operator may do.",
    params(AccountOperatorSegments),
    responses(
        Refusals,
        (status = 200, description = "The operator and its new key, shown this once", body = ShownOperatorBody),
        (status = 403, description = "The caller may not do this: `missing_right`, or may do less than the operator: `stronger_than_maker`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The operator has expired: `expired`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn rotate_account_operator(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<AccountOperatorSegments>,
    Optional(Nothing {}, _): Optional<Nothing>,
) -> Result<Json<ShownOperatorBody>, Problem> {
    rotate(&app, caller, segments.split()).await
}

async fn rotate(
    app: &App,
    caller: Principal,
    (reach, id): (Reach, String),
) -> Result<Json<ShownOperatorBody>, Problem> {
    let issued = app
        .change(STATUS, move |service| {
            service.rotate_operator(&caller, &reach, &id)
        })
        .await?;
    Ok(Json(issued.into()))
}
