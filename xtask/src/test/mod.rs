//! `cargo xtask test`: every suite, a table of what they said, and one line of totals.

mod cargo;
mod examples;
mod fuzz;
mod independent;
mod miri;
mod npm;
mod schemathesis;
mod tally;
mod wasm;

use crate::build::{self, server};
use crate::context::Context;
use crate::demo;
use crate::package;
use crate::plan::{DIM, Done, GREEN, Live, Progress, RED, seconds};
use crate::readme;
use crate::runtimes;
use crate::setup;
use anyhow::{Result, bail};
use std::cell::RefCell;
use std::process::ExitCode;
use std::time::{Duration, Instant};

pub(crate) use examples::copy as copy_example;
pub(crate) use npm::runtimes;
pub(crate) use tally::Tally;

/// What `cargo xtask test` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only these suites; without any, all.
    #[arg(value_name = "SUITE")]
    suites: Vec<String>,
}

/// A suite: a name to choose it by, and what runs it.
struct Suite {
    name: &'static str,
    run: fn(&Context, &Live) -> Result<Tally>,
}

const SUITES: [Suite; 15] = [
    Suite {
        name: "rust",
        run: cargo::run,
    },
    Suite {
        name: "wasm-node",
        run: wasm::in_node,
    },
    Suite {
        name: "wasm-browser",
        run: wasm::in_browser,
    },
    Suite {
        name: "differential",
        run: independent::differential,
    },
    Suite {
        name: "timing",
        run: independent::timing,
    },
    Suite {
        name: "packaging",
        run: npm::packaging,
    },
    Suite {
        name: "runtimes",
        run: runtimes::suite,
    },
    Suite {
        name: "page",
        run: npm::browser,
    },
    Suite {
        name: "notices",
        run: npm::notices,
    },
    Suite {
        name: "quickstart",
        run: examples::quickstart,
    },
    Suite {
        name: "readme",
        run: readme::commands_work,
    },
    Suite {
        name: "demo",
        run: demo::suite,
    },
    Suite {
        name: "schemathesis",
        run: schemathesis::run,
    },
    Suite {
        name: "miri",
        run: miri::run,
    },
    Suite {
        name: "fuzz",
        run: fuzz::smoke,
    },
];

/// `cargo xtask test`.
pub(crate) fn run(context: &Context, options: &Options) -> Result<ExitCode> {
    let suites = chosen(&options.suites)?;
    let mut steps = setup::steps();
    steps.push(setup::browser());
    steps.push(setup::strace());
    if suites
        .iter()
        .any(|suite| ["packaging", "runtimes"].contains(&suite.name))
    {
        steps.push(setup::packaging_tools());
    }
    steps.extend(build::package_and_pages());
    steps.push(package::tarball());
    steps.push(server::step(server::Profile::Debug));

    let mut progress = Progress::new(steps.len() + suites.len());
    for step in steps {
        progress.step(context, step)?;
    }
    let results: Vec<_> = suites
        .iter()
        .map(|suite| perform(context, &mut progress, suite))
        .collect();
    Ok(conclude(&results))
}

struct Outcome {
    name: &'static str,
    tally: Tally,
    time: Duration,
}

/// Runs a suite. One that cannot even run counts as a failure, and the others go on.
fn perform(context: &Context, progress: &mut Progress, suite: &Suite) -> Outcome {
    let begun = Instant::now();
    let result = RefCell::new(Tally::default());
    let done = progress.announce(context, &format!("tests: {}", suite.name), |live| {
        let tally = (suite.run)(context, live)?;
        let said = tally.to_string();
        let failure = tally.failure.clone();
        *result.borrow_mut() = tally;
        match failure {
            Some(failure) => bail!(failure),
            None => Ok(Done::Said(said)),
        }
    });
    let mut tally = result.into_inner();
    if let Err(error) = done {
        anstream::eprintln!(
            "{}{}:{} {error:#}\n",
            RED.render(),
            suite.name,
            RED.render_reset()
        );
        tally.failed = tally.failed.max(1);
    }
    Outcome {
        name: suite.name,
        tally,
        time: begun.elapsed(),
    }
}

fn chosen(names: &[String]) -> Result<Vec<&'static Suite>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| SUITES.iter().all(|suite| suite.name != name.as_str()))
    {
        let known: Vec<_> = SUITES.iter().map(|suite| suite.name).collect();
        bail!(
            "there is no suite `{unknown}`; the suites are {}",
            known.join(", ")
        );
    }
    Ok(SUITES
        .iter()
        .filter(|suite| names.is_empty() || names.iter().any(|name| name == suite.name))
        .collect())
}

/// The table and the line of totals, which is the last of all.
fn conclude(results: &[Outcome]) -> ExitCode {
    println!(
        "\n{:<14}{:>8}{:>8}{:>9}  {:>12}",
        "suite", "passed", "failed", "skipped", "time"
    );
    let mut total = Tally::default();
    for Outcome { name, tally, time } in results {
        let style = if tally.failed > 0 { RED } else { GREEN };
        anstream::println!(
            "{}{name:<14}{}{:>8}{:>8}{:>9}  {:>12}",
            style.render(),
            style.render_reset(),
            tally.passed,
            tally.failed,
            tally.skipped,
            seconds(*time)
        );
        for note in &tally.notes {
            anstream::println!("  {}{note}{}", DIM.render(), DIM.render_reset());
        }
        total.passed += tally.passed;
        total.failed += tally.failed;
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
