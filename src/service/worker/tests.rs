//! The worker under a clock that only its own pauses move.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;
use crate::env::{Clock, Entropy, SystemEntropy};
use crate::service::stage::{Hands, START, at, open_shop};
use crate::service::{AccountPath, CreateKey, CreateKeyspace, DataDirectory, Principal, VerifyAsk};

const DAY: Duration = Duration::from_hours(24);

/// Pauses that take no time and turn the clock: at least so far each, so many of them.
struct Script {
    clock: Arc<Hands>,
    at_least: Duration,
    rounds: u32,
    asked: Vec<Duration>,
}

impl Pause for Script {
    fn pause(&mut self, time: Duration) -> Next {
        self.asked.push(time);
        if self.rounds == 0 {
            return Next::End;
        }
        self.rounds -= 1;
        let millis = time.max(self.at_least).as_millis();
        self.clock.turn(i64::try_from(millis).expect("short"));
        Next::Round
    }
}

/// A service with a key of eSputnik's, in a directory that goes with the value.
struct Place {
    service: Service,
    clock: Arc<Hands>,
    caller: Principal,
    account: AccountPath,
    path: PathBuf,
}

impl Place {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("keyward-worker-{}-{name}", std::process::id()));
        let directory = DataDirectory::open(&path).expect("a new directory");
        let clock = Arc::<Hands>::default();
        let entropy: Arc<dyn Entropy + Send + Sync> = Arc::new(SystemEntropy);
        let service = Service::open(directory, Arc::clone(&clock) as Arc<dyn Clock>, entropy);
        let service = service.expect("a new service");
        let rules = CreateKeyspace {
            profile: Some("esputnik".to_owned()),
            ..CreateKeyspace::default()
        };
        let (caller, account) = open_shop(&service, rules);
        Self {
            service,
            clock,
            caller,
            account,
            path,
        }
    }

    /// A key, and its id.
    fn key(&self) -> (String, String) {
        let create = CreateKey {
            fields: BTreeMap::from([("description".to_owned(), Some("CRM".to_owned()))]),
            level: Some("full".to_owned()),
            ..CreateKey::default()
        };
        let created = self
            .service
            .create_key(&self.caller, &self.account, &create, None);
        let created = created.expect("a key");
        let secret = created.secret.expect("shown");
        (secret.expose().to_owned(), created.record.id.to_string())
    }

    fn status(&self, id: &str) -> &'static str {
        let record = self.service.key(&self.caller, &self.account, id);
        record.expect("a record").state.as_str()
    }

    /// Lets the worker make so many rounds, with at least so much time between them; what it asked to wait.
    fn work(&self, rounds: u32, at_least: Duration) -> Vec<Duration> {
        let mut script = Script {
            clock: Arc::clone(&self.clock),
            at_least,
            rounds,
            asked: Vec::new(),
        };
        let rhythm = Rhythm {
            flush_every: Duration::from_secs(5),
            maintain_every: Duration::from_mins(1),
        };
        self.service.work(rhythm, &mut script);
        script.asked
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.path));
    }
}

#[test]
fn a_key_that_lies_idle_is_switched_off_on_its_day() {
    let place = Place::new("idle");
    let (_, id) = place.key();
    place.work(90, DAY);
    assert_eq!(place.status(&id), "active", "ninety days are not over");
    place.work(1, DAY);
    assert_eq!(place.status(&id), "disabled");
}

#[test]
fn the_last_uses_are_written_down_at_the_end() {
    let place = Place::new("uses");
    let (secret, id) = place.key();
    let used = || {
        let record = place.service.key(&place.caller, &place.account, &id);
        record.expect("a record").last_used_at
    };
    // A round before the use, so that it is the end that writes it down.
    place.work(0, Duration::ZERO);
    let ask = VerifyAsk {
        key: secret.into_bytes().into(),
        method: Some("GET".to_owned()),
        path: Some("/api/v1/contacts".to_owned()),
        ..VerifyAsk::default()
    };
    place
        .service
        .verify(&place.caller, "shop", &ask)
        .expect("a decision");
    place.work(0, Duration::ZERO);
    assert_eq!(used(), Some(at(START)));
}

#[test]
fn it_waits_until_something_is_due() {
    let place = Place::new("waits");
    assert_eq!(place.work(3, Duration::ZERO), [REFRESH_EVERY; 4]);
}

#[test]
fn what_fails_or_breaks_ends_nothing() {
    attempt("a failure", || {
        Err::<(), _>(ServiceError::internal("planted"))
    });
    attempt("a fault", || -> Result<(), ServiceError> {
        panic!("planted")
    });
}

#[test]
fn a_turn_comes_round_also_after_the_clock_was_set_back() {
    let mut turn = Turn::every(Duration::from_secs(10));
    assert!(turn.takes(at(START)), "the first is at once");
    assert!(!turn.takes(at(START + 9_999)));
    assert_eq!(turn.wait(at(START + 9_999)), Duration::from_millis(1));
    assert!(turn.takes(at(START + 10_000)));
    assert!(turn.takes(at(START - 3_600_000)), "an hour back");
    assert!(!turn.takes(at(START - 3_600_000 + 9_999)));
}
