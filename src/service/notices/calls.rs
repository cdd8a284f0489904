//! Rounds of notices that somebody asks for: the thread that tells owners makes them, and whoever asked waits a little.

use std::sync::mpsc::Sender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// For how long one who asked for a round waits for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Rounds that were asked for.
#[derive(Default)]
pub(super) struct Calls {
    rounds: Mutex<Rounds>,
    changed: Condvar,
}

#[derive(Default)]
struct Rounds {
    /// Wakes the thread that tells owners, where there is one.
    bell: Option<Sender<()>>,
    begun: u64,
    ended: u64,
}

impl Calls {
    /// Rounds are made by the thread that hears this.
    pub(super) fn open(&self, bell: Sender<()>) {
        self.lock().bell = Some(bell);
    }

    /// Nobody makes rounds any more, and nobody waits for one.
    pub(super) fn close(&self) {
        self.lock().bell = None;
        self.changed.notify_all();
    }

    /// Asks for a round, behind one that is under way, and waits until it has ended. `false` where nobody makes any.
    pub(super) fn ask(&self) -> bool {
        let rounds = self.lock();
        if rounds
            .bell
            .as_ref()
            .is_none_or(|bell| bell.send(()).is_err())
        {
            return false;
        }
        let asked = rounds.begun + 1;
        let (_rounds, _) = self
            .changed
            .wait_timeout_while(rounds, PATIENCE, |rounds| {
                rounds.ended < asked && rounds.bell.is_some()
            })
            .unwrap_or_else(PoisonError::into_inner);
        true
    }

    pub(super) fn begin(&self) {
        self.lock().begun += 1;
    }

    pub(super) fn end(&self) {
        let mut rounds = self.lock();
        rounds.ended = rounds.begun;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Rounds> {
        self.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
