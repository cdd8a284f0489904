//! Another secret under the same id, with or without a time in which both count.

use serde_json::{Value, json};

use super::{KEYS, make, post, server};
use crate::server::{Server, text};

const VERIFY: &str = "/v1/keyspaces/shop/verify";
const MINUTE: i64 = 60_000;

fn application() -> Value {
    json!({ "nickname": "crm", "contact_email": "ann@example.com", "level": "admin" })
}

/// Whether the server takes the key, or why it does not.
fn verdict(server: &Server, key: &Value) -> String {
    let body = json!({ "key": key });
    let decision = server.call("POST", VERIFY, Some(body)).expect(200).json();
    decision["reason"].as_str().unwrap_or("allowed").to_owned()
}

#[test]
fn o22_a_key_is_regenerated_with_an_overlap() {
    let server = server("optimove");
    let (path, created) = make(&server, application());
    server.clock.advance(1000);
    let body = json!({ "grace_seconds": 60 });
    let rotated = post(&server, &format!("{path}/rotate"), &[], &body).expect(200);
    assert_eq!(rotated.header("cache-control"), "no-store");
    let rotated = rotated.json();
    assert_ne!(rotated["key"], created["key"]);
    let record = &rotated["record"];
    assert_eq!(record["id"], created["record"]["id"], "the same key");
    assert_eq!(record["rotated_at"], "2026-11-21T20:14:01.000Z");
    assert_eq!(record["retiring"]["hint"], created["record"]["hint"]);
    assert_eq!(record["retiring"]["ends_at"], "2026-11-21T20:15:01.000Z");
    assert_eq!(record["retiring"]["ends_after_use_seconds"], Value::Null);
    assert_ne!(record["hint"], created["record"]["hint"]);

    server.clock.advance(MINUTE - 1);
    assert_eq!(verdict(&server, &created["key"]), "allowed");
    assert_eq!(verdict(&server, &rotated["key"]), "allowed");
    server.clock.advance(1);
    assert_ne!(verdict(&server, &created["key"]), "allowed");
    assert_eq!(verdict(&server, &rotated["key"]), "allowed");
    let record = server.call("GET", &path, None).expect(200).json();
    assert_eq!(record["retiring"], Value::Null);
}

#[test]
fn without_grace_the_secret_before_ends_at_once() {
    for profile in ["optimove", "emailit"] {
        let server = server(profile);
        let body = match profile {
            "optimove" => application(),
            _ => json!({ "name": "crm", "level": "full" }),
        };
        let (path, created) = make(&server, body);
        let rotated = server
            .call("POST", &format!("{path}/rotate"), None)
            .expect(200)
            .json();
        assert_eq!(rotated["record"]["retiring"], Value::Null);
        assert_eq!(verdict(&server, &created["key"]), "unknown_key");
        assert_eq!(verdict(&server, &rotated["key"]), "allowed");
    }
}

#[test]
fn the_grace_can_wait_for_the_first_use() {
    let server = server("optimove");
    let (path, created) = make(&server, application());
    let body = json!({ "grace_seconds": 60, "after_first_use": true });
    let rotated = post(&server, &format!("{path}/rotate"), &[], &body)
        .expect(200)
        .json();
    assert_eq!(
        rotated["record"]["retiring"]["ends_at"], "2026-11-28T20:14:00.000Z",
        "a week, whatever happens"
    );
    assert_eq!(rotated["record"]["retiring"]["ends_after_use_seconds"], 60);
    server.clock.advance(24 * 60 * MINUTE);
    assert_eq!(verdict(&server, &created["key"]), "allowed");
    assert_eq!(
        verdict(&server, &rotated["key"]),
        "allowed",
        "the first use"
    );
    server.call("POST", "/v1/maintain", None).expect(200);
    server.clock.advance(MINUTE + 1);
    assert_ne!(verdict(&server, &created["key"]), "allowed");
    assert_eq!(verdict(&server, &rotated["key"]), "allowed");
}

#[test]
fn what_the_profile_does_not_allow_is_refused() {
    let server = server("optimove");
    let (path, created) = make(&server, application());
    let rotate = format!("{path}/rotate");
    let refused = |body: Value, code: &str| post(&server, &rotate, &[], &body).problem(400, code);
    let problem = refused(json!({ "grace_seconds": 604_801 }), "invalid_field");
    assert_eq!(super::fields(&problem), ["grace_seconds"]);
    for body in [
        json!({ "grace_seconds": -1 }),
        json!({ "grace_seconds": 4_294_967_296_u64 }),
        json!({ "grace": 1 }),
        json!({ "after_first_use": "yes" }),
        json!([60]),
    ] {
        refused(body, "invalid_json");
    }
    let plain = [("content-type", "text/plain")];
    super::with(&server, "POST", &rotate, &plain, None).expect(200);
    let (path, _) = make(&server, application());
    server
        .call("POST", &format!("{path}/deactivate"), None)
        .expect(200);
    server
        .call("POST", &format!("{path}/rotate"), None)
        .problem(409, "deactivated");
    server
        .call("POST", &format!("{KEYS}/key_000000000/rotate"), None)
        .problem(404, "not_found");
    assert!(text(&created["key"]).starts_with("op_live_"));
}

#[test]
fn an_expired_key_gets_no_other_secret() {
    let server = server("optimove");
    let mut body = application();
    body["expires_in_days"] = json!(1);
    let (path, _) = make(&server, body);
    server.clock.advance(24 * 60 * MINUTE);
    server
        .call("POST", &format!("{path}/rotate"), None)
        .problem(409, "expired");
}
