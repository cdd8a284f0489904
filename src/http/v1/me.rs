//! `GET /v1/me`: whose credential this is, and what it may do.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::operators::{ReachBody, kind};
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::service::{Principal, Right, rfc3339};

/// Who calls.
#[derive(Serialize, ToSchema)]
pub(super) struct MeBody {
    #[schema(example = "op_0FkLm2x9Q")]
    id: String,
    /// `operator`, `portal_link` or `edge_token`.
    #[schema(example = "operator")]
    kind: &'static str,
    /// A name for people.
    #[schema(required, example = "Ada at acme")]
    name: Option<String>,
    reach: ReachBody,
    /// What the caller may do there.
    #[schema(example = json!(["keys.read", "keys.write"]))]
    rights: Vec<&'static str>,
    /// The levels that keys may have which the caller makes; null: all of them.
    #[schema(required)]
    levels: Option<Vec<String>>,
    /// From when on the caller is refused.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
}

#[utoipa::path(get, path = "/v1/me", tag = "operators",
    summary = "Show who calls",
    description = "Any credential may ask this of itself.",
    responses((status = 200, description = "The caller", body = MeBody), Refusals))]
pub(super) async fn show_me(Caller(caller): Caller) -> Json<MeBody> {
    let (kind, name, levels, expires_at) = match &caller {
        Principal::Operator(operator) => (
            kind(operator.kind),
            Some(operator.name.clone()),
            operator.levels.clone(),
            operator.expires_at,
        ),
        Principal::Edge(token) => ("edge_token", token.name.clone(), None, None),
        // Customers' keys are no credentials here; what they call answers by itself.
        Principal::Key(_) => ("key", None, None, None),
    };
    Json(MeBody {
        id: caller.id(),
        kind,
        name,
        reach: caller.reach().into(),
        rights: caller.rights().iter().copied().map(Right::as_str).collect(),
        levels: levels.map(|levels| levels.into_iter().collect()),
        expires_at: expires_at.map(rfc3339),
    })
}
