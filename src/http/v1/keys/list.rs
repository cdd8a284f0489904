//! `GET /v1/keyspaces/{keyspace}/accounts/{account}/keys`: the keys of an account, newest first.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::filters::KeyFilters;
use super::{AccountSegments, KeyBody};
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::{PageQuery, Segments};
use crate::http::problem::{Problem, Table};
use crate::http::query::Members;
use crate::service::{Code, KeyRecord, Page};
use crate::time::Timestamp;

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::InvalidCursor, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// A part of a list of keys.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyListBody {
    data: Vec<KeyBody>,
    /// The `cursor` of the next part; null in the last one.
    #[schema(required)]
    next_cursor: Option<String>,
}

impl KeyListBody {
    pub(super) fn new(page: Page<KeyRecord>, now: Timestamp) -> Self {
        let data = page.items.into_iter().map(|key| KeyBody::new(key, now));
        Self {
            data: data.collect(),
            next_cursor: page.next,
        }
    }
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/accounts/{account}/keys", tag = "keys",
    summary = "List the keys of an account",
    description = "Newest first. Needs `keys.read`. A cursor goes with the filters that it was given for.",
    params(AccountSegments, KeyFilters, PageQuery),
    responses((status = 200, description = "The keys", body = KeyListBody), Refusals))]
pub(super) async fn list_keys(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<AccountSegments>,
    Members(filters): Members<KeyFilters>,
    page: PageQuery,
) -> Result<Json<KeyListBody>, Problem> {
    let AccountSegments { keyspace, account } = segments;
    let (page, now) = app
        .read(STATUS, move |service| {
            let (query, page) = (filters.into(), page.try_into()?);
            let keys = service.keys(&caller, &keyspace, Some(&account), &query, &page)?;
            Ok((keys, service.now()))
        })
        .await?;
    Ok(Json(KeyListBody::new(page, now)))
}
