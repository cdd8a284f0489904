//! `/v1/keyspaces/{keyspace}/usage`: what edges report, and what came of it.

mod report;
mod show;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(report::report_usage, show::show_usage))
}
