//! Threat 1: SIGKILL at any moment under load. What was acknowledged is there, what was refused or never answered is
//! wholly there or wholly not, the file is sound, and no edge ever sees the epoch go back.

mod program;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use keyward::snapshot::{Head, PublicKey};
use program::directory::Directory;
use program::{Program, Signal};
use serde_json::{Value, json};

const ROUNDS: u64 = 20;
const WORKERS: usize = 4;
const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

/// What is known of a key: what was acknowledged last, and what was asked for since without an answer.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    acknowledged: Option<&'static str>,
    unanswered: Option<&'static str>,
}

/// The states by key id; deleted keys stay in with `"gone"`.
type Ledger = Mutex<BTreeMap<String, Known>>;

#[test]
fn twenty_kills_lose_nothing_that_was_acknowledged() {
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
    for round in 0..ROUNDS {
        let killed = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for worker in 0..WORKERS {
                let (program, operator, ledger, killed) = (&program, &*operator, &ledger, &killed);
                scope.spawn(move || work(program, operator, ledger, killed, worker));
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
            std::thread::sleep(Duration::from_micros(60_000 + round * 7_919));
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
    }
    let changes = ledger.lock().expect("no panic").len();
    assert!(changes > 50, "{changes} keys are no load");
    audit_counts_every_epoch(&program, &operator);
}

/// Makes keys and changes them until the server is gone.
fn work(program: &Program, operator: &str, ledger: &Ledger, killed: &AtomicBool, worker: usize) {
    let mut step = worker;
    while !killed.load(Ordering::SeqCst) {
        let body = json!({ "description": "load", "level": "full" });
        // A creation without an answer leaves a key that nobody knows: found by its account, and harmless.
        let Some((status, body)) = program.call(operator, "POST", KEYS, Some(body)) else {
            return;
        };
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
        let created: Value = serde_json::from_slice(&body).expect("JSON");
        let id = created["record"]["id"].as_str().expect("an id").to_owned();
        note(
            ledger,
            &id,
            Known {
                acknowledged: Some("active"),
                unanswered: None,
            },
        );
        step += 1;
        let changes: &[(&str, &str, &'static str)] = match step % 4 {
            0 => &[("POST", "/disable", "disabled")],
            1 => &[
                ("POST", "/disable", "disabled"),
                ("POST", "/enable", "active"),
            ],
            2 => &[("DELETE", "", "gone")],
            _ => &[
                ("POST", "/deactivate", "deactivated"),
                ("DELETE", "", "gone"),
            ],
        };
        for (method, verb, state) in changes {
            let before = ledger.lock().expect("no panic")[&id].acknowledged;
            note(
                ledger,
                &id,
                Known {
                    acknowledged: before,
                    unanswered: Some(*state),
                },
            );
            let Some((status, body)) =
                program.call(operator, method, &format!("{KEYS}/{id}{verb}"), None)
            else {
                return;
            };
            assert!(
                status == 200 || status == 204,
                "{status} {}",
                String::from_utf8_lossy(&body)
            );
            note(
                ledger,
                &id,
                Known {
                    acknowledged: Some(*state),
                    unanswered: None,
                },
            );
        }
    }
}

fn note(ledger: &Ledger, id: &str, known: Known) {
    ledger
        .lock()
        .expect("no panic")
        .insert(id.to_owned(), known);
}

/// Holds the server to the ledger, and writes down how what was unanswered turned out.
fn settle(program: &Program, operator: &str, ledger: &Ledger, round: u64) {
    let found = all_keys(program, operator);
    for (id, known) in ledger.lock().expect("no panic").iter_mut() {
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
}
