//! `POST /ga/api/v2/api_keys`: make a key (I26).

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::organization::Organization;
use super::{Envelope, KeyBody};
use crate::http::App;
use crate::http::body::Body;
use crate::http::compat::STATUS;
use crate::http::compat::members::{Asked, Nothing, given};
use crate::http::problem::Problem;
use crate::service::{DialectKey, FirstState};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKey {
    api_key: Attributes,
}

/// Those that can be chosen: what is read-only is not there yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attributes {
    name: String,
    #[serde(default, deserialize_with = "given")]
    role: Option<String>,
    #[serde(default, deserialize_with = "given")]
    active: Option<bool>,
}

impl From<NewKey> for DialectKey {
    fn from(NewKey { api_key }: NewKey) -> Self {
        Self {
            name: api_key.name,
            level: api_key.role,
            constraints: Vec::new(),
            state: match api_key.active {
                Some(false) => FirstState::Disabled,
                Some(true) | None => FirstState::Active,
            },
        }
    }
}

pub(super) async fn create_key(
    State(app): State<App>,
    Organization(calling): Organization,
    Asked(Nothing {}): Asked<Nothing>,
    Body(new): Body<NewKey>,
) -> Result<Json<Envelope<'static, KeyBody>>, Problem> {
    let shown = app
        .change(STATUS, move |service| {
            service.create_dialect_key(&calling, new.into())
        })
        .await?;
    Ok(Json(Envelope::of(shown.into())))
}
