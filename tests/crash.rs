//! Threat 1: SIGKILL at any moment under load. What was acknowledged is there, what was refused or never answered is
//! wholly there or wholly not, the file is sound, and no edge ever sees the epoch go back. Threat 38: whoever got no
//! answer asks again with the same `Idempotency-Key` and gets the one that there is.

mod program;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use keyward::snapshot::{Head, PublicKey};
use program::directory::Directory;
use program::{Program, Signal};
use serde_json::{Value, json};

/// How many kills; `cargo xtask crash --rounds N` sets another number.
const ROUNDS: u64 = 20;
const WORKERS: usize = 4;
const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

/// How many answered requests of a round are asked again; all unanswered ones are.
const REPEATED: usize = 6;

/// What is known of a key: what was acknowledged last, and what was asked for since without an answer.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    acknowledged: Option<&'static str>,
    unanswered: Option<&'static str>,
}

/// What the workers did.
#[derive(Default)]
struct Ledger {
    /// The states by key id; deleted keys stay in with `"gone"`.
    states: Mutex<BTreeMap<String, Known>>,
    /// The requests of this round that can be sent twice.
    once: Mutex<Vec<Once>>,
}

/// A request with an idempotency key, and the key of its answer.
#[derive(Clone)]
struct Once {
    idempotency_key: String,
    path: String,
    body: Option<Value>,
    /// What a rotation replaces.
    before: Option<String>,
    answered: Option<String>,
}

#[test]
fn kills_lose_nothing_that_was_acknowledged() {
    let rounds = std::env::var("KEYWARD_ROUNDS").map_or(ROUNDS, |rounds| {
        rounds.parse().expect("KEYWARD_ROUNDS is a number")
    });
    let place = Directory::new();
    let (data, log) = (place.path().join("data"), place.path().join("log"));
    let mut program = Program::serve(&data, &log);
    let operator = std::fs::read_to_string(data.join("operator.key"))
        .expect("the key")
        .trim_end()
        .to_owned();
    let keyspace = json!({ "id": "shop", "profile": "esputnik" });
    let keyspace = program.json(&operator, "POST", "/v1/keyspaces", Some(keyspace));
    let root: PublicKey = keyspace["public_keys"][0]
        .as_str()
        .expect("a key")
        .parse()
        .expect("a public key");
    program.json(
        &operator,
        "POST",
        "/v1/keyspaces/shop/accounts",
        Some(json!({ "id": "acme" })),
    );

    let ledger = Ledger::default();
    let highest = AtomicU64::new(0);
    let (mut asked_again, mut unanswered) = (0, 0);
    for round in 0..rounds {
        let killed = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for worker in 0..WORKERS {
                let load = Load {
                    program: &program,
                    operator: &operator,
                    ledger: &ledger,
                    name: format!("round-{round}-worker-{worker}"),
                };
                let killed = &killed;
                scope.spawn(move || load.work(killed, worker));
            }
            scope.spawn(|| {
                while !killed.load(Ordering::SeqCst) {
                    if let Some(epoch) = published_epoch(&program, &operator, root) {
                        let before = highest.fetch_max(epoch, Ordering::SeqCst);
                        assert!(epoch >= before, "epoch {epoch} after {before}");
                    }
                }
            });
            // Not a wait for something: the moment of the kill, another one in every round.
            std::thread::sleep(Duration::from_micros(60_000 + round % 50 * 7_919));
            program.signal(Signal::KILL);
            killed.store(true, Ordering::SeqCst);
        });
        drop(program);
        let sound: String = rusqlite::Connection::open(data.join("keyward.db"))
            .and_then(|db| db.query_row("PRAGMA integrity_check", [], |row| row.get(0)))
            .expect("a readable file");
        assert_eq!(sound, "ok", "round {round}");
        program = Program::serve(&data, &log);
        let epoch = published_epoch(&program, &operator, root).expect("an answer");
        assert!(
            epoch >= highest.load(Ordering::SeqCst),
            "round {round}: the epoch went back"
        );
        settle(&program, &operator, &ledger, round);
        let (again, without) = ask_again(&program, &operator, &ledger, round);
        asked_again += again;
        unanswered += without;
    }
    let changes = ledger.states.lock().expect("no panic").len();
    assert!(changes > 50, "{changes} keys are no load");
    assert!(
        unanswered > 0,
        "no kill hit a request with an idempotency key"
    );
    audit_counts_every_epoch(&program, &operator);
    println!(
        "{rounds} kills, {changes} keys, {asked_again} requests sent again, {unanswered} of them unanswered"
    );
}

/// What one worker asks for.
struct Load<'a> {
    program: &'a Program,
    operator: &'a str,
    ledger: &'a Ledger,
    name: String,
}

impl Load<'_> {
    /// Makes keys and changes them until the server is gone.
    fn work(&self, killed: &AtomicBool, worker: usize) {
        let mut step = worker;
        while !killed.load(Ordering::SeqCst) && self.step(step).is_some() {
            step += 1;
        }
    }

    /// Makes a key and changes it in one of several ways; `None` where there was no answer.
    fn step(&self, step: usize) -> Option<()> {
        let body = json!({ "description": "load", "level": "full" });
        let made = self.once(&format!("create-{step}"), KEYS, Some(body), None)?;
        let id = made["record"]["id"].as_str().expect("an id").to_owned();
        self.note(&id, Some("active"), None);
        let changes: &[(&str, &str, &'static str)] = match step % 5 {
            0 => &[("POST", "/disable", "disabled")],
            1 => &[
                ("POST", "/disable", "disabled"),
                ("POST", "/enable", "active"),
            ],
            2 => &[("DELETE", "", "gone")],
            3 => &[
                ("POST", "/deactivate", "deactivated"),
                ("DELETE", "", "gone"),
            ],
            _ => {
                let key = made["key"].as_str().expect("a key").to_owned();
                let path = format!("{KEYS}/{id}/rotate");
                self.once(&format!("rotate-{step}"), &path, None, Some(key))?;
                &[]
            }
        };
        for (method, verb, state) in changes {
            let before = self.ledger.states.lock().expect("no panic")[&id].acknowledged;
            self.note(&id, before, Some(*state));
            let path = format!("{KEYS}/{id}{verb}");
            let (status, body) = self.program.call(self.operator, method, &path, None)?;
            let said = String::from_utf8_lossy(&body);
            assert!(status == 200 || status == 204, "{status} {said}");
            self.note(&id, Some(*state), None);
        }
        Some(())
    }

    /// A request that can be sent again.
    fn once(
        &self,
        what: &str,
        path: &str,
        body: Option<Value>,
        before: Option<String>,
    ) -> Option<Value> {
        let once = Once {
            idempotency_key: format!("{}-{what}", self.name),
            path: path.to_owned(),
            body,
            before,
            answered: None,
        };
        let place = {
            let mut all = self.ledger.once.lock().expect("no panic");
            all.push(once.clone());
            all.len() - 1
        };
        let made = once.send(self.program, self.operator)?;
        let key = made["key"].as_str().expect("a key").to_owned();
        self.ledger.once.lock().expect("no panic")[place].answered = Some(key);
        Some(made)
    }

    fn note(&self, id: &str, acknowledged: Option<&'static str>, unanswered: Option<&'static str>) {
        let known = Known {
            acknowledged,
            unanswered,
        };
        let mut states = self.ledger.states.lock().expect("no panic");
        states.insert(id.to_owned(), known);
    }
}

impl Once {
    fn send(&self, program: &Program, operator: &str) -> Option<Value> {
        let headers = [("idempotency-key", &*self.idempotency_key)];
        let (status, body) =
            program.call_with(operator, "POST", &self.path, &headers, self.body.clone())?;
        let said = String::from_utf8_lossy(&body);
        assert!(
            status == 200 || status == 201,
            "{}: {status} {said}",
            self.path
        );
        Some(serde_json::from_slice(&body).expect("JSON"))
    }
}

/// Holds the server to the ledger, and writes down how what was unanswered turned out.
fn settle(program: &Program, operator: &str, ledger: &Ledger, round: u64) {
    let found = all_keys(program, operator);
    for (id, known) in ledger.states.lock().expect("no panic").iter_mut() {
        let state = found.get(id).map_or("gone", String::as_str);
        let possible = [known.acknowledged, known.unanswered];
        let Some(state) = possible
            .into_iter()
            .flatten()
            .find(|possible| *possible == state)
        else {
            panic!("round {round}: {id} is {state}, and {known:?} was known");
        };
        *known = Known {
            acknowledged: Some(state),
            unanswered: None,
        };
    }
}

/// Sends again what had no answer, and some of what had: there is one answer to each, and a rotated key has one secret.
/// How many were sent, and how many of them had had no answer.
fn ask_again(program: &Program, operator: &str, ledger: &Ledger, round: u64) -> (usize, usize) {
    let all = std::mem::take(&mut *ledger.once.lock().expect("no panic"));
    let (answered, unanswered): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|once| once.answered.is_some());
    let last = answered.len().saturating_sub(REPEATED);
    let again: Vec<_> = unanswered.iter().chain(&answered[last..]).collect();
    for once in &again {
        let what = format!("round {round}: {}", once.idempotency_key);
        let first = once.send(program, operator).expect("an answer");
        let second = once.send(program, operator).expect("an answer");
        assert_eq!(first["key"], second["key"], "{what}");
        assert_eq!(first["record"]["id"], second["record"]["id"], "{what}");
        let key = first["key"].as_str().expect("shown to whoever holds both");
        if let Some(answered) = &once.answered {
            assert_eq!(key, answered, "{what}");
        }
        if let Some(before) = &once.before {
            assert_eq!(
                verify(program, operator, key),
                None,
                "{what}: the new secret"
            );
            assert_eq!(
                verify(program, operator, before).as_deref(),
                Some("unknown_key"),
                "{what}: the one before"
            );
        }
    }
    (again.len(), unanswered.len())
}

/// Why a key is refused; `None` where it is not.
fn verify(program: &Program, operator: &str, key: &str) -> Option<String> {
    let ask = json!({ "key": key, "method": "GET", "path": "/api/v1/contacts" });
    let decision = program.json(operator, "POST", "/v1/keyspaces/shop/verify", Some(ask));
    decision["reason"].as_str().map(str::to_owned)
}

fn all_keys(program: &Program, operator: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut path = format!("{KEYS}?limit=100");
    loop {
        let page = program.json(operator, "GET", &path, None);
        for key in page["data"].as_array().expect("a list") {
            let text = |name: &str| key[name].as_str().expect("a text").to_owned();
            found.insert(text("id"), text("status"));
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("{KEYS}?limit=100&cursor={cursor}"),
            None => return found,
        }
    }
}

fn published_epoch(program: &Program, operator: &str, root: PublicKey) -> Option<u64> {
    let (status, head) = program.call(operator, "GET", "/v1/keyspaces/shop/head", None)?;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&head));
    Some(
        Head::open(&head, &[root], Some("shop"))
            .expect("a signed head")
            .epoch,
    )
}

/// Every change has its audit row, and every epoch its change: none lost, none doubled, none half done.
fn audit_counts_every_epoch(program: &Program, operator: &str) {
    let mut epochs = Vec::new();
    let mut path = "/v1/keyspaces/shop/audit?limit=100".to_owned();
    loop {
        let page = program.json(operator, "GET", &path, None);
        epochs.extend(
            page["data"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|entry| entry["epoch"].as_u64()),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/keyspaces/shop/audit?limit=100&cursor={cursor}"),
            None => break,
        }
    }
    let expected = (1..=epochs[0]).rev().collect::<Vec<_>>();
    assert_eq!(epochs, expected);
    let check = program.json(operator, "GET", "/v1/audit/check", None);
    assert_eq!(check["intact"], true, "{check}");
}
