//! Credentials that are revoked, or end, while the body of their request is on its way (threat 36): what comes of it is
//! what an unknown credential gets, and nothing is changed.

use serde_json::{Value, json};

use crate::server::{Server, text};
use crate::slow::{Late, Slow};

const ACCOUNT: &str = "/v1/keyspaces/shop/accounts/acme";
const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";
const USAGE: &str = "/v1/keyspaces/shop/usage";
const VERIFY: &str = "/v1/keyspaces/shop/verify";

fn server() -> Server {
    let server = Server::start();
    server.keyspace("shop", "acme");
    server
}

/// A credential of the account or keyspace, and the path at which it is removed.
fn made(server: &Server, path: &str, member: &str, body: Value) -> (String, String) {
    let made = server.call("POST", path, Some(body)).expect(201).json();
    let record = if made["operator"].is_object() {
        &made["operator"]
    } else {
        &made["record"]
    };
    (
        text(&made[member]),
        format!("{path}/{}", text(&record["id"])),
    )
}

fn operator(server: &Server, rights: &[&str]) -> (String, String) {
    let body = json!({ "name": "somebody", "rights": rights });
    made(server, "/v1/keyspaces/shop/operators", "key", body)
}

fn begin(server: &Server, credential: &str, method: &str, path: &str, body: &Value) -> Slow {
    let authorization = format!("Bearer {credential}");
    Slow::begin(server, &authorization, method, path, &[], body)
}

/// Holds an answer to be the one that an unknown credential gets.
#[track_caller]
fn is_a_strangers(server: &Server, late: &Late) {
    let unknown = "kw_op_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";
    let expected = server.call_as(Some(unknown), "GET", "/v1/me", None);
    assert_eq!(
        (late.status, &late.body),
        (401, &expected.text()),
        "{}",
        late.head
    );
    let challenge = expected.header("www-authenticate").to_ascii_lowercase();
    assert!(late.head.contains(&challenge), "{}", late.head);
    expected.problem(401, "invalid_credential");
}

/// How much has happened to the keyspace.
fn entries(server: &Server) -> usize {
    let path = "/v1/keyspaces/shop/audit?limit=100";
    let page = server.call("GET", path, None).expect(200).json();
    page["data"].as_array().expect("a list").len()
}

#[test]
fn an_operator_that_is_removed_meanwhile_changes_nothing() {
    let server = server();
    let (_, key) = server.key("shop", "acme", "full");
    let one = format!("{KEYS}/{key}");
    let rights = ["accounts.write", "keys.read", "keys.write", "tokens.write"];
    let new = json!({ "description": "late", "level": "full" });
    for (method, path, body) in [
        ("POST", KEYS, &new),
        ("PATCH", &one, &json!({ "level": "events" })),
        ("POST", &format!("{one}/rotate"), &json!({})),
        ("POST", &format!("{one}/disable"), &json!({})),
        ("PATCH", ACCOUNT, &json!({ "name": "late" })),
        (
            "POST",
            "/v1/keyspaces/shop/accounts",
            &json!({ "id": "late" }),
        ),
        // Nor is anybody told what else is wrong.
        ("POST", KEYS, &json!({ "level": "none" })),
        ("PATCH", ACCOUNT, &json!({ "keys_enabled": "perhaps" })),
    ] {
        let (credential, removed_at) = operator(&server, &rights);
        let slow = begin(&server, &credential, method, path, body);
        server.call("DELETE", &removed_at, None).expect(204);
        let before = entries(&server);
        is_a_strangers(&server, &slow.end());
        assert_eq!(entries(&server), before, "{method} {path}");
    }
    let keys = server.call("GET", KEYS, None).expect(200).json();
    assert_eq!(keys["data"].as_array().map(Vec::len), Some(1));
    // With the same pause, and its credential as it was, a request does what it says.
    let (credential, _) = operator(&server, &rights);
    let slow = begin(&server, &credential, "POST", KEYS, &new);
    server.account("shop", "meanwhile");
    let late = slow.end();
    assert_eq!(late.status, 201, "{}", late.body);
}

#[test]
fn the_key_of_an_operator_that_got_another_one_changes_nothing() {
    let server = server();
    let (credential, place) = operator(&server, &["operators.read", "operators.write"]);
    let rotate = format!("{place}/rotate");
    let slow = begin(&server, &credential, "POST", &rotate, &json!({}));
    let next = server.call("POST", &rotate, None).expect(200).json();
    is_a_strangers(&server, &slow.end());
    // Its own key, with the one that holds, slowly too.
    let slow = begin(&server, &text(&next["key"]), "POST", &rotate, &json!({}));
    let late = slow.end();
    assert_eq!(late.status, 200, "{}", late.body);
}

#[test]
fn a_portal_link_that_is_ended_meanwhile_makes_no_key() {
    let server = server();
    let links = format!("{ACCOUNT}/portal-links");
    let body = json!({ "description": "late", "level": "full" });
    let (token, ended_at) = made(&server, &links, "token", json!({}));
    let slow = begin(&server, &token, "POST", KEYS, &body);
    server.call("DELETE", &ended_at, None).expect(204);
    is_a_strangers(&server, &slow.end());

    // One that ends by itself.
    let (token, _) = made(
        &server,
        &links,
        "token",
        json!({ "expires_in_seconds": 60 }),
    );
    let slow = begin(&server, &token, "POST", KEYS, &body);
    server.clock.advance(60_000);
    is_a_strangers(&server, &slow.end());
    let keys = server.call("GET", KEYS, None).expect(200).json();
    assert_eq!(keys["data"], json!([]));
}

#[test]
fn an_edge_token_that_is_removed_meanwhile_reports_nothing() {
    let server = server();
    let (key, id) = server.key("shop", "acme", "full");
    let tokens = "/v1/keyspaces/shop/tokens";
    let rights = json!({ "rights": ["usage.write", "keys.verify"] });
    let report = json!({
        "batch": "late", "keys": [{ "id": id, "count": 3, "last_used_at": "2026-11-21T20:14:00Z" }],
    });
    for (path, body) in [
        (USAGE, &report),
        (VERIFY, &json!({ "key": key })),
        ("/v1/keyspaces/shop/explain", &json!({ "key": key })),
    ] {
        let (token, removed_at) = made(&server, tokens, "token", rights.clone());
        let slow = begin(&server, &token, "POST", path, body);
        server.call("DELETE", &removed_at, None).expect(204);
        is_a_strangers(&server, &slow.end());
    }
    let usage = server.call("GET", USAGE, None).expect(200).json();
    assert_eq!(usage["data"], json!([]));
}

#[test]
fn an_answer_is_not_given_again_to_whom_was_removed_meanwhile() {
    let server = server();
    let (credential, removed_at) = operator(&server, &["keys.read", "keys.write"]);
    let authorization = format!("Bearer {credential}");
    let body = json!({ "description": "once", "level": "full" });
    let begin = || {
        let once = [("Idempotency-Key", "8e03978e-40d5-43e8-bc93-6894a57f9324")];
        Slow::begin(&server, &authorization, "POST", KEYS, &once, &body)
    };
    let first = begin().end();
    assert_eq!(first.status, 201, "{}", first.body);
    let again = begin().end();
    assert_eq!((again.status, &again.body), (201, &first.body));
    let slow = begin();
    server.call("DELETE", &removed_at, None).expect(204);
    is_a_strangers(&server, &slow.end());
}
