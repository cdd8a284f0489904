//! `POST /v1/keyspaces/{keyspace}/accounts`: add a tenant.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::AccountBody;
use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Operator;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::service::{Code, CreateAccount};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
    (Code::AlreadyExists, StatusCode::CONFLICT),
]);

/// An account to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateAccountBody {
    /// 1 to 64 of A-Z, a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit; made by the server where absent.
    #[schema(example = "acme")]
    id: Option<String>,
    /// A name for people; at most 100 characters.
    name: Option<String>,
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/accounts", tag = "accounts", params(
    ("keyspace" = String, Path, description = "The keyspace's id"),
), request_body = CreateAccountBody, responses(
    (status = 201, description = "The account", body = AccountBody),
    Refusals,
))]
pub(super) async fn create_account(
    State(app): State<App>,
    Operator(operator): Operator,
    Segments(keyspace): Segments<String>,
    Body(body): Body<CreateAccountBody>,
) -> Result<(StatusCode, Json<AccountBody>), Problem> {
    let create = CreateAccount {
        id: body.id,
        name: body.name,
    };
    let account = app
        .change(STATUS, move |service| {
            service.create_account(&operator, &keyspace, create)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(account.into())))
}
