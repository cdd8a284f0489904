//! `/v2/api-keys`, also without `/v2`: the keys of an account (system rows M1 to M28).

mod create;
mod delete;
mod list;
mod show;
mod update;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use serde::Serialize;

use super::members::WholeKey;
use super::to_the_second;
use crate::access::{Constraint, ConstraintValue};
use crate::http::App;
use crate::http::problem::Said;
use crate::key::KeyId;
use crate::service::{KeyRecord, ShownKey};

/// What all paths begin with (M28).
pub(super) const BASE: &str = "/v2";

/// Where the keys are; the document writes it without what is before.
pub(super) const KEYS: &str = "/api-keys";

/// The constraint that stands beside the other members of a key (M4).
const SENDING_DOMAIN: &str = "sending_domain_id";

const OBJECT: &str = "api_key";

pub(super) fn routes() -> Router<App> {
    let mut routes = Router::new();
    for base in [BASE, ""] {
        routes = routes
            .route(
                &format!("{base}{KEYS}"),
                get(list::list_keys).post(create::create_key),
            )
            .route(
                &format!("{base}{KEYS}/{{id}}"),
                get(show::show_key)
                    .post(update::update_key)
                    .delete(delete::delete_key),
            );
    }
    routes
}

/// A key as it is shown (M5, M10, M16): members in the document's order.
#[derive(Serialize)]
struct KeyBody {
    /// Not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'static str>,
    id: u64,
    name: String,
    scope: String,
    sending_domain_id: Option<i64>,
    last_used_at: Option<String>,
    created_at: String,
    updated_at: String,
    /// In the answer to creation and nowhere else, ever (M6).
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<WholeKey>,
}

impl KeyBody {
    fn item(shown: ShownKey) -> Self {
        let key = shown.record;
        Self {
            object: None,
            id: key.id.get(),
            name: shown.name,
            sending_domain_id: sending_domain_of(&key),
            scope: key.content.level,
            last_used_at: key.last_used_at.map(to_the_second),
            created_at: to_the_second(key.created_at),
            updated_at: to_the_second(key.updated_at),
            key: None,
        }
    }

    fn alone(shown: ShownKey) -> Self {
        Self {
            object: Some(OBJECT),
            ..Self::item(shown)
        }
    }
}

/// The dialect has room for one number. Of several, which other APIs can give a key, the first stands for the fact that
/// the key is narrowed: `null` would say that it is not.
fn sending_domain_of(key: &KeyRecord) -> Option<i64> {
    match key.content.constraints.get(SENDING_DOMAIN)? {
        Constraint::Only(values) => values.as_slice().iter().find_map(|value| match value {
            ConstraintValue::Integer(number) => Some(*number),
            ConstraintValue::Text(_) => None,
        }),
        Constraint::All => None,
    }
}

#[derive(Serialize)]
struct Refusal<'a> {
    error: Error<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    existing: Option<Existing<'a>>,
}

#[derive(Serialize)]
struct Error<'a> {
    code: u16,
    message: &'a str,
}

#[derive(Serialize)]
struct Existing<'a> {
    object: &'static str,
    id: u64,
    name: &'a str,
}

/// The envelope of refusals (M7, M8, M11, M25). Where the document gives the words, it is these; elsewhere ours say
/// what is wrong.
pub(super) fn refusal(status: StatusCode, said: &Said) -> Vec<u8> {
    let existing = said.existing.as_ref().and_then(|(id, name)| {
        Some(Existing {
            object: OBJECT,
            id: id.parse::<KeyId>().ok()?.get(),
            name,
        })
    });
    let message = match (status, said.code) {
        (StatusCode::BAD_REQUEST, _) => "Bad Request",
        (StatusCode::NOT_FOUND, "not_found") => "API key not found",
        (StatusCode::CONFLICT, "already_exists") if existing.is_some() => "API key already exists",
        (StatusCode::CONFLICT, "already_exists") => "API key name already exists",
        _ => &said.detail,
    };
    let body = Refusal {
        error: Error {
            code: status.as_u16(),
            message,
        },
        existing,
    };
    serde_json::to_vec(&body).expect("texts and numbers are JSON")
}
