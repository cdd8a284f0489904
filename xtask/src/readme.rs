//! README.md is held to what it says: its commands run, its Worker is the example's, its figures were measured.

use crate::build::server::{self, Profile};
use crate::context::Context;
use crate::demo::Figures;
use crate::package;
use crate::plan::Live;
use crate::test::Tally;
use crate::tool::{self, Tool};
use anyhow::{Context as _, Result, bail};
use clap::Parser as _;
use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;

/// What the README's commands name as the server's address; the test uses a port that is free.
const ADDRESS: &str = "127.0.0.1:8787";
/// Printed before each command, so that a failure can be laid at its door.
const MARK: &str = "@@ command ";

/// Replaces the figures of the measured sentence.
pub(crate) fn fill(context: &Context, figures: &Figures) -> Result<()> {
    let path = context.root.join("README.md");
    let text = fs::read_to_string(&path).context("cannot read README.md")?;
    let text = between(&text, "busy", &figures.busy.as_millis().to_string())?;
    let text = between(&text, "idle", &figures.idle.as_millis().to_string())?;
    fs::write(&path, text).context("cannot write README.md")
}

/// Replaces what stands at a mark.
pub(crate) fn write(context: &Context, name: &str, new: &str) -> Result<()> {
    let path = context.root.join("README.md");
    let text = fs::read_to_string(&path).context("cannot read README.md")?;
    fs::write(&path, between(&text, name, new)?).context("cannot write README.md")
}

/// What stands at a mark.
pub(crate) fn read(context: &Context, name: &str) -> Result<String> {
    let path = context.root.join("README.md");
    let text = fs::read_to_string(&path).context("cannot read README.md")?;
    Ok(parts(&text, name)?[1].to_owned())
}

/// Runs every command of the README, in order, in an empty directory; checks the excerpts on the way.
pub(crate) fn commands_work(context: &Context, live: &Live) -> Result<Tally> {
    let text =
        fs::read_to_string(context.root.join("README.md")).context("cannot read README.md")?;
    let mut tally = Tally::default();

    let worker = fences(&text, "ts")
        .into_iter()
        .next()
        .context("README.md shows no Worker")?;
    let example = fs::read_to_string(context.root.join("examples/cloudflare-worker/src/index.ts"))?;
    if !example.contains(worker.trim()) {
        bail!("the Worker in README.md is not the one in examples/cloudflare-worker/src/index.ts");
    }
    tally.passed += 1;

    for name in ["busy", "idle"] {
        // A README that nobody has filled in says 0.
        if between(&text, name, "0")? == text {
            bail!("README.md has no figure for `{name}`: run `cargo xtask demo --check --write`");
        }
    }
    tally.passed += 1;

    let (own, shell): (Vec<_>, Vec<_>) = fences(&text, "sh")
        .iter()
        .flat_map(|block| commands(block))
        .partition(|command| command.starts_with("cargo xtask"));
    for command in own {
        // These run by themselves in continuous integration; here they only have to exist.
        crate::Arguments::try_parse_from(command.split_whitespace().skip(1))
            .with_context(|| format!("README.md names `{command}`"))?;
        tally.passed += 1;
    }
    if shell.is_empty() {
        bail!("README.md has no commands besides cargo xtask's");
    }
    tally.passed += run(context, live, &shell)?;
    Ok(tally)
}

/// Runs commands as one shell session.
fn run(context: &Context, live: &Live, commands: &[String]) -> Result<usize> {
    let home = context.scratch("readme");
    let _ = fs::remove_dir_all(&home);
    fs::create_dir_all(&home)?;
    fs::write(
        home.join("package.json"),
        "{ \"private\": true, \"type\": \"module\" }\n",
    )?;

    let address = format!(
        "127.0.0.1:{}",
        TcpListener::bind("127.0.0.1:0")?.local_addr()?.port()
    );
    let tarball = package::tarball_path(context)?;
    let mut script =
        "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n".to_owned();
    for (number, command) in commands.iter().enumerate() {
        let command = command
            .replace(ADDRESS, &address)
            // What is not published yet is taken from where it was built.
            .replace(
                "npm install keyward",
                &format!("npm install --no-audit --no-fund '{}'", tarball.display()),
            )
            .replace("cargo install --locked --path .", "keyward --version");
        writeln!(script, "echo '{MARK}{number}'\n{command}")?;
    }
    let path = tool::joined(&[server::binary(context, Profile::Debug)
        .parent()
        .context("a binary lies in a directory")?
        .to_path_buf()])?;
    let output = Tool::new(context, "bash")
        .arg("-c")
        .arg(&script)
        .dir(&home)
        .env("PATH", path)
        .attempt(live)?;
    if !output.success {
        let last = output
            .text
            .lines()
            .filter_map(|line| line.strip_prefix(MARK)?.parse::<usize>().ok())
            .next_back();
        let command = last
            .and_then(|at| commands.get(at))
            .map_or("the first command", String::as_str);
        bail!(
            "in README.md, this failed: {command}{}",
            tool::shown(&output.text, live)
        );
    }
    Ok(commands.len())
}

/// The contents of the fenced blocks of a language.
fn fences(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some("")) => blocks.extend(open.take()),
            (Some(block), _) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, Some(opened)) if opened == language => open = Some(String::new()),
            (None, _) => {}
        }
    }
    blocks
}

/// The commands of a block: lines, joined where one ends in a backslash or a quote is still open.
fn commands(block: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut open = String::new();
    for line in block.lines() {
        open.push_str(line);
        if line.ends_with('\\') || open.matches('\'').count() % 2 == 1 {
            open.push('\n');
        } else if open.trim().is_empty() || open.trim().starts_with('#') {
            open.clear();
        } else {
            commands.push(std::mem::take(&mut open));
        }
    }
    commands
}

/// Replaces what stands between `<!-- name -->` and `<!-- / -->`.
fn between(text: &str, name: &str, new: &str) -> Result<String> {
    let [before, _, after] = parts(text, name)?;
    Ok(format!("{before}<!-- {name} -->{new}<!-- / -->{after}"))
}

/// What stands before, between and behind `<!-- name -->` and `<!-- / -->`.
fn parts<'a>(text: &'a str, name: &str) -> Result<[&'a str; 3]> {
    let opening = format!("<!-- {name} -->");
    let (before, rest) = text
        .split_once(&opening)
        .with_context(|| format!("README.md has no {opening}"))?;
    let (within, after) = rest
        .split_once("<!-- / -->")
        .with_context(|| format!("{opening} in README.md has no end"))?;
    Ok([before, within, after])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_blocks() {
        let text = "a\n```sh\n# first\none --with \\\n  more\n\ntwo '{\n}'\n```\n```ts\nthree\n```\n```sh\nfour\n```\n";
        let found: Vec<_> = fences(text, "sh")
            .iter()
            .flat_map(|block| commands(block))
            .collect();
        assert_eq!(found, ["one --with \\\n  more", "two '{\n}'", "four"]);
    }

    #[test]
    fn figures_are_replaced_between_their_marks() {
        let text = "in <!-- busy -->1<!-- / --> ms, <!-- idle -->2<!-- / --> ms";
        let filled = between(text, "busy", "812").expect("the marks are there");
        assert_eq!(
            filled,
            "in <!-- busy -->812<!-- / --> ms, <!-- idle -->2<!-- / --> ms"
        );
        assert!(between(text, "back", "1").is_err());
    }
}
