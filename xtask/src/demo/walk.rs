//! The loop, step by step: each is asserted and timed.

use crate::demo::stage::Stage;
use crate::demo::systems::Exchange;
use anyhow::{Context as _, Result, bail};
use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

/// A call that the key's level opens, and one that it does not.
pub(crate) const OPEN: (&str, &str) = ("POST", "/api/v1/event");
const CLOSED: (&str, &str) = ("GET", "/api/v1/contacts");
/// How long the Worker is left alone: longer than the time for which it trusts what it has.
const IDLE: Duration = Duration::from_secs(10);
/// Within this a change has to arrive. The promise is two seconds; a loaded machine gets some more before the walk
/// fails.
const ARRIVES_WITHIN: Duration = Duration::from_secs(3);
/// Longer than the time for which an edge trusts what it has, so that it must have noticed that the server is gone.
const OUTAGE: Duration = Duration::from_secs(3);

/// A step that was as it should be.
pub(crate) struct Passed {
    pub(crate) what: String,
    pub(crate) time: Duration,
    /// What was said on the way, where that is worth seeing.
    pub(crate) exchanges: Vec<Exchange>,
}

/// What was measured on the way.
pub(crate) struct Figures {
    /// From sending the revocation to the first refusal, under a steady stream of requests.
    pub(crate) busy: Duration,
    /// From sending the revocation to the refusal of an idle Worker's first request.
    pub(crate) idle: Duration,
    /// From sending the revocation to the first refusal, after the server was away.
    pub(crate) back: Duration,
}

impl fmt::Display for Figures {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "revoked → refused in {} ms; an isolate idle for {} s refused its first request, {} ms after the revocation; after an outage: {} ms",
            self.busy.as_millis(),
            IDLE.as_secs(),
            self.idle.as_millis(),
            self.back.as_millis()
        )
    }
}

/// Walks through the loop up to the first step that is not as it should be.
pub(crate) fn walk(stage: &mut Stage, say: &mut dyn FnMut(&Passed)) -> Result<Figures> {
    let mut step = |what: &str, work: &mut dyn FnMut() -> Result<Duration>| -> Result<Duration> {
        let time = work().with_context(|| format!("✗ {what}"))?;
        say(&Passed {
            what: what.to_owned(),
            time,
            exchanges: Vec::new(),
        });
        Ok(time)
    };

    step("the server serves the page", &mut || page(stage))?;
    let what = "POST /api/v1/event by HTTP Basic, a key for events: 200";
    step(what, &mut || answers(stage, OPEN, &stage.key, 200))?;
    step(
        "the same again, decided without a network call: 200",
        &mut || answers(stage, OPEN, &stage.key, 200),
    )?;
    step("GET /api/v1/contacts with the same key: 403", &mut || {
        answers(stage, CLOSED, &stage.key, 403)
    })?;
    let typo = with_typo(&stage.key);
    step("the key with a typo: 401", &mut || {
        answers(stage, OPEN, &typo, 401)
    })?;

    let what = "disabled at the server → refused at the edge";
    let busy = step(what, &mut || arrives(stage, "disable", 401))?;
    step("enabled again → allowed at the edge", &mut || {
        arrives(stage, "enable", 200)
    })?;

    let what = format!(
        "idle for {} s, disabled meanwhile: the first request is refused",
        IDLE.as_secs()
    );
    let idle = step(&what, &mut || first_after_idling(stage))?;
    step("enabled again → allowed at the edge", &mut || {
        arrives(stage, "enable", 200)
    })?;

    step("the server is stopped", &mut || {
        timed(|| stage.stop_server())
    })?;
    step("the Worker goes on deciding: 200", &mut || {
        answers(stage, OPEN, &stage.key, 200)
    })?;
    thread::sleep(OUTAGE);
    step("and still, when it has noticed: 200", &mut || {
        answers(stage, OPEN, &stage.key, 200)
    })?;
    step("GET /api/v1/contacts meanwhile: 403", &mut || {
        answers(stage, CLOSED, &stage.key, 403)
    })?;
    step("the key with a typo meanwhile: 401", &mut || {
        answers(stage, OPEN, &typo, 401)
    })?;
    step("the server is back", &mut || timed(|| stage.start_server()))?;
    let back = step(
        "disabled at the server → the Worker has caught up",
        &mut || arrives(stage, "disable", 401),
    )?;
    step("enabled again → allowed at the edge", &mut || {
        arrives(stage, "enable", 200)
    })?;
    systems(stage, say)?;
    Ok(Figures { busy, idle, back })
}

/// What the five systems promise besides, each by its own rules.
fn systems(stage: &Stage, say: &mut dyn FnMut(&Passed)) -> Result<()> {
    type Work<'a> = &'a dyn Fn() -> Result<Vec<Exchange>>;
    let (systems, api) = (&stage.systems, &stage.api);
    let steps: [(&str, Work<'_>); 4] = [
        (
            "SmashFly: a second active key for an address and API: 409",
            &|| systems.one_active_key_per_address(api).map(|()| Vec::new()),
        ),
        (
            "SmashFly: what is deactivated never comes back: 409",
            &|| systems.deactivated_for_good(api).map(|()| Vec::new()),
        ),
        ("Emailit's own API, by curl", &|| systems.emailit(api)),
        ("InboxFirst's own API, by curl", &|| systems.inboxfirst(api)),
    ];
    for (what, work) in steps {
        let begun = Instant::now();
        let exchanges = work().with_context(|| format!("✗ {what}"))?;
        say(&Passed {
            what: what.to_owned(),
            time: begun.elapsed(),
            exchanges,
        });
    }
    Ok(())
}

/// A duration in milliseconds, with a digit more where it is short.
pub(crate) fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 10.0 {
        format!("{milliseconds:.1} ms")
    } else {
        format!("{milliseconds:.0} ms")
    }
}

fn page(stage: &Stage) -> Result<Duration> {
    timed(|| match stage.api.status("/")? {
        200 => Ok(()),
        status => bail!("GET / answered {status}"),
    })
}

/// One call, and the status that it must have.
pub(crate) fn answers(
    stage: &Stage,
    (method, path): (&str, &str),
    key: &str,
    expected: u16,
) -> Result<Duration> {
    timed(|| match stage.worker.call(method, path, key)? {
        status if status == expected => Ok(()),
        status => bail!("{method} {path} answered {status}"),
    })
}

/// Changes the key at the server and calls the Worker until it knows. The time counts from before the change is sent:
/// the commit is later than that, so the figure is never too good.
pub(crate) fn arrives(stage: &Stage, verb: &str, expected: u16) -> Result<Duration> {
    let (method, path) = OPEN;
    let sent = Instant::now();
    stage.change(verb)?;
    loop {
        let status = stage.worker.call(method, path, &stage.key)?;
        let elapsed = sent.elapsed();
        match status {
            status if status == expected => return Ok(elapsed),
            200 | 401 if elapsed < ARRIVES_WITHIN => thread::sleep(Duration::from_millis(5)),
            200 | 401 => bail!("still {status} after {}", milliseconds(elapsed)),
            status => bail!("{method} {path} answered {status}"),
        }
    }
}

/// The revocation is the last thing before the request: nobody can have told the Worker.
pub(crate) fn first_after_idling(stage: &Stage) -> Result<Duration> {
    let (method, path) = OPEN;
    thread::sleep(IDLE);
    let sent = Instant::now();
    stage.change("disable")?;
    match stage.worker.call(method, path, &stage.key)? {
        401 => Ok(sent.elapsed()),
        status => bail!("the first request was answered with {status}"),
    }
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed())
}

/// Another character in the middle of the key: the checksum notices.
fn with_typo(key: &str) -> String {
    let middle = key.len() / 2;
    key.char_indices()
        .map(|(at, char)| match char {
            'a' if at == middle => 'b',
            _ if at == middle => 'a',
            char => char,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_one_other_character() {
        for key in ["es_abcdefgh", "es_bbbbbbbb", "es_aaaaaaaa"] {
            let typo = with_typo(key);
            assert_eq!(typo.len(), key.len());
            assert_eq!(
                typo.chars()
                    .zip(key.chars())
                    .filter(|(one, other)| one != other)
                    .count(),
                1
            );
        }
    }
}
