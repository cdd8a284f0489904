//! npm packages, exactly as `package-lock.json` has them.

use crate::context::Context;
use crate::fingerprint::Fingerprint;
use crate::plan::{Done, Live, Step};
use crate::tool::Tool;
use anyhow::{Context as _, Result, bail};

/// The oldest Node that works: Vite needs it.
const NODE: (u32, u32) = (20, 19);

/// Installs when the lockfile or a workspace's manifest has changed.
pub(crate) fn step() -> Step {
    Step::new("npm packages", |context, live| {
        check_node(context, live)?;
        Tool::new(context, "npm")
            .args("ci --no-progress")
            .run(live)?;
        Ok(Done::Worked)
    })
    .when_changed(inputs)
    .making(&["node_modules/.package-lock.json"])
}

/// The runtimes and bundlers of `tests/packaging`: heavy, so for those suites alone.
pub(crate) fn packaging_tools() -> Step {
    Step::new("npm packages of the runtimes", |context, live| {
        Tool::new(context, "npm")
            .args("ci --no-progress")
            .dir(context.root.join("tests/packaging/tools"))
            .run(live)?;
        Ok(Done::Worked)
    })
    .when_changed(|context| {
        Fingerprint::of(&context.root).files(&[
            "tests/packaging/tools/package.json",
            "tests/packaging/tools/package-lock.json",
            "tests/packaging/tools/.npmrc",
        ])
    })
    .making(&["tests/packaging/tools/node_modules/.package-lock.json"])
}

fn inputs(context: &Context) -> Result<Fingerprint> {
    Fingerprint::of(&context.root).files(&[
        "package.json",
        "package-lock.json",
        ".npmrc",
        "pkg/package.json",
        "www/package.json",
        "tests/packaging/package.json",
        "tests/browser/package.json",
        "tests/notices/package.json",
        "benches/js/package.json",
    ])
}

fn check_node(context: &Context, live: &Live) -> Result<()> {
    let (major, minor) = NODE;
    let text = Tool::new(context, "node")
        .args("--version")
        .run(live)
        .with_context(|| format!("Node {major}.{minor} or newer is needed: https://nodejs.org"))?;
    let mut parts = text
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map(|part| part.parse().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found < NODE {
        bail!(
            "Node {major}.{minor} or newer is needed, this is {}",
            text.trim()
        );
    }
    Ok(())
}
