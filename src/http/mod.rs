//! The management core over HTTP: `/v1`, its OpenAPI document, health, and the built pages.
//!
//! Handlers convert and delegate: what is allowed and what happens is decided in `service`.

mod body;
mod caller;
mod compat;
mod health;
mod idempotency;
mod metrics;
mod observe;
mod openapi;
mod pages;
mod parameters;
mod patience;
mod precondition;
mod problem;
mod publishing;
mod query;
mod reference;
mod serve;
mod v1;

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::any;
use tokio::sync::Semaphore;

use self::metrics::Metrics;
use self::observe::RequestId;
use self::problem::{Problem, Table};
use self::publishing::Workshop;
use self::query::Queries;
use crate::env::Clock;
use crate::service::{Code, Service, ServiceError};

pub use self::openapi::openapi;
pub use self::serve::{Limits, run};

/// No request body is larger: 64 KiB.
const MAX_BODY: usize = 64 * 1024;

/// How many requests may find out who calls at once, how many may read, and how many may change something; more would
/// only queue up for the disk. Apart, so that edges go on reading while changes wait for a lock, and operators get
/// through where edges crowd.
const MAX_CALLERS: usize = 128;
const MAX_READS: usize = 128;
const MAX_CHANGES: usize = 64;

/// How long a request waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the server is made of.
pub struct Parts {
    /// The use cases.
    pub service: Arc<Service>,
    /// Tells how long requests take.
    pub clock: Arc<dyn Clock>,
    /// The directory with the built pages, where there is one.
    pub pages: Option<PathBuf>,
    /// Whether `/metrics` answers without a credential.
    pub open_metrics: bool,
}

/// What every handler is given.
#[derive(Clone)]
struct App(Arc<Shared>);

/// In one place: a request clones the way to it several times.
struct Shared {
    service: Arc<Service>,
    callers: Arc<Semaphore>,
    reads: Arc<Semaphore>,
    changes: Arc<Semaphore>,
    workshop: Arc<Workshop>,
    queries: Arc<Queries>,
    metrics: Arc<Metrics>,
    open_metrics: bool,
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl App {
    /// Runs a use case that finds out who calls.
    async fn identify<T: Send + 'static>(
        &self,
        table: Table,
        case: impl FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, Problem> {
        self.pass(&self.callers, table, case).await
    }

    /// Runs a use case that reads, and turns its refusal into the endpoint's own answer.
    async fn read<T: Send + 'static>(
        &self,
        table: Table,
        case: impl FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, Problem> {
        self.pass(&self.reads, table, case).await
    }

    /// Runs a use case that changes something, and turns its refusal into the endpoint's own answer.
    async fn change<T: Send + 'static>(
        &self,
        table: Table,
        case: impl FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, Problem> {
        self.pass(&self.changes, table, case).await
    }

    /// Waits at `gate` for a while, then works.
    async fn pass<T: Send + 'static>(
        &self,
        gate: &Arc<Semaphore>,
        table: Table,
        case: impl FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, Problem> {
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(gate).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else {
            return Err(Problem::overloaded());
        };
        self.work(permit, table, case).await
    }

    /// Use cases block; they run off the threads that answer requests. `permit` ends with the work, also where nobody
    /// waits for its result any more.
    async fn work<T: Send + 'static, P: Send + 'static>(
        &self,
        permit: P,
        table: Table,
        case: impl FnOnce(&Service) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, Problem> {
        let service = Arc::clone(&self.service);
        // What is logged on the way says of which request.
        let span = RequestId::current().map_or_else(
            tracing::Span::none,
            |id| tracing::info_span!("request", %id),
        );
        let inside = span.clone();
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            inside.in_scope(|| case(&service))
        });
        match work.await {
            Ok(result) => result.map_err(|error| {
                if let code @ (Code::Unavailable | Code::Internal) = error.code() {
                    self.metrics.failed(code);
                }
                span.in_scope(|| table.problem(&error))
            }),
            // The panic hook has logged where.
            Err(_panicked) => Err(Problem::internal()),
        }
    }
}

/// The server as a service that answers requests; [`run`] puts it on a socket.
pub fn router(parts: Parts) -> Router {
    let (documented, mut document) = openapi::documented().split_for_parts();
    openapi::complete(&mut document);
    let metrics = Arc::new(Metrics::new());
    let app = App(Arc::new(Shared {
        service: parts.service,
        callers: Arc::new(Semaphore::new(MAX_CALLERS)),
        reads: Arc::new(Semaphore::new(MAX_READS)),
        changes: Arc::new(Semaphore::new(MAX_CHANGES)),
        workshop: Arc::default(),
        queries: Arc::new(Queries::of(&document)),
        metrics: Arc::clone(&metrics),
        open_metrics: parts.open_metrics,
    }));
    documented
        .merge(openapi::routes(&document))
        .merge(reference::routes())
        .merge(compat::routes())
        .route("/v1", any(no_such_endpoint))
        .route("/v1/", any(no_such_endpoint))
        .route("/v1/{*rest}", any(no_such_endpoint))
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(app)
        .fallback_service(pages::router(parts.pages))
        .layer((
            axum::middleware::from_fn_with_state(
                Arc::new(observe::Observer::new(parts.clock, metrics)),
                observe::observe,
            ),
            DefaultBodyLimit::max(MAX_BODY),
        ))
}

async fn no_such_endpoint() -> Problem {
    Problem::no_such_endpoint()
}

async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}
