//! `GET /v2/api-keys`: the keys of the account, oldest first, by number of page (M12 to M19).

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::{BASE, KEYS, KeyBody};
use crate::http::App;
use crate::http::compat::STATUS;
use crate::http::compat::calling::CallingKey;
use crate::http::compat::members::Asked;
use crate::http::compat::origin::Origin;
use crate::http::problem::Problem;
use crate::service::{DialectList, DialectPart, KeyQuery};

/// Not in the document; its example has 10.
const DEFAULT_LIMIT: u32 = 10;
const MAX_LIMIT: u32 = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pages {
    page: Option<u32>,
    limit: Option<u32>,
}

#[derive(Serialize)]
pub(super) struct ListBody {
    data: Vec<KeyBody>,
    next_page_url: Option<String>,
    previous_page_url: Option<String>,
}

pub(super) async fn list_keys(
    State(app): State<App>,
    CallingKey(calling): CallingKey,
    Asked(pages): Asked<Pages>,
    Origin(origin): Origin,
) -> Result<Json<ListBody>, Problem> {
    let number = pages.page.unwrap_or(1);
    let limit = pages.limit.unwrap_or(DEFAULT_LIMIT);
    if number < 1 || !(1..=MAX_LIMIT).contains(&limit) {
        let detail = "`page` is 1 or more, and `limit` from 1 to 100";
        return Err(Problem::invalid_query(detail));
    }
    let part = DialectPart::Page {
        number: number - 1,
        size: limit,
    };
    let DialectList { keys, total, next } = app
        .read(STATUS, move |service| {
            service.dialect_keys(&calling, &KeyQuery::default(), &part)
        })
        .await?;
    let url = |page: u64| format!("{origin}{BASE}{KEYS}?page={page}&limit={limit}");
    let page = u64::from(number);
    // From beyond the end it leads back to the last page that there is.
    let last = total.div_ceil(u64::from(limit)).max(1);
    Ok(Json(ListBody {
        data: keys.into_iter().map(KeyBody::item).collect(),
        next_page_url: next.map(|_| url(page + 1)),
        previous_page_url: (page > 1).then(|| url(last.min(page - 1))),
    }))
}
