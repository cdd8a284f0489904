//! `cargo xtask build`: the presets, the WebAssembly module, the npm package, the pages, the release binary.

pub(crate) mod dist;
mod pages;
pub(crate) mod presets;
pub(crate) mod server;
pub(crate) mod wasm;

use crate::context::Context;
use crate::plan::{self, Step};
use crate::setup;
use anyhow::Result;

/// What the npm package and the pages consist of.
pub(crate) fn package_and_pages() -> Vec<Step> {
    vec![presets::step(), wasm::step(), dist::step(), pages::step()]
}

/// `cargo xtask build`.
pub(crate) fn run(context: &Context) -> Result<()> {
    let mut steps = setup::steps();
    steps.extend(package_and_pages());
    steps.push(server::step(server::Profile::Release));
    plan::run(context, steps)?;
    println!(
        "built: {}, pkg/dist, www/dist",
        server::binary(context, server::Profile::Release).display()
    );
    Ok(())
}
