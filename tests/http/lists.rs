//! Lists in parts, and cursors that open no other list.

use serde_json::{Value, json};

use crate::server::{Server, text};

fn ids(list: &Value) -> Vec<String> {
    list["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| text(&item["id"]))
        .collect()
}

#[test]
fn a_walk_meets_each_key_once_newest_first_whatever_happens_meanwhile() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let mut made = Vec::new();
    for _ in 0..7 {
        server.clock.advance(1);
        made.push(server.key("shop", "acme", "full").1);
    }
    made.reverse();
    let keys = "/v1/keyspaces/shop/accounts/acme/keys";
    let mut met = Vec::new();
    let mut path = format!("{keys}?limit=3");
    loop {
        let page = server.call("GET", &path, None).expect(200).json();
        met.extend(ids(&page));
        server.clock.advance(1);
        server.key("shop", "acme", "full");
        if met.len() == 3 {
            server
                .call("DELETE", &format!("{keys}/{}", made[1]), None)
                .expect(204);
        }
        match &page["next_cursor"] {
            Value::Null => break,
            cursor => path = format!("{keys}?limit=3&cursor={}", text(cursor)),
        }
    }
    assert_eq!(met, made);
}

#[test]
fn accounts_and_audit_come_in_parts_too() {
    let server = Server::start();
    server.keyspace("shop", "b");
    for account in ["c", "a", "Z"] {
        server.account("shop", account);
    }
    let first = server
        .call("GET", "/v1/keyspaces/shop/accounts?limit=2", None)
        .expect(200)
        .json();
    assert_eq!(ids(&first), ["Z", "a"]);
    let next = format!(
        "/v1/keyspaces/shop/accounts?limit=2&cursor={}",
        text(&first["next_cursor"])
    );
    let second = server.call("GET", &next, None).expect(200).json();
    assert_eq!(
        (ids(&second), &second["next_cursor"]),
        (vec!["b".to_owned(), "c".to_owned()], &Value::Null)
    );

    let mut epochs = Vec::new();
    let mut path = "/v1/keyspaces/shop/audit?limit=2".to_owned();
    loop {
        let page = server.call("GET", &path, None).expect(200).json();
        epochs.extend(
            page["data"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|entry| entry["epoch"].as_u64()),
        );
        match &page["next_cursor"] {
            Value::Null => break,
            cursor => path = format!("/v1/keyspaces/shop/audit?limit=2&cursor={}", text(cursor)),
        }
    }
    assert_eq!(epochs, [5, 4, 3, 2, 1]);
}

#[test]
fn limits_and_cursors_are_checked() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    server.account("shop", "other");
    for _ in 0..2 {
        server.clock.advance(1);
        server.key("shop", "acme", "full");
    }
    let keys = "/v1/keyspaces/shop/accounts/acme/keys";
    for limit in ["0", "101"] {
        server
            .call("GET", &format!("{keys}?limit={limit}"), None)
            .problem(400, "invalid_field");
    }
    for query in [
        "limit=-1",
        "limit=18446744073709551616",
        "limit=x",
        "page=2",
        "limit=1&limit=2",
    ] {
        server
            .call("GET", &format!("{keys}?{query}"), None)
            .problem(400, "invalid_query");
    }
    let page = server
        .call("GET", &format!("{keys}?limit=1"), None)
        .expect(200)
        .json();
    let cursor = text(&page["next_cursor"]);
    server
        .call("GET", &format!("{keys}?cursor={cursor}"), None)
        .expect(200);
    let elsewhere = format!("/v1/keyspaces/shop/accounts/other/keys?cursor={cursor}");
    server
        .call("GET", &elsewhere, None)
        .problem(400, "invalid_cursor");
    server
        .call("GET", &format!("{keys}?cursor=AAAA"), None)
        .problem(400, "invalid_cursor");
}

/// Walks a list in parts of two.
fn walk(server: &Server, list: &str) -> Vec<String> {
    let (mut met, mut path) = (Vec::new(), format!("{list}?limit=2"));
    loop {
        let page = server.call("GET", &path, None).expect(200).json();
        let part = ids(&page);
        assert!(part.len() <= 2, "{list}");
        met.extend(part);
        match &page["next_cursor"] {
            Value::Null => return met,
            cursor => path = format!("{list}?limit=2&cursor={}", text(cursor)),
        }
    }
}

#[test]
fn tokens_and_operators_come_in_parts_too() {
    let server = Server::start();
    for keyspace in ["shop", "club"] {
        server.keyspace(keyspace, "acme");
    }
    server.account("shop", "rival");
    let lists = [
        "/v1/operators",
        "/v1/keyspaces/shop/operators",
        "/v1/keyspaces/club/operators",
        "/v1/keyspaces/shop/accounts/acme/operators",
        "/v1/keyspaces/shop/accounts/rival/operators",
        "/v1/keyspaces/shop/tokens",
        "/v1/keyspaces/club/tokens",
    ];
    let mut cursors = Vec::new();
    for list in lists {
        let mut made = match list {
            "/v1/operators" => ids(&server.call("GET", list, None).expect(200).json()),
            _ => Vec::new(),
        };
        let is_token = list.ends_with("tokens");
        let right = if is_token {
            "snapshot.read"
        } else {
            "usage.read"
        };
        for number in 0..5 {
            server.clock.advance(1);
            let body = json!({ "name": format!("number {number}"), "rights": [right] });
            let record = server.call("POST", list, Some(body)).expect(201).json();
            let record = &record[if is_token { "record" } else { "operator" }];
            made.push(text(&record["id"]));
        }
        assert_eq!(walk(&server, list), made, "{list}");
        for query in ["limit=0", "limit=101"] {
            let refused = server.call("GET", &format!("{list}?{query}"), None);
            refused.problem(400, "invalid_field");
        }
        let first = server.call("GET", &format!("{list}?limit=1"), None);
        cursors.push(text(&first.expect(200).json()["next_cursor"]));
    }
    for (list, own) in lists.iter().zip(&cursors) {
        for cursor in &cursors {
            let answer = server.call("GET", &format!("{list}?cursor={cursor}"), None);
            if cursor == own {
                answer.expect(200);
            } else {
                answer.problem(400, "invalid_cursor");
            }
        }
    }
}

#[test]
fn keyspaces_are_listed_whole_and_tokens_without_themselves() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    server.keyspace("club", "acme");
    let list = server.call("GET", "/v1/keyspaces", None).expect(200).json();
    assert_eq!(ids(&list), ["club", "shop"]);

    let token = server.token("shop", &["snapshot.read", "keys.verify"]);
    let list = server
        .call("GET", "/v1/keyspaces/shop/tokens", None)
        .expect(200);
    assert!(!String::from_utf8_lossy(&list.body).contains(&token));
    let list = list.json();
    assert_eq!(
        list["data"][0]["rights"],
        json!(["keys.verify", "snapshot.read"])
    );
    assert_eq!(
        ids(&server
            .call("GET", "/v1/keyspaces/club/tokens", None)
            .expect(200)
            .json()),
        [""; 0]
    );
    let path = format!("/v1/keyspaces/shop/tokens/{}", ids(&list)[0]);
    server.call("DELETE", &path, None).expect(204);
    server.call("DELETE", &path, None).problem(404, "not_found");
    server
        .call_as(Some(&token), "GET", "/v1/keyspaces/shop/head", None)
        .problem(401, "invalid_credential");
}

#[test]
fn a_token_shows_when_it_last_read_and_reported() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let (_, key) = server.key("shop", "acme", "full");
    let token = server.token("shop", &["snapshot.read", "usage.write"]);
    let shown = || {
        let list = server.call("GET", "/v1/keyspaces/shop/tokens", None);
        let token = list.expect(200).json()["data"][0].clone();
        (
            token["last_read_at"].clone(),
            token["last_reported_at"].clone(),
        )
    };
    assert_eq!(shown(), (Value::Null, Value::Null));
    // Whether or not it was the operator who read, only the token's own uses count.
    server
        .call("GET", "/v1/keyspaces/shop/head", None)
        .expect(200);
    assert_eq!(shown(), (Value::Null, Value::Null));
    server.clock.advance(60_000);
    server
        .call_as(Some(&token), "GET", "/v1/keyspaces/shop/head", None)
        .expect(200);
    assert_eq!(shown(), (json!("2026-11-21T20:15:00.000Z"), Value::Null));
    server.clock.advance(60_000);
    let use_of_it = json!({ "id": key, "count": 1, "last_used_at": "2026-11-21T20:15:30Z" });
    let body = json!({ "batch": "b".repeat(32), "keys": [use_of_it] });
    server
        .call_as(Some(&token), "POST", "/v1/keyspaces/shop/usage", Some(body))
        .expect(200);
    let both = (
        json!("2026-11-21T20:15:00.000Z"),
        json!("2026-11-21T20:16:00.000Z"),
    );
    assert_eq!(shown(), both);
    server.call("POST", "/v1/maintain", None).expect(200);
    assert_eq!(shown(), both, "also once it is written down");
}
