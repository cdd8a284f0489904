//! All that cargo tests: units, properties, documentation, black box on the binary.

use crate::context::Context;
use crate::plan::Live;
use crate::test::Tally;
use crate::tool::{Tool, failed_tests};
use anyhow::Result;

/// Runs the whole workspace.
pub(crate) fn run(context: &Context, live: &Live) -> Result<Tally> {
    let output = Tool::new(context, "cargo")
        .args("test --workspace --locked --no-fail-fast")
        .attempt(live)?;
    let mut tally = Tally::of_cargo(&output.text);
    if !output.success {
        tally.failure = Some(format!(
            "`cargo test` failed{}",
            failed_tests(&output.text, live)
        ));
    } else if tally.passed == 0 {
        tally.failure = Some("`cargo test` ran no test".to_owned());
    }
    Ok(tally)
}
