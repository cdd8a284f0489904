//! The npm package's own files, from `pkg/src` and the module.

use crate::context::Context;
use crate::fingerprint::Fingerprint;
use crate::plan::{Done, Step};
use crate::tool::Tool;
use anyhow::Result;

/// Runs the package's own build.
pub(crate) fn step() -> Step {
    Step::new("npm package", |context, live| {
        Tool::new(context, "npm")
            .args("run build --workspace pkg")
            .run(live)?;
        Ok(Done::Worked)
    })
    .when_changed(inputs)
    .making(&["pkg/dist"])
}

fn inputs(context: &Context) -> Result<Fingerprint> {
    Fingerprint::of(&context.root).files(&["package-lock.json", "pkg"])
}
