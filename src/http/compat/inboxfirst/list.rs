//! `GET /ga/api/v2/api_keys`: the keys of the organization, whole, oldest first, by number of page or by token (I6 to
//! I25).

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::organization::Organization;
use super::{Envelope, KeyBody};
use crate::http::App;
use crate::http::compat::STATUS;
use crate::http::compat::members::Asked;
use crate::http::problem::Problem;
use crate::service::{DialectList, DialectPart, KeyQuery};

const DEFAULT_PER_PAGE: u32 = 100;
const MAX_PER_PAGE: u32 = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pages {
    page: Option<u32>,
    per_page: Option<u32>,
    page_token: Option<String>,
    name: Option<String>,
    name_contains: Option<String>,
}

/// A part of the list, and which one it is. The document shows the paging keys behind the envelope's.
#[derive(Serialize)]
pub(super) struct ListBody {
    #[serde(flatten)]
    envelope: Envelope<'static, Vec<KeyBody>>,
    /// Where no token was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
    /// The one that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
    per_page: u32,
    num_records: u64,
    num_pages: u64,
    /// Beside a token always, null at the end (I18); without page and token where more follows (I14).
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<NextToken>,
}

/// Where the list goes on, or null at its end.
#[derive(Serialize)]
struct NextToken(Option<String>);

pub(super) async fn list_keys(
    State(app): State<App>,
    Organization(calling): Organization,
    Asked(pages): Asked<Pages>,
) -> Result<Json<ListBody>, Problem> {
    let size = pages.per_page.unwrap_or(DEFAULT_PER_PAGE);
    if !(1..=MAX_PER_PAGE).contains(&size) {
        return Err(Problem::invalid_query("`per_page` is from 1 to 500"));
    }
    let part = match (pages.page, pages.page_token.clone()) {
        (Some(_), Some(_)) => {
            let detail = "`page` and `page_token` cannot stand in one request; give one of the two";
            return Err(Problem::invalid_query(detail));
        }
        (page, None) => DialectPart::Page {
            number: page.unwrap_or(0),
            size,
        },
        (None, Some(token)) => DialectPart::After { token, size },
    };
    let query = KeyQuery {
        name: pages.name,
        name_contains: pages.name_contains,
        ..KeyQuery::default()
    };
    // Whole keys that are shown are written down.
    let DialectList { keys, total, next } = app
        .change(STATUS, move |service| {
            service.dialect_keys(&calling, &query, &part)
        })
        .await?;
    let next_page_token = match (pages.page, &pages.page_token) {
        (_, Some(_)) => Some(NextToken(next)),
        (None, None) => next.map(|next| NextToken(Some(next))),
        (Some(_), None) => None,
    };
    Ok(Json(ListBody {
        envelope: Envelope::of(keys.into_iter().map(Into::into).collect()),
        page: pages.page_token.is_none().then(|| pages.page.unwrap_or(0)),
        page_token: pages.page_token,
        per_page: size,
        num_records: total,
        num_pages: total.div_ceil(u64::from(size)),
        next_page_token,
    }))
}
