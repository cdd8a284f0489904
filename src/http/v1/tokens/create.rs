//! `POST /v1/keyspaces/{keyspace}/tokens`: make an edge token and show it, this once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TokenBody;
use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Operator;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::http::v1::Shown;
use crate::service::{Code, CreateToken};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// An edge token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateTokenBody {
    /// At least one of `snapshot.read`, `usage.write`, `keys.verify`.
    #[schema(example = json!(["snapshot.read"]))]
    rights: Vec<String>,
    /// A name for people; at most 100 characters.
    name: Option<String>,
}

/// A new edge token.
#[derive(Serialize, ToSchema)]
pub(super) struct CreatedTokenBody {
    /// The whole token. It is shown in this answer only; keep it now.
    #[schema(value_type = String)]
    token: Shown,
    record: TokenBody,
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/tokens", tag = "tokens", params(
    ("keyspace" = String, Path, description = "The keyspace's id"),
), request_body = CreateTokenBody, responses(
    (status = 201, description = "The token, shown this once, and its record", body = CreatedTokenBody),
    Refusals,
))]
pub(super) async fn create_token(
    State(app): State<App>,
    Operator(operator): Operator,
    Segments(keyspace): Segments<String>,
    Body(body): Body<CreateTokenBody>,
) -> Result<(StatusCode, Json<CreatedTokenBody>), Problem> {
    let create = CreateToken {
        rights: body.rights,
        name: body.name,
    };
    let created = app
        .change(STATUS, move |service| {
            service.create_token(&operator, &keyspace, &create)
        })
        .await?;
    let body = CreatedTokenBody {
        token: Shown(created.secret),
        record: created.record.into(),
    };
    Ok((StatusCode::CREATED, Json(body)))
}
