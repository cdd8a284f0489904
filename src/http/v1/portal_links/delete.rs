//! `DELETE …/portal-links/{id}`: end a portal link before its time.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::service::{AccountPath, Code};

const STATUS: Table = Table(&[(Code::NotFound, StatusCode::NOT_FOUND)]);

/// The path of a portal link.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct PortalLinkSegments {
    /// The keyspace's id.
    #[param(example = "shop")]
    keyspace: String,
    /// The account's id.
    #[param(example = "acme")]
    account: String,
    /// The link's id.
    #[param(example = "prt_0FkLm2x9Q")]
    id: String,
}

#[utoipa::path(delete, path = "/v1/keyspaces/{keyspace}/accounts/{account}/portal-links/{id}", tag = "portal links",
    summary = "End a portal link",
    description = "It is refused from now on; the keys that were made with it stay. Needs `portal_links.write`.",
    params(PortalLinkSegments),
    responses((status = 204, description = "The link is gone"), Refusals))]
pub(super) async fn delete_portal_link(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<PortalLinkSegments>,
) -> Result<StatusCode, Problem> {
    let account = AccountPath {
        keyspace: segments.keyspace,
        account: segments.account,
    };
    app.change(STATUS, move |service| {
        service.delete_portal_link(&caller, &account, &segments.id)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
