//! The owners of keys are told when an end comes near (system row S15).
//!
//! Each is told at least once of an end: a key is marked when the mail server has taken the letter, and until then it
//! is tried again. Nothing else waits for the mail server: no transaction and no lock of others is held while it is
//! asked.

mod calls;
mod letter;
mod postman;
mod smtp;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

pub use self::postman::{Letter, Postman, Round, Undelivered};
pub use self::smtp::{MailServer, Malformed, Sender, Smtp};

use self::calls::Calls;
use super::error::ServiceError;
use super::instant::DAY_MILLIS;
use super::profiles::Loaded;
use super::{Service, text};
use crate::key::KeyId;
use crate::store::{DueNotice, KeyState, Keyspace, NoticeOutcome, NoticeSlice};
use crate::time::Timestamp;

/// How many are looked for at once.
const AT_ONCE: u32 = 50;

/// How many letters of a keyspace a round writes.
const MOST: u32 = 200;

/// After so long a round ends, and the next one goes on.
const ROUND_MILLIS: i64 = 15_000;

/// What telling needs besides the database.
#[derive(Default)]
pub(super) struct Notices {
    postman: Option<Arc<dyn Postman>>,
    /// Held while a round runs.
    standing: Mutex<Standing>,
    /// The server ends, and no further letter is begun.
    ending: AtomicBool,
    /// Rounds that somebody asks for.
    calls: Calls,
    /// What all rounds came to.
    all: Counts,
}

/// What rounds come to, letter by letter.
#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

/// Where the last round ended.
#[derive(Default)]
struct Standing {
    /// The keyspace that was tried last. The next round begins with the one behind it, so that none holds up another.
    keyspace: Option<String>,
    /// The last key that was tried, by keyspace. The next round goes on behind it, so that letters that are not taken
    /// hold up no others.
    tried: HashMap<String, (Timestamp, KeyId)>,
    /// What was taken and could not be noted: it is noted before anything else is sent.
    unnoted: Vec<(DueNotice, NoticeOutcome)>,
}

/// What a round, or all of them, came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Letters that the mail server took.
    pub sent: u64,
    /// Letters that it refused for good.
    pub refused: u64,
    /// Letters that it did not take for now.
    pub failed: u64,
}

/// What a profile wants.
struct Wish {
    days: u16,
    field: String,
}

/// Whether the round goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Letter,
    End,
}

impl Notices {
    pub(super) fn new(postman: Option<Arc<dyn Postman>>) -> Self {
        Self {
            postman,
            ..Self::default()
        }
    }

    /// Whether anybody takes letters.
    pub(super) const fn are_sent(&self) -> bool {
        self.postman.is_some()
    }

    /// Rounds are made by the thread that this wakes.
    pub(super) fn open(&self, bell: mpsc::Sender<()>) {
        self.calls.open(bell);
    }

    /// Makes a round that others may wait for.
    pub(super) fn round<T>(&self, make: impl FnOnce() -> T) -> T {
        self.calls.begin();
        let result = make();
        self.calls.end();
        result
    }

    /// Has no further letter begun, and nobody wait for one.
    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
        self.calls.close();
    }
}

impl Counts {
    fn now(&self) -> Told {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Told {
            sent: read(&self.sent),
            refused: read(&self.refused),
            failed: read(&self.failed),
        }
    }
}

impl Told {
    const fn since(self, before: Self) -> Self {
        Self {
            sent: self.sent.saturating_sub(before.sent),
            refused: self.refused.saturating_sub(before.refused),
            failed: self.failed.saturating_sub(before.failed),
        }
    }
}

impl Service {
    /// Tells those who are to be told, as many as a round takes. Where one runs already, this is none.
    pub(super) fn tell_owners(&self) -> Result<Told, ServiceError> {
        let Some(postman) = &self.notices.postman else {
            return Ok(Told::default());
        };
        let standing = match self.notices.standing.try_lock() {
            Ok(standing) => standing,
            Err(TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned),
            Err(TryLockError::WouldBlock) => return Ok(Told::default()),
        };
        let mut tour = Tour {
            service: self,
            postman: &**postman,
            round: None,
            standing,
            before: self.notices.all.now(),
            ends_at: self.clock.now().saturating_add_millis(ROUND_MILLIS),
        };
        tour.note_the_unnoted()?;
        let mut keyspaces = self.store.keyspaces()?;
        keyspaces.sort_by(|one, other| one.id.cmp(&other.id));
        if let Some(last) = &tour.standing.keyspace {
            let behind = keyspaces.partition_point(|keyspace| keyspace.id <= *last);
            keyspaces.rotate_left(behind);
        }
        let mut first_error = None;
        for keyspace in keyspaces {
            match tour.visit(&keyspace) {
                Ok(Next::Letter) => {}
                Ok(Next::End) => break,
                // It keeps nobody back elsewhere.
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        first_error.map_or_else(|| Ok(tour.told()), Err)
    }

    /// Has owners told, where a thread does that (`Worker`) by it: waits for the round a few seconds, and returns what
    /// was told by then.
    pub(super) fn have_owners_told(&self) -> Result<Told, ServiceError> {
        let before = self.notices.all.now();
        if self.notices.calls.ask() {
            Ok(self.notices.all.now().since(before))
        } else {
            self.tell_owners()
        }
    }

    /// What became of notices since the server started.
    pub fn told(&self) -> Told {
        self.notices.all.now()
    }

    /// Has no further letter begun, and nobody wait for one: the server ends.
    pub fn stop_telling(&self) {
        self.notices.end();
    }

    /// Says where owners are to be told and nobody can.
    pub(super) fn warn_of_notices(&self) -> Result<(), ServiceError> {
        for keyspace in self.store.keyspaces()? {
            let loaded = self.profiles.of(&keyspace)?;
            let keyspace = keyspace.id;
            if loaded.profile.lifecycle().notice_days.is_none() {
                continue;
            }
            if wish(&loaded).is_none() {
                tracing::warn!(
                    keyspace,
                    "its profile says notice_days and has no field of kind email: no owner is told"
                );
            } else if !self.notices.are_sent() {
                tracing::warn!(
                    keyspace,
                    "its profile has owners told before a key ends, and there is no mail server: name one by mail_url"
                );
            }
        }
        Ok(())
    }
}

/// A round under way.
struct Tour<'a> {
    service: &'a Service,
    postman: &'a dyn Postman,
    /// There from the first letter on.
    round: Option<Box<dyn Round + 'a>>,
    standing: MutexGuard<'a, Standing>,
    /// What all rounds had come to when it began.
    before: Told,
    ends_at: Timestamp,
}

impl Tour<'_> {
    fn told(&self) -> Told {
        self.service.told().since(self.before)
    }

    fn visit(&mut self, keyspace: &Keyspace) -> Result<Next, ServiceError> {
        let loaded = self.service.profiles.of(keyspace)?;
        match wish(&loaded) {
            Some(wish) => self.tell_all(&keyspace.id, &loaded, &wish),
            None => Ok(Next::Letter),
        }
    }

    /// Tells the owners of a keyspace: from where the last round ended to the end, and then from the start to there.
    fn tell_all(
        &mut self,
        keyspace: &str,
        loaded: &Loaded,
        wish: &Wish,
    ) -> Result<Next, ServiceError> {
        let began = self.standing.tried.get(keyspace).copied();
        let mut is_behind = began.is_some();
        let mut left = MOST;
        while left > 0 {
            let due = self.due(keyspace, wish, left.min(AT_ONCE))?;
            if due.is_empty() {
                self.standing.tried.remove(keyspace);
                if !is_behind {
                    break;
                }
                is_behind = false;
            }
            for notice in due {
                let place = (notice.ends_at, notice.path.id);
                if !is_behind && began.is_some_and(|began| place > began) {
                    return Ok(Next::Letter);
                }
                let is_ending = self.service.notices.ending.load(Ordering::Relaxed);
                if is_ending || self.service.clock.now() >= self.ends_at {
                    return Ok(Next::End);
                }
                left -= 1;
                self.standing.tried.insert(keyspace.to_owned(), place);
                self.standing.keyspace = Some(keyspace.to_owned());
                if self.tell(loaded, notice)? == Next::End {
                    return Ok(Next::End);
                }
            }
        }
        Ok(Next::Letter)
    }

    fn due(&self, keyspace: &str, wish: &Wish, limit: u32) -> Result<Vec<DueNotice>, ServiceError> {
        let now = self.service.clock.now();
        let slice = NoticeSlice {
            field: wish.field.clone(),
            now,
            until: now.saturating_add_millis(i64::from(wish.days) * DAY_MILLIS),
            after: self.standing.tried.get(keyspace).copied(),
            limit,
        };
        Ok(self.service.store.due_notices(keyspace, &slice)?)
    }

    /// Tells one owner.
    fn tell(&mut self, loaded: &Loaded, notice: DueNotice) -> Result<Next, ServiceError> {
        // As it is by now: whatever was switched off, changed or deleted meanwhile is not written of, and nobody is
        // told who is not its owner any more.
        let key = self.service.store.key(&notice.path)?.filter(|key| {
            key.state == KeyState::Active
                && key.content.expires_at == Some(notice.ends_at)
                && key.content.fields.get(&notice.field) == Some(&notice.recipient)
        });
        let Some(key) = key else {
            return Ok(Next::Letter);
        };
        let delivered = if text::email(&notice.recipient).is_ok() {
            let (url, now) = (self.service.public_url(), self.service.clock.now());
            self.hand_over(&letter::write(&loaded.profile, &key, &notice, url, now))?
        } else {
            Err(Undelivered::Refused("no e-mail address".to_owned()))
        };
        let (keyspace, key) = (&notice.path.account.keyspace, notice.path.id);
        let outcome = match delivered {
            Ok(()) => {
                count(&self.service.notices.all.sent);
                NoticeOutcome::Sent
            }
            Err(Undelivered::Refused(reply)) => {
                tracing::warn!(keyspace, %key, reply, "the owner's address is refused, so that nobody is told of the key's end");
                count(&self.service.notices.all.refused);
                NoticeOutcome::Refused { reply }
            }
            Err(Undelivered::Later(why)) => {
                tracing::warn!(keyspace, %key, why, "a notice was not taken and is tried again later");
                count(&self.service.notices.all.failed);
                return Ok(Next::Letter);
            }
            Err(Undelivered::Closed(why)) => {
                tracing::error!(
                    why,
                    "the mail server takes no notices; they are tried again later"
                );
                count(&self.service.notices.all.failed);
                return Ok(Next::End);
            }
        };
        self.standing.unnoted.push((notice, outcome));
        self.note_the_unnoted()?;
        Ok(Next::Letter)
    }

    /// Sets out with the first letter, if the database can say afterwards that it was sent.
    fn hand_over(&mut self, letter: &Letter) -> Result<Result<(), Undelivered>, ServiceError> {
        let round = if let Some(round) = &mut self.round {
            round
        } else {
            self.service.store.probe()?;
            match self.postman.set_out() {
                Ok(begun) => self.round.insert(begun),
                Err(error) => return Ok(Err(error)),
            }
        };
        Ok(round.deliver(letter))
    }

    fn note_the_unnoted(&mut self) -> Result<(), ServiceError> {
        while let Some((notice, outcome)) = self.standing.unnoted.last() {
            let (notice, outcome) = (notice.clone(), outcome.clone());
            let act = self.service.own_act();
            self.service.store.note_notice(notice, outcome, act)?;
            self.standing.unnoted.pop();
        }
        Ok(())
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn wish(loaded: &Loaded) -> Option<Wish> {
    let profile = &loaded.profile;
    Some(Wish {
        days: profile.lifecycle().notice_days?,
        field: profile.owner_field()?.name.to_string(),
    })
}

#[cfg(test)]
mod tests;
