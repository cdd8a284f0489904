//! `cargo xtask`: everything a person or CI does with this repository beyond plain `cargo`.
//!
//! One file a command. Commands are made of [`plan::Step`]s: each says what it does, how far the whole is and
//! how long it took, and is left out when neither its inputs nor its outputs have changed since it last ran.

mod bench;
mod build;
mod card;
mod check;
mod context;
mod crash;
mod demo;
mod fingerprint;
mod package;
mod plan;
mod process;
mod readme;
mod runtimes;
mod setup;
mod test;
mod tool;

use clap::{Parser, Subcommand};
use context::Context;
use std::process::ExitCode;

/// Builds, checks, tests and shows Keyward. Installs what is missing on the way, pinned.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Show the output of everything that is run.
    #[arg(long, short, global = true)]
    verbose: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Build the release binary, the npm package and the pages.
    Build,
    /// Format, lints, types, generated files, documentation.
    Check,
    /// Every test there is; ends with a table and a line of totals.
    Test(test::Options),
    /// Start server, Worker and page, and walk through the loop in the terminal.
    Demo(demo::Options),
    /// Kill the server under load, again and again: nothing that it acknowledged is lost.
    Crash(crash::Options),
    /// Measure, and write docs/benchmarks.md.
    Bench(bench::Options),
    /// Run the package's suite in every runtime, and write README.md's table of them.
    Runtimes,
    /// Build the npm tarball and list the crate, and hold both against the size budgets.
    Package,
    /// Install the tools and packages that the other commands need; they do it themselves too.
    Setup,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = Context::new(arguments.verbose).and_then(|context| {
        match arguments.command {
            Command::Test(options) => return test::run(&context, &options),
            Command::Build => build::run(&context),
            Command::Check => check::run(&context),
            Command::Demo(options) => demo::run(&context, &options),
            Command::Crash(options) => crash::run(&context, options),
            Command::Bench(options) => bench::run(&context, &options),
            Command::Runtimes => runtimes::run(&context),
            Command::Package => package::run(&context),
            Command::Setup => setup::run(&context),
        }?;
        Ok(ExitCode::SUCCESS)
    });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!(
                "{}error:{} {error:#}",
                plan::RED.render(),
                plan::RED.render_reset()
            );
            ExitCode::FAILURE
        }
    }
}
