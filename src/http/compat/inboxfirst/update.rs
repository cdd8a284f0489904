//! `PUT /ga/api/v2/api_keys/{id}`: change what the body names of a key, and switch it off and on (I27, I28).

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::organization::OneKey;
use super::{Envelope, KeyBody};
use crate::http::App;
use crate::http::body::Body;
use crate::http::compat::STATUS;
use crate::http::compat::members::{Asked, Nothing, given, given_key};
use crate::http::problem::Problem;
use crate::key::Secret;
use crate::service::DialectChange;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    api_key: Attributes,
}

/// All of them: what is read-only may be sent back as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attributes {
    #[serde(default, deserialize_with = "given")]
    id: Option<u64>,
    #[serde(default, deserialize_with = "given")]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    role: Option<String>,
    #[serde(default, deserialize_with = "given")]
    active: Option<bool>,
    #[serde(default, deserialize_with = "given_key")]
    api_key: Option<Secret>,
}

impl From<Change> for DialectChange {
    fn from(Change { api_key }: Change) -> Self {
        Self {
            id: api_key.id,
            key: api_key.api_key,
            name: api_key.name,
            level: api_key.role,
            is_active: api_key.active,
        }
    }
}

pub(super) async fn update_key(
    State(app): State<App>,
    OneKey(calling, id): OneKey,
    Asked(Nothing {}): Asked<Nothing>,
    Body(change): Body<Change>,
) -> Result<Json<Envelope<'static, KeyBody>>, Problem> {
    let change = DialectChange::from(change);
    let shown = app
        .change(STATUS, move |service| {
            service.change_dialect_key(&calling, id, &change)
        })
        .await?;
    Ok(Json(Envelope::of(shown.into())))
}
