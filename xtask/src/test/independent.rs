//! The code against what is none of it: a second reading of its format, and a clock.

use crate::context::Context;
use crate::plan::Live;
use crate::test::Tally;
use crate::tool::{Tool, shown};
use anyhow::{Result, bail};

/// The library, the package and the reading of docs/format.md, asked the same random questions.
pub(crate) fn differential(context: &Context, live: &Live) -> Result<Tally> {
    Tool::new(context, "cargo")
        .args("build --locked --package keyward --example decide")
        .run(live)?;
    let native = format!("debug/examples/decide{}", std::env::consts::EXE_SUFFIX);
    let output = Tool::new(context, "npm")
        .args("run test --workspace tests/differential")
        .env("NODE_OPTIONS", "--test-reporter=spec")
        .env("KEYWARD_DECIDE", context.target.join(native))
        .attempt(live)?;
    let mut tally = Tally::of_node(&output.text);
    if !output.success {
        tally.failure = Some(format!(
            "the three do not agree{}",
            shown(&output.text, live)
        ));
    } else if tally.passed == 0 {
        bail!(
            "tests/differential ran no test{}",
            shown(&output.text, live)
        );
    }
    Ok(tally)
}

/// Above this, dudect takes two classes for different.
const DIFFERENT: f64 = 4.5;
/// Above this, there is no doubt of it.
const CAUGHT: f64 = 10.0;

/// Whether the time of a refusal tells how near a key came (threat 24), by dudect.
pub(crate) fn timing(context: &Context, live: &Live) -> Result<Tally> {
    let mut tally = Tally::default();
    for (pair, first) in measure(context, live, None)? {
        // The machine is seldom alone: what exceeds the limit is measured once more, and the better figure counts.
        let is_in_doubt = first.abs() >= DIFFERENT && expected(&pair) == Expected::Alike;
        let t = if is_in_doubt {
            let again = measure(context, live, Some(&pair))?;
            let [(_, second)] = &again[..] else {
                bail!("{pair} was not measured again");
            };
            if second.abs() < first.abs() {
                *second
            } else {
                first
            }
        } else {
            first
        };
        let (holds, limit) = match expected(&pair) {
            Expected::Alike => (t.abs() < DIFFERENT, format!("below {DIFFERENT}")),
            Expected::Caught => (t.abs() > CAUGHT, format!("above {CAUGHT}")),
            Expected::Told => (true, "no limit: it is over by then".to_owned()),
        };
        let again = if is_in_doubt {
            ", the smaller of two"
        } else {
            ""
        };
        tally = tally.note(format!("{pair}: |t| = {:.1} ({limit}{again})", t.abs()));
        if holds {
            tally.passed += 1;
        } else {
            tally.failed += 1;
            tally.failure = Some(format!(
                "{pair}: |t| = {:.1}, which has to be {limit}",
                t.abs()
            ));
        }
    }
    if tally.passed + tally.failed < 4 {
        bail!("benches/timing measured too little");
    }
    Ok(tally)
}

#[derive(PartialEq)]
enum Expected {
    /// The two classes take the same time.
    Alike,
    /// They do not, and it shows.
    Caught,
    /// Whoever holds the key learns what became of it.
    Told,
}

fn expected(pair: &str) -> Expected {
    if pair.starts_with("planted") {
        Expected::Caught
    } else if pair.ends_with("revoked") {
        Expected::Told
    } else {
        Expected::Alike
    }
}

/// The pairs of classes that were measured, and Student's t of each.
fn measure(context: &Context, live: &Live, pair: Option<&str>) -> Result<Vec<(String, f64)>> {
    let mut cargo = Tool::new(context, "cargo")
        .args(
            "run --quiet --release --locked --manifest-path benches/timing/Cargo.toml --target-dir",
        )
        .arg(context.target.join("timing"));
    if let Some(pair) = pair {
        cargo = cargo.arg("--").arg(pair);
    }
    let text = cargo.run(live)?;
    let measured: Vec<_> = text.lines().filter_map(read_line).collect();
    if measured.is_empty() {
        bail!("benches/timing measured nothing{}", shown(&text, live));
    }
    Ok(measured)
}

/// A line `bench same ... : n == +0.998M, max t = +2.10699, max tau = …`.
fn read_line(line: &str) -> Option<(String, f64)> {
    let (pair, figures) = line.strip_prefix("bench ")?.split_once(" ... : ")?;
    let t = figures
        .split(", ")
        .find_map(|figure| figure.strip_prefix("max t = "))?;
    Some((pair.trim().to_owned(), t.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dudect_lines_are_read() {
        let line = "bench wrong_last_byte          ... : n == +0.913M, max t = -12.34492, max tau = -0.01, (5/tau)^2 = 2";
        assert_eq!(
            read_line(line),
            Some(("wrong_last_byte".to_owned(), -12.344_92))
        );
        assert_eq!(read_line("bench same seeded with 0x0123456789abcdef"), None);
        assert_eq!(read_line("running 5 benches"), None);
    }
}
