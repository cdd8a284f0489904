//! What edges report, and what is told of it.

use serde_json::{Value, json};

use crate::server::{Server, text};

const USAGE: &str = "/v1/keyspaces/shop/usage";
const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

fn server() -> Server {
    let server = Server::start();
    server.keyspace("shop", "acme");
    server
}

fn report(id: &str, batch: &str, count: u64, at: &str) -> Value {
    json!({ "batch": batch, "keys": [{ "id": id, "count": count, "last_used_at": at }] })
}

#[test]
fn a_report_counts_once_and_never_moves_time_back() {
    let server = server();
    let (_, id) = server.key("shop", "acme", "full");
    let token = server.token("shop", &["usage.write"]);
    let send = |body: Value| {
        let answer = server.call_as(Some(&token), "POST", USAGE, Some(body));
        answer.expect(200).json()["counted"].clone()
    };
    server.clock.advance(3_600_000);
    assert_eq!(send(report(&id, "a", 3, "2026-11-21T20:20:00Z")), true);
    assert_eq!(send(report(&id, "a", 3, "2026-11-21T20:20:00Z")), false);
    assert_eq!(send(report(&id, "b", 2, "2026-11-21T20:15:00Z")), true);
    let record = server
        .call("GET", &format!("{KEYS}/{id}"), None)
        .expect(200)
        .json();
    assert_eq!(record["last_used_at"], "2026-11-21T20:20:00.000Z");
    let usage = server.call("GET", USAGE, None).expect(200).json();
    assert_eq!(
        usage["data"],
        json!([{ "day": "2026-11-21", "key_id": id, "count": 5 }])
    );

    // What lies ahead of the server's clock counts as now; keys that are not there are left out.
    assert_eq!(send(report(&id, "c", 1, "2030-01-01T00:00:00Z")), true);
    assert_eq!(
        send(report("key_000000000", "d", 1, "2026-11-21T20:20:00Z")),
        true
    );
    assert_eq!(send(json!({ "batch": "e", "keys": [] })), true);
    let record = server
        .call("GET", &format!("{KEYS}/{id}"), None)
        .expect(200)
        .json();
    assert_eq!(record["last_used_at"], "2026-11-21T21:14:00.000Z");
}

#[test]
fn uses_are_shown_day_by_day_and_by_account_or_key() {
    let server = server();
    server.account("shop", "rival");
    let (key, id) = server.key("shop", "acme", "full");
    let (other_key, other) = server.key("shop", "rival", "full");
    for key in [&key, &key, &other_key] {
        let body = json!({ "key": key });
        server
            .call("POST", "/v1/keyspaces/shop/verify", Some(body))
            .expect(200);
    }
    server.call("POST", "/v1/maintain", None).expect(200);
    server.clock.advance(24 * 60 * 60 * 1000);
    let body = json!({ "key": key });
    server
        .call("POST", "/v1/keyspaces/shop/verify", Some(body))
        .expect(200);
    server.call("POST", "/v1/maintain", None).expect(200);

    let shown = |query: &str| {
        let usage = server
            .call("GET", &format!("{USAGE}?{query}"), None)
            .expect(200)
            .json();
        let rows = usage["data"].as_array().expect("a list").clone();
        let rows = rows.iter().map(|row| {
            let count = row["count"].as_u64().expect("a number");
            (text(&row["day"]), text(&row["key_id"]), count)
        });
        rows.collect::<Vec<_>>()
    };
    let day = |day: &str, id: &str, count| (format!("2026-11-{day}"), id.to_owned(), count);
    let own = [day("21", &id, 2), day("22", &id, 1)];
    assert_eq!(shown("account=acme"), own);
    assert_eq!(shown(&format!("key={id}")), own);
    assert_eq!(shown("account=rival"), [day("21", &other, 1)]);
    assert_eq!(shown("").len(), 3);
    assert_eq!(shown("from=2026-11-22"), [day("22", &id, 1)]);
    assert_eq!(shown("from=2026-11-21&to=2026-11-21").len(), 2);

    let refused = |query: &str, status, code| {
        server
            .call("GET", &format!("{USAGE}?{query}"), None)
            .problem(status, code);
    };
    refused("from=yesterday", 400, "invalid_field");
    refused("from=2026-11-22&to=2026-11-21", 400, "invalid_field");
    refused("from=2020-01-01&to=2026-11-21", 400, "invalid_field");
    refused("key=nonsense", 400, "invalid_field");
    refused("account=none", 404, "not_found");
    let one = server.operator("shop", Some("acme"), &["usage.read"]);
    let ask = |query: &str| server.call_as(Some(&one), "GET", &format!("{USAGE}{query}"), None);
    ask("?account=acme").expect(200);
    ask("?account=rival").problem(404, "not_found");
    ask("").problem(403, "missing_right");
}

#[test]
fn uses_come_in_parts_and_a_cursor_belongs_to_its_question() {
    let server = server();
    server.account("shop", "rival");
    let token = server.token("shop", &["usage.write"]);
    let mut made = Vec::new();
    for account in ["acme", "acme", "rival"] {
        server.clock.advance(1);
        made.push(server.key("shop", account, "full").1);
    }
    server.clock.advance(3 * 24 * 60 * 60 * 1000);
    let mut expected = Vec::new();
    for day in 21..24 {
        let day = format!("2026-11-{day}");
        let keys = made
            .iter()
            .map(|id| json!({ "id": id, "count": 2, "last_used_at": format!("{day}T21:00:00Z") }));
        let body = json!({ "batch": day, "keys": keys.collect::<Vec<_>>() });
        let sent = server.call_as(Some(&token), "POST", USAGE, Some(body));
        assert_eq!(sent.expect(200).json()["counted"], true);
        expected.extend(made.iter().map(|id| (day.clone(), id.clone())));
    }
    let part = |query: &str| server.call("GET", &format!("{USAGE}?{query}"), None);
    let walk = |query: &str| {
        let (mut met, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = part(&format!("limit=2{query}{cursor}")).expect(200).json();
            let rows = page["data"].as_array().expect("a list");
            assert!(rows.len() <= 2);
            met.extend(
                rows.iter()
                    .map(|row| (text(&row["day"]), text(&row["key_id"]))),
            );
            match &page["next_cursor"] {
                Value::Null => return met,
                next => cursor = format!("&cursor={}", text(next)),
            }
        }
    };
    assert_eq!(walk(""), expected);
    let own = expected.iter().filter(|(_, id)| *id != made[2]).cloned();
    assert_eq!(walk("&account=acme"), own.collect::<Vec<_>>());
    let of_key = expected.iter().filter(|(_, id)| *id == made[1]).cloned();
    assert_eq!(
        walk(&format!("&key={}", made[1])),
        of_key.collect::<Vec<_>>()
    );
    assert_eq!(walk("&from=2026-11-22&to=2026-11-22"), expected[3..6]);

    let cursor = text(&part("limit=1&account=acme").expect(200).json()["next_cursor"]);
    part(&format!("account=acme&cursor={cursor}")).expect(200);
    for other in [
        String::new(),
        "account=rival&".to_owned(),
        format!("account=acme&key={}&", made[0]),
        "account=acme&from=2026-11-22&".to_owned(),
        "account=acme&to=2026-11-22&".to_owned(),
    ] {
        part(&format!("{other}cursor={cursor}")).problem(400, "invalid_cursor");
    }
    part("limit=0").problem(400, "invalid_field");
    // A walk that began before midnight ends after it.
    let cursor = text(&part("limit=1").expect(200).json()["next_cursor"]);
    server.clock.advance(24 * 60 * 60 * 1000);
    part(&format!("cursor={cursor}")).expect(200);
}

#[test]
fn reports_are_read_strictly_and_are_a_right() {
    let server = server();
    let (_, id) = server.key("shop", "acme", "full");
    let at = "2026-11-21T20:14:00Z";
    for (body, code) in [
        (json!({ "keys": [] }), "invalid_json"),
        (json!({ "batch": "a" }), "invalid_json"),
        (
            json!({ "batch": "a", "keys": [{ "id": id, "count": -1, "last_used_at": at }] }),
            "invalid_json",
        ),
        (
            json!({ "batch": "a", "keys": [{ "id": id, "last_used_at": at }] }),
            "invalid_json",
        ),
        (
            json!({ "batch": "a", "keys": [{ "id": id, "count": 1, "last_used_at": at, "x": 1 }] }),
            "invalid_json",
        ),
        (json!({ "batch": "", "keys": [] }), "invalid_field"),
        (json!({ "batch": "a b", "keys": [] }), "invalid_field"),
        (
            json!({ "batch": "b".repeat(129), "keys": [] }),
            "invalid_field",
        ),
        (report("nonsense", "a", 1, at), "invalid_field"),
        (report(&id, "a", 1, "now"), "invalid_field"),
        (report(&id, "a", 1 << 53, at), "invalid_field"),
    ] {
        server.call("POST", USAGE, Some(body)).problem(400, code);
    }
    let reader = server.token("shop", &["snapshot.read"]);
    server
        .call_as(Some(&reader), "POST", USAGE, Some(report(&id, "a", 1, at)))
        .problem(403, "missing_right");
    server.keyspace("club", "acme");
    let writer = server.token("club", &["usage.write"]);
    server
        .call_as(Some(&writer), "POST", USAGE, Some(report(&id, "a", 1, at)))
        .problem(404, "not_found");
    let usage = server.call("GET", USAGE, None).expect(200).json();
    assert_eq!(usage["data"], json!([]));
}
