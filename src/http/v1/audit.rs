//! `GET /v1/keyspaces/{keyspace}/audit`: who changed what, and when; newest first.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::http::App;
use crate::http::caller::Operator;
use crate::http::openapi::Refusals;
use crate::http::parameters::{PageQuery, Segments};
use crate::http::problem::{Problem, Table};
use crate::service::{AuditEntry, Code, rfc3339};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::InvalidCursor, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// A part of the audit trail.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditListBody {
    data: Vec<AuditEntryBody>,
    /// The `cursor` of the next part; null in the last one.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// One change.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditEntryBody {
    #[schema(format = DateTime)]
    at: String,
    /// The id of an operator, or `system`.
    actor: String,
    /// What was done.
    #[schema(example = "key.disable")]
    action: String,
    /// The account that it concerned.
    #[schema(required)]
    account: Option<String>,
    /// The id of what was changed.
    target: String,
    /// The epoch that the change made.
    epoch: u64,
    /// Particulars.
    #[schema(required, value_type = Object)]
    details: Option<Box<RawValue>>,
}

impl From<AuditEntry> for AuditEntryBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            at: rfc3339(entry.at),
            actor: entry.actor,
            action: entry.action,
            account: entry.account,
            target: entry.target,
            epoch: entry.epoch,
            details: RawValue::from_string(entry.details).ok(),
        }
    }
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/audit", tag = "audit", params(
    ("keyspace" = String, Path, description = "The keyspace's id"),
    PageQuery,
), responses(
    (status = 200, description = "The changes", body = AuditListBody),
    Refusals,
))]
pub(super) async fn list_audit(
    State(app): State<App>,
    Operator(_): Operator,
    Segments(keyspace): Segments<String>,
    query: PageQuery,
) -> Result<Json<AuditListBody>, Problem> {
    let page = app
        .read(STATUS, move |service| {
            service.audit(&keyspace, &query.try_into()?)
        })
        .await?;
    Ok(Json(AuditListBody {
        data: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next,
    }))
}
