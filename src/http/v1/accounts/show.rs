//! `GET /v1/keyspaces/{keyspace}/accounts/{account}`: one tenant, and what it has used.

use axum::extract::State;
use axum::http::StatusCode;

use super::MeteredAccountBody;
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::precondition::Tagged;
use crate::http::problem::{Problem, Table};
use crate::http::v1::keys::AccountSegments;
use crate::service::{AccountPath, Code};

const STATUS: Table = Table(&[(Code::NotFound, StatusCode::NOT_FOUND)]);

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/accounts/{account}", tag = "accounts",
    summary = "Show an account",
    description = "Needs `accounts.read`.",
    params(AccountSegments),
    responses(
        (status = 200, description = "The account", body = MeteredAccountBody,
            headers(("ETag" = String, description = "The record's entity tag"))),
        Refusals,
    ))]
pub(super) async fn show_account(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<AccountSegments>,
) -> Result<Tagged<MeteredAccountBody>, Problem> {
    let path = AccountPath::from(segments);
    let account = app
        .read(STATUS, move |service| service.account(&caller, &path))
        .await?;
    Ok(account.into())
}
