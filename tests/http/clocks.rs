//! Threat 7: a server's clock that jumps, to either side.

use serde_json::{Value, json};

use crate::server::{START, Server, text};

const SHOP: &str = "/v1/keyspaces/shop";
const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

const HOUR: i64 = 3_600_000;
const TEN_YEARS: i64 = 3650 * 24 * HOUR;

/// Where the seconds since 1970 outgrow 32 bits: 2038-01-19T03:14:08Z.
const YEAR_2038: i64 = 2_147_483_648_000;

struct Key {
    secret: String,
    path: String,
}

fn make(server: &Server, name: &str) -> Key {
    let body = json!({ "name": name, "level": "full" });
    let made = server.call("POST", KEYS, Some(body)).expect(201).json();
    Key {
        secret: text(&made["key"]),
        path: format!("{KEYS}/{}", text(&made["record"]["id"])),
    }
}

/// Why it is refused, where it is.
fn refusal(server: &Server, secret: &str) -> Value {
    let ask = json!({ "key": secret, "method": "GET", "path": "/" });
    let decision = server.call("POST", &format!("{SHOP}/verify"), Some(ask));
    decision.expect(200).json()["reason"].clone()
}

#[test]
fn no_clock_brings_back_what_was_taken_away() {
    let server = Server::start();
    server.keyspace_of("keyward", "shop", "acme");
    let kept = make(&server, "kept");
    let mut taken = Vec::new();
    for (verb, reason) in [("disable", "disabled"), ("deactivate", "deactivated")] {
        let key = make(&server, verb);
        let path = format!("{}/{verb}", key.path);
        server.call("POST", &path, None).expect(200);
        taken.push((key.secret, reason));
    }
    let deleted = make(&server, "deleted");
    server.call("DELETE", &deleted.path, None).expect(204);
    taken.push((deleted.secret, "unknown_key"));
    let rotated = make(&server, "rotated");
    let path = format!("{}/rotate", rotated.path);
    server.call("POST", &path, None).expect(200);
    taken.push((rotated.secret, "unknown_key"));

    let links = format!("{SHOP}/accounts/acme/portal-links");
    let mut removed = Vec::new();
    for (path, body, credential) in [
        (
            format!("{SHOP}/operators"),
            json!({ "name": "x", "rights": ["keys.read"] }),
            "key",
        ),
        (links, json!({}), "token"),
    ] {
        let made = server.call("POST", &path, Some(body)).expect(201).json();
        let record = made.get("operator").unwrap_or(&made["record"]);
        let path = format!("{path}/{}", text(&record["id"]));
        server.call("DELETE", &path, None).expect(204);
        removed.push(text(&made[credential]));
    }

    let mut at = START;
    for to in [
        START + HOUR,
        START - HOUR,
        START + TEN_YEARS,
        START - TEN_YEARS,
        YEAR_2038 - 1,
        YEAR_2038,
        1,
        START,
    ] {
        server.clock.advance(to - at);
        at = to;
        for (secret, reason) in &taken {
            assert_eq!(refusal(&server, secret), *reason, "at {to}");
        }
        for credential in &removed {
            server
                .call_as(Some(credential), "GET", KEYS, None)
                .problem(401, "invalid_credential");
        }
        assert_eq!(refusal(&server, &kept.secret), Value::Null, "at {to}");
        // Whatever the time, keys are made, found, and taken away at once.
        let late = make(&server, &format!("at {to}"));
        assert_eq!(refusal(&server, &late.secret), Value::Null, "at {to}");
        let path = format!("{}/disable", late.path);
        server.call("POST", &path, None).expect(200);
        taken.push((late.secret, "disabled"));
    }
    let check = server.call("GET", "/v1/audit/check", None).expect(200);
    assert_eq!(check.json()["intact"], true);
}

#[test]
fn an_end_holds_also_where_the_clock_goes_back() {
    let server = Server::start();
    server.keyspace_of("keyward", "shop", "acme");
    let body = json!({ "name": "for a day", "level": "full", "expires_in_days": 1 });
    let made = server.call("POST", KEYS, Some(body)).expect(201).json();
    let secret = text(&made["key"]);
    let end = START + 24 * HOUR;
    let until = "2026-11-22T20:14:00Z";
    let operator = json!({ "name": "a day's", "rights": ["keys.read"], "expires_at": until });
    let path = format!("{SHOP}/operators");
    let operator = server.call("POST", &path, Some(operator)).expect(201);
    let operator = text(&operator.json()["key"]);
    let token = json!({ "rights": ["snapshot.read"], "expires_at": until });
    let token = server.call("POST", &format!("{SHOP}/tokens"), Some(token));
    let token = text(&token.expect(201).json()["token"]);
    let mut at = START;
    for (to, reason) in [
        (end - 1, Value::Null),
        (end, json!("expired")),
        (YEAR_2038, json!("expired")),
        (end + TEN_YEARS, json!("expired")),
        (end + HOUR, json!("expired")),
        (end - 1, json!("expired")),
        (START, json!("expired")),
    ] {
        server.clock.advance(to - at);
        at = to;
        assert_eq!(refusal(&server, &secret), reason, "at {to}");
        let status = if reason.is_null() { 200 } else { 401 };
        let head = format!("{SHOP}/head");
        for (credential, path) in [(&operator, KEYS), (&token, &head)] {
            let answer = server.call_as(Some(credential), "GET", path, None);
            answer.expect(status);
        }
    }
}

#[test]
fn nor_does_it_revive_a_key_that_calls_a_dialect() {
    let server = Server::start();
    server.keyspace_of("emailit", "mail", "acme");
    let path = "/v1/keyspaces/mail/accounts/acme/keys";
    let body = json!({ "name": "for a day", "level": "full", "expires_in_days": 1 });
    let made = server.call("POST", path, Some(body)).expect(201).json();
    let secret = text(&made["key"]);
    let end = START + 24 * HOUR;
    let mut at = START;
    for (to, status) in [(end - 1, 200), (end, 401), (end - 1, 401), (START, 401)] {
        server.clock.advance(to - at);
        at = to;
        let listed = server.call_as(Some(&secret), "GET", "/v2/api-keys", None);
        listed.expect(status);
    }
}
