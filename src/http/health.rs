//! `GET /healthz`: the process answers. `GET /readyz`: so does its database.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::openapi::Unavailable;
use super::problem::{Problem, Table};
use crate::service::Service;

/// That all is well.
#[derive(Serialize, ToSchema)]
pub(super) struct HealthBody {
    /// Always `ok`; what is not well answers with a problem.
    #[schema(example = "ok")]
    status: &'static str,
}

const OK: Json<HealthBody> = Json(HealthBody { status: "ok" });

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(readiness))
}

#[utoipa::path(get, path = "/healthz", tag = "health", security(()),
    summary = "Ask whether the process answers", responses(
    (status = 200, description = "The process answers", body = HealthBody),
))]
async fn health() -> Json<HealthBody> {
    OK
}

#[utoipa::path(get, path = "/readyz", tag = "health", security(()),
    summary = "Ask whether the server can work", responses(
    (status = 200, description = "The database answers", body = HealthBody),
    Unavailable,
))]
async fn readiness(State(app): State<App>) -> Result<Json<HealthBody>, Problem> {
    app.read(Table(&[]), Service::is_ready).await?;
    Ok(OK)
}
