//! `/ga/api/v2/api_keys`, also below `/organization/{number}`: the keys of an organization (system rows I1 to I30).

mod create;
mod delete;
mod list;
mod organization;
mod show;
mod update;

use axum::Router;
use axum::routing::get;
use serde::Serialize;

use super::members::WholeKey;
use crate::http::App;
use crate::http::problem::Said;
use crate::service::ShownKey;

/// What all paths begin with.
pub(super) const BASE: &str = "/ga/api/v2";

pub(super) fn routes() -> Router<App> {
    let mut routes = Router::new();
    for organization in ["", "/organization/{organization}"] {
        let keys = format!("{BASE}{organization}/api_keys");
        routes = routes
            .route(&keys, get(list::list_keys).post(create::create_key))
            .route(
                &format!("{keys}/{{id}}"),
                get(show::show_key)
                    .put(update::update_key)
                    .delete(delete::delete_key),
            );
    }
    routes
}

/// The attributes of a key (I1 to I5), in the document's order.
#[derive(Serialize)]
struct KeyBody {
    id: u64,
    name: String,
    role: String,
    active: bool,
    /// The whole key, each time (I21); null where the profile lets nobody see it again.
    api_key: Option<WholeKey>,
}

impl From<ShownKey> for KeyBody {
    fn from(key: ShownKey) -> Self {
        Self {
            id: key.record.id.get(),
            name: key.name,
            role: key.record.content.level,
            active: key.is_active,
            api_key: key.secret.map(WholeKey),
        }
    }
}

/// The envelope of every answer (I20).
#[derive(Serialize)]
struct Envelope<'a, T> {
    success: bool,
    data: Option<T>,
    error_code: Option<&'a str>,
    error_message: Option<&'a str>,
}

impl<T> Envelope<'_, T> {
    const fn of(data: T) -> Self {
        Self {
            success: true,
            data: Some(data),
            error_code: None,
            error_message: None,
        }
    }

    const EMPTY: Self = Self {
        success: true,
        data: None,
        error_code: None,
        error_message: None,
    };
}

/// The envelope of refusals. The document leaves code and message open; they are Keyward's own.
pub(super) fn refusal(said: &Said) -> Vec<u8> {
    let body = Envelope::<()> {
        success: false,
        data: None,
        error_code: Some(said.code),
        error_message: Some(&said.detail),
    };
    serde_json::to_vec(&body).expect("texts are JSON")
}
