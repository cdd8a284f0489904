//! The WebAssembly module, by wasm-pack.

use crate::context::Context;
use crate::fingerprint::Fingerprint;
use crate::plan::{Done, Live, Step};
use crate::tool::Tool;
use anyhow::{Result, bail};

/// Builds `pkg/wasm` as the build card says.
pub(crate) fn step() -> Step {
    Step::new("wasm module", |context, live| {
        build(context, live)?;
        Ok(Done::Worked)
    })
    .when_changed(inputs)
    .making(&[
        "pkg/wasm/keyward.js",
        "pkg/wasm/keyward.d.ts",
        "pkg/wasm/keyward_bg.wasm",
    ])
}

fn inputs(context: &Context) -> Result<Fingerprint> {
    // Not the rooms that exist natively only: a change to the server leaves the module as it is.
    Fingerprint::of(&context.root).files(&[
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
        "wasm-pack.toml",
        "node_modules/binaryen/package.json",
        "src/access",
        "src/env.rs",
        "src/error.rs",
        "src/key",
        "src/lib.rs",
        "src/limit",
        "src/profile",
        "src/request",
        "src/snapshot",
        "src/time.rs",
        "src/verify",
        "src/wasm",
    ])
}

fn build(context: &Context, live: &Live) -> Result<()> {
    // wasm-pack leaves the optimisation out, silently, when it finds no wasm-opt.
    if !context.npm_bin().join("wasm-opt").exists() {
        bail!("no wasm-opt in node_modules/.bin: the npm package binaryen brings it");
    }
    let card = &context.card.build;
    let wasm_pack = Tool::new(context, context.tool_bin("wasm-pack")?.join("wasm-pack"))
        .args("build --target")
        .arg(&card.target)
        .args("--profile")
        .arg(&card.profile)
        .args("--out-dir")
        .arg(&card.out_dir)
        .args("--out-name")
        .arg(&card.out_name);
    let wasm_pack = card.flags.iter().fold(wasm_pack, Tool::arg).args(". --");
    card.cargo_flags
        .iter()
        .fold(wasm_pack, Tool::arg)
        .rustflags(&card.rustflags)
        .with_programs_of(context.tool_bin("wasm-bindgen-cli")?)
        .with_programs_of(context.npm_bin())
        .run(live)?;
    Ok(())
}
