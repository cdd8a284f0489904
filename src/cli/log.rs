//! The server's log: structured, on stderr. Lines for people on a terminal, JSON elsewhere.

use std::io::IsTerminal as _;
use std::panic::PanicHookInfo;

use tracing_subscriber::EnvFilter;

/// Starts logging. `RUST_LOG` sets what is logged.
pub(super) fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        log.compact().try_init()
    } else {
        log.json()
            .flatten_event(true)
            .with_span_list(false)
            .with_ansi(false)
            .try_init()
    };
    if let Err(error) = started {
        eprintln!("keyward: no log: {error}");
    }
    std::panic::set_hook(Box::new(log_panic));
}

/// Says where, and not with what: a panic's message may hold what a request held.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    tracing::error!(place, "a fault of the program");
}
