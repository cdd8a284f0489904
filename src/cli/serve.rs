//! `keyward serve`: run the management server.

use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, hardening, log};
use crate::env::{SystemClock, SystemEntropy};
use crate::http::{self, Parts};
use crate::key::Secret;
use crate::service::{DataDirectory, Service};

const EXAMPLES: &str = "\
Examples:
  keyward serve --data /var/lib/keyward
  keyward serve --data ./data --listen 127.0.0.1:0      any free port; stdout says which
  keyward serve --data ./data --pages www/dist          with the built pages

The server speaks plain HTTP; beyond this machine, put a proxy with TLS before it.
SIGINT and SIGTERM end it after running requests. RUST_LOG sets what is logged (info by default).";

/// Where `cargo xtask build` puts the pages, seen from the project.
const BUILT_PAGES: &str = "www/dist";

/// Run the management server
///
/// An empty data directory is initialised first, as `keyward init` does: the first operator key goes to the terminal,
/// or without one into DIR/operator.key, readable by its owner only. Prints `listening on http://…` once it answers.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Serve {
    /// The data directory
    #[arg(long, value_name = "DIR", env = "KEYWARD_DATA")]
    data: PathBuf,
    /// The address to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// The directory of the built pages [default: www/dist of the project that the server runs in]
    #[arg(long, value_name = "DIR")]
    pages: Option<PathBuf>,
}

impl Serve {
    pub(super) fn run(self) -> Result<(), Failure> {
        log::start();
        hardening::protect_memory();
        let pages = self.pages()?;
        let service = open_and_initialise(&self.data)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(Failure::failed)?;
        runtime.block_on(serve(self.listen, service, pages))
    }

    fn pages(&self) -> Result<Option<PathBuf>, Failure> {
        match &self.pages {
            Some(pages) if pages.join("index.html").is_file() => Ok(Some(pages.clone())),
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

fn open_and_initialise(data: &Path) -> Result<Service, Failure> {
    let service = super::open(data)?;
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

async fn serve(
    listen: SocketAddr,
    service: Service,
    pages: Option<PathBuf>,
) -> Result<(), Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::failed)?;
    let cannot = |error: io::Error| Failure::address(format!("cannot listen on {listen}: {error}"));
    let listener = TcpListener::bind(listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let router = http::router(Parts {
        service: Arc::new(service),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        pages,
    });
    announce(address).map_err(Failure::failed)?;
    let shutdown = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("ending after running requests");
    };
    http::run(listener, router, shutdown)
        .await
        .map_err(Failure::failed)
}

/// The one line on stdout, for people and for programs that wait for it.
fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening on http://{address}")?;
    out.flush()
}
