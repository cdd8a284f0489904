//! The OpenAPI 3.1 document, generated from the handlers themselves, at `/openapi.json`.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::routing::get;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use super::problem::{MemberBody, ProblemBody};
use super::{App, health, v1};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Keyward",
        description = "API keys, issued in one place, verified everywhere. Refusals are problem details (RFC 9457) with a stable `code`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(ProblemBody, MemberBody)),
    modifiers(&Credentials),
    security(("bearer" = [])),
    tags(
        (name = "keyspaces", description = "One published API each"),
        (name = "accounts", description = "The tenants inside a keyspace"),
        (name = "keys", description = "The keys of an account"),
        (name = "tokens", description = "What an edge presents to read a keyspace's files"),
        (name = "publishing", description = "The signed files that edges verify with"),
        (name = "audit", description = "Who changed what, and when"),
        (name = "health", description = "Whether the server can work"),
    )
)]
struct Document;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An operator key (`kw_op_…`); for head and snapshot also an edge token (`kw_edge_…`)"))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// The refusals that every authenticated endpoint knows.
pub(super) struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut refusals = Unavailable::responses();
        for (status, description) in [
            (
                "401",
                "No credential, or none that is known here: `missing_credential`, `invalid_credential`",
            ),
            (
                "403",
                "The credential is known and may not do this: `missing_right`",
            ),
            ("default", "Any other refusal; its `code` says which"),
        ] {
            refusals.insert(status.to_owned(), problem(description));
        }
        refusals
    }
}

/// The refusal of a server that cannot answer now.
pub(super) struct Unavailable;

impl IntoResponses for Unavailable {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let description = "Busy, or the database does not answer; try again after `Retry-After`: `unavailable`, `timeout`";
        BTreeMap::from([("503".to_owned(), problem(description))])
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
        .merge(v1::routes())
}

/// `/openapi.json` with this document.
pub(super) fn routes(document: &utoipa::openapi::OpenApi) -> Router<App> {
    let document = document
        .to_pretty_json()
        .expect("a document of strings, lists and maps is JSON");
    let document = Bytes::from(document);
    Router::new().route(
        "/openapi.json",
        get(move || async move { ([(header::CONTENT_TYPE, "application/json")], document) }),
    )
}
