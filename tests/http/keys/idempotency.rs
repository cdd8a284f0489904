//! `Idempotency-Key`: sent twice, done once, and the answer again for whoever has both keys.

use serde_json::json;

use super::{KEYS, crm, make, post, server};
use crate::server::{Answer, Server, text};

const UUID: &str = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const DAY: i64 = 24 * 60 * 60 * 1000;

fn count(server: &Server) -> usize {
    let list = server.call("GET", KEYS, None).expect(200).json();
    list["data"].as_array().expect("a list").len()
}

fn once(server: &Server, path: &str, body: &serde_json::Value) -> Answer {
    post(server, path, &[("idempotency-key", UUID)], body)
}

#[test]
fn the_same_request_makes_one_key_and_gets_the_same_bytes() {
    let server = server("esputnik");
    let first = once(&server, KEYS, &crm()).expect(201);
    assert_eq!(first.header("idempotency-replayed"), "");
    server.clock.advance(60_000);
    // What has become of the key since is no part of the answer.
    let path = format!("{KEYS}/{}", text(&first.json()["record"]["id"]));
    let body = json!({ "description": "another" });
    server.call("PATCH", &path, Some(body)).expect(200);
    let second = once(&server, KEYS, &crm()).expect(201);
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(second.header("cache-control"), "no-store");
    for header in ["etag", "location", "content-type"] {
        assert_eq!(second.header(header), first.header(header), "{header}");
    }
    assert_eq!(second.body, first.body, "to the byte");
    assert_eq!(count(&server), 1);
}

#[test]
fn another_body_under_the_same_key_is_refused() {
    let server = server("esputnik");
    once(&server, KEYS, &crm()).expect(201);
    let mut other = crm();
    other["level"] = json!("full");
    once(&server, KEYS, &other).problem(422, "idempotency_mismatch");
    assert_eq!(count(&server), 1);
}

#[test]
fn another_caller_another_place_and_another_key_are_other_requests() {
    let server = server("esputnik");
    server.account("shop", "rival");
    let first = once(&server, KEYS, &crm()).expect(201);
    let rival = "/v1/keyspaces/shop/accounts/rival/keys";
    let elsewhere = once(&server, rival, &crm()).expect(201);
    assert_ne!(elsewhere.json()["key"], first.json()["key"]);

    let colleague = server.operator("shop", None, &["keys.read", "keys.write"]);
    let authorization = format!("Bearer {colleague}");
    let headers = [
        ("authorization", &*authorization),
        ("content-type", "application/json"),
        ("idempotency-key", UUID),
    ];
    let theirs = server
        .send("POST", KEYS, &headers, crm().to_string())
        .expect(201);
    assert_ne!(theirs.json()["key"], first.json()["key"]);
    let other = post(&server, KEYS, &[("idempotency-key", "another")], &crm()).expect(201);
    assert_ne!(other.json()["key"], first.json()["key"]);
    let none = post(&server, KEYS, &[], &crm()).expect(201);
    assert_ne!(none.json()["key"], first.json()["key"]);
    assert_eq!(count(&server), 4);
}

#[test]
fn a_refusal_is_not_remembered_and_a_day_later_nothing_is() {
    let server = server("esputnik");
    once(&server, KEYS, &json!({ "level": "events" })).problem(400, "invalid_field");
    let first = once(&server, KEYS, &crm()).expect(201);
    server.clock.advance(DAY - 1);
    assert_eq!(once(&server, KEYS, &crm()).expect(201).body, first.body);
    server.clock.advance(1);
    let later = once(&server, KEYS, &crm()).expect(201);
    assert_ne!(later.json()["key"], first.json()["key"]);
    assert_eq!(count(&server), 2);
}

#[test]
fn rotation_happens_once_too() {
    let server = server("optimove");
    let body = json!({ "nickname": "crm", "contact_email": "ann@example.com", "level": "admin" });
    let (path, created) = make(&server, body);
    let rotate = format!("{path}/rotate");
    let body = json!({ "grace_seconds": 60 });
    let headers = [("idempotency-key", UUID), ("if-match", "\"1\"")];
    let first = post(&server, &rotate, &headers, &body).expect(200);
    // The tag of the first time no longer fits, and yet the answer is the same.
    let second = post(&server, &rotate, &headers, &body).expect(200);
    assert_eq!(second.body, first.body);
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_ne!(first.json()["key"], created["key"]);
    post(&server, &rotate, &headers, &json!({ "grace_seconds": 61 }))
        .problem(422, "idempotency_mismatch");
    for other in [&[("if-match", "\"2\"")][..], &[("if-match", "*")], &[]] {
        let headers = [&[("idempotency-key", UUID)], other].concat();
        post(&server, &rotate, &headers, &body).problem(422, "idempotency_mismatch");
    }
    let record = server.call("GET", &path, None).expect(200).json();
    assert_eq!(record["revision"], 2);
}

#[test]
fn two_at_the_same_time_make_one_key() {
    let server = server("esputnik");
    let bodies = std::thread::scope(|scope| {
        let calls = (0..16).map(|_| scope.spawn(|| once(&server, KEYS, &crm()).expect(201).body));
        let calls = calls.collect::<Vec<_>>();
        calls
            .into_iter()
            .map(|call| call.join().expect("an answer"))
            .collect::<Vec<_>>()
    });
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(count(&server), 1);
}

#[test]
fn only_visible_characters_are_a_key() {
    let server = server("esputnik");
    let long = "k".repeat(256);
    for malformed in ["", "a b", &long, "schlüssel"] {
        post(&server, KEYS, &[("idempotency-key", malformed)], &crm())
            .problem(400, "invalid_header");
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "a")];
    post(&server, KEYS, &twice, &crm()).problem(400, "invalid_header");
    assert_eq!(count(&server), 0);
    let longest = "k".repeat(255);
    post(&server, KEYS, &[("idempotency-key", &longest)], &crm()).expect(201);
}
