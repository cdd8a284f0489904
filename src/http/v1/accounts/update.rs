//! `PATCH /v1/keyspaces/{keyspace}/accounts/{account}`: change a tenant.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::MeteredAccountBody;
use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::precondition::{IfMatch, Tagged};
use crate::http::problem::{Problem, Table};
use crate::http::v1::keys::AccountSegments;
use crate::service::{AccountPath, Code, UpdateAccount};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
    (Code::PreconditionFailed, StatusCode::PRECONDITION_FAILED),
]);

/// What is to be changed of an account. Members that are left out stay as they are; null takes away what may be
/// missing.
#[derive(Deserialize, ToSchema)]
#[expect(
    clippy::option_option,
    reason = "left out, null and a value are three things to say"
)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Acme Ltd", "monthly_uses": 100_000 }))]
pub(super) struct UpdateAccountBody {
    /// A name for people.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Option<Option<String>>,
    /// Whether keys may be made for it.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    keys_enabled: Option<bool>,
    /// How many uses a calendar month (UTC) are agreed; null: nothing is.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u64>, maximum = 9_007_199_254_740_991_u64)]
    monthly_uses: Option<Option<u64>>,
}

/// A member that is there, null included, is told from one that is not.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    input: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(input).map(Some)
}

#[utoipa::path(patch, path = "/v1/keyspaces/{keyspace}/accounts/{account}", tag = "accounts",
    summary = "Change an account",
    description = "Needs `accounts.write`. With `If-Match` the change is made only while the record has this entity tag.",
    params(
        AccountSegments,
        ("If-Match" = Option<String>, Header, description = "The entity tag of the record as the caller saw it, such as \"7\", or `*`"),
    ),
    request_body = UpdateAccountBody,
    responses(
        (status = 200, description = "The changed account", body = MeteredAccountBody,
            headers(("ETag" = String, description = "The record's entity tag"))),
        Refusals,
    ))]
pub(super) async fn update_account(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<AccountSegments>,
    IfMatch(revision): IfMatch,
    Body(body): Body<UpdateAccountBody>,
) -> Result<Tagged<MeteredAccountBody>, Problem> {
    let path = AccountPath::from(segments);
    let update = UpdateAccount {
        name: body.name,
        keys_enabled: body.keys_enabled,
        monthly_uses: body.monthly_uses,
    };
    let account = app
        .change(STATUS, move |service| {
            service.update_account(&caller, &path, &update, revision)
        })
        .await?;
    Ok(account.into())
}
