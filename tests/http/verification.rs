//! `verify` and `explain`: the edge's own engine, asked over HTTP.

use serde_json::{Value, json};

use crate::server::{Server, text};

const VERIFY: &str = "/v1/keyspaces/shop/verify";
const EXPLAIN: &str = "/v1/keyspaces/shop/explain";
const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

fn server() -> Server {
    let server = Server::start();
    server.keyspace("shop", "acme");
    server
}

fn ask(server: &Server, path: &str, body: Value) -> Value {
    server.call("POST", path, Some(body)).expect(200).json()
}

#[test]
fn an_allowed_key_is_told_whole() {
    let server = server();
    let body = json!({
        "description": "CRM", "level": "events", "expires_in_days": 30, "subject": "user-7",
        "meta": { "plan": "pro" }, "rate": { "limit": 5, "window_seconds": 60 },
    });
    let created = server.call("POST", KEYS, Some(body)).expect(201).json();
    let decision = ask(
        &server,
        VERIFY,
        json!({ "key": created["key"], "method": "POST", "path": "/api/v1/event" }),
    );
    assert_eq!(
        decision,
        json!({
            "allowed": true, "key_id": created["record"]["id"], "account": "acme", "subject": "user-7",
            "meta": { "plan": "pro" }, "level": "events", "scopes": ["basics", "events"], "constraints": {},
            "expires_at": "2026-12-21T20:14:00.000Z",
            "rate": { "limit": 5, "window_seconds": 60, "remaining": 4, "reset_ms": 12_000, "retry_after_ms": 0 },
        })
    );
}

#[test]
fn a_denied_key_is_told_why_and_nothing_of_itself() {
    let server = server();
    let (key, _) = server.key("shop", "acme", "events");
    let mistyped = format!(
        "{}{}",
        &key[..38],
        if key.ends_with('0') { '1' } else { '0' }
    );
    for (body, reason, status) in [
        (
            json!({ "key": key, "method": "GET", "path": "/api/v1/contacts" }),
            "insufficient_scope",
            403,
        ),
        (
            json!({ "key": key, "method": "GET", "path": "/api//v1" }),
            "malformed_path",
            400,
        ),
        (
            json!({ "key": key, "scope": "contacts.read" }),
            "insufficient_scope",
            403,
        ),
        (
            json!({ "key": key, "scope": "nothing" }),
            "insufficient_scope",
            403,
        ),
        (json!({ "key": mistyped }), "bad_checksum", 401),
        (
            json!({ "key": "es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17" }),
            "unknown_key",
            401,
        ),
        (json!({ "key": "" }), "malformed_key", 401),
        (json!({ "key": "x".repeat(10_000) }), "malformed_key", 401),
        (json!({ "key": "es_\u{0}\u{202e}" }), "malformed_key", 401),
    ] {
        let decision = ask(&server, VERIFY, body);
        assert_eq!(
            decision,
            json!({ "allowed": false, "reason": reason, "status": status })
        );
    }
}

#[test]
fn explaining_names_the_rule_and_the_step_that_decided() {
    let server = server();
    let (key, id) = server.key("shop", "acme", "events");
    let body = json!({ "key": key, "method": "GET", "path": "/api/v1/contacts" });
    let answer = server.call("POST", EXPLAIN, Some(body)).expect(200);
    assert!(!String::from_utf8_lossy(&answer.body).contains(&key));
    let told = answer.json();
    assert_eq!(
        (&told["verdict"], &told["reason"], &told["status"]),
        (&json!("deny"), &json!("insufficient_scope"), &json!(403))
    );
    assert_eq!(
        (&told["key_id"], &told["level"]),
        (&json!(id), &json!("events"))
    );
    assert_eq!(
        told["route"],
        json!({ "method": "GET", "pattern": "/api/contacts", "scope": "contacts.read" })
    );
    let steps = told["steps"].as_array().expect("steps").clone();
    let failed = steps.iter().filter(|step| step["outcome"] == "fail");
    let failed = failed.map(|step| text(&step["step"])).collect::<Vec<_>>();
    assert_eq!(failed, ["scope"], "{told}");
    let unknown = ask(&server, EXPLAIN, json!({ "key": "nonsense" }));
    assert_eq!(
        (&unknown["key_id"], &unknown["route"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn explaining_takes_nothing_and_is_no_use() {
    let server = server();
    let body = json!({
        "description": "CRM", "level": "events", "rate": { "limit": 1, "window_seconds": 60 },
    });
    let created = server.call("POST", KEYS, Some(body)).expect(201).json();
    let question = json!({ "key": created["key"] });
    for _ in 0..3 {
        assert_eq!(ask(&server, EXPLAIN, question.clone())["verdict"], "allow");
    }
    server.call("POST", "/v1/maintain", None).expect(200);
    let path = format!("{KEYS}/{}", text(&created["record"]["id"]));
    let record = || server.call("GET", &path, None).expect(200).json();
    assert_eq!(record()["last_used_at"], Value::Null);
    assert_eq!(ask(&server, VERIFY, question.clone())["allowed"], true);
    assert_eq!(ask(&server, VERIFY, question)["reason"], "rate_limited");
    server.call("POST", "/v1/maintain", None).expect(200);
    assert_eq!(record()["last_used_at"], "2026-11-21T20:14:00.000Z");
}

#[test]
fn networks_are_held_against_the_client() {
    let server = Server::start();
    server.keyspace_of("keyward", "shop", "acme");
    let body = json!({
        "name": "office", "level": "full", "constraints": { "ip": ["192.0.2.0/24", "2001:db8::/32"] },
    });
    let created = server.call("POST", KEYS, Some(body)).expect(201).json();
    let from = |address: Value| {
        let body = json!({ "key": created["key"], "client_address": address });
        ask(&server, VERIFY, body)
    };
    let allowed = from(json!("192.0.2.7"));
    assert_eq!(
        allowed["constraints"],
        json!({ "ip": ["192.0.2.0/24", "2001:db8::/32"] })
    );
    assert_eq!(from(json!("2001:db8::1"))["allowed"], true);
    for other in [json!("198.51.100.7"), json!("::1"), Value::Null] {
        assert_eq!(from(other)["reason"], "constraint_violated");
    }
    let body = json!({ "key": created["key"], "client_address": "office" });
    server
        .call("POST", VERIFY, Some(body))
        .problem(400, "invalid_field");
}

#[test]
fn questions_are_read_strictly() {
    let server = server();
    let refused = |body: Value, code: &str| {
        for path in [VERIFY, EXPLAIN] {
            server
                .call("POST", path, Some(body.clone()))
                .problem(400, code);
        }
    };
    refused(json!({}), "invalid_json");
    refused(json!({ "key": 7 }), "invalid_json");
    refused(json!({ "key": "k", "account": "acme" }), "invalid_json");
    refused(
        json!({ "key": "k", "context": { "channel": null } }),
        "invalid_json",
    );
    refused(json!({ "key": "k", "cost": -1 }), "invalid_json");
    refused(json!({ "key": "k", "method": "GET" }), "invalid_field");
    refused(json!({ "key": "k", "path": "/" }), "invalid_field");
    refused(
        json!({ "key": "k", "method": "GET", "path": "/", "scope": "events" }),
        "invalid_field",
    );
    let body = json!({ "key": "k" });
    server
        .call("POST", "/v1/keyspaces/none/verify", Some(body))
        .problem(404, "not_found");
}

#[test]
fn an_edge_token_verifies_in_its_own_keyspace_alone() {
    let server = server();
    server.keyspace("club", "acme");
    let (key, _) = server.key("shop", "acme", "full");
    let token = server.token("shop", &["keys.verify"]);
    let reader = server.token("shop", &["snapshot.read", "usage.write"]);
    let as_edge = |token: &str, path: &str| {
        let body = json!({ "key": key });
        server.call_as(Some(token), "POST", path, Some(body))
    };
    assert_eq!(as_edge(&token, VERIFY).expect(200).json()["allowed"], true);
    as_edge(&token, EXPLAIN).expect(200);
    as_edge(&token, "/v1/keyspaces/club/verify").problem(404, "not_found");
    as_edge(&reader, VERIFY).problem(403, "missing_right");
    let club = json!({ "key": key });
    let elsewhere = server.call("POST", "/v1/keyspaces/club/verify", Some(club));
    assert_eq!(elsewhere.expect(200).json()["reason"], "unknown_key");
}

#[test]
fn a_change_binds_the_very_next_decision() {
    let server = server();
    let (key, id) = server.key("shop", "acme", "full");
    let decide = || ask(&server, VERIFY, json!({ "key": key }))["reason"].clone();
    for _ in 0..3 {
        assert_eq!(decide(), Value::Null);
        server
            .call("POST", &format!("{KEYS}/{id}/disable"), None)
            .expect(200);
        assert_eq!(decide(), "disabled");
        server
            .call("POST", &format!("{KEYS}/{id}/enable"), None)
            .expect(200);
    }
    server
        .call("DELETE", &format!("{KEYS}/{id}"), None)
        .expect(204);
    assert_eq!(decide(), "unknown_key");
}
