//! `cargo xtask demo`: server, Worker and page for real, and a walk through the loop that Keyward promises.

mod api;
mod rounds;
mod stage;
mod systems;
mod walk;
mod worker;

use crate::build::{
    self,
    server::{self, Profile},
};
use crate::context::Context;
use crate::package;
use crate::plan::{self, DIM, GREEN, Live, Step};
use crate::readme;
use crate::setup;
use crate::test::Tally;
use anyhow::Result;
pub(crate) use api::Api;
pub(crate) use rounds::section as revocations;
use stage::Stage;
use std::thread;
use std::time::Duration;
pub(crate) use walk::Figures;
use walk::Passed;

/// What `cargo xtask demo` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Unattended: walk through, hold every step against what it should be, end.
    #[arg(long)]
    check: bool,
    /// With --check: write the measured times into README.md.
    #[arg(long, requires = "check")]
    write: bool,
    /// Use the release build of the server; the debug build is ready sooner.
    #[arg(long)]
    release: bool,
}

/// `cargo xtask demo`.
pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    let profile = if options.release {
        Profile::Release
    } else {
        Profile::Debug
    };
    plan::run(context, steps(profile))?;

    println!();
    let mut stage = Stage::set(context, &Live::silent(context.verbose), profile)?;
    if !options.check {
        stage.introduce();
    }
    let figures = walk::walk(&mut stage, &mut say)?;
    if options.check {
        if options.write {
            readme::fill(context, &figures)?;
        }
        stage.close()?;
        println!("{figures}");
        return Ok(());
    }
    println!("\n{figures}");
    stage.invite()?;
    loop {
        // Ctrl-C ends everything (process.rs).
        thread::sleep(Duration::from_hours(1));
    }
}

/// The walk-through as a suite of tests: what it needs has been built.
pub(crate) fn suite(context: &Context, live: &Live) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut stage = Stage::set(context, live, Profile::Debug)?;
    let walked = walk::walk(&mut stage, &mut |passed| {
        live.line(&passed.what);
        tally.passed += 1;
    });
    match walked.and_then(|figures| stage.close().map(|()| figures)) {
        Ok(figures) => Ok(tally.note(figures.to_string())),
        Err(error) => {
            tally.failed = 1;
            tally.failure = Some(format!("{error:#}"));
            Ok(tally)
        }
    }
}

fn steps(profile: Profile) -> Vec<Step> {
    let mut steps = setup::steps();
    steps.extend(build::package_and_pages());
    steps.push(package::tarball());
    steps.push(server::step(profile));
    steps
}

fn say(passed: &Passed) {
    anstream::println!(
        "{}✓{} {:<66}{}{:>10}{}",
        GREEN.render(),
        GREEN.render_reset(),
        passed.what,
        DIM.render(),
        walk::milliseconds(passed.time),
        DIM.render_reset()
    );
    for exchange in &passed.exchanges {
        let (dim, reset) = (DIM.render(), DIM.render_reset());
        anstream::println!("    {}", exchange.command);
        anstream::println!("    {dim}{} {}{reset}", exchange.status, exchange.text);
    }
}
