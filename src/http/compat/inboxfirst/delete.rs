//! `DELETE /ga/api/v2/api_keys/{id}`: remove a key for good (I29).

use axum::Json;
use axum::extract::State;

use super::Envelope;
use super::organization::OneKey;
use crate::http::App;
use crate::http::compat::STATUS;
use crate::http::compat::members::{Asked, Nothing};
use crate::http::problem::Problem;

pub(super) async fn delete_key(
    State(app): State<App>,
    OneKey(calling, id): OneKey,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<Envelope<'static, ()>>, Problem> {
    app.change(STATUS, move |service| {
        service.delete_dialect_key(&calling, id)
    })
    .await?;
    Ok(Json(Envelope::EMPTY))
}
