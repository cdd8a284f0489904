//! `POST /v1/keyspaces`: publish another API.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::KeyspaceBody;
use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::problem::{Problem, Table};
use crate::service::{Code, CreateKeyspace};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::UnknownProfile, StatusCode::BAD_REQUEST),
    (Code::AlreadyExists, StatusCode::CONFLICT),
    (Code::RootKeyMissing, StatusCode::CONFLICT),
]);

/// A keyspace to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "shop", "profile": "esputnik" }))]
pub(super) struct CreateKeyspaceBody {
    /// 1 to 64 of a-z, 0-9, `-` and `_`, starting with a letter or digit.
    id: String,
    /// The id of a preset.
    profile: Option<String>,
    /// The TOML of a profile of its own, instead of `profile`. All that is wrong with it is answered at once, by line.
    profile_toml: Option<String>,
    /// For how many seconds a head counts as fresh; 300 by default.
    #[schema(minimum = 10, maximum = 86400)]
    fresh_for_seconds: Option<u32>,
    /// After how many seconds a head is refused; 86400 by default.
    #[schema(minimum = 10, maximum = 2_592_000)]
    valid_for_seconds: Option<u32>,
}

#[utoipa::path(post, path = "/v1/keyspaces", tag = "keyspaces",
    summary = "Publish another API",
    description = "Needs `keyspaces.write` over the server, and the root key in the server's data directory.",
    request_body = CreateKeyspaceBody,
    responses(
        (status = 400, description = "There is no such profile: `unknown_profile`",
        body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    (status = 201, description = "The keyspace", body = KeyspaceBody),
        (status = 409, description = "There is a keyspace with this id: `already_exists`; the root key is kept elsewhere: `root_key_missing`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        Refusals,
    ))]
pub(super) async fn create_keyspace(
    State(app): State<App>,
    Caller(caller): Caller,
    Body(body): Body<CreateKeyspaceBody>,
) -> Result<(StatusCode, Json<KeyspaceBody>), Problem> {
    let CreateKeyspaceBody {
        id,
        profile,
        profile_toml,
        fresh_for_seconds,
        valid_for_seconds,
    } = body;
    let create = CreateKeyspace {
        id,
        profile,
        profile_toml,
        fresh_for_seconds,
        valid_for_seconds,
    };
    let keyspace = app
        .change(STATUS, move |service| {
            service.create_keyspace(&caller, create)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(keyspace.into())))
}
