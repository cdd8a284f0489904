//! Suites on Node's own test runner: the packed package in real projects, the page in a real browser.

use crate::build::server;
use crate::context::Context;
use crate::package;
use crate::plan::Live;
use crate::setup::Chromium;
use crate::test::Tally;
use crate::tool::{Tool, shown};
use anyhow::{Context as _, Result, bail};

/// The packed package, in each runtime.
pub(crate) fn packaging(context: &Context, live: &Live) -> Result<Tally> {
    run(context, live, "tests/packaging")
}

/// The page, in Chromium.
pub(crate) fn browser(context: &Context, live: &Live) -> Result<Tally> {
    run(context, live, "tests/browser")
}

fn run(context: &Context, live: &Live, workspace: &str) -> Result<Tally> {
    let chromium = Chromium::find().context("Chromium is gone")?;
    let output = Tool::new(context, "npm")
        .args("test --workspace")
        .arg(workspace)
        // The reporter that repeats what failed at the end, also where nobody looks on.
        .env("NODE_OPTIONS", "--test-reporter=spec")
        .env("KEYWARD_TARBALL", package::tarball_path(context)?)
        .env(
            "KEYWARD_BIN",
            server::binary(context, server::Profile::Debug),
        )
        .env("CHROME", chromium.browser)
        .attempt(live)?;
    let mut tally = Tally::of_node(&output.text);
    if !output.success {
        tally.failure = Some(format!(
            "`npm test` in {workspace} failed{}",
            shown(&output.text, live)
        ));
    } else if tally.passed == 0 {
        bail!(
            "`npm test` in {workspace} ran no test{}",
            shown(&output.text, live)
        );
    }
    Ok(tally)
}
