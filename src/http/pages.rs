//! The built pages at `/`, with a policy under which nothing from elsewhere runs in them.

use std::path::PathBuf;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use tower_http::services::ServeDir;

/// `wasm-unsafe-eval` lets the pages compile WebAssembly, and nothing else that its name suggests.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

const NOT_BUILT: &str = include_str!("pages/not_built.html");
const NOT_FOUND: &str = include_str!("pages/not_found.html");

/// Serves `directory`, or without one says how to get one.
pub(super) fn router(directory: Option<PathBuf>) -> Router {
    let pages = match directory {
        Some(directory) => {
            Router::new().fallback_service(ServeDir::new(directory).fallback(get(not_found)))
        }
        None => Router::new()
            .route("/", get(|| async { Html(NOT_BUILT) }))
            .fallback(not_found),
    };
    pages.layer(axum::middleware::from_fn(guard))
}

async fn not_found() -> (StatusCode, Html<&'static str>) {
    (StatusCode::NOT_FOUND, Html(NOT_FOUND))
}

/// Vite puts a hash of their content into the names below `assets/`, so those may be kept for ever.
async fn guard(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_hashed = path.starts_with("/assets/");
    // A redirect to such a path would lead a browser to another host.
    let mut response = if path.starts_with("//") {
        not_found().await.into_response()
    } else {
        next.run(request).await
    };
    let keep = is_hashed && response.status().is_success();
    let cache = if keep {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response
}
