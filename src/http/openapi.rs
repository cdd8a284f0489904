//! The OpenAPI 3.1 document, generated from the handlers themselves, at `/openapi.json`.

mod complete;
mod links;
mod rules;

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::routing::get;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use super::problem::{ExistingBody, MemberBody, ProblemBody};
use super::{App, health, metrics, v1};

pub(super) use self::complete::complete;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Keyward",
        description = "API keys, issued in one place, verified everywhere. Refusals are problem details (RFC 9457) with a stable `code`. \
                       Lists come in parts: `next_cursor` of one is the `cursor` of the next. Unknown members are refused, in bodies and in queries.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(ProblemBody, MemberBody, ExistingBody)),
    modifiers(&Credentials),
    security(("bearer" = [])),
    tags(
        (name = "keyspaces", description = "One published API each"),
        (name = "accounts", description = "The tenants inside a keyspace"),
        (name = "keys", description = "The keys of an account, and the search for keys across accounts"),
        (name = "verification", description = "Decisions by the engine that edges have, and why they came out so"),
        (name = "usage", description = "What edges report, and what came of it"),
        (name = "operators", description = "Who manages, and what each may do"),
        (name = "portal links", description = "Short-lived access for a customer's administrator to one account"),
        (name = "tokens", description = "What an edge presents to read a keyspace's files and to report usage"),
        (name = "publishing", description = "The signed files that edges verify with"),
        (name = "audit", description = "Who changed what, and when"),
        (name = "server", description = "The care of the server"),
        (name = "health", description = "Whether the server can work, and what it did"),
    )
)]
struct Document;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An operator key (`kw_op_…`), a portal link (`kw_portal_…`) or an edge token (`kw_edge_…`). What each may do are its rights"))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

const UNAUTHORIZED: &str =
    "No credential, or none that is known here: `missing_credential`, `invalid_credential`";

const FORBIDDEN: &str = "The credential is known and may not do this: `missing_right`";

const UNAVAILABLE: &str = "Busy, or the database does not answer; try again after `Retry-After`: `unavailable`, `timeout`";

/// The refusals that every authenticated endpoint knows. What follows from what an endpoint takes, `complete` adds.
pub(super) struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut refusals = Unavailable::responses();
        for (status, description) in [("401", UNAUTHORIZED), ("403", FORBIDDEN)] {
            refusals.insert(status.to_owned(), problem(description));
        }
        refusals
    }
}

/// The refusal of a server that cannot answer now.
pub(super) struct Unavailable;

impl IntoResponses for Unavailable {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([("503".to_owned(), problem(UNAVAILABLE))])
    }
}

fn problem(description: &str) -> RefOr<Response> {
    let content = Content::new(Some(RefOr::<utoipa::openapi::Schema>::from(
        utoipa::openapi::Ref::from_schema_name("ProblemBody"),
    )));
    RefOr::T(
        ResponseBuilder::new()
            .description(description)
            .content("application/problem+json", content)
            .build(),
    )
}

/// Every endpoint together with its documentation.
pub(super) fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(health::routes())
        .merge(metrics::routes())
        .merge(v1::routes())
}

/// The document as JSON, which clients are generated from (`docs/openapi.json`).
pub fn openapi() -> String {
    let (_, mut document) = documented().split_for_parts();
    complete(&mut document);
    json(&document)
}

fn json(document: &utoipa::openapi::OpenApi) -> String {
    document
        .to_pretty_json()
        .expect("a document of strings, lists and maps is JSON")
}

/// `/openapi.json` with this document.
pub(super) fn routes(document: &utoipa::openapi::OpenApi) -> Router<App> {
    let document = Bytes::from(json(document));
    Router::new().route(
        "/openapi.json",
        get(move || async move { ([(header::CONTENT_TYPE, "application/json")], document) }),
    )
}
