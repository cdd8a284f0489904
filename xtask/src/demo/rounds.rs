//! Many revocations instead of one, for the benchmarks: how long each took to arrive at the edge.

use crate::build::server::Profile;
use crate::context::Context;
use crate::demo::stage::Stage;
use crate::demo::walk;
use crate::plan::Live;
use anyhow::Result;
use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

/// How many keys are revoked under a steady stream of requests.
const BUSY: u32 = 40;
/// How many are revoked while the Worker is idle.
const IDLE: u32 = 10;

/// Measures, and tells it as a section of docs/benchmarks.md.
pub(crate) fn section(context: &Context, live: &Live) -> Result<String> {
    let stage = Stage::set(context, live, Profile::Release)?;
    walk::answers(&stage, walk::OPEN, &stage.key, 200)?;
    let mut busy = Vec::new();
    for round in 0..BUSY {
        live.line(&format!("revocation {} of {BUSY}", round + 1));
        // Each round begins at another moment of the edge's own rhythm.
        stream_for(&stage, Duration::from_millis(u64::from(round * 73 % 1000)))?;
        busy.push(walk::arrives(&stage, "disable", 401)?);
        walk::arrives(&stage, "enable", 200)?;
    }
    let mut idle = Vec::new();
    for round in 0..IDLE {
        live.line(&format!("idle revocation {} of {IDLE}", round + 1));
        idle.push(walk::first_after_idling(&stage)?);
        walk::arrives(&stage, "enable", 200)?;
    }
    stage.close()?;

    let mut text = String::new();
    writeln!(text, "## From the revocation to the refusal\n")?;
    writeln!(
        text,
        "The server, and `examples/cloudflare-worker` in workerd with the default `maxAgeMs`. The time counts from before the\n\
         revocation is sent to the end of the first refusal, so the commit itself is in it.\n"
    )?;
    writeln!(
        text,
        "| | revocations | median | slowest |\n| --- | ---: | ---: | ---: |"
    )?;
    for (what, times) in [
        ("a steady stream of requests", busy),
        ("idle for 10 s: its first request", idle),
    ] {
        writeln!(text, "{}", row(what, times))?;
    }
    Ok(text)
}

fn row(what: &str, mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |index: usize| {
        times
            .get(index)
            .copied()
            .map_or_else(String::new, walk::milliseconds)
    };
    let (count, last) = (times.len(), times.len().saturating_sub(1));
    format!("| {what} | {count} | {} | {} |", at(count / 2), at(last))
}

/// Requests one after another for a while.
fn stream_for(stage: &Stage, time: Duration) -> Result<()> {
    let begun = std::time::Instant::now();
    while begun.elapsed() < time {
        walk::answers(stage, walk::OPEN, &stage.key, 200)?;
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_tells_median_and_slowest() {
        let times = [30, 10, 20].map(Duration::from_millis).to_vec();
        assert_eq!(row("x", times), "| x | 3 | 20 ms | 30 ms |");
    }
}
