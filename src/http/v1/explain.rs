//! `POST /v1/keyspaces/{keyspace}/explain`: the same decision as `verify`, with every step that led to it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::verify::VerifyBody;
use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::service::{Code, VerifyAsk};
use crate::verify::{ExplainedRoute, Explanation, Step};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// A decision and the steps that led to it. For the API's owner, never for the caller.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplanationBody {
    /// `allow` or `deny`.
    #[schema(example = "deny")]
    verdict: &'static str,
    /// The reason of a denial.
    #[schema(required, example = "insufficient_scope")]
    reason: Option<&'static str>,
    /// The HTTP status that the caller of the API gets; 200 stands for "goes on to the API".
    #[schema(example = 403)]
    status: u16,
    /// Every step, in order; those after the failing one are skipped.
    steps: Vec<StepBody>,
    /// The id of the key, as soon as it was found.
    #[schema(required, example = "key_0FkLm2x9Q")]
    key_id: Option<String>,
    /// The key's level.
    #[schema(required, example = "events")]
    level: Option<String>,
    /// The rule that decided.
    #[schema(required)]
    route: Option<ExplainedRouteBody>,
}

/// One check.
#[derive(Serialize, ToSchema)]
pub(super) struct StepBody {
    /// Which one.
    #[schema(example = "scope")]
    step: &'static str,
    /// `pass`, `fail` or `skip`.
    #[schema(example = "fail")]
    outcome: &'static str,
    /// What was seen, in words; the key itself is never among them.
    detail: String,
}

/// A rule of the profile, written out.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplainedRouteBody {
    #[schema(example = "GET")]
    method: String,
    /// The pattern, base path included.
    #[schema(example = "/api/contacts")]
    pattern: String,
    /// The scope it needs; null for a route that no key may call.
    #[schema(required, example = "contacts.read")]
    scope: Option<String>,
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/explain", tag = "verification",
    summary = "Explain a decision",
    description = "As `verify`, and why. No use of the key, and nothing is taken from its rate. Needs `keys.verify`.",
    params(("keyspace" = String, Path, description = "The keyspace's id", example = "shop")),
    request_body = VerifyBody,
    responses((status = 200, description = "The decision and its steps", body = ExplanationBody), Refusals))]
pub(super) async fn explain_key(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
    Body(body): Body<VerifyBody>,
) -> Result<Json<ExplanationBody>, Problem> {
    let ask = VerifyAsk::from(body);
    let explanation = app
        .read(STATUS, move |service| {
            service.explain(&caller, &keyspace, &ask)
        })
        .await?;
    Ok(Json(explanation.into()))
}

impl From<Explanation> for ExplanationBody {
    fn from(explanation: Explanation) -> Self {
        Self {
            verdict: explanation.verdict.as_str(),
            reason: explanation.reason,
            status: explanation.status,
            steps: explanation.steps.into_iter().map(Into::into).collect(),
            key_id: explanation.key_id,
            level: explanation.level,
            route: explanation.route.map(Into::into),
        }
    }
}

impl From<Step> for StepBody {
    fn from(step: Step) -> Self {
        Self {
            step: step.step.as_str(),
            outcome: step.outcome.as_str(),
            detail: step.detail,
        }
    }
}

impl From<ExplainedRoute> for ExplainedRouteBody {
    fn from(route: ExplainedRoute) -> Self {
        Self {
            method: route.method,
            pattern: route.pattern,
            scope: route.scope,
        }
    }
}
