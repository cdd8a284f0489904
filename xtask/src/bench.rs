//! `cargo xtask bench`: measures, and writes docs/benchmarks.md from what the benchmarks print.

use crate::build;
use crate::build::server::{self, Profile};
use crate::context::Context;
use crate::demo;
use crate::fingerprint::Fingerprint;
use crate::package;
use crate::plan::{self, Done, Live, Step};
use crate::setup;
use crate::tool::Tool;
use anyhow::{Context as _, Result, bail};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::SystemTime;

/// What to measure.
#[derive(Clone, Copy, clap::Args)]
pub(crate) struct Options {
    /// This part alone, put into docs/benchmarks.md in place of what stands there
    #[arg(value_enum)]
    part: Option<Part>,
    /// Try everything in a few short rounds, and print it: figures that say nothing
    #[arg(long)]
    quick: bool,
    /// How many verifications the growth of memory is looked at over [default: 10,000,000]
    #[arg(long, value_name = "NUMBER")]
    verifications: Option<u64>,
}

/// What can be measured alone.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Part {
    /// The management half: verifying over HTTP, making keys, lists, start, memory, plans of statements
    Server,
}

/// How the server's section begins.
const SERVER: &str = "## The server\n";

/// `cargo xtask bench`.
pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    let options = *options;
    let mut steps = Vec::new();
    if options.part.is_none() {
        steps.extend(setup::steps());
        steps.extend(build::package_and_pages());
        steps.push(package::tarball());
        steps.push(native());
    }
    steps.push(server::step(Profile::Release));
    steps.push(management());
    steps.push(Step::new(
        "benchmarks (some minutes)",
        move |context, live| {
            let tables = match options.part {
                None => measure(context, live, options)?,
                Some(Part::Server) => with_server(context, &serve(context, live, options)?)?,
            };
            let text = page(context, live, &tables)?;
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

/// The bench of the management half. In the target directory of the server, with which it shares nearly all of its
/// dependencies.
fn management() -> Step {
    Step::new("server bench", |context, live| {
        Tool::new(context, "cargo")
            .args("build --release --locked --manifest-path benches/server/Cargo.toml --target-dir")
            .arg(&context.target)
            .run(live)?;
        Ok(Done::Worked)
    })
}

/// Measures the management half. The databases that it makes are kept for the next time, as long as what makes them is
/// the same, and for a month: a server disables what lies idle.
fn serve(context: &Context, live: &Live, options: Options) -> Result<String> {
    let month = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() / (30 * 24 * 3600));
    let made_by = Fingerprint::of(&context.root)
        .word(&month.to_string())
        .files(&[
            "benches/server/src/stock.rs",
            "benches/server/src/names.rs",
            "src/profile/presets/emailit.toml",
            "src/store/sqlite/migrations",
            "src/store/sqlite/names",
        ])?
        .finish();
    let databases = context.target.join("server-bench");
    let data = databases.join(&made_by[..16]);
    for other in fs::read_dir(&databases).into_iter().flatten().flatten() {
        if other.path() != data {
            // Made by others, of another time; a gigabyte each.
            let _ = fs::remove_dir_all(other.path());
        }
    }
    let bench = context.target.join("release/keyward-server-bench");
    let tool = Tool::new(context, bench)
        .arg("--server")
        .arg(server::binary(context, Profile::Release))
        .arg("--data")
        .arg(data);
    let tool = if options.quick {
        tool.arg("--quick")
    } else {
        tool
    };
    section(&tool.run(live)?)
}

/// The tables that stand in docs/benchmarks.md, with those of the server in place of the ones before.
fn with_server(context: &Context, tables: &str) -> Result<String> {
    let place = context.root.join("docs/benchmarks.md");
    let text = fs::read_to_string(&place)
        .with_context(|| format!("cannot read {}; run the whole bench first", place.display()))?;
    Ok(replaced(&section(&text)?, tables))
}

/// The tables with another section of the server, or with one more.
fn replaced(tables: &str, server: &str) -> String {
    let server = server.trim_end();
    let Some(from) = tables.find(SERVER) else {
        return format!("{}\n\n{server}", tables.trim_end());
    };
    let rest = &tables[from + SERVER.len()..];
    let after = rest.find("\n## ").map_or("", |end| &rest[end..]);
    format!("{}{server}\n{after}", &tables[..from])
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
    sections.push(serve(context, live, options)?);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_section_takes_the_place_of_the_one_before() {
        let other = "## The server\n\nnew\n";
        let before = "## A\n\na\n\n## The server\n\nold\n\n### More\n\n## B\n\nb";
        let after = "## A\n\na\n\n## The server\n\nnew\n\n## B\n\nb";
        assert_eq!(replaced(before, other), after);
        assert_eq!(
            replaced("## A\n\na\n", other),
            "## A\n\na\n\n## The server\n\nnew"
        );
    }
}
