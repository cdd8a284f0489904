//! Processes that are measured beside `keyward serve`.

use std::io::{self, BufRead as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use keyward::env::{SystemClock, SystemEntropy};
use keyward::http::{self, Limits, Parts};
use keyward::service::{DataDirectory, Rhythm, Service, Worker};
use keyward::store::bench::commit_at_most;
use tokio::net::TcpListener;

use crate::Outcome;

/// A handler that does nothing, where keys are verified: `axum`, as axum serves it, or `own`, on connections as
/// `keyward serve` makes them.
pub fn empty(how: &str) -> Outcome {
    runtime()?.block_on(async {
        let router = Router::new().route("/v1/keyspaces/{keyspace}/verify", post(async || {}));
        let listener = listen().await?;
        if how == "own" {
            http::run(listener, router, Limits::default(), std::future::pending()).await?;
        } else {
            use axum::serve::ListenerExt as _;
            let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
            axum::serve(listener, router).await?;
        }
        Ok(())
    })
}

/// `keyward serve` itself, told on its input how many changes may share a commit.
pub fn making(data: &Path) -> Outcome {
    let clock = Arc::new(SystemClock);
    let service = Service::open(
        DataDirectory::open(data)?,
        Arc::clone(&clock) as _,
        Arc::new(SystemEntropy),
    )?;
    let service = Arc::new(service);
    let router = http::router(Parts {
        service: Arc::clone(&service),
        clock,
        pages: None,
        open_metrics: false,
    });
    let rhythm = Rhythm {
        flush_every: Duration::from_secs(5),
        maintain_every: Duration::from_secs(60),
    };
    let _worker = Worker::start(service, rhythm)?;
    std::thread::spawn(|| {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            commit_at_most(line.parse().unwrap_or(1));
        }
    });
    runtime()?.block_on(async {
        let listener = listen().await?;
        Ok(http::run(listener, router, Limits::default(), std::future::pending()).await?)
    })
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}

async fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    io::stdout().flush()?;
    Ok(listener)
}
