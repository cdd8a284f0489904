//! `cargo xtask check`: everything that can be said about the sources without running them.

use crate::build;
use crate::context::Context;
use crate::plan::{self, Done, Step};
use crate::setup;
use crate::tool::Tool;
use anyhow::Result;

/// `cargo xtask check`.
pub(crate) fn run(context: &Context) -> Result<()> {
    let mut steps = vec![build::presets::up_to_date()];
    steps.extend(setup::steps());
    steps.push(cargo("Rust format", "fmt --all --check"));
    steps.push(prettier());
    steps.push(Step::new("cargo-deny", setup::install_deny));
    steps.push(dependencies());
    steps.push(cargo(
        "Rust lints",
        "clippy --workspace --all-targets --locked -- --deny warnings",
    ));
    // Alone, so that it is built on the library half: with the workspace it would share the server's features.
    steps.push(cargo(
        "Rust lints, library half",
        "clippy --package keyward-example-axum --all-targets --locked -- --deny warnings",
    ));
    steps.push(wasm_lints());
    steps.push(documentation());
    // The pages' types come from the package that was built.
    steps.extend(build::package_and_pages());
    steps.push(types());
    steps.push(reference());
    plan::run(context, steps)?;
    println!("all checks passed");
    Ok(())
}

fn cargo(name: &'static str, arguments: &'static str) -> Step {
    Step::new(name, move |context, live| {
        Tool::new(context, "cargo").args(arguments).run(live)?;
        Ok(Done::Worked)
    })
}

/// Licences, sources and duplicates of all that anything here is built from: each workspace has a lock file of its own.
fn dependencies() -> Step {
    const WORKSPACES: [&str; 6] = [
        ".",
        "fuzz",
        "benches/floor",
        "benches/native",
        "benches/server",
        "benches/timing",
    ];
    Step::new("dependencies", |context, live| {
        for workspace in WORKSPACES {
            let manifest = context.root.join(workspace).join("Cargo.toml");
            Tool::new(context, context.tool_bin("cargo-deny")?.join("cargo-deny"))
                .args("--locked --manifest-path")
                .arg(manifest)
                .arg("--config")
                .arg(context.root.join("deny.toml"))
                // One file of rules: not each workspace has what an exception is for.
                .args("check --allow license-exception-not-encountered --allow unnecessary-skip")
                .args("--allow unmatched-skip --allow unmatched-skip-root")
                .args("licenses sources bans")
                .run(live)?;
        }
        Ok(Done::Worked)
    })
}

fn wasm_lints() -> Step {
    Step::new("Rust lints, wasm32", |context, live| {
        Tool::new(context, "cargo")
            .args("clippy --locked --target wasm32-unknown-unknown --package keyward --no-default-features")
            .args("--lib --test conformance --test systems -- --deny warnings")
            .rustflags(&context.card.build.rustflags)
            .run(live)?;
        Ok(Done::Worked)
    })
}

fn documentation() -> Step {
    Step::new("Rust documentation", |context, live| {
        Tool::new(context, "cargo")
            .args("doc --locked --no-deps --package keyward --lib")
            .env("RUSTDOCFLAGS", "--deny warnings")
            .run(live)?;
        Ok(Done::Worked)
    })
}

fn prettier() -> Step {
    Step::new("format of everything else", |context, live| {
        Tool::new(context, context.npm_bin().join("prettier"))
            .args("--check --log-level warn .")
            .run(live)?;
        Ok(Done::Worked)
    })
}

fn types() -> Step {
    Step::new("types", |context, live| {
        Tool::new(context, "npm")
            .args("run check --workspaces --if-present")
            .run(live)?;
        Ok(Done::Worked)
    })
}

/// The package's reference, into `target/docs/npm`; what is exported and undocumented, or refers to nothing, fails.
fn reference() -> Step {
    Step::new("npm documentation", |context, live| {
        Tool::new(context, "npm")
            .args("run docs --workspace pkg -- --out")
            .arg(context.target.join("docs/npm"))
            .run(live)?;
        Ok(Done::Worked)
    })
}
