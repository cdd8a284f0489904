//! The wasm32 target and the components that `rust-toolchain.toml` names: rustup does not add them by itself
//! everywhere.

use crate::context::Context;
use crate::plan::{Done, Live, Step};
use crate::tool::Tool;
use anyhow::{Context as _, Result};
use std::path::Path;

const TARGET: &str = "wasm32-unknown-unknown";

/// Adds what is missing.
pub(crate) fn step() -> Step {
    Step::new("Rust target and components", |context, live| {
        let mut done = Done::Nothing;
        if !has_target(context, live)? {
            add(context, live, "target", TARGET)?;
            done = Done::Worked;
        }
        for (component, probe) in [("clippy", "clippy --version"), ("rustfmt", "fmt --version")] {
            if !Tool::new(context, "cargo")
                .args(probe)
                .attempt(live)?
                .success
            {
                add(context, live, "component", component)?;
                done = Done::Worked;
            }
        }
        Ok(done)
    })
}

fn has_target(context: &Context, live: &Live) -> Result<bool> {
    let sysroot = Tool::new(context, "rustc")
        .args("--print sysroot")
        .run(live)?;
    Ok(Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib")
        .exists())
}

fn add(context: &Context, live: &Live, kind: &str, name: &str) -> Result<()> {
    Tool::new(context, "rustup")
        .args(kind)
        .args("add")
        .arg(name)
        .run(live)
        .with_context(|| format!("the toolchain has no {name}, and rustup could not add it"))?;
    Ok(())
}
