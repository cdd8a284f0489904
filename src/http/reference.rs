//! `/docs`: the OpenAPI document as a page to read and search. It is part of the program, asks nobody but this server,
//! and runs under a policy that lets it do nothing else.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::App;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
);

/// Paths, media types and contents.
const FILES: [(&str, &str, &str); 3] = [
    (
        "/docs",
        "text/html; charset=utf-8",
        include_str!("reference/page.html"),
    ),
    (
        "/docs/page.css",
        "text/css; charset=utf-8",
        include_str!("reference/page.css"),
    ),
    (
        "/docs/page.js",
        "text/javascript; charset=utf-8",
        include_str!("reference/page.js"),
    ),
];

pub(super) fn routes() -> Router<App> {
    FILES
        .into_iter()
        .fold(Router::new(), |router, (path, media_type, content)| {
            router.route(
                path,
                get(move || async move { answer(media_type, content) }),
            )
        })
}

fn answer(media_type: &'static str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        // A new version of the program is a new page.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, content).into_response()
}
