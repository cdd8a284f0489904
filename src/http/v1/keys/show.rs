//! `GET /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}`: one key.

use axum::extract::State;
use axum::http::StatusCode;

use super::{KeyBody, KeySegments};
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::precondition::Tagged;
use crate::http::problem::{Problem, Table};
use crate::service::Code;

const STATUS: Table = Table(&[(Code::NotFound, StatusCode::NOT_FOUND)]);

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}", tag = "keys",
    summary = "Show what is known of a key",
    description = "Needs `keys.read`. The key itself is not shown.",
    params(KeySegments),
    responses(
        (status = 200, description = "The record", body = KeyBody,
            headers(("ETag" = String, description = "The record's entity tag"))),
        Refusals,
    ))]
pub(super) async fn show_key(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<KeySegments>,
) -> Result<Tagged<KeyBody>, Problem> {
    let (account, id) = segments.split();
    let (key, now) = app
        .read(STATUS, move |service| {
            Ok((service.key(&caller, &account, &id)?, service.now()))
        })
        .await?;
    Ok(KeyBody::tagged(key, now))
}
