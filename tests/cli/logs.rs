//! The log: one structured line for each request, under the id of its answer, and nothing that a request carried.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::program::Program;
use crate::program::directory::Directory;
use crate::{output, text};

/// Stands in every place of a request, one after the other.
const CANARY: &str = "canary7Fq2pLx9";

/// What may come out of the word on the way: it, base64 of it at each of three offsets, its hexadecimal digits.
const FORMS: [&str; 5] = [
    CANARY,
    "Y2FuYXJ5N0ZxMnBM",
    "NhbmFyeTdGcTJwTH",
    "jYW5hcnk3RnEycEx",
    "63616e61727937467132",
];

const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

/// Headers that a server or a proxy may take an interest in.
const HEADERS: [&str; 21] = [
    "host",
    "authorization",
    "x-api-key",
    "cookie",
    "x-request-id",
    "traceparent",
    "baggage",
    "forwarded",
    "x-forwarded-for",
    "user-agent",
    "referer",
    "origin",
    "accept",
    "content-type",
    "if-match",
    "if-none-match",
    "idempotency-key",
    "range",
    "expect",
    "transfer-encoding",
    CANARY,
];

/// A server that logs everything it can, and the ids of its answers.
struct Asked {
    program: Program,
    operator: String,
    ids: BTreeSet<String>,
}

impl Asked {
    /// Sends a request as it stands here.
    fn send(&mut self, head: &str, headers: &[(&str, &str)], body: &str) {
        let address = self.program.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("a connection");
        let mut lines = vec![format!("{head} HTTP/1.1"), "Connection: close".to_owned()];
        if !headers.iter().any(|(name, _)| *name == "host") {
            lines.push("Host: x".to_owned());
        }
        lines.extend(
            headers
                .iter()
                .map(|(name, value)| format!("{name}: {value}")),
        );
        lines.push(format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        // The server may answer and close before it has read everything.
        drop(stream.write_all(lines.join("\r\n").as_bytes()));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        let answer = String::from_utf8_lossy(&answer);
        if let Some(id) = answer.split("x-request-id: ").nth(1) {
            let id = id.get(..16).expect("an id").to_owned();
            assert!(self.ids.insert(id), "no two requests have one id");
        }
    }

    /// The same as the operator, with a body of JSON.
    fn send_as_operator(&mut self, head: &str, own: Option<(&str, &str)>, body: &str) {
        let authorization = format!("Bearer {}", self.operator);
        let mut headers = vec![
            ("authorization", &*authorization),
            ("content-type", "application/json"),
        ];
        headers.extend(own);
        self.send(head, &headers, body);
    }

    fn in_targets_and_methods(&mut self, body: &str) {
        for target in [
            format!("/{CANARY}"),
            format!("/v1/{CANARY}"),
            format!("/v2/api-keys/{CANARY}"),
            format!("/ga/api/v2/organization/{CANARY}/api_keys"),
            format!("/v1/keyspaces/{CANARY}"),
            format!("/v1/keyspaces/shop/accounts/{CANARY}/keys"),
            format!("{KEYS}/{CANARY}"),
            format!("{KEYS}/{CANARY}/rotate"),
            format!("/v1/keyspaces/shop/snapshot/{CANARY}"),
            format!("{KEYS}?{CANARY}=1"),
            format!("{KEYS}?name={CANARY}"),
            format!("{KEYS}?cursor={CANARY}"),
            format!("{KEYS}?limit={CANARY}"),
            format!("{KEYS}?created_after={CANARY}"),
            format!("/v1/keyspaces/shop/usage?key={CANARY}"),
            format!("/docs?{CANARY}"),
            format!("http://{CANARY}/v1/keyspaces"),
        ] {
            for method in ["GET", "POST", "PATCH", "DELETE", CANARY] {
                let head = format!("{method} {target}");
                self.send(&head, &[], "");
                self.send_as_operator(&head, None, body);
            }
        }
    }

    fn in_headers(&mut self, body: &str) {
        let head = format!("POST {KEYS}");
        let bearer = format!("Bearer {CANARY}");
        for name in HEADERS {
            for value in [CANARY, &bearer, "Basic Y2FuYXJ5N0ZxMnBMeDk="] {
                self.send(&head, &[(name, value)], body);
                self.send_as_operator(&head, Some((name, value)), body);
            }
        }
    }

    fn in_bodies(&mut self) {
        let bodies = [
            json!({ CANARY: 1 }),
            json!({ "name": CANARY, "level": "full" }),
            json!({ "name": "x", "level": CANARY }),
            json!({ "name": "x", "level": "full", "subject": CANARY, "meta": { CANARY: CANARY } }),
            json!({ "name": "x", "level": "full", "constraints": { CANARY: [CANARY] } }),
            json!({ "name": "x", "level": "full", "expires_at": CANARY }),
            json!({ "key": CANARY, "method": CANARY, "path": CANARY, "context": { CANARY: CANARY } }),
            json!({ "key": format!("em_live_{CANARY}"), "client_address": CANARY }),
            json!({ "batch": CANARY, "keys": [{ "id": CANARY, "count": 1, "last_used_at": CANARY }] }),
            json!({ "id": CANARY, "profile": CANARY, "profile_toml": CANARY }),
            json!([CANARY]),
            json!(CANARY),
        ];
        for path in [
            KEYS,
            "/v1/keyspaces",
            "/v1/keyspaces/shop/verify",
            "/v1/keyspaces/shop/explain",
            "/v1/keyspaces/shop/usage",
        ] {
            for body in bodies.iter().map(Value::to_string) {
                let head = format!("POST {path}");
                self.send_as_operator(&head, None, &body);
                self.send_as_operator(&head, None, &body[..body.len() - 1]);
            }
        }
    }
}

#[test]
fn a_canary_in_every_place_of_a_request_is_in_no_line() {
    let place = Directory::new();
    let (data, log) = (place.path().join("data"), place.path().join("log"));
    let init = output(&["init", "--data", data.to_str().expect("text")]);
    let mut asked = Asked {
        operator: text(&init.stdout).trim_end().to_owned(),
        program: Program::serve(&data, &log),
        ids: BTreeSet::new(),
    };
    let make = |path: &str, body: Value| {
        let operator = &asked.operator;
        asked.program.json(operator, "POST", path, Some(body));
    };
    make(
        "/v1/keyspaces",
        json!({ "id": "shop", "profile": "emailit" }),
    );
    make("/v1/keyspaces/shop/accounts", json!({ "id": "acme" }));
    let good = json!({ "name": "crm", "level": "full" }).to_string();
    asked.in_targets_and_methods(&good);
    asked.in_headers(&good);
    asked.in_bodies();
    let Asked {
        program,
        operator,
        ids,
    } = asked;
    drop(program);

    let log = String::from_utf8(std::fs::read(&log).expect("a log")).expect("UTF-8");
    let mut logged = BTreeSet::new();
    for line in log.lines() {
        for form in FORMS {
            assert!(!line.contains(form), "{line}");
        }
        assert!(!line.contains(&operator), "{line}");
        let line = serde_json::from_str::<Value>(line).expect("each line is JSON");
        if line["message"] == "answered" {
            assert!(line["status"].is_u64() && line["ms"].is_i64(), "{line}");
            let route = line["route"].as_str().expect("a route");
            assert!(route.starts_with('/') || route == "(page)", "{line}");
            logged.insert(line["id"].as_str().expect("an id").to_owned());
        }
    }
    assert!(ids.len() > 200, "{}", ids.len());
    let missing = ids.difference(&logged).collect::<Vec<_>>();
    assert!(missing.is_empty(), "answered and not logged: {missing:?}");
}

#[test]
fn a_fault_is_told_with_its_cause_and_the_id_of_its_request() {
    let place = Directory::new();
    let (data, log) = (place.path().join("data"), place.path().join("log"));
    let init = output(&["init", "--data", data.to_str().expect("text")]);
    let operator = format!("Bearer {}", text(&init.stdout).trim_end());
    let program = Program::serve(&data, &log);
    let other = rusqlite::Connection::open(data.join("keyward.db")).expect("the file");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let body = json!({ "id": "shop", "profile": "emailit" });
    let answer = program.call_whole(&operator, "POST", "/v1/keyspaces", &[], Some(body));
    let (status, head, _) = answer.expect("an answer");
    assert_eq!(status, 503);
    drop(program);

    let log = std::fs::read_to_string(&log).expect("a log");
    let lines = log.lines().map(serde_json::from_str::<Value>);
    let mut lines = lines.map(|line| line.expect("each line is JSON"));
    let fault = lines.find(|line| line["message"] == "a request failed");
    let fault = fault.expect("a line of its own");
    assert!(fault["cause"].is_string(), "{fault}");
    let id = fault["span"]["id"].as_str().expect("an id");
    assert!(text(&head).contains(&format!("x-request-id{id}\n")), "{id}");
}
