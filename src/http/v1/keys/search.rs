//! `GET /v1/keyspaces/{keyspace}/keys`: keys of all accounts, newest first.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use super::filters::KeyFilters;
use super::list::KeyListBody;
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::{PageQuery, Segments};
use crate::http::problem::{Problem, Table};
use crate::http::query::Members;
use crate::service::Code;

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::InvalidCursor, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// Whose keys are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OfAccount {
    /// The id of an account; all of them, where it is left out.
    #[param(nullable = false, example = "acme")]
    account: Option<String>,
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/keys", tag = "keys",
    summary = "Search keys across accounts",
    description = "Newest first. Needs `keys.read` over the keyspace, or over the account that is named. A cursor goes with the filters that it was given for.",
    params(
        ("keyspace" = String, Path, description = "The keyspace's id", example = "shop"),
        OfAccount,
        KeyFilters,
        PageQuery,
    ),
    responses((status = 200, description = "The keys", body = KeyListBody), Refusals))]
pub(super) async fn search_keys(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
    Members(OfAccount { account }): Members<OfAccount>,
    Members(filters): Members<KeyFilters>,
    page: PageQuery,
) -> Result<Json<KeyListBody>, Problem> {
    let (page, now) = app
        .read(STATUS, move |service| {
            let (query, page) = (filters.into(), page.try_into()?);
            let keys = service.keys(&caller, &keyspace, account.as_deref(), &query, &page)?;
            Ok((keys, service.now()))
        })
        .await?;
    Ok(Json(KeyListBody::new(page, now)))
}
