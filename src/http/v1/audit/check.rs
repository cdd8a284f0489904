//! `GET /v1/audit/check`: whether the audit trail is still what was written.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::hex;
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::problem::{Problem, Table};
use crate::service::AuditCheck;

const STATUS: Table = Table(&[]);

/// How a check of the whole trail came out.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditCheckBody {
    /// How many entries follow from those before them.
    #[schema(example = 1204)]
    entries: u64,
    /// Whether all do.
    #[schema(example = true)]
    intact: bool,
    /// The number of the first entry that does not.
    #[schema(required)]
    first_broken: Option<i64>,
    /// The last good entry; null where there is none. Kept elsewhere, it shows later whether the trail was cut off.
    #[schema(required)]
    last: Option<LinkBody>,
}

/// An entry of the trail and its hash.
#[derive(Serialize, ToSchema)]
pub(super) struct LinkBody {
    #[schema(example = 1204)]
    sequence: i64,
    /// SHA-256, 64 hexadecimal digits.
    hash: String,
}

impl From<AuditCheck> for AuditCheckBody {
    fn from(check: AuditCheck) -> Self {
        Self {
            entries: check.entries,
            intact: check.is_intact(),
            first_broken: check.first_broken,
            last: check.last.map(|(sequence, hash)| LinkBody {
                sequence,
                hash: hex(&hash),
            }),
        }
    }
}

#[utoipa::path(get, path = "/v1/audit/check", tag = "audit",
    summary = "Check the audit trail",
    description = "Follows the trail of the whole server from its first entry and recomputes each hash. Needs `server.maintain` over the server.",
    responses((status = 200, description = "How it came out", body = AuditCheckBody), Refusals))]
pub(super) async fn check_audit(
    State(app): State<App>,
    Caller(caller): Caller,
) -> Result<Json<AuditCheckBody>, Problem> {
    let check = app
        .read(STATUS, move |service| service.check_audit(&caller))
        .await?;
    Ok(Json(check.into()))
}
