//! `cargo xtask runtimes`: the packed package's suite in every runtime, and README.md's table of them from what came of
//! it.

use crate::build;
use crate::context::Context;
use crate::package;
use crate::plan::{self, Done, Live, Step};
use crate::readme;
use crate::setup;
use crate::test::{self, Tally};
use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::fs;

/// What one runtime made of the suite, as `tests/packaging/runtime.mjs` writes it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    runtime: String,
    version: String,
    /// The runtime is the machine's, not pinned by a lockfile: its version differs from machine to machine.
    host: bool,
    /// What tells several outcomes of one runtime apart.
    how: String,
    passed: usize,
    failed: usize,
}

/// `cargo xtask runtimes`.
pub(crate) fn run(context: &Context) -> Result<()> {
    let mut steps = setup::steps();
    steps.push(setup::browser());
    steps.push(setup::packaging_tools());
    steps.extend(build::package_and_pages());
    steps.push(package::tarball());
    steps.push(Step::new("the suite in every runtime", |context, live| {
        let (tally, outcomes) = perform(context, live)?;
        if let Some(failure) = tally.failure {
            bail!(failure);
        }
        readme::write(context, "runtimes", &table(&outcomes)?)?;
        Ok(Done::Said(format!(
            "{} passed in {} runtimes",
            tally.passed,
            outcomes.len()
        )))
    }));
    plan::run(context, steps)?;
    println!("written: the table of runtimes in README.md");
    Ok(())
}

/// The suite in every runtime, as a suite of `cargo xtask test`: README.md must not claim more than it shows.
pub(crate) fn suite(context: &Context, live: &Live) -> Result<Tally> {
    let (mut tally, outcomes) = perform(context, live)?;
    if tally.failure.is_none() {
        match claimed(&readme::read(context, "runtimes")?, &outcomes) {
            Ok(()) => tally.passed += 1,
            Err(error) => {
                tally.failed += 1;
                tally.failure = Some(format!(
                    "the table of runtimes in README.md: {error:#}; `cargo xtask runtimes` writes it"
                ));
            }
        }
    }
    Ok(tally)
}

/// Runs the suite everywhere, and leaves the outcomes in `target/xtask/runtimes.json`, a line each.
fn perform(context: &Context, live: &Live) -> Result<(Tally, Vec<Outcome>)> {
    let dir = context.scratch("runtimes");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let tally = test::runtimes(context, live, &dir)?;

    let mut outcomes = Vec::new();
    for entry in fs::read_dir(&dir)? {
        let text = fs::read_to_string(entry?.path())?;
        outcomes.push(serde_json::from_str::<Outcome>(&text)?);
    }
    outcomes.sort_by_key(|outcome| (place(&outcome.runtime), outcome.how.clone()));
    let lines: Vec<_> = outcomes
        .iter()
        .map(serde_json::to_string)
        .collect::<Result<_, _>>()?;
    fs::write(
        context.scratch("runtimes.json"),
        format!("[\n{}\n]\n", lines.join(",\n")),
    )?;
    Ok((tally, outcomes))
}

/// The order in which readers look for theirs; others come behind.
fn place(runtime: &str) -> usize {
    [
        "Node",
        "workerd",
        "Vercel's edge-runtime",
        "Deno",
        "Bun",
        "Chromium",
    ]
    .iter()
    .position(|name| *name == runtime)
    .unwrap_or(usize::MAX)
}

/// The table in Markdown. A runtime in which a test failed has no place in it.
fn table(outcomes: &[Outcome]) -> Result<String> {
    let mut text = "\n\n| runtime | how | tests |\n| --- | --- | --- |\n".to_owned();
    for outcome in outcomes {
        if outcome.failed > 0 || outcome.passed == 0 {
            bail!("{} ({}) did not pass", outcome.runtime, outcome.how);
        }
        let Outcome {
            runtime,
            how,
            passed,
            ..
        } = outcome;
        writeln!(text, "| {runtime} {} | {how} | {passed} |", shown(outcome))?;
    }
    text.push('\n');
    Ok(text)
}

/// A version as the table shows it: of what is the machine's, the major alone.
fn shown(outcome: &Outcome) -> &str {
    match outcome.version.split_once('.') {
        Some((major, _)) if outcome.host => major,
        _ => &outcome.version,
    }
}

/// Holds a table against outcomes: each row was shown, with at least as many tests, and none is missing.
fn claimed(table: &str, outcomes: &[Outcome]) -> Result<()> {
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    for row in &rows {
        let [name, how, tests] = row[..] else {
            bail!("a row of {} cells", row.len());
        };
        let shows = |outcome: &&Outcome| {
            outcome.how == how
                && name
                    .strip_prefix(&outcome.runtime)
                    .is_some_and(|version| outcome.host || version.trim() == outcome.version)
        };
        let outcome = outcomes
            .iter()
            .find(shows)
            .with_context(|| format!("{name} ({how}) was not run"))?;
        let claimed: usize = tests
            .parse()
            .with_context(|| format!("{tests:?} tests of {name}"))?;
        if outcome.failed > 0 || outcome.passed < claimed {
            bail!(
                "{name} ({how}) is said to pass {claimed} tests; {} passed, {} failed",
                outcome.passed,
                outcome.failed
            );
        }
    }
    if rows.len() < outcomes.len() {
        bail!("{} of {} runtimes", rows.len(), outcomes.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(runtime: &str, version: &str, host: bool, passed: usize, failed: usize) -> Outcome {
        Outcome {
            runtime: runtime.to_owned(),
            version: version.to_owned(),
            host,
            how: "as installed".to_owned(),
            passed,
            failed,
        }
    }

    #[test]
    fn a_table_holds_for_what_it_was_written_from_and_for_more() {
        let seen = [
            outcome("Node", "20.20.2", true, 3, 0),
            outcome("Deno", "2.9.6", false, 3, 0),
        ];
        let written = table(&seen).expect("all passed");
        assert!(written.contains("\n| Node 20 | as installed | 3 |\n| Deno 2.9.6 |"));
        claimed(&written, &seen).expect("it is what was seen");
        let more = [
            outcome("Node", "22.1.0", true, 4, 0),
            outcome("Deno", "2.9.6", false, 3, 0),
        ];
        claimed(&written, &more).expect("another Node, and one test more");
    }

    #[test]
    fn a_table_that_claims_what_was_not_shown_is_found_out() {
        let node = || outcome("Node", "20.20.2", true, 3, 0);
        let written = table(&[node(), outcome("Deno", "2.9.6", false, 3, 0)]).expect("all passed");
        for (shown, complaint) in [
            (vec![node()], "Deno 2.9.6 (as installed) was not run"),
            (
                vec![node(), outcome("Deno", "2.9.7", false, 3, 0)],
                "was not run",
            ),
            (
                vec![node(), outcome("Deno", "2.9.6", false, 2, 0)],
                "2 passed",
            ),
            (
                vec![node(), outcome("Deno", "2.9.6", false, 3, 1)],
                "1 failed",
            ),
            (
                vec![
                    node(),
                    outcome("Deno", "2.9.6", false, 3, 0),
                    outcome("Bun", "1.4.5", false, 3, 0),
                ],
                "2 of 3 runtimes",
            ),
        ] {
            let error = claimed(&written, &shown).expect_err(complaint).to_string();
            assert!(error.contains(complaint), "{error}");
        }
        assert!(table(&[outcome("Deno", "2.9.6", false, 3, 1)]).is_err());
    }
}
