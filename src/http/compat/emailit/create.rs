//! `POST /v2/api-keys`: make a key, and show it this once (M1 to M8).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::{KeyBody, SENDING_DOMAIN};
use crate::access::Constraint;
use crate::http::App;
use crate::http::body::Body;
use crate::http::compat::STATUS;
use crate::http::compat::calling::CallingKey;
use crate::http::compat::members::{Asked, Nothing, WholeKey, given};
use crate::http::problem::Problem;
use crate::service::{DialectKey, FirstState};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKey {
    name: String,
    #[serde(default, deserialize_with = "given")]
    scope: Option<String>,
    sending_domain_id: Option<i64>,
}

impl From<NewKey> for DialectKey {
    fn from(new: NewKey) -> Self {
        let domain = new
            .sending_domain_id
            .map(|domain| Constraint::only([domain]).expect("one value is not none"));
        Self {
            name: new.name,
            level: new.scope,
            constraints: vec![(SENDING_DOMAIN, domain)],
            state: FirstState::Active,
        }
    }
}

pub(super) async fn create_key(
    State(app): State<App>,
    CallingKey(calling): CallingKey,
    Asked(Nothing {}): Asked<Nothing>,
    Body(new): Body<NewKey>,
) -> Result<(StatusCode, Json<KeyBody>), Problem> {
    let mut shown = app
        .change(STATUS, move |service| {
            service.create_dialect_key(&calling, new.into())
        })
        .await?;
    let key = shown.secret.take().map(WholeKey);
    let body = KeyBody {
        key,
        ..KeyBody::alone(shown)
    };
    Ok((StatusCode::CREATED, Json(body)))
}
