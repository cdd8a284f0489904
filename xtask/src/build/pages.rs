//! The pages, by Vite.

use crate::context::Context;
use crate::fingerprint::Fingerprint;
use crate::plan::{Done, Step};
use crate::tool::Tool;
use anyhow::Result;

/// Builds `www/dist`.
pub(crate) fn step() -> Step {
    Step::new("pages", |context, live| {
        Tool::new(context, "npm")
            .args("run build --workspace www")
            .run(live)?;
        Ok(Done::Worked)
    })
    .when_changed(inputs)
    .making(&["www/dist"])
}

fn inputs(context: &Context) -> Result<Fingerprint> {
    // The package's build is a function of these, so its own `dist` need not be hashed.
    Fingerprint::of(&context.root).files(&[
        "package-lock.json",
        "pkg",
        "www",
        "examples/cloudflare-worker/src",
    ])
}
