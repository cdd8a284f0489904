//! `/v1/keyspaces/{keyspace}/accounts/{account}/portal-links`.

mod create;
mod delete;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create::create_portal_link))
        .routes(routes!(delete::delete_portal_link))
}
