//! The command line: `keyward init`, `serve`, `profile`, `explain`. A file a command.

mod explain;
mod hardening;
mod init;
mod log;
mod output;
mod profile;
mod records;
mod serve;

use std::fmt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::env::{SystemClock, SystemEntropy};
use crate::service::{Code, DataDirectory, DirectoryError, Service, ServiceError};

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed; stderr says why
  2  the command line was not understood
  3  the data directory cannot be used: already initialised, in use by another server, without its database, or
     somebody else's
  4  the address to listen on cannot be used
explain: 0 allowed, 1 denied, 2 nothing was decided.";

/// API keys, issued in one place, verified everywhere.
#[derive(Parser)]
#[command(name = "keyward", version, propagate_version = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Init),
    Serve(serve::Serve),
    Profile(profile::Profile),
    Explain(explain::Explain),
}

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Init(init) => init.run(),
        Command::Serve(serve) => serve.run(),
        Command::Profile(profile) => profile.run(),
        Command::Explain(explain) => return end(explain.run()),
    };
    end(outcome.map(|()| ExitCode::SUCCESS))
}

fn end(outcome: Result<ExitCode, Failure>) -> ExitCode {
    match outcome {
        Ok(exit) => exit,
        Err(failure) => {
            eprintln!("keyward: {failure}");
            failure.exit
        }
    }
}

/// Why a command did not do what it was asked.
struct Failure {
    exit: ExitCode,
    message: String,
}

impl Failure {
    fn new(exit: u8, message: impl fmt::Display) -> Self {
        Self {
            exit: ExitCode::from(exit),
            message: message.to_string(),
        }
    }

    fn failed(message: impl fmt::Display) -> Self {
        Self::new(1, message)
    }

    /// The command line asks for what cannot be done.
    fn usage(message: impl fmt::Display) -> Self {
        Self::new(2, message)
    }

    /// The same failure for a command in which 1 is an answer.
    fn into_usage(self) -> Self {
        Self::usage(self.message)
    }

    fn directory(message: impl fmt::Display) -> Self {
        Self::new(3, message)
    }

    fn address(message: impl fmt::Display) -> Self {
        Self::new(4, message)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        let message = error
            .cause()
            .map_or_else(|| error.to_string(), str::to_owned);
        if error.code() == Code::DatabaseLost {
            Self::directory(message)
        } else {
            Self::failed(message)
        }
    }
}

impl From<DirectoryError> for Failure {
    fn from(error: DirectoryError) -> Self {
        if error.is_in_use() || error.is_foreign() {
            Self::directory(error)
        } else {
            Self::failed(error)
        }
    }
}

/// Opens the core over a data directory with the system's own clock and random source.
fn open(data: &Path) -> Result<Service, Failure> {
    let directory = DataDirectory::open(data)?;
    Ok(Service::open(
        directory,
        Arc::new(SystemClock),
        Arc::new(SystemEntropy),
    )?)
}
