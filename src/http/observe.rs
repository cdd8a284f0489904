//! Around every request: an id, one structured line in the log, a limit in time, and headers that hold everywhere.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tower_http::catch_panic::ResponseForPanic;
use tracing::Instrument as _;

use super::metrics::Metrics;
use super::problem::Problem;
use crate::env::{Clock, Entropy};

/// No request takes longer, its body included.
const TIME_LIMIT: Duration = Duration::from_secs(30);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What observing needs.
pub(super) struct Observer {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy + Send + Sync>,
    metrics: Arc<Metrics>,
}

impl Observer {
    pub(super) fn new(
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy + Send + Sync>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            clock,
            entropy,
            metrics,
        }
    }

    fn request_id(&self) -> String {
        let mut random = [0; 8];
        self.entropy.fill(&mut random);
        format!("{:016x}", u64::from_le_bytes(random))
    }
}

/// Logs the request by its route, never by its target or headers: either may hold a key that was put in the wrong place.
pub(super) async fn observe(
    State(observer): State<Arc<Observer>>,
    request: Request,
    next: Next,
) -> Response {
    let id = observer.request_id();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(page)", MatchedPath::as_str)
        .to_owned();
    let is_api = route.starts_with("/v1");
    let method = known_method(request.method());
    let span = tracing::info_span!("request", id, method, route);
    let began = observer.clock.now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = observer.clock.now().as_millis() - began.as_millis();
    let status = response.status().as_u16();
    span.in_scope(|| tracing::info!(status, ms = took, "answered"));
    // A clock that was set back meanwhile tells nothing.
    let millis = u32::try_from(took).unwrap_or_default();
    observer.metrics.answered(route, method, status, millis);

    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'",
        ));
    if is_api {
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("authorization"));
    }
    response
}

/// Answers 503 where the rest takes too long.
pub(super) async fn answer_in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIME_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::timeout().into_response(),
    }
}

/// Answers for a handler that panicked; what it panicked with stays inside.
#[derive(Clone, Copy)]
pub(super) struct Panicked;

impl ResponseForPanic for Panicked {
    type ResponseBody = axum::body::Body;

    fn response_for_panic(&mut self, _: Box<dyn Any + Send + 'static>) -> Response {
        Problem::internal().into_response()
    }
}

/// A method can be any word of the caller's; only those of the standard are written down.
fn known_method(method: &axum::http::Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let mut known = known.into_iter().filter(|known| *known == method.as_str());
    known.next().unwrap_or("(other)")
}
