//! Accounts: shown, changed, and what they used against what was agreed.

use serde_json::{Value, json};

use crate::server::{Answer, Server};

const ACCOUNTS: &str = "/v1/keyspaces/shop/accounts";
const ACME: &str = "/v1/keyspaces/shop/accounts/acme";

fn world() -> Server {
    let server = Server::start();
    server.keyspace("shop", "acme");
    server
}

fn patch(server: &Server, body: &Value, if_match: Option<&str>) -> Answer {
    let authorization = format!("Bearer {}", server.operator);
    let mut headers = vec![
        ("authorization", &*authorization),
        ("content-type", "application/json"),
    ];
    headers.extend(if_match.map(|tag| ("if-match", tag)));
    server.send("PATCH", ACME, &headers, body.to_string())
}

#[test]
fn an_account_is_shown_and_changed() {
    let server = world();
    let shown = server.call("GET", ACME, None).expect(200);
    assert_eq!(shown.header("etag"), "\"1\"");
    assert_eq!(
        shown.json(),
        json!({
            "id": "acme", "name": null, "keys_enabled": true, "monthly_uses": null, "created_at": "2026-11-21T20:14:00.000Z",
            "revision": 1, "used_this_month": 0, "over_agreed": false,
        })
    );
    let body = json!({ "name": "Cafe\u{301}", "monthly_uses": 9_007_199_254_740_991_u64 });
    let changed = patch(&server, &body, Some("\"1\"")).expect(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.json();
    assert_eq!(changed["name"], "Caf\u{e9}", "in NFC");
    assert_eq!(changed["monthly_uses"], 9_007_199_254_740_991_u64);
    assert_eq!(changed["keys_enabled"], true, "what was not named stays");
    assert_eq!(server.call("GET", ACME, None).expect(200).json(), changed);
    let list = server.call("GET", ACCOUNTS, None).expect(200).json();
    assert_eq!(list["data"][0]["name"], "Caf\u{e9}");

    patch(&server, &json!({ "keys_enabled": false }), Some("\"1\""))
        .problem(412, "precondition_failed");
    assert_eq!(server.call("GET", ACME, None).expect(200).json(), changed);
    let changed = patch(
        &server,
        &json!({ "name": null, "monthly_uses": null }),
        Some("*"),
    )
    .expect(200)
    .json();
    assert_eq!(
        (&changed["name"], &changed["monthly_uses"]),
        (&json!(null), &json!(null))
    );
    let changed = patch(&server, &json!({ "keys_enabled": false }), None)
        .expect(200)
        .json();
    assert_eq!(
        (&changed["keys_enabled"], &changed["revision"]),
        (&json!(false), &json!(4))
    );

    let made = json!({ "id": "whole", "name": "Whole", "keys_enabled": false, "monthly_uses": 5 });
    let made = server.call("POST", ACCOUNTS, Some(made)).expect(201).json();
    assert_eq!(
        (&made["keys_enabled"], &made["monthly_uses"]),
        (&json!(false), &json!(5))
    );
}

#[test]
fn changes_of_accounts_are_checked() {
    let server = world();
    for (body, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "name": "n".repeat(101) }), "name"),
        (json!({ "name": "a\u{202e}b" }), "name"),
        (
            json!({ "monthly_uses": 9_007_199_254_740_992_u64 }),
            "monthly_uses",
        ),
    ] {
        let problem = patch(&server, &body, None).problem(400, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    for body in [
        json!({ "id": "other" }),
        json!({ "keys_enabled": null }),
        json!({ "keys_enabled": "no" }),
        json!({ "monthly_uses": -1 }),
        json!({ "monthly_uses": 1.5 }),
        json!({ "used_this_month": 0 }),
        json!({ "revision": 1 }),
        json!([]),
    ] {
        patch(&server, &body, None).problem(400, "invalid_json");
    }
    for tag in ["1", "W/\"1\"", "\"1\", \"2\"", "nonsense"] {
        patch(&server, &json!({}), Some(tag)).problem(400, "invalid_header");
    }
    for path in [
        format!("{ACCOUNTS}/none"),
        "/v1/keyspaces/none/accounts/acme".to_owned(),
    ] {
        server.call("GET", &path, None).problem(404, "not_found");
        server
            .call("PATCH", &path, Some(json!({})))
            .problem(404, "not_found");
    }
    let authorization = format!("Bearer {}", server.operator);
    let headers = [
        ("authorization", &*authorization),
        ("content-type", "text/plain"),
    ];
    server
        .send("PATCH", ACME, &headers, "{}")
        .problem(415, "unsupported_media_type");
    let answer = server.call("DELETE", ACME, None);
    assert_eq!(answer.header("allow"), "GET,HEAD,PATCH");
    answer.problem(405, "method_not_allowed");
}
