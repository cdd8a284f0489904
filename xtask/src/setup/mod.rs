//! What the other commands need: the wasm32 target, wasm-bindgen and wasm-pack, npm packages, a browser.

mod chromium;
mod debian;
mod npm;
mod rust;
mod strace;
mod tools;

use crate::context::Context;
use crate::plan::{self, Step};
use anyhow::Result;

pub(crate) use chromium::Chromium;
pub(crate) use npm::packaging_tools;
pub(crate) use tools::{install_deny, install_fuzzer};

/// What every build needs.
pub(crate) fn steps() -> Vec<Step> {
    vec![
        rust::step(),
        tools::wasm_bindgen(),
        tools::wasm_pack(),
        npm::step(),
    ]
}

/// What the browser tests need besides.
pub(crate) fn browser() -> Step {
    chromium::step()
}

/// What the test of power cuts needs besides.
pub(crate) fn strace() -> Step {
    strace::step()
}

/// `cargo xtask setup`.
pub(crate) fn run(context: &Context) -> Result<()> {
    let mut steps = steps();
    steps.push(browser());
    steps.push(strace());
    plan::run(context, steps)
}
