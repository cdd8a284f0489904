//! `GET …/audit`: who changed what, and when. In a keyspace or in an account newest first; of the whole server oldest
//! first, as the chain of hashes runs.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::hex;
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::{PageQuery, Segments};
use crate::http::problem::{Problem, Table};
use crate::http::query::Members;
use crate::http::v1::keys::AccountSegments;
use crate::service::{AccountPath, AuditEntry, AuditQuery, Code, Page, rfc3339};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::InvalidCursor, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// Which changes are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditFilters {
    /// What was changed: the id of a key, operator, token or account.
    #[param(nullable = false, example = "key_0FkLm2x9Q")]
    target: Option<String>,
    /// Who changed it: the id of an operator, portal link or key, or `system`.
    #[param(nullable = false, example = "op_0FkLm2x9Q")]
    actor: Option<String>,
    /// What was done.
    #[param(nullable = false, example = "key.disable")]
    action: Option<String>,
}

/// Whose changes are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OfAccount {
    /// The id of the account that they concerned.
    #[param(nullable = false, example = "acme")]
    account: Option<String>,
}

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
    /// Rises with every entry of the server.
    #[schema(example = 1204)]
    sequence: i64,
    #[schema(format = DateTime)]
    at: String,
    /// The id of an operator, portal link or key, or `system`.
    #[schema(example = "op_0FkLm2x9Q")]
    actor: String,
    /// What was done.
    #[schema(example = "key.disable")]
    action: String,
    /// The keyspace that it concerned; null for the server's own affairs.
    #[schema(required, example = "shop")]
    keyspace: Option<String>,
    /// The account that it concerned.
    #[schema(required, example = "acme")]
    account: Option<String>,
    /// The id of what was changed.
    #[schema(example = "key_0FkLm2x9Q")]
    target: String,
    /// The epoch that the change made, where it made one.
    #[schema(required)]
    epoch: Option<u64>,
    /// Particulars, without secrets: `before` and `after` where something was changed.
    #[schema(required, value_type = Object)]
    details: Option<Box<RawValue>>,
    /// SHA-256 over the entry before and this one, 64 hexadecimal digits.
    hash: String,
}

impl From<AuditEntry> for AuditEntryBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            sequence: entry.sequence,
            at: rfc3339(entry.at),
            actor: entry.actor,
            action: entry.action,
            keyspace: entry.keyspace,
            account: entry.account,
            target: entry.target,
            epoch: entry.epoch,
            details: RawValue::from_string(entry.details).ok(),
            hash: hex(&entry.hash),
        }
    }
}

impl From<Page<AuditEntry>> for AuditListBody {
    fn from(page: Page<AuditEntry>) -> Self {
        Self {
            data: page.items.into_iter().map(Into::into).collect(),
            next_cursor: page.next,
        }
    }
}

impl From<AuditFilters> for AuditQuery {
    fn from(filters: AuditFilters) -> Self {
        Self {
            target: filters.target,
            actor: filters.actor,
            action: filters.action,
        }
    }
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/audit", tag = "audit",
    summary = "List what was changed in a keyspace",
    description = "Newest first. Needs `audit.read` over the keyspace. A cursor goes with the filters that it was given for.",
    params(
        ("keyspace" = String, Path, description = "The keyspace's id", example = "shop"),
        OfAccount,
        AuditFilters,
        PageQuery,
    ),
    responses((status = 200, description = "The changes", body = AuditListBody), Refusals))]
pub(super) async fn list_audit(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
    Members(OfAccount { account }): Members<OfAccount>,
    Members(filters): Members<AuditFilters>,
    page: PageQuery,
) -> Result<Json<AuditListBody>, Problem> {
    let page = app
        .read(STATUS, move |service| {
            let (query, page) = (filters.into(), page.try_into()?);
            service.audit(&caller, &keyspace, account.as_deref(), &query, &page)
        })
        .await?;
    Ok(Json(page.into()))
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/accounts/{account}/audit", tag = "audit",
    summary = "List what was changed in an account",
    description = "Newest first. Needs `audit.read` over the account. A cursor goes with the filters that it was given for.",
    params(AccountSegments, AuditFilters, PageQuery),
    responses((status = 200, description = "The changes", body = AuditListBody), Refusals))]
pub(super) async fn list_account_audit(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<AccountSegments>,
    Members(filters): Members<AuditFilters>,
    page: PageQuery,
) -> Result<Json<AuditListBody>, Problem> {
    let account = AccountPath::from(segments);
    let page = app
        .read(STATUS, move |service| {
            let (query, page) = (filters.into(), page.try_into()?);
            service.account_audit(&caller, &account, &query, &page)
        })
        .await?;
    Ok(Json(page.into()))
}

#[utoipa::path(get, path = "/v1/audit", tag = "audit",
    summary = "Read the whole audit trail",
    description = "Of the whole server, its own affairs included, oldest first, as the chain of hashes runs: to be kept elsewhere and checked there. Needs `audit.read` over the server.",
    params(PageQuery),
    responses((status = 200, description = "The changes", body = AuditListBody), Refusals))]
pub(super) async fn list_whole_audit(
    State(app): State<App>,
    Caller(caller): Caller,
    page: PageQuery,
) -> Result<Json<AuditListBody>, Problem> {
    let page = app
        .read(STATUS, move |service| {
            service.whole_audit(&caller, &page.try_into()?)
        })
        .await?;
    Ok(Json(page.into()))
}
