//! Around every request: an id, one structured line in the log, a limit in time, and headers that hold everywhere.

use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::{BuildHasher as _, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::compat;
use super::metrics::Metrics;
use super::problem::Problem;
use crate::env::Clock;

/// No request takes longer, its body included.
const TIME_LIMIT: Duration = Duration::from_secs(30);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: RequestId;
}

/// Tells a request from all others, in its answer and in the log.
#[derive(Clone, Copy)]
pub(super) struct RequestId(u64);

impl RequestId {
    /// That of the request which is being answered.
    pub(super) fn current() -> Option<Self> {
        CURRENT.try_get().ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What observing needs.
pub(super) struct Observer {
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    /// How many requests there were.
    requests: AtomicU64,
    /// Makes ids of their numbers; random, so that nobody learns by theirs how many there were.
    hasher: RandomState,
}

impl Observer {
    pub(super) fn new(clock: Arc<dyn Clock>, metrics: Arc<Metrics>) -> Self {
        Self {
            clock,
            metrics,
            requests: AtomicU64::default(),
            hasher: RandomState::new(),
        }
    }

    fn request_id(&self) -> RequestId {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        RequestId(self.hasher.hash_one(number))
    }
}

/// Answers in time and without a panic, in the words of whoever is spoken to. Logs the request by its route, never by
/// its target or headers: either may hold a key that was put in the wrong place.
///
/// One layer for all that: each layer of a router is made anew for every request.
pub(super) async fn observe(
    State(observer): State<Arc<Observer>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = observer.request_id();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = known_method(request.method());
    let began = observer.clock.now();
    let spoken = compat::Spoken::of(&mut request);
    let mut response = CURRENT.scope(id, in_time(next.run(request))).await;
    if let Some(spoken) = spoken {
        response = spoken.put(response);
    }
    let ms = observer.clock.now().as_millis() - began.as_millis();
    let status = response.status().as_u16();
    let route = route.as_ref().map_or("(page)", MatchedPath::as_str);
    tracing::info!(%id, method, route, status, ms, "answered");
    // A clock that was set back meanwhile tells nothing.
    let millis = u32::try_from(ms).unwrap_or_default();
    observer.metrics.answered(route, method, status, millis);

    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
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
    if route.starts_with("/v1") {
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("authorization"));
    }
    response
}

/// What `work` answers; 503 where it takes too long, and 500 where it panics. What it panicked with stays inside.
async fn in_time(work: impl Future<Output = Response>) -> Response {
    let mut work = pin!(work);
    let whole = poll_fn(|context| {
        // Never polled again after a panic.
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(Problem::internal().into_response()))
    });
    let answer = tokio::time::timeout(TIME_LIMIT, whole).await;
    answer.unwrap_or_else(|_| Problem::timeout().into_response())
}

/// A method can be any word of the caller's; only those of the standard are written down.
fn known_method(method: &axum::http::Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let mut known = known.into_iter().filter(|known| *known == method.as_str());
    known.next().unwrap_or("(other)")
}
