//! `cargo xtask bench`: measures, and writes docs/benchmarks.md from what the benchmarks print.

use crate::build;
use crate::build::server::{self, Profile};
use crate::context::Context;
use crate::demo;
use crate::package;
use crate::plan::{self, Done, Live, Step};
use crate::setup;
use crate::tool::Tool;
use anyhow::{Context as _, Result, bail};
use std::fmt::Write as _;
use std::fs;
use std::thread;

/// `cargo xtask bench`.
pub(crate) fn run(context: &Context) -> Result<()> {
    let mut steps = setup::steps();
    steps.extend(build::package_and_pages());
    steps.push(package::tarball());
    steps.push(server::step(Profile::Release));
    steps.push(Step::new("benchmarks (some minutes)", |context, live| {
        let tables = measure(context, live)?;
        fs::write(
            context.root.join("docs/benchmarks.md"),
            page(context, live, &tables)?,
        )
        .context("cannot write docs/benchmarks.md")?;
        Ok(Done::Worked)
    }));
    plan::run(context, steps)?;
    println!("written: docs/benchmarks.md");
    Ok(())
}

/// The tables, in Markdown, as `benches/js` prints them between its marks.
fn measure(context: &Context, live: &Live) -> Result<String> {
    let output = Tool::new(context, "npm")
        .args("run --silent bench --workspace benches/js")
        .env("KEYWARD_TARBALL", package::tarball_path(context)?)
        .env("KEYWARD_BIN", server::binary(context, Profile::Release))
        .run(live)?;
    let tables = output
        .lines()
        .skip_while(|line| !line.starts_with("## "))
        .collect::<Vec<_>>()
        .join("\n");
    if tables.is_empty() {
        bail!("benches/js printed no section `## …`");
    }
    Ok(format!("{tables}\n\n{}", demo::revocations(context, live)?))
}

fn page(context: &Context, live: &Live, tables: &str) -> Result<String> {
    let node = Tool::new(context, "node").args("--version").run(live)?;
    let rustc = Tool::new(context, "rustc").args("--version").run(live)?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut page = "# Benchmarks\n\n".to_owned();
    writeln!(
        page,
        "Written by `cargo xtask bench`; do not edit. Each table was taken in one run, so its rows can be compared; rows of"
    )?;
    writeln!(
        page,
        "different tables, or of different machines, cannot.\n"
    )?;
    writeln!(
        page,
        "Here: {cores} cores, {}, Node {}, {}.\n",
        std::env::consts::ARCH,
        node.trim(),
        rustc.trim()
    )?;
    writeln!(page, "{}", tables.trim_end())?;
    Ok(page)
}
