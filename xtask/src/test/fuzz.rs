//! Each fuzz target for a few seconds, from its seeds: a smoke run, not a search.

use crate::context::Context;
use crate::plan::Live;
use crate::setup;
use crate::test::Tally;
use crate::tool::{Tool, shown};
use anyhow::{Context as _, Result, bail};
use std::{env, fs};

/// How long each target runs.
const SECONDS: u32 = 5;

/// Runs every target, where there is what libFuzzer needs.
pub(crate) fn smoke(context: &Context, live: &Live) -> Result<Tally> {
    if let Some(missing) = missing(context, live) {
        return Ok(Tally {
            skipped: 1,
            ..Tally::default()
        }
        .note(missing));
    }
    setup::install_fuzzer(context, live)?;
    let cargo_fuzz = context.tool_bin("cargo-fuzz")?;
    let fuzz = |arguments: &str| {
        Tool::new(context, cargo_fuzz.join("cargo-fuzz"))
            // The flags of sanitizers are open to a stable compiler only by this: the toolchain stays the pinned one.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUST_BACKTRACE", "0")
            .args(arguments)
    };
    let targets = fuzz("fuzz list").run(live)?;
    let mut tally = Tally::default();
    for target in targets
        .lines()
        .map(str::trim)
        .filter(|target| !target.is_empty())
    {
        // What is found is thrown away: a smoke run is as long as its seeds are many, every time.
        let found = context.scratch("fuzz").join(target);
        let _ = fs::remove_dir_all(&found);
        fs::create_dir_all(&found).with_context(|| format!("cannot make {}", found.display()))?;
        // Unoptimised: it builds in a fifth of the time, and seconds suffice for the seeds and what is near them.
        let output = fuzz("fuzz run --dev")
            .arg(target)
            .arg(&found)
            .arg(format!("fuzz/seeds/{target}"))
            .args(&format!("-- -max_total_time={SECONDS}"))
            .attempt(live)?;
        if output.success {
            tally.passed += 1;
        } else {
            tally.failed += 1;
            tally.failure = Some(format!(
                "fuzz target {target} failed{}",
                shown(&output.text, live)
            ));
        }
    }
    if tally.passed + tally.failed == 0 {
        bail!("fuzz/ has no targets");
    }
    Ok(tally)
}

fn missing(context: &Context, live: &Live) -> Option<&'static str> {
    if env::consts::OS != "linux" {
        return Some("fuzz targets run on Linux");
    }
    let compiler = Tool::new(context, "c++").args("--version").attempt(live);
    let works = compiler.is_ok_and(|output| output.success);
    (!works).then_some("fuzz targets need a C++ compiler (libFuzzer)")
}
