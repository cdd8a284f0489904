//! `PATCH /v1/keyspaces/{keyspace}`: other rules for an API.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ShownKeyspaceBody;
use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::precondition::{IfMatch, Tagged};
use crate::http::problem::{Problem, Table};
use crate::service::{Code, UpdateKeyspace};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::UnknownProfile, StatusCode::BAD_REQUEST),
    (Code::StrongerThanMaker, StatusCode::FORBIDDEN),
    (Code::NotFound, StatusCode::NOT_FOUND),
    (Code::KeysDoNotFit, StatusCode::CONFLICT),
    (Code::PreconditionFailed, StatusCode::PRECONDITION_FAILED),
]);

/// What is to be changed of a keyspace. Members that are left out stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "fresh_for_seconds": 60, "dry_run": true }))]
pub(super) struct UpdateKeyspaceBody {
    /// The id of a preset.
    profile: Option<String>,
    /// The TOML of a profile of its own, instead of `profile`. All that is wrong with it is answered at once, by line.
    profile_toml: Option<String>,
    /// For how many seconds a head counts as fresh.
    #[schema(minimum = 10, maximum = 86400)]
    fresh_for_seconds: Option<u32>,
    /// After how many seconds a head is refused.
    #[schema(minimum = 10, maximum = 2_592_000)]
    valid_for_seconds: Option<u32>,
    /// Only tries: all is checked, nothing is changed, and the answer is what the keyspace would be.
    #[serde(default)]
    dry_run: bool,
}

#[utoipa::path(patch, path = "/v1/keyspaces/{keyspace}", tag = "keyspaces",
    summary = "Change a keyspace's rules",
    description = "Needs `keyspaces.write` over the keyspace. Levels, scopes, routes and words change as you like, and count from \
        the next epoch on. What keys that are there consist of stays possible: a level, constraint or field that one of them has, \
        the format of keys, and whether they are recoverable; a field can be required or unique only where it is. With \
        `If-Match` the change is made only while the record has this entity tag.",
    params(
        ("keyspace" = String, Path, description = "The keyspace's id", example = "shop"),
        ("If-Match" = Option<String>, Header, description = "The entity tag of the record as the caller saw it, such as \"7\", or `*`"),
    ),
    request_body = UpdateKeyspaceBody,
    responses(
        (status = 200, description = "The changed keyspace", body = ShownKeyspaceBody,
            headers(("ETag" = String, description = "The record's entity tag"))),
        Refusals,
        (status = 400, description = "There is no such profile: `unknown_profile`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The caller may not do this: `missing_right`, or may give some levels only, and would change what they open: `stronger_than_maker`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "There are keys that these rules have no place for: `keys_do_not_fit`, with what is in the way",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn update_keyspace(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
    IfMatch(revision): IfMatch,
    Body(body): Body<UpdateKeyspaceBody>,
) -> Result<Tagged<ShownKeyspaceBody>, Problem> {
    let update = UpdateKeyspace {
        profile: body.profile,
        profile_toml: body.profile_toml,
        fresh_for_seconds: body.fresh_for_seconds,
        valid_for_seconds: body.valid_for_seconds,
        is_trial: body.dry_run,
    };
    let keyspace = app
        .change(STATUS, move |service| {
            service.update_keyspace(&caller, &keyspace, &update, revision)
        })
        .await?;
    Ok(keyspace.into())
}
