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

/// Sends a request as it stands here, and gives the id of its answer, where it has one.
fn send(program: &Program, head: &str, headers: &[(&str, String)], body: &str) -> Option<String> {
    let address = program.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("a connection");
    let mut request = format!("{head} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        request += "Host: x\r\n";
    }
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
    // The server may answer and close before it has read everything.
    drop(stream.write_all(request.as_bytes()));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    let answer = String::from_utf8_lossy(&answer);
    let id = answer.split("x-request-id: ").nth(1)?;
    Some(id.get(..16).expect("an id").to_owned())
}

#[test]
fn a_canary_in_every_place_of_a_request_is_in_no_line() {
    let place = Directory::new();
    let (data, log) = (place.path().join("data"), place.path().join("log"));
    let operator = text(&output(&["init", "--data", data.to_str().expect("text")]).stdout)
        .trim_end()
        .to_owned();
    let program = Program::serve(&data, &log);
    let body = json!({ "id": "shop", "profile": "emailit" });
    program.json(&operator, "POST", "/v1/keyspaces", Some(body));
    let body = json!({ "id": "acme" });
    program.json(&operator, "POST", "/v1/keyspaces/shop/accounts", Some(body));
    let keys = "/v1/keyspaces/shop/accounts/acme/keys";
    let bearer = ("authorization", format!("Bearer {operator}"));
    let media = ("content-type", "application/json".to_owned());
    let good = json!({ "name": "crm", "level": "full" }).to_string();

    let mut ids = BTreeSet::new();
    let mut ask = |head: &str, headers: &[(&str, String)], body: &str| {
        if let Some(id) = send(&program, head, headers, body) {
            assert!(ids.insert(id), "no two requests have one id");
        }
    };
    for target in [
        format!("/{CANARY}"),
        format!("/v1/{CANARY}"),
        format!("/v2/api-keys/{CANARY}"),
        format!("/ga/api/v2/organization/{CANARY}/api_keys"),
        format!("/v1/keyspaces/{CANARY}"),
        format!("/v1/keyspaces/shop/accounts/{CANARY}/keys"),
        format!("{keys}/{CANARY}"),
        format!("{keys}/{CANARY}/rotate"),
        format!("/v1/keyspaces/shop/snapshot/{CANARY}"),
        format!("{keys}?{CANARY}=1"),
        format!("{keys}?name={CANARY}"),
        format!("{keys}?cursor={CANARY}"),
        format!("{keys}?limit={CANARY}"),
        format!("{keys}?created_after={CANARY}"),
        format!("/v1/keyspaces/shop/usage?key={CANARY}"),
        format!("/docs?{CANARY}"),
        format!("http://{CANARY}/v1/keyspaces"),
    ] {
        for method in ["GET", "POST", "PATCH", "DELETE", CANARY] {
            ask(
                &format!("{method} {target}"),
                std::slice::from_ref(&bearer),
                "",
            );
            ask(
                &format!("{method} {target}"),
                &[bearer.clone(), media.clone()],
                &good,
            );
        }
    }
    for name in [
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
    ] {
        for value in [
            CANARY.to_owned(),
            format!("Bearer {CANARY}"),
            "Basic Y2FuYXJ5N0ZxMnBMeDk=".to_owned(),
        ] {
            let own = (name, value);
            ask(&format!("POST {keys}"), std::slice::from_ref(&own), &good);
            ask(
                &format!("POST {keys}"),
                &[bearer.clone(), media.clone(), own],
                &good,
            );
        }
    }
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
        keys,
        "/v1/keyspaces",
        "/v1/keyspaces/shop/verify",
        "/v1/keyspaces/shop/explain",
        "/v1/keyspaces/shop/usage",
    ] {
        for body in &bodies {
            let body = body.to_string();
            ask(
                &format!("POST {path}"),
                &[bearer.clone(), media.clone()],
                &body,
            );
            ask(
                &format!("POST {path}"),
                &[bearer.clone(), media.clone()],
                &body[..body.len() - 1],
            );
        }
    }
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
            let route = line["span"]["route"].as_str().expect("a route");
            assert!(route.starts_with('/') || route == "(page)", "{line}");
            logged.insert(line["span"]["id"].as_str().expect("an id").to_owned());
        }
    }
    assert!(ids.len() > 200, "{}", ids.len());
    let missing = ids.difference(&logged).collect::<Vec<_>>();
    assert!(missing.is_empty(), "answered and not logged: {missing:?}");
}
