//! `GET /ga/api/v2/api_keys/{id}`: one key. Not in the document, which has it beside each of the others.

use axum::Json;
use axum::extract::State;

use super::organization::OneKey;
use super::{Envelope, KeyBody};
use crate::http::App;
use crate::http::compat::STATUS;
use crate::http::compat::members::{Asked, Nothing};
use crate::http::problem::Problem;

pub(super) async fn show_key(
    State(app): State<App>,
    OneKey(calling, id): OneKey,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<Envelope<'static, KeyBody>>, Problem> {
    // A whole key that is shown is written down.
    let shown = app.change(STATUS, move |service| service.dialect_key(&calling, id));
    Ok(Json(Envelope::of(shown.await?.into())))
}
