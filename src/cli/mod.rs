//! The command line. A file a command; those that manage ask a server over HTTP, through `client`.

mod account;
mod audit;
mod backup;
mod client;
mod completions;
mod config;
mod created;
mod explain;
mod failure;
mod hardening;
mod health;
mod init;
mod key;
mod keyspace;
mod listing;
mod log;
mod maintain;
mod master_key;
mod notify;
mod operator;
mod output;
mod place;
mod portal_link;
mod presented;
mod profile;
mod prompt;
mod record;
mod records;
mod removed;
mod restore;
mod serve;
mod token;
mod when;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use self::failure::Failure;
use crate::env::{SystemClock, SystemEntropy};
use crate::service::{DataDirectory, Service};

const HELP: &str = "\
First steps:
  keyward init --data ./keyward-data > operator.key
  keyward serve --data ./keyward-data                   until you end it; the rest in another terminal
  export KEYWARD_OPERATOR_KEY=$(cat operator.key)
  keyward keyspace create shop --profile keyward        an API with its rules; `keyward profile list` has others
  keyward account create acme --keyspace shop           a customer of the API
  keyward key create --keyspace shop --account acme --level read --field name=CRM

Exit codes:
  0  done
  1  failed; stderr says why
  2  the command line was not understood, or a setting
  3  the data directory cannot be used: already initialised (init), in use by another server, without its database,
     somebody else's, not empty (restore), or half restored
  4  the address to listen on cannot be used
  5  the server refused what was asked of it
  6  the server cannot be reached, is not trusted, or cannot do it now
  7  what was to be changed is not as --if-revision says
explain, key verify: 0 allowed, 1 denied; audit verify: 0 intact, 1 broken. In these, 2 and above say that nothing was
found out.";

/// API keys, issued in one place, verified everywhere.
#[derive(Parser)]
#[command(name = "keyward", version, propagate_version = true, after_help = HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Init),
    Serve(serve::Serve),
    Health(health::Health),
    Backup(backup::Backup),
    Restore(restore::Restore),
    MasterKey(master_key::MasterKey),
    Keyspace(keyspace::Keyspace),
    Account(account::Account),
    Key(key::Key),
    Operator(operator::Operator),
    Token(token::Token),
    PortalLink(portal_link::PortalLink),
    Audit(audit::Audit),
    Maintain(maintain::Maintain),
    Profile(profile::Profile),
    Explain(explain::Explain),
    Completions(completions::Completions),
}

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Init(init) => init.run(),
        Command::Serve(serve) => serve.run(),
        Command::Health(health) => health.run(),
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => restore.run(),
        Command::MasterKey(master_key) => master_key.run(),
        Command::Profile(profile) => profile.run(),
        Command::Completions(completions) => completions.run(),
        Command::Keyspace(keyspace) => return end(keyspace.run()),
        Command::Account(account) => return end(account.run()),
        Command::Key(key) => return end(key.run()),
        Command::Operator(operator) => return end(operator.run()),
        Command::Token(token) => return end(token.run()),
        Command::PortalLink(portal_link) => return end(portal_link.run()),
        Command::Audit(audit) => return end(audit.run()),
        Command::Maintain(maintain) => return end(maintain.run()),
        Command::Explain(explain) => return end(explain.run()),
    };
    end(outcome.map(|()| ExitCode::SUCCESS))
}

fn end(outcome: Result<ExitCode, Failure>) -> ExitCode {
    match outcome {
        Ok(exit) => exit,
        Err(failure) => {
            failure.print();
            failure.exit()
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
