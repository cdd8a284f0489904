//! The conformance tests and those of the five systems as WebAssembly: the same source that cargo runs natively, in
//! Node and in a browser.

use crate::context::Context;
use crate::plan::Live;
use crate::setup::Chromium;
use crate::test::Tally;
use crate::tool::{Tool, shown};
use anyhow::{Context as _, Result, bail};

/// In Node.
pub(crate) fn in_node(context: &Context, live: &Live) -> Result<Tally> {
    launch(context, live, |tool| tool)
}

/// In headless Chromium.
pub(crate) fn in_browser(context: &Context, live: &Live) -> Result<Tally> {
    let chromium = Chromium::find().context("Chromium is gone")?;
    let capabilities = context.root.join("xtask/webdriver.json");
    // The runner falls back to Node unless the first of these is set.
    launch(context, live, |tool| {
        tool.env("WASM_BINDGEN_USE_BROWSER", "1")
            .env("CHROMEDRIVER", chromium.driver)
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities)
    })
}

/// A runner that finds nothing to run succeeds, so the tests are counted, and held against the native run.
fn launch(context: &Context, live: &Live, with: impl FnOnce(Tool) -> Tool) -> Result<Tally> {
    let expected = native_count(context, live)?;
    let runner = context
        .tool_bin("wasm-bindgen-cli")?
        .join("wasm-bindgen-test-runner");
    let tool = Tool::new(context, "cargo")
        .args("test --locked --target wasm32-unknown-unknown --package keyward --no-default-features --test conformance --test systems")
        .rustflags(&context.card.build.rustflags)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    let output = with(tool).attempt(live)?;
    let mut tally = Tally::of_cargo(&output.text);
    if !output.success {
        tally.failure = Some(format!(
            "the conformance tests failed{}",
            shown(&output.text, live)
        ));
    } else if tally.passed != expected {
        bail!(
            "{} conformance tests ran here, {expected} run natively{}",
            tally.passed,
            shown(&output.text, live)
        );
    }
    Ok(tally)
}

/// How many conformance tests there are.
fn native_count(context: &Context, live: &Live) -> Result<usize> {
    let text = Tool::new(context, "cargo")
        .args("test --locked --package keyward --test conformance --test systems -- --list")
        .run(live)?;
    let count = text.lines().filter(|line| line.ends_with(": test")).count();
    if count == 0 {
        bail!("tests/conformance.rs holds no test");
    }
    Ok(count)
}
