//! `GET /v1/keyspaces/{keyspace}/usage`: how often keys were used, day by day.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::{PageQuery, Segments};
use crate::http::problem::{Problem, Table};
use crate::http::query::Members;
use crate::service::{Code, KeyUse, UsageQuery};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::InvalidCursor, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// Whose uses are wanted, and on which days.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UsageFilters {
    /// The id of an account; all of them, where it is left out.
    #[param(nullable = false, example = "acme")]
    account: Option<String>,
    /// The id of a key, never the key itself; all of them, where it is left out.
    #[param(nullable = false, example = "key_0FkLm2x9Q")]
    key: Option<String>,
    /// From this day on, in UTC.
    #[param(nullable = false, format = Date, example = "2026-11-01")]
    from: Option<String>,
    /// To this day, inclusive.
    #[param(nullable = false, format = Date, example = "2026-11-30")]
    to: Option<String>,
}

/// A part of the uses by day and key.
#[derive(Serialize, ToSchema)]
pub(super) struct UsageBody {
    data: Vec<DayUsageBody>,
    /// The `cursor` of the next part; null in the last one.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// How often a key was used on a day.
#[derive(Serialize, ToSchema)]
pub(super) struct DayUsageBody {
    /// In UTC.
    #[schema(format = Date, example = "2026-11-21")]
    day: String,
    #[schema(example = "key_0FkLm2x9Q")]
    key_id: String,
    #[schema(example = 12)]
    count: u64,
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/usage", tag = "usage",
    summary = "Show how often keys were used",
    description = "Day by day, oldest first, as far as edges have reported. Needs `usage.read` over the keyspace, or over the account that is named. A cursor goes with the filters that it was given for.",
    params(("keyspace" = String, Path, description = "The keyspace's id", example = "shop"), UsageFilters, PageQuery),
    responses((status = 200, description = "The uses", body = UsageBody), Refusals))]
pub(super) async fn show_usage(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
    Members(filters): Members<UsageFilters>,
    page: PageQuery,
) -> Result<Json<UsageBody>, Problem> {
    let query = UsageQuery {
        account: filters.account,
        key: filters.key,
        from: filters.from,
        to: filters.to,
    };
    let page = app
        .read(STATUS, move |service| {
            service.usage(&caller, &keyspace, &query, &page.try_into()?)
        })
        .await?;
    Ok(Json(UsageBody {
        data: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next,
    }))
}

impl From<KeyUse> for DayUsageBody {
    fn from(used: KeyUse) -> Self {
        Self {
            day: used.day,
            key_id: used.id.to_string(),
            count: used.count,
        }
    }
}
