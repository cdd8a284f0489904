//! Command line tools from crates.io, at the versions of the build card, into a cache that clones share.

use crate::context::Context;
use crate::plan::{Done, Live, Step};
use crate::tool::Tool;
use anyhow::{Context as _, Result};
use std::fs;

/// The CLI that writes the JavaScript side of the module, and runs its tests.
pub(crate) fn wasm_bindgen() -> Step {
    Step::new("wasm-bindgen", |context, live| {
        context.card.check_lock(&context.root.join("Cargo.lock"))?;
        install(
            context,
            live,
            "wasm-bindgen-cli",
            "wasm-bindgen-test-runner",
        )
    })
}

/// What drives the build of the module.
pub(crate) fn wasm_pack() -> Step {
    Step::new("wasm-pack", |context, live| {
        install(context, live, "wasm-pack", "wasm-pack")
    })
}

/// What builds and runs fuzz targets.
pub(crate) fn install_fuzzer(context: &Context, live: &Live) -> Result<Done> {
    install(context, live, "cargo-fuzz", "cargo-fuzz")
}

/// What holds dependencies to `deny.toml`.
pub(crate) fn install_deny(context: &Context, live: &Live) -> Result<Done> {
    install(context, live, "cargo-deny", "cargo-deny")
}

/// A debug build: it takes half the time of a release build, and runs fast enough.
fn install(context: &Context, live: &Live, name: &str, program: &str) -> Result<Done> {
    let version = context.card.version(name)?;
    let root = context.tool_root(name, version);
    if root.join("bin").join(program).exists() {
        return Ok(Done::Nothing);
    }
    // cargo puts programs into `bin` only when all are built: an interrupted install leaves nothing that looks whole.
    fs::create_dir_all(&root).with_context(|| format!("cannot make {}", root.display()))?;
    Tool::new(context, "cargo")
        .args("install --locked --debug")
        .args("--version")
        .arg(version)
        .arg("--root")
        .arg(&root)
        .arg(name)
        .dir(&root)
        .run(live)?;
    Ok(Done::Said(version.to_owned()))
}
