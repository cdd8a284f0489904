//! `/metrics`: who may read it, what it counts, and what it never names.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;

use crate::server::{Server, Settings};

fn metrics(server: &Server) -> String {
    let answer = server.call("GET", "/metrics", None).expect(200);
    assert_eq!(
        answer.header("content-type"),
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    let text = String::from_utf8(answer.body).expect("text");
    assert!(text.ends_with("# EOF\n"));
    text
}

/// The value of the counter with this name and labels, 0 where it has not counted yet.
fn value(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.map_or(0, |value| value.trim().parse().expect("a number"))
}

#[test]
fn they_are_for_those_who_look_after_the_server() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    server
        .send("GET", "/metrics", &[], [])
        .problem(401, "missing_credential");
    let keyspace = server.operator("shop", None, &["keyspaces.read", "audit.read"]);
    let token = server.token("shop", &["snapshot.read"]);
    for credential in [keyspace, token] {
        server
            .call_as(Some(&credential), "GET", "/metrics", None)
            .problem(403, "missing_right");
    }
    metrics(&server);

    let open = Server::start_with(Settings {
        open_metrics: true,
        ..Settings::default()
    });
    open.send("GET", "/metrics", &[], []).expect(200);
}

#[test]
fn requests_verifications_and_keys_are_counted() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let (key, id) = server.key("shop", "acme", "full");
    let keys = "/v1/keyspaces/shop/accounts/acme/keys";
    server.call("GET", keys, None).expect(200);
    server.call("GET", keys, None).expect(200);
    server
        .call("GET", &format!("{keys}/key_000000000"), None)
        .expect(404);
    server
        .call("POST", &format!("{keys}/{id}/rotate"), None)
        .expect(200);
    let verify = |key: &str| {
        let body = json!({ "key": key });
        server
            .call("POST", "/v1/keyspaces/shop/verify", Some(body))
            .expect(200);
    };
    verify(&key);
    verify("nonsense");
    let text = metrics(&server);
    let route = "/v1/keyspaces/{keyspace}/accounts/{account}/keys";
    for (name, expected) in [
        (
            format!(
                "keyward_http_requests_total{{route=\"{route}\",method=\"GET\",status=\"200\"}}"
            ),
            2,
        ),
        (
            format!(
                "keyward_http_requests_total{{route=\"{route}\",method=\"POST\",status=\"201\"}}"
            ),
            1,
        ),
        (
            format!(
                "keyward_http_requests_total{{route=\"{route}/{{id}}\",method=\"GET\",status=\"404\"}}"
            ),
            1,
        ),
        (
            format!(
                "keyward_http_request_duration_seconds_count{{route=\"{route}\",method=\"GET\"}}"
            ),
            2,
        ),
        (
            "keyward_verifications_total{keyspace=\"shop\",outcome=\"unknown_key\"}".to_owned(),
            1,
        ),
        (
            "keyward_verifications_total{keyspace=\"shop\",outcome=\"malformed_key\"}".to_owned(),
            1,
        ),
        (
            "keyward_keys_made_total{keyspace=\"shop\",how=\"created\"}".to_owned(),
            1,
        ),
        (
            "keyward_keys_made_total{keyspace=\"shop\",how=\"rotated\"}".to_owned(),
            1,
        ),
    ] {
        assert_eq!(value(&text, &name), expected, "{name}\n{text}");
    }
}

#[test]
fn nothing_that_a_caller_sends_becomes_a_label() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    for path in [
        "/canary",
        "/v1/canary",
        "/v1/keyspaces/canary/verify",
        "/v1/keyspaces/shop/accounts/canary/keys/canary?canary=canary",
    ] {
        server.call("GET", path, None);
        let mut stream = TcpStream::connect(&server.address).expect("a connection");
        let request =
            format!("CANARY {path} HTTP/1.1\r\nHost: canary\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        drop(stream.read_to_end(&mut Vec::new()));
        server.call("POST", path, Some(json!({ "key": "canary", "canary": 1 })));
    }
    let text = metrics(&server);
    assert!(!text.to_lowercase().contains("canary"), "{text}");
}

#[test]
fn what_the_database_does_not_serve_is_counted() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let other = rusqlite::Connection::open(server.data().join("keyward.db")).expect("the file");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let body = json!({ "id": "late" });
    let answer = server.call("POST", "/v1/keyspaces/shop/accounts", Some(body));
    answer.problem(503, "unavailable");
    other.execute_batch("ROLLBACK").expect("unlocked");
    let text = metrics(&server);
    let name = "keyward_database_errors_total{code=\"unavailable\"}";
    assert_eq!(value(&text, name), 1, "{text}");
}
