//! `GET /v1/keyspaces/{keyspace}/snapshot/{shard}`: the live keys, as the head names them.
//!
//! It may be one epoch ahead of a head that was fetched before it; the head's digest shows that, and the head is
//! fetched again.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::published;
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::service::{Code, Service};

const STATUS: Table = Table(&[(Code::NotFound, StatusCode::NOT_FOUND)]);

const MEDIA_TYPE: &str = "application/vnd.keyward.shard";

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/snapshot/{shard}", tag = "publishing",
    summary = "Read a shard of the snapshot",
    description = "The live keys, as the head names them (docs/format.md). Needs `snapshot.read`, which edge tokens can have.",
    params(
    ("keyspace" = String, Path, description = "The keyspace's id"),
    ("shard" = String, Path, description = "The shard's number in the head, from 0"),
    ("If-None-Match" = Option<String>, Header, description = "The entity tag of the shard at hand"),
), responses(
    (status = 200, description = "The shard", body = inline(published::FileBody), content_type = "application/vnd.keyward.shard",
        headers(("ETag" = String, description = "The shard's entity tag"))),
    (status = 304, description = "The shard at hand is the current one"),
    Refusals,
))]
pub(super) async fn get_snapshot(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments((keyspace, shard)): Segments<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let ask = move |service: &Service| service.order_shard(&caller, &keyspace, &shard);
    let shard = app.publish(STATUS, ask).await?;
    Ok(published::answer(shard, MEDIA_TYPE, &headers))
}
