//! `POST /v1/keyspaces/{keyspace}/tokens`: make an edge token and show it, this once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TokenBody;
use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::http::v1::Shown;
use crate::service::{Code, CreateToken};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::StrongerThanMaker, StatusCode::FORBIDDEN),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// An edge token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "rights": ["snapshot.read", "usage.write"] }))]
pub(super) struct CreateTokenBody {
    /// At least one of `snapshot.read`, `usage.write`, `keys.verify`, and none that the caller lacks.
    rights: Vec<String>,
    /// A name for people.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// From when on it is refused; without it, when its maker is, or never. Never later than its maker.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// A new edge token.
#[derive(Serialize, ToSchema)]
pub(super) struct CreatedTokenBody {
    /// The whole token. It is shown in this answer only; keep it now.
    #[schema(value_type = String)]
    token: Shown,
    record: TokenBody,
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/tokens", tag = "tokens",
    summary = "Make an edge token",
    description = "The answer shows it, this once. Needs `tokens.write` over the keyspace.",
    params(("keyspace" = String, Path, description = "The keyspace's id", example = "shop")),
    request_body = CreateTokenBody,
    responses(
        Refusals,
        (status = 201, description = "The token, shown this once, and its record", body = CreatedTokenBody),
        (status = 403, description = "The caller may not do this: `missing_right`, or has less than it would give: `stronger_than_maker`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn create_token(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
    Body(body): Body<CreateTokenBody>,
) -> Result<(StatusCode, Json<CreatedTokenBody>), Problem> {
    let create = CreateToken {
        rights: body.rights,
        name: body.name,
        expires_at: body.expires_at,
    };
    let created = app
        .change(STATUS, move |service| {
            service.create_token(&caller, &keyspace, &create)
        })
        .await?;
    let body = CreatedTokenBody {
        token: Shown(created.secret),
        record: created.record.into(),
    };
    Ok((StatusCode::CREATED, Json(body)))
}
