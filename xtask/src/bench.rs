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
use std::path::PathBuf;
use std::thread;

/// What to measure.
#[derive(Clone, Copy, clap::Args)]
pub(crate) struct Options {
    /// Try everything in a few short rounds, and print it: figures that say nothing
    #[arg(long)]
    quick: bool,
    /// How many verifications the growth of memory is looked at over [default: 10,000,000]
    #[arg(long, value_name = "NUMBER")]
    verifications: Option<u64>,
}

/// `cargo xtask bench`.
pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    let mut steps = setup::steps();
    steps.extend(build::package_and_pages());
    steps.push(package::tarball());
    steps.push(server::step(Profile::Release));
    steps.push(native());
    let options = *options;
    steps.push(Step::new(
        "benchmarks (some minutes)",
        move |context, live| {
            let text = page(context, live, &measure(context, live, options)?)?;
            let place = place(context, options);
            fs::create_dir_all(context.scratch("bench"))?;
            fs::write(&place, text).with_context(|| format!("cannot write {}", place.display()))?;
            Ok(Done::Worked)
        },
    ));
    plan::run(context, steps)?;
    let place = place(context, options);
    if options.quick {
        println!("{}", fs::read_to_string(place)?);
    } else {
        println!("written: {}", place.display());
    }
    Ok(())
}

/// Where the tables go. Those of a trial are nobody's documentation.
fn place(context: &Context, options: Options) -> PathBuf {
    if options.quick {
        context.scratch("bench").join("quick.md")
    } else {
        context.root.join("docs/benchmarks.md")
    }
}

/// The bench of the native core; cargo knows best what has changed.
fn native() -> Step {
    Step::new("native bench", |context, live| {
        Tool::new(context, "cargo")
            .args("build --release --manifest-path benches/native/Cargo.toml --target-dir")
            .arg(native_target(context))
            .run(live)?;
        Ok(Done::Worked)
    })
}

fn native_target(context: &Context) -> PathBuf {
    context.target.join("native")
}

/// The tables, in Markdown, as the benches print them.
fn measure(context: &Context, live: &Live, options: Options) -> Result<String> {
    let flags: &[&str] = if options.quick { &["--quick"] } else { &[] };
    let node = Tool::new(context, "npm")
        .args("run --silent bench --workspace benches/js --")
        .env("KEYWARD_BIN", server::binary(context, Profile::Release));
    let node = flags.iter().fold(node, Tool::arg);
    let node = match options.verifications {
        Some(number) => node.arg(format!("--verifications={number}")),
        None => node,
    };
    let mut sections = vec![section(&node.run(live)?)?];
    let native = native_target(context).join("release/keyward-native-bench");
    let native = flags.iter().fold(Tool::new(context, native), Tool::arg);
    sections.push(section(&native.run(live)?)?);
    if !options.quick {
        sections.push(demo::revocations(context, live)?);
    }
    Ok(sections.join("\n\n"))
}

/// What a bench has printed, from its first heading on.
fn section(output: &str) -> Result<String> {
    let lines: Vec<_> = output
        .lines()
        .skip_while(|line| !line.starts_with("## "))
        .collect();
    if lines.is_empty() {
        bail!("a bench printed no section `## …`");
    }
    Ok(lines.join("\n"))
}

fn page(context: &Context, live: &Live, tables: &str) -> Result<String> {
    let node = Tool::new(context, "node").args("--version").run(live)?;
    let rustc = Tool::new(context, "rustc").args("--version").run(live)?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut page = "# Benchmarks\n\n".to_owned();
    writeln!(
        page,
        "Written by `cargo xtask bench`; do not edit. Each table was taken in one run, so its ratios can be compared; figures of\n\
         different tables, or of different machines, cannot. Below each table stands what is wanted, and whether it is reached\n\
         here: {} of {} goals are.\n",
        goals(tables, ", reached"),
        goals(tables, ", reached") + goals(tables, ", **missed**")
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

/// How many of the lines about goals end like this.
fn goals(tables: &str, how: &str) -> usize {
    tables
        .lines()
        .filter(|line| line.starts_with("- ") && line.ends_with(how))
        .count()
}
