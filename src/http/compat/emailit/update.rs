//! `POST /v2/api-keys/{id}`: change a key's name, and nothing else (M20 to M25).

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::KeyBody;
use crate::http::App;
use crate::http::body::Body;
use crate::http::compat::calling::CallingKey;
use crate::http::compat::members::{Asked, Nothing};
use crate::http::compat::{STATUS, key_id};
use crate::http::parameters::Segments;
use crate::http::problem::Problem;
use crate::service::DialectChange;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    name: String,
}

pub(super) async fn update_key(
    State(app): State<App>,
    CallingKey(calling): CallingKey,
    Asked(Nothing {}): Asked<Nothing>,
    Segments(id): Segments<String>,
    Body(change): Body<Change>,
) -> Result<Json<KeyBody>, Problem> {
    let id = key_id(&id)?;
    let change = DialectChange {
        name: Some(change.name),
        ..DialectChange::default()
    };
    let changed = app.change(STATUS, move |service| {
        service.change_dialect_key(&calling, id, &change)
    });
    // M25 names nobody, where M8 does.
    let shown = changed.await.map_err(Problem::without_existing)?;
    Ok(Json(KeyBody::alone(shown)))
}
