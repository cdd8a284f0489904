//! `GET /v2/api-keys/{id}`: one key (M9 to M11).

use axum::Json;
use axum::extract::State;

use super::KeyBody;
use crate::http::App;
use crate::http::compat::calling::CallingKey;
use crate::http::compat::members::{Asked, Nothing};
use crate::http::compat::{STATUS, key_id};
use crate::http::parameters::Segments;
use crate::http::problem::Problem;

pub(super) async fn show_key(
    State(app): State<App>,
    CallingKey(calling): CallingKey,
    Asked(Nothing {}): Asked<Nothing>,
    Segments(id): Segments<String>,
) -> Result<Json<KeyBody>, Problem> {
    let id = key_id(&id)?;
    let shown = app.read(STATUS, move |service| service.dialect_key(&calling, id));
    Ok(Json(KeyBody::alone(shown.await?)))
}
