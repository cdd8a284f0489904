//! `POST …/operators`: make an operator and show its key, this once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ShownOperatorBody;
use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::http::v1::keys::AccountSegments;
use crate::service::{Code, CreateOperator, Principal, Reach};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::StrongerThanMaker, StatusCode::FORBIDDEN),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// An operator to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Ada at acme", "rights": ["keys.read", "keys.write"] }))]
pub(super) struct CreateOperatorBody {
    /// A name for people.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it may do: names of rights, and below a keyspace of the privileges of its profile. None that its maker
    /// lacks.
    rights: Vec<String>,
    /// The levels that keys may have which it makes; those that its maker may give, where it is left out.
    levels: Option<Vec<String>>,
    /// From when on it is refused; RFC 3339, in the future, no later than its maker's end, which it is where it is left
    /// out.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

#[utoipa::path(post, path = "/v1/operators", tag = "operators",
    summary = "Make an operator over the server",
    description = "The answer shows its key, this once. Needs `operators.write`. The operator can do nothing that the caller cannot, and ends no later.",
    request_body = CreateOperatorBody,
    responses(
        Refusals,
        (status = 201, description = "The operator and its key, shown this once", body = ShownOperatorBody),
        (status = 403, description = "The caller may not do this: `missing_right`, or has less than it would give: `stronger_than_maker`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn create_operator(
    State(app): State<App>,
    Caller(caller): Caller,
    Body(body): Body<CreateOperatorBody>,
) -> Result<(StatusCode, Json<ShownOperatorBody>), Problem> {
    create(&app, caller, Reach::Server, body).await
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/operators", tag = "operators",
    summary = "Make an operator over a keyspace",
    description = "The answer shows its key, this once. Needs `operators.write`. The operator can do nothing that the caller cannot, and ends no later.",
    params(("keyspace" = String, Path, description = "The keyspace's id", example = "shop")),
    request_body = CreateOperatorBody,
    responses(
        Refusals,
        (status = 201, description = "The operator and its key, shown this once", body = ShownOperatorBody),
        (status = 403, description = "The caller may not do this: `missing_right`, or has less than it would give: `stronger_than_maker`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn create_keyspace_operator(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
    Body(body): Body<CreateOperatorBody>,
) -> Result<(StatusCode, Json<ShownOperatorBody>), Problem> {
    create(&app, caller, Reach::Keyspace(keyspace), body).await
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/accounts/{account}/operators", tag = "operators",
    summary = "Make an operator over an account",
    description = "The answer shows its key, this once. Needs `operators.write`. The operator can do nothing that the caller cannot, and ends no later.",
    params(AccountSegments),
    request_body = CreateOperatorBody,
    responses(
        Refusals,
        (status = 201, description = "The operator and its key, shown this once", body = ShownOperatorBody),
        (status = 403, description = "The caller may not do this: `missing_right`, or has less than it would give: `stronger_than_maker`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn create_account_operator(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(account): Segments<AccountSegments>,
    Body(body): Body<CreateOperatorBody>,
) -> Result<(StatusCode, Json<ShownOperatorBody>), Problem> {
    create(&app, caller, Reach::Account(account.into()), body).await
}

async fn create(
    app: &App,
    caller: Principal,
    reach: Reach,
    body: CreateOperatorBody,
) -> Result<(StatusCode, Json<ShownOperatorBody>), Problem> {
    let create = CreateOperator {
        name: body.name,
        rights: body.rights,
        levels: body.levels,
        expires_at: body.expires_at,
    };
    let issued = app
        .change(STATUS, move |service| {
            service.create_operator(&caller, &reach, &create)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(issued.into())))
}
