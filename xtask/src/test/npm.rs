//! Suites on Node's own test runner: the packed package in real projects, the page in a real browser, notices at a real
//! mail server.

use crate::build::server;
use crate::context::Context;
use crate::package;
use crate::plan::Live;
use crate::setup::Chromium;
use crate::test::Tally;
use crate::tool::{Tool, shown};
use anyhow::{Context as _, Result, bail};
use std::path::Path;

/// The packed package: its files, its types, and the entries that are for one framework or host.
pub(crate) fn packaging(context: &Context, live: &Live) -> Result<Tally> {
    run(context, live, "tests/packaging", "test", |npm| npm)
}

/// The packed package in each runtime; what each made of it goes into a directory, a file each.
pub(crate) fn runtimes(context: &Context, live: &Live, into: &Path) -> Result<Tally> {
    run(context, live, "tests/packaging", "runtimes", |npm| {
        npm.env("KEYWARD_RUNTIMES", into)
    })
}

/// The page, in Chromium.
pub(crate) fn browser(context: &Context, live: &Live) -> Result<Tally> {
    run(context, live, "tests/browser", "test", |npm| npm)
}

/// What owners are told, through a real mail server.
pub(crate) fn notices(context: &Context, live: &Live) -> Result<Tally> {
    run(context, live, "tests/notices", "test", |npm| npm)
}

fn run(
    context: &Context,
    live: &Live,
    workspace: &str,
    script: &str,
    prepared: impl FnOnce(Tool) -> Tool,
) -> Result<Tally> {
    let chromium = Chromium::find().context("Chromium is gone")?;
    let npm = Tool::new(context, "npm")
        .arg("run")
        .arg(script)
        .arg("--workspace")
        .arg(workspace)
        // The reporter that repeats what failed at the end, also where nobody looks on.
        .env("NODE_OPTIONS", "--test-reporter=spec")
        .env("KEYWARD_TARBALL", package::tarball_path(context)?)
        .env(
            "KEYWARD_BIN",
            server::binary(context, server::Profile::Debug),
        )
        .env("CHROME", chromium.browser);
    let output = prepared(npm).attempt(live)?;
    let mut tally = Tally::of_node(&output.text);
    if !output.success {
        tally.failure = Some(format!(
            "`npm run {script}` in {workspace} failed{}",
            shown(&output.text, live)
        ));
    } else if tally.passed == 0 {
        bail!(
            "`npm run {script}` in {workspace} ran no test{}",
            shown(&output.text, live)
        );
    }
    Ok(tally)
}
