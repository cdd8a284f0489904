//! `keyward serve`: run the management server.

use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::config::{self, Config, Flags};
use super::output::print;
use super::{Failure, hardening, log, notify};
use crate::env::{SystemClock, SystemEntropy};
use crate::http::{self, Limits, Parts};
use crate::key::Secret;
use crate::service::{DataDirectory, Options, Postman, Rhythm, Service, Worker};

const EXAMPLES: &str = "\
Examples:
  keyward serve --data /var/lib/keyward
  keyward serve --data ./data --listen 127.0.0.1:0      any free port; stdout says which
  keyward serve --data ./data --pages www/dist          with the built pages
  keyward serve --config /etc/keyward/keyward.toml --print-config

A flag counts before its variable, that before the file, that before the default; an unknown one is refused wherever it
stands. The file is TOML: the flags' names with `_` for `-`, such as `public_url = \"https://keys.example.com\"`; relative
paths in it start at its directory.

The server speaks plain HTTP; beyond this machine, put a proxy with TLS before it.
SIGINT and SIGTERM end it after running requests.";

/// For how long the end waits for work of requests that were cut off.
const FAREWELL: Duration = Duration::from_secs(1);

/// Where `cargo xtask build` puts the pages, seen from the project.
const BUILT_PAGES: &str = "www/dist";

/// Run the management server
///
/// An empty data directory is initialised first, as `keyward init` does: the first operator key goes to the terminal,
/// or without one into DIR/operator.key, readable by its owner only. Prints `listening on http://…` once it answers.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Serve {
    #[command(flatten)]
    flags: Flags,
    /// A file of settings [default: none]
    #[arg(long, value_name = "FILE", env = "KEYWARD_CONFIG")]
    config: Option<PathBuf>,
    /// Print every setting, what holds and where it comes from, and end
    #[arg(long)]
    print_config: bool,
}

impl Serve {
    pub(super) fn run(self) -> Result<(), Failure> {
        let resolved = config::resolve(self.flags, std::env::vars_os(), self.config.as_deref())?;
        if self.print_config {
            return print(&config::page(&resolved));
        }
        let mut config = resolved.into_config();
        log::start(config.log_format, &config.log_level);
        hardening::protect_memory();
        let pages = pages(config.pages.as_deref())?;
        let service = open_and_initialise(&mut config)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(Failure::failed)?;
        let ended = runtime.block_on(serve(&config, service, pages));
        // A request that was cut off may still be at work: the program's end does not wait for it.
        runtime.shutdown_timeout(FAREWELL);
        ended
    }
}

fn pages(pages: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
    match pages {
        Some(pages) if pages.join("index.html").is_file() => Ok(Some(pages.to_owned())),
        Some(pages) => {
            let message = format!(
                "{} has no index.html; run `cargo xtask build`, or leave --pages out",
                pages.display()
            );
            Err(Failure::failed(message))
        }
        None => Ok(built_pages()),
    }
}

/// The project's pages: below the working directory, or beside the `target` directory that the program was built into.
fn built_pages() -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let project = program
        .as_deref()
        .and_then(|program| program.ancestors().nth(3))
        .map(Path::to_owned);
    [Some(PathBuf::new()), project]
        .into_iter()
        .flatten()
        .map(|root| root.join(BUILT_PAGES))
        .find(|pages| pages.join("index.html").is_file())
}

fn open_and_initialise(config: &mut Config) -> Result<Service, Failure> {
    let directory = DataDirectory::open(&config.data)?;
    // Behind the directory, without which nobody could say whether a file lies in it.
    let options = Options {
        master_keys: config::master_keys(config)?,
        public_url: config.public_url.clone(),
        postman: config::mail(config)?.map(|smtp| Arc::new(smtp) as Arc<dyn Postman>),
    };
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let service = Service::open_with(directory, clock, entropy, options)?;
    if !service.is_initialised()? {
        service.create_first_operator(|key| deliver(service.directory(), key))?;
    }
    Ok(service)
}

/// To the terminal of whoever started the server; never where a log collects it.
fn deliver(directory: &DataDirectory, key: &Secret) -> io::Result<()> {
    let mut terminal = io::stderr().lock();
    if terminal.is_terminal() {
        writeln!(
            terminal,
            "The first operator key, shown this once; keep it now:\n\n  {}\n",
            key.expose()
        )?;
        terminal.flush()
    } else {
        directory.write_operator_key(key)?;
        let file = directory.operator_key_file();
        tracing::info!(file = %file.display(), "the first operator key is in this file; keep it elsewhere and delete it");
        Ok(())
    }
}

async fn serve(config: &Config, service: Service, pages: Option<PathBuf>) -> Result<(), Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::failed)?;
    let listen = config.listen;
    let cannot = |error: io::Error| {
        let mend = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "; another program has it: end that one, or name another address by --listen (port 0 takes any free one)"
            }
            _ => "",
        };
        Failure::address(format!("cannot listen on {listen}: {error}{mend}"))
    };
    let listener = TcpListener::bind(listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let service = Arc::new(service);
    let router = http::router(Parts {
        service: Arc::clone(&service),
        clock: Arc::new(SystemClock),
        pages,
        open_metrics: config.open_metrics,
    });
    let rhythm = Rhythm {
        flush_every: config.flush_interval,
        maintain_every: config.maintenance_interval,
    };
    let telling = Arc::clone(&service);
    let worker = Worker::start(service, rhythm).map_err(Failure::failed)?;
    announce(address).map_err(Failure::failed)?;
    let shutdown = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        notify::stopping();
        telling.stop_telling();
        tracing::info!("ending after running requests");
    };
    let limits = Limits {
        connections: config.max_connections,
        farewell: config.farewell,
    };
    let ended = http::run(listener, router, limits, shutdown).await;
    // The last uses are written down when the last request has been answered.
    drop(worker);
    ended.map_err(Failure::failed)
}

/// The one line on stdout, for people and for programs that wait for it.
fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening on http://{address}")?;
    out.flush()?;
    notify::ready();
    Ok(())
}
