//! The units of the core under Miri, which finds undefined behaviour: in what the core calls, since it has no `unsafe`
//! of its own.

use crate::context::Context;
use crate::plan::Live;
use crate::test::Tally;
use crate::tool::{Tool, failed_tests};
use anyhow::Result;

/// Runs the core's unit tests, where a nightly toolchain with Miri is or can be had.
pub(crate) fn run(context: &Context, live: &Live) -> Result<Tally> {
    if let Some(missing) = missing(context, live) {
        return Ok(Tally {
            skipped: 1,
            ..Tally::default()
        }
        .note(missing));
    }
    let output = Tool::new(context, "cargo")
        .args("+nightly miri test --locked --no-default-features --lib")
        .attempt(live)?;
    let mut tally = Tally::of_cargo(&output.text);
    if !output.success {
        tally.failure = Some(format!(
            "`cargo miri test` failed{}",
            failed_tests(&output.text, live)
        ));
    } else if tally.passed == 0 {
        tally.failure = Some("`cargo miri test` ran no test".to_owned());
    }
    Ok(tally)
}

/// What keeps Miri from running. The toolchain is not fetched for it alone; its components are.
fn missing(context: &Context, live: &Live) -> Option<&'static str> {
    let works = |program: &str, arguments: &str| {
        let output = Tool::new(context, program).args(arguments).attempt(live);
        output.is_ok_and(|output| output.success)
    };
    if !works("cargo", "+nightly --version") {
        return Some("Miri needs a nightly toolchain: `rustup toolchain install nightly`");
    }
    let has_miri = || works("cargo", "+nightly miri --version");
    if !has_miri() {
        works("rustup", "component add --toolchain nightly miri rust-src");
    }
    (!has_miri()).then_some(
        "the nightly toolchain has no Miri: `rustup component add --toolchain nightly miri rust-src`",
    )
}
