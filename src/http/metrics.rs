//! `GET /metrics`: what the server did, counted, in the text format that Prometheus reads (OpenMetrics 1.0).
//!
//! Labels are words of ours: routes as patterns, known methods, ids of keyspaces that exist. What a caller sends never
//! becomes one, so that nobody can make the list of series grow, or find a key in it.

use std::sync::{Mutex, PoisonError};

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::caller::Caller;
use super::openapi::Refusals;
use super::problem::{Problem, Table};
use crate::service::{Code, Place, Right, Told};

const STATUS: Table = Table(&[(Code::MissingRight, StatusCode::FORBIDDEN)]);

const MEDIA_TYPE: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// From what a lookup takes to the limit in time, in seconds.
const BUCKETS: [f64; 11] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0,
];

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_metrics))
}

/// The counters of one server.
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
    verifications: Family<Verification, Counter>,
    keys_made: Family<KeyMade, Counter>,
    database_errors: Family<DatabaseError, Counter>,
    notices: Mutex<Family<Notice, Counter>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
    method: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Verification {
    keyspace: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KeyMade {
    keyspace: String,
    how: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DatabaseError {
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Notice {
    outcome: &'static str,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        let mut metrics = Self {
            registry: Registry::with_prefix("keyward"),
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            verifications: Family::default(),
            keys_made: Family::default(),
            database_errors: Family::default(),
            notices: Mutex::default(),
        };
        let notices = Family::default();
        let registry = &mut metrics.registry;
        registry.register("build", "The running version", build);
        registry.register(
            "http_requests",
            "Requests by route, method and status",
            metrics.requests.clone(),
        );
        registry.register(
            "http_request_duration_seconds",
            "How long requests took, to the millisecond",
            metrics.durations.clone(),
        );
        registry.register(
            "verifications",
            "Keys verified by the server, by keyspace and outcome",
            metrics.verifications.clone(),
        );
        registry.register(
            "keys_made",
            "Keys made, by keyspace and how: created or rotated",
            metrics.keys_made.clone(),
        );
        registry.register(
            "database_errors",
            "Requests that the database did not serve: unavailable, or internal",
            metrics.database_errors.clone(),
        );
        registry.register(
            "notices",
            "Owners told of ends, by outcome: sent, refused for good, or failed for now",
            notices.clone(),
        );
        metrics.notices = Mutex::new(notices);
        metrics
    }

    /// A request was answered.
    pub(super) fn answered(&self, route: &str, method: &'static str, status: u16, millis: u32) {
        let route = route.to_owned();
        let labels = Route { route, method };
        let seconds = f64::from(millis) / 1000.0;
        self.durations.get_or_create(&labels).observe(seconds);
        let labels = Answered {
            route: labels.route,
            method,
            status,
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// A key was verified. `outcome` is `allowed` or the reason of a denial.
    pub(super) fn verified(&self, keyspace: String, outcome: &'static str) {
        let labels = Verification { keyspace, outcome };
        self.verifications.get_or_create(&labels).inc();
    }

    /// A key was `created` or `rotated`.
    pub(super) fn key_made(&self, keyspace: String, how: &'static str) {
        self.keys_made
            .get_or_create(&KeyMade { keyspace, how })
            .inc();
    }

    /// The database, or what holds it, failed.
    pub(super) fn failed(&self, code: Code) {
        let labels = DatabaseError {
            code: code.as_str(),
        };
        self.database_errors.get_or_create(&labels).inc();
    }

    /// So many notices were sent by now.
    fn told(&self, told: Told) {
        // One at a time, so that nothing is counted twice.
        let notices = self.notices.lock();
        let notices = notices.unwrap_or_else(PoisonError::into_inner);
        for (outcome, now) in [
            ("sent", told.sent),
            ("refused", told.refused),
            ("failed", told.failed),
        ] {
            let counter = notices.get_or_create(&Notice { outcome });
            counter.inc_by(now.saturating_sub(counter.get()));
        }
    }

    fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Whoever may look after the server; anybody, where the server was told so.
struct Scraper;

impl FromRequestParts<App> for Scraper {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if !app.open_metrics {
            let Caller(caller) = Caller::from_request_parts(parts, app).await?;
            caller
                .must(Right::ServerMaintain, Place::Server)
                .map_err(|error| STATUS.problem(&error))?;
        }
        Ok(Self)
    }
}

#[utoipa::path(get, path = "/metrics", tag = "health",
    summary = "What the server did, counted",
    description = "In the text format of OpenMetrics 1.0, which Prometheus reads. Needs `server.maintain` over the server, unless the server was started with open metrics.",
    responses(
        (status = 200, description = "The counters since the server started", body = String,
            content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        Refusals,
    ))]
async fn get_metrics(State(app): State<App>, _: Scraper) -> Result<Response, Problem> {
    app.metrics.told(app.service.told());
    let text = app.metrics.text().map_err(|_| Problem::internal())?;
    let headers = [
        (header::CONTENT_TYPE, MEDIA_TYPE),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_open_metrics() {
        let metrics = Metrics::new();
        metrics.answered("/v1/keyspaces", "GET", 200, 3);
        metrics.verified("shop".to_owned(), "unknown_key");
        metrics.key_made("shop".to_owned(), "created");
        metrics.failed(Code::Unavailable);
        let told = Told {
            sent: 3,
            ..Told::default()
        };
        metrics.told(told);
        metrics.told(told);
        let text = metrics.text().expect("written");
        for line in [
            "keyward_http_requests_total{route=\"/v1/keyspaces\",method=\"GET\",status=\"200\"} 1",
            "keyward_http_request_duration_seconds_bucket{le=\"0.005\",route=\"/v1/keyspaces\",method=\"GET\"} 1",
            "keyward_verifications_total{keyspace=\"shop\",outcome=\"unknown_key\"} 1",
            "keyward_keys_made_total{keyspace=\"shop\",how=\"created\"} 1",
            "keyward_database_errors_total{code=\"unavailable\"} 1",
            "keyward_notices_total{outcome=\"sent\"} 3",
            "keyward_notices_total{outcome=\"refused\"} 0",
        ] {
            assert!(text.lines().any(|own| own == line), "{line}\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
