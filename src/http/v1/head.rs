//! `GET /v1/keyspaces/{keyspace}/head`: the small signed file that names the current snapshot.

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

const MEDIA_TYPE: &str = "application/vnd.keyward.head";

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/head", tag = "publishing",
    summary = "Read the head",
    description = "The small signed file that names the current snapshot (docs/format.md). Needs `snapshot.read`, which edge tokens can have.",
    params(
    ("keyspace" = String, Path, description = "The keyspace's id"),
    ("If-None-Match" = Option<String>, Header, description = "The entity tag of the head at hand"),
), responses(
    (status = 200, description = "The signed head", body = inline(published::FileBody), content_type = "application/vnd.keyward.head",
        headers(("ETag" = String, description = "The head's entity tag"))),
    (status = 304, description = "The head at hand is the current one"),
    Refusals,
))]
pub(super) async fn get_head(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let ask = move |service: &Service| service.order_head(&caller, &keyspace);
    let head = app.publish(STATUS, ask).await?;
    Ok(published::answer(head, MEDIA_TYPE, &headers))
}
