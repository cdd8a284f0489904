//! What time brings: verifiers are kept current, uses are written down every few seconds, and every minute or so what
//! has ended or lain idle is seen to. Rules do not depend on it: what has expired is refused by the clock alone.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Maintenance, Service, ServiceError};
use crate::time::Timestamp;

/// How often verifiers are brought up to date, so that no verification has to do it.
const REFRESH_EVERY: Duration = Duration::from_secs(1);

/// How often what is done.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    /// Uses are written down.
    pub flush_every: Duration,
    /// A round of maintenance.
    pub maintain_every: Duration,
}

/// For how long the end waits for a letter that is under way. One that is cut off is sent once more.
const FAREWELL: Duration = Duration::from_secs(1);

/// The longest wait between two rounds of notices of which the mail server took none.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// A thread that does what time brings, until it is dropped: then it writes down the last uses. Where owners are told
/// of ends, that has a thread of its own, as it waits for a mail server.
pub struct Worker {
    work: Thread,
    notices: Option<(Arc<Service>, Thread)>,
}

/// A thread that ends when the sender, and all that it was given to, are gone.
struct Thread {
    end: Option<Sender<()>>,
    ended: Receiver<()>,
    handle: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts with a round of maintenance.
    pub fn start(service: Arc<Service>, rhythm: Rhythm) -> io::Result<Self> {
        attempt("looking for those who are to be told", || {
            service.warn_of_notices()
        });
        let notices = if service.notices.are_sent() {
            let telling = Arc::clone(&service);
            let thread = Thread::start("keyward-notices", move |mut pause| {
                telling.go_on_telling(rhythm.maintain_every, &mut pause);
            })?;
            if let Some(bell) = &thread.end {
                service.notices.open(bell.clone());
            }
            Some((Arc::clone(&service), thread))
        } else {
            None
        };
        let work = Thread::start("keyward-worker", move |mut pause| {
            service.work(rhythm, &mut pause);
        })?;
        Ok(Self { work, notices })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some((service, thread)) = &mut self.notices {
            service.notices.end();
            thread.end();
        }
        self.work.end();
        self.work.join();
        if let Some((_, thread)) = &mut self.notices
            && thread.ended.recv_timeout(FAREWELL) != Err(RecvTimeoutError::Timeout)
        {
            thread.join();
        }
    }
}

impl Thread {
    fn start(name: &str, work: impl FnOnce(Receiver<()>) + Send + 'static) -> io::Result<Self> {
        let (end, ending) = mpsc::channel();
        let (working, ended) = mpsc::channel();
        let handle = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                let _working: Sender<()> = working;
                work(ending);
            })?;
        Ok(Self {
            end: Some(end),
            ended,
            handle: Some(handle),
        })
    }

    fn end(&mut self) {
        drop(self.end.take());
    }

    fn join(&mut self) {
        if let Some(handle) = self.handle.take() {
            // A panic of the thread has been reported by its message already.
            drop(handle.join());
        }
    }
}

/// Lets time pass.
trait Pause {
    /// For so long, or until a round is asked for, or until the end.
    fn pause(&mut self, time: Duration) -> Next;
}

enum Next {
    Round,
    End,
}

impl Pause for Receiver<()> {
    fn pause(&mut self, time: Duration) -> Next {
        match self.recv_timeout(time) {
            Err(RecvTimeoutError::Timeout) => Next::Round,
            Ok(()) => {
                // Whoever asked by now has the same round.
                while self.try_recv().is_ok() {}
                Next::Round
            }
            Err(RecvTimeoutError::Disconnected) => Next::End,
        }
    }
}

impl Service {
    fn work(&self, rhythm: Rhythm, pause: &mut dyn Pause) {
        let mut refresh = Turn::every(REFRESH_EVERY);
        let mut flush = Turn::every(rhythm.flush_every);
        let mut maintain = Turn::every(rhythm.maintain_every);
        loop {
            let now = self.clock.now();
            if maintain.takes(now) {
                if let Some(done) = attempt("maintenance", || self.tidy()) {
                    report(&done);
                }
                self.revocations.retry();
                // It writes down uses as well.
                flush.takes(now);
            } else if flush.takes(now) {
                attempt("writing down uses", || self.flush_uses());
            }
            if refresh.takes(now) {
                attempt("refreshing verifiers", || self.refresh_verifiers());
            }
            let turns = [&refresh, &flush, &maintain];
            let wait = turns.map(|turn| turn.wait(now)).into_iter().min();
            match pause.pause(wait.unwrap_or(REFRESH_EVERY)) {
                Next::Round => {}
                Next::End => break,
            }
        }
        attempt("writing down the last uses", || self.flush_uses());
        self.revocations.retry();
    }

    /// Tells owners, round by round. While no letter is taken, each wait is twice the one before.
    fn go_on_telling(&self, every: Duration, pause: &mut dyn Pause) {
        let mut failures = 0;
        loop {
            let told = self
                .notices
                .round(|| attempt("telling owners", || self.tell_owners()));
            let has_failed = told.is_none_or(|told| told.failed > 0 && told.sent == 0);
            failures = if has_failed { failures + 1 } else { 0 };
            if let Some(told) = told.filter(|told| told.sent + told.refused > 0) {
                tracing::info!(
                    noticed = told.sent,
                    refused = told.refused,
                    failed = told.failed,
                    "a round of notices"
                );
            }
            let longer = every.saturating_mul(2_u32.saturating_pow(failures));
            if matches!(pause.pause(longer.min(LONGEST_WAIT.max(every))), Next::End) {
                return;
            }
        }
    }
}

/// What fails now may succeed the next time: it is logged, and ends nothing.
fn attempt<T>(what: &str, work: impl FnOnce() -> Result<T, ServiceError>) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => return Some(done),
        Ok(Err(error)) => {
            let cause = error.cause().unwrap_or_default();
            tracing::error!(%error, cause, "{what} failed and is tried again later");
        }
        // The panic hook has logged where.
        Err(_panicked) => {
            tracing::error!("{what} failed by a fault of the program and is tried again later");
        }
    }
    None
}

/// Says what a round came to, where it came to something that people look for.
fn report(done: &Maintenance) {
    if done.idle_disabled + done.purged + done.resealed + done.unopened > 0 {
        tracing::info!(
            idle_disabled = done.idle_disabled,
            purged = done.purged,
            resealed = done.resealed,
            unopened = done.unopened,
            "a round of maintenance"
        );
    }
}

/// When something was done last, and when it is to be done again.
struct Turn {
    every: i64,
    last: Option<Timestamp>,
}

impl Turn {
    fn every(time: Duration) -> Self {
        Self {
            every: i64::try_from(time.as_millis()).unwrap_or(i64::MAX),
            last: None,
        }
    }

    /// Whether it is to be done now; then it counts as done.
    fn takes(&mut self, now: Timestamp) -> bool {
        let is_due = self.left(now) == 0;
        if is_due {
            self.last = Some(now);
        }
        is_due
    }

    fn wait(&self, now: Timestamp) -> Duration {
        Duration::from_millis(self.left(now).unsigned_abs())
    }

    /// Milliseconds until it is to be done. A clock that was set back makes nobody wait for it to catch up.
    fn left(&self, now: Timestamp) -> i64 {
        match self.last {
            Some(last) if last <= now => {
                let passed = now.as_millis() - last.as_millis();
                self.every.saturating_sub(passed).max(0)
            }
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests;
