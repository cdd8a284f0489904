//! The server's log: structured, on stderr. Lines for people on a terminal, JSON elsewhere.

use std::io::IsTerminal as _;
use std::panic::PanicHookInfo;

use tracing_subscriber::EnvFilter;

use super::config::LogFormat;

/// Starts logging what `level` names.
pub(super) fn start(format: LogFormat, level: &str) {
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level))
        .with_writer(std::io::stderr);
    let is_terminal = std::io::stderr().is_terminal();
    let is_text = match format {
        LogFormat::Auto => is_terminal,
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let started = if is_text {
        log.compact().with_ansi(is_terminal).try_init()
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
