//! `POST /v1/keyspaces/{keyspace}/usage`: an edge tells which keys were used.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::service::{Beacon, BeaconUse, Code};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// Uses of keys since the last report.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "batch": "8e03978e-40d5-43e8-bc93-6894a57f9324",
    "keys": [{ "id": "key_0FkLm2x9Q", "count": 12, "last_used_at": "2026-11-21T20:14:00.000Z" }],
}))]
pub(super) struct BeaconBody {
    /// Tells reports apart: one that comes twice counts once, for a week.
    #[schema(example = "8e03978e-40d5-43e8-bc93-6894a57f9324")]
    batch: String,
    /// Keys that this keyspace does not have are left out.
    keys: Vec<BeaconUseBody>,
}

/// Uses of one key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BeaconUseBody {
    #[schema(example = "key_0FkLm2x9Q")]
    id: String,
    /// How many.
    #[schema(example = 12)]
    count: u64,
    /// The last of them; RFC 3339. What lies ahead of the server's clock counts as now.
    #[schema(format = DateTime)]
    last_used_at: String,
    /// Whether one of them presented the secret of the last rotation.
    #[serde(default)]
    by_newest_secret: bool,
}

/// What became of the report.
#[derive(Serialize, ToSchema)]
pub(super) struct ReportedBody {
    /// False where this batch had been counted before.
    counted: bool,
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/usage", tag = "usage",
    summary = "Report uses of keys",
    description = "Needs `usage.write`, which edge tokens can have.",
    params(("keyspace" = String, Path, description = "The keyspace's id", example = "shop")),
    request_body = BeaconBody,
    responses((status = 200, description = "The report is kept", body = ReportedBody), Refusals))]
pub(super) async fn report_usage(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
    Body(body): Body<BeaconBody>,
) -> Result<Json<ReportedBody>, Problem> {
    let beacon = Beacon::from(body);
    let counted = app
        .change(STATUS, move |service| {
            service.report_uses(&caller, &keyspace, &beacon)
        })
        .await?;
    Ok(Json(ReportedBody { counted }))
}

impl From<BeaconBody> for Beacon {
    fn from(body: BeaconBody) -> Self {
        let keys = body.keys.into_iter().map(|used| BeaconUse {
            id: used.id,
            count: used.count,
            last_used_at: used.last_used_at,
            by_newest_secret: used.by_newest_secret,
        });
        Self {
            batch: body.batch,
            keys: keys.collect(),
        }
    }
}
