//! The path of a call: the organization that is named in it, if one is, and the key.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;

use crate::http::App;
use crate::http::compat::calling::CallingKey;
use crate::http::compat::key_id;
use crate::http::parameters::Segments;
use crate::http::problem::Problem;
use crate::key::KeyId;
use crate::service::Calling;

#[derive(Deserialize)]
struct Named {
    organization: Option<String>,
    id: Option<String>,
}

/// The key that calls, in its own organization: named or not, it is the only one there is for it (I7).
pub(super) struct Organization(pub(super) Calling);

/// As [`Organization`], and the key that the call is about.
pub(super) struct OneKey(pub(super) Calling, pub(super) KeyId);

impl FromRequestParts<App> for Organization {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        read(parts, app).await.map(|(calling, _)| Self(calling))
    }
}

impl FromRequestParts<App> for OneKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (calling, id) = read(parts, app).await?;
        Ok(Self(calling, key_id(&id.unwrap_or_default())?))
    }
}

async fn read(parts: &mut Parts, app: &App) -> Result<(Calling, Option<String>), Problem> {
    let CallingKey(calling) = CallingKey::from_request_parts(parts, app).await?;
    let Segments(Named { organization, id }) =
        Segments::<Named>::from_request_parts(parts, app).await?;
    match organization {
        Some(organization) if organization != calling.account.account => {
            Err(Problem::no_such_thing())
        }
        _ => Ok((calling, id)),
    }
}
