//! Edge tokens that end: with their maker at the latest, and then like any that never was.

use keyward::service::rfc3339;
use keyward::time::Timestamp;
use serde_json::{Value, json};

use crate::server::{START, Server, text};

const TOKENS: &str = "/v1/keyspaces/shop/tokens";
const HEAD: &str = "/v1/keyspaces/shop/head";
const HOUR: i64 = 3_600_000;

fn after(millis: i64) -> String {
    rfc3339(Timestamp::from_millis(START + millis).expect("positive"))
}

fn body(expires_at: Option<&str>) -> Value {
    let mut body = json!({ "rights": ["snapshot.read"] });
    if let Some(at) = expires_at {
        body["expires_at"] = at.into();
    }
    body
}

/// An operator over the keyspace who ends in two hours.
fn passing(server: &Server) -> String {
    let body = json!({ "name": "for a while", "rights": ["tokens.read", "tokens.write", "snapshot.read"], "expires_at": after(2 * HOUR) });
    let made = server.call("POST", "/v1/keyspaces/shop/operators", Some(body));
    text(&made.expect(201).json()["key"])
}

#[test]
fn a_token_ends_when_it_was_to_end_and_is_refused_like_an_unknown_one() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let made = server.call("POST", TOKENS, Some(body(Some(&after(HOUR)))));
    let made = made.expect(201).json();
    assert_eq!(made["record"]["expires_at"], after(HOUR));
    let token = text(&made["token"]);
    let head = || server.call_as(Some(&token), "GET", HEAD, None);
    server.clock.advance(HOUR - 1);
    head().expect(200);
    server.clock.advance(1);
    let ended = head();
    let mut other = token.clone();
    other.pop();
    let unknown = server.call_as(Some(&other), "GET", HEAD, None);
    assert_eq!(ended.text(), unknown.text());
    assert_eq!(
        ended.header("www-authenticate"),
        unknown.header("www-authenticate")
    );
    ended.problem(401, "invalid_credential");
    // It stays listed for a while, so that people find out why.
    let listed = || {
        server.call("POST", "/v1/maintain", None).expect(200);
        let list = server.call("GET", TOKENS, None).expect(200).json();
        list["data"].as_array().expect("a list").len()
    };
    assert_eq!(listed(), 1);
    server.clock.advance(30 * 24 * HOUR);
    assert_eq!(listed(), 0);
}

#[test]
fn a_token_ends_no_later_than_its_maker() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let maker = passing(&server);
    let make = |expires_at: Option<&str>| {
        server.call_as(Some(&maker), "POST", TOKENS, Some(body(expires_at)))
    };
    let end = |expires_at: Option<&str>| {
        make(expires_at).expect(201).json()["record"]["expires_at"].clone()
    };
    assert_eq!(end(None), after(2 * HOUR), "with its maker");
    assert_eq!(end(Some(&after(2 * HOUR))), after(2 * HOUR));
    assert_eq!(end(Some(&after(HOUR))), after(HOUR));
    make(Some(&after(2 * HOUR + 1))).problem(403, "stronger_than_maker");
    let lasting = server
        .call("POST", TOKENS, Some(body(None)))
        .expect(201)
        .json();
    assert_eq!(lasting["record"]["expires_at"], Value::Null);
    for wrong in [
        after(0),
        after(-1),
        "tomorrow".to_owned(),
        "2027-01-31".to_owned(),
    ] {
        let refused = server.call("POST", TOKENS, Some(body(Some(&wrong))));
        let problem = refused.problem(400, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], "expires_at", "{problem}");
    }
}
