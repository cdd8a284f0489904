//! `POST /v1/keyspaces/{keyspace}/accounts`: add a tenant.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::AccountBody;
use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Caller;
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
    /// A name for people.
    #[schema(min_length = 1, max_length = 100, example = "Acme Ltd")]
    name: Option<String>,
    /// Whether keys may be made for it; true, where it is left out.
    keys_enabled: Option<bool>,
    /// How many uses a calendar month (UTC) are agreed. More are flagged, never refused.
    #[schema(maximum = 9_007_199_254_740_991_u64)]
    monthly_uses: Option<u64>,
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/accounts", tag = "accounts",
    summary = "Add an account",
    description = "Needs `accounts.write` over the keyspace.",
    params(("keyspace" = String, Path, description = "The keyspace's id", example = "shop")),
    request_body = CreateAccountBody,
    responses(
        (status = 201, description = "The account", body = AccountBody),
        (status = 409, description = "There is an account with this id: `already_exists`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        Refusals,
    ))]
pub(super) async fn create_account(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
    Body(body): Body<CreateAccountBody>,
) -> Result<(StatusCode, Json<AccountBody>), Problem> {
    let create = CreateAccount {
        id: body.id,
        name: body.name,
        keys_enabled: body.keys_enabled,
        monthly_uses: body.monthly_uses,
    };
    let account = app
        .change(STATUS, move |service| {
            service.create_account(&caller, &keyspace, create)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(account.into())))
}
