//! `DELETE /v2/api-keys/{id}`: revoke a key, and forget it (M26, M27).

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::OBJECT;
use crate::http::App;
use crate::http::compat::calling::CallingKey;
use crate::http::compat::members::{Asked, Nothing};
use crate::http::compat::{STATUS, key_id};
use crate::http::parameters::Segments;
use crate::http::problem::Problem;

/// What is left of a key.
#[derive(Serialize)]
pub(super) struct DeletedBody {
    object: &'static str,
    id: u64,
    name: String,
    deleted: bool,
}

pub(super) async fn delete_key(
    State(app): State<App>,
    CallingKey(calling): CallingKey,
    Asked(Nothing {}): Asked<Nothing>,
    Segments(id): Segments<String>,
) -> Result<Json<DeletedBody>, Problem> {
    let id = key_id(&id)?;
    let gone = app
        .change(STATUS, move |service| {
            service.delete_dialect_key(&calling, id)
        })
        .await?;
    Ok(Json(DeletedBody {
        object: OBJECT,
        id: gone.record.id.get(),
        name: gone.name,
        deleted: true,
    }))
}
