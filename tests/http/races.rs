//! Two hundred clients that want the same: exactly one gets it, every time (threat 36).

use std::collections::BTreeMap;
use std::sync::Barrier;

use serde_json::{Value, json};

use crate::server::{Answer, Server};

const CLIENTS: usize = 200;

/// How often; a campaign sets another number (`KEYWARD_ROUNDS`).
fn rounds() -> usize {
    std::env::var("KEYWARD_ROUNDS").map_or(3, |rounds| {
        rounds.parse().expect("KEYWARD_ROUNDS is a number")
    })
}

/// The answers to what so many clients ask for at the same time.
fn at_once(clients: usize, ask: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
    let start = Barrier::new(clients);
    std::thread::scope(|scope| {
        let asking = (0..clients).map(|client| {
            let (start, ask) = (&start, &ask);
            scope.spawn(move || {
                start.wait();
                ask(client)
            })
        });
        let asking = asking.collect::<Vec<_>>().into_iter();
        asking
            .map(|client| client.join().expect("an answer"))
            .collect()
    })
}

/// The one answer that grants it. The others are told that it is taken, or to come again: never anything else.
fn exactly_one(answers: Vec<Answer>, code: &str) -> Value {
    let mut told = BTreeMap::new();
    let mut granted = Vec::new();
    for answer in answers {
        *told.entry(answer.status).or_insert(0) += 1;
        match answer.status {
            201 => granted.push(answer.json()),
            503 => drop(answer.problem(503, "unavailable")),
            _ => drop(answer.problem(409, code)),
        }
    }
    assert_eq!(granted.len(), 1, "{told:?}");
    granted.remove(0)
}

fn shop(profile: &str) -> Server {
    let server = Server::start();
    let keyspace = json!({ "id": "shop", "profile": profile });
    server
        .call("POST", "/v1/keyspaces", Some(keyspace))
        .expect(201);
    server.account("shop", "acme");
    server
}

const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

/// How many keys the account has.
fn count(server: &Server) -> usize {
    let (mut count, mut path) = (0, format!("{KEYS}?limit=100"));
    loop {
        let page = server.call("GET", &path, None).expect(200).json();
        count += page["data"].as_array().expect("a list").len();
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("{KEYS}?limit=100&cursor={cursor}"),
            None => return count,
        }
    }
}

#[test]
fn two_hundred_clients_create_one_name() {
    let server = shop("emailit");
    for round in 0..rounds() {
        let name = format!("CRM {round}");
        let answers = at_once(CLIENTS, |client| {
            // As people read it, it is one name.
            let name = if client % 2 == 0 {
                name.clone()
            } else {
                name.to_lowercase()
            };
            let body = json!({ "name": name, "level": "full" });
            server.call("POST", KEYS, Some(body))
        });
        exactly_one(answers, "already_exists");
        assert_eq!(count(&server), round + 1);
    }
}

#[test]
fn two_hundred_clients_create_a_key_for_one_address_and_level() {
    let server = shop("smashfly");
    for round in 0..rounds() {
        let answers = at_once(CLIENTS, |client| {
            let name = if client % 2 == 0 { "ann" } else { "ANN" };
            let body = json!({
                "contact_email": format!("{name}.{round}@example.org"),
                "level": "list",
                "expires_in_days": 90,
            });
            server.call("POST", KEYS, Some(body))
        });
        exactly_one(answers, "already_exists");
        assert_eq!(count(&server), round + 1);
    }
}

#[test]
fn clients_that_rotate_against_clients_that_deactivate() {
    let server = shop("keyward");
    let refusal = |key: &Value| {
        let ask = json!({ "key": key, "method": "GET", "path": "/" });
        let decision = server.call("POST", "/v1/keyspaces/shop/verify", Some(ask));
        decision.expect(200).json()["reason"].clone()
    };
    for round in 0..rounds() {
        let body = json!({ "name": format!("CRM {round}"), "level": "full" });
        let made = server.call("POST", KEYS, Some(body)).expect(201).json();
        let key = format!("{KEYS}/{}", made["record"]["id"].as_str().expect("an id"));
        let answers = at_once(20, |client| {
            let verb = if client == 10 { "deactivate" } else { "rotate" };
            server.call("POST", &format!("{key}/{verb}"), None)
        });
        let mut secrets = vec![made["key"].clone()];
        for answer in answers {
            match answer.status {
                200 => secrets.push(answer.json()["key"].clone()),
                503 => drop(answer.problem(503, "unavailable")),
                _ => {
                    let problem: Value = answer.json();
                    let code = problem["code"].as_str().unwrap_or_default();
                    assert!(["deactivated", "conflict"].contains(&code), "{problem}");
                }
            }
        }
        // Whoever was too slow for a place says so again.
        server
            .call("POST", &format!("{key}/deactivate"), None)
            .expect(200);
        let record = server.call("GET", &key, None).expect(200).json();
        assert_eq!(record["status"], "deactivated");
        for secret in secrets.iter().filter(|secret| secret.is_string()) {
            let reason = refusal(secret);
            assert!(
                ["deactivated", "unknown_key"].contains(&reason.as_str().unwrap_or_default()),
                "{reason}"
            );
        }
    }
}

#[test]
fn a_request_that_two_hundred_clients_send_again_makes_one_key() {
    let server = shop("keyward");
    for round in 0..rounds() {
        let once = format!("round {round}").replace(' ', "-");
        let authorization = format!("Bearer {}", server.operator);
        let headers = [
            ("authorization", &*authorization),
            ("content-type", "application/json"),
            ("idempotency-key", &*once),
        ];
        let body = json!({ "name": format!("CRM {round}"), "level": "full" }).to_string();
        let answers = at_once(CLIENTS, |_| {
            server.send("POST", KEYS, &headers, body.as_bytes())
        });
        let mut keys = Vec::new();
        for answer in answers {
            match answer.status {
                201 => keys.push(answer.json()["key"].clone()),
                _ => drop(answer.problem(503, "unavailable")),
            }
        }
        keys.dedup();
        assert!(keys.len() == 1 && keys[0].is_string(), "{}", keys.len());
        assert_eq!(count(&server), round + 1);
    }
}
