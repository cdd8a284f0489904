//! Bad input: each with the status and code that it is documented to have.

use serde_json::{Value, json};

use crate::server::{Server, text};

const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

fn fields(problem: &Value) -> Vec<String> {
    problem["errors"]
        .as_array()
        .expect("members at fault")
        .iter()
        .map(|error| text(&error["field"]))
        .collect()
}

#[test]
fn json_is_read_strictly() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let authorization = format!("Bearer {}", server.operator);
    let send = |path: &str, content_type: &str, body: &[u8]| {
        let headers = [
            ("authorization", &*authorization),
            ("content-type", content_type),
        ];
        server.send("POST", path, &headers, body)
    };
    let json_type = "application/json";
    for (path, body) in [
        (
            "/v1/keyspaces",
            r#"{"id":"x","profile":"esputnik","role":"admin"}"#,
        ),
        (
            "/v1/keyspaces",
            r#"{"id":"x","id":"y","profile":"esputnik"}"#,
        ),
        (
            "/v1/keyspaces",
            r#"{"id":"x","profile":"esputnik","fresh_for_seconds":"60"}"#,
        ),
        (
            "/v1/keyspaces",
            r#"{"id":"x","profile":"esputnik","fresh_for_seconds":4294967296}"#,
        ),
        ("/v1/keyspaces", r#"{"profile":"esputnik"}"#),
        ("/v1/keyspaces", r#"{"id":"x""#),
        ("/v1/keyspaces", "[]"),
        ("/v1/keyspaces", r#"["x","esputnik",300,86400]"#),
        ("/v1/keyspaces/shop/accounts", r#" ["x",null]"#),
        ("/v1/keyspaces/shop/tokens", r#"[["snapshot.read"],null]"#),
        ("/v1/keyspaces", "nonsense"),
        (
            "/v1/keyspaces/shop/accounts",
            r#"{"id":"x","keyspace":"other"}"#,
        ),
        (
            "/v1/keyspaces/shop/tokens",
            r#"{"rights":["snapshot.read"],"keyspace":"other"}"#,
        ),
        (
            KEYS,
            r#"{"level":"full","description":"a","description":"b"}"#,
        ),
        (KEYS, r#"{"level":"full","description":"a","level":"full"}"#),
        (KEYS, r#"{"level":"full","description":7}"#),
        (
            KEYS,
            r#"{"level":"full","description":"a","expires_in_days":1e3}"#,
        ),
        (KEYS, "{\"level\":\"full\",\"description\":\"\\ud800\"}"),
    ] {
        send(path, json_type, body.as_bytes()).problem(400, "invalid_json");
    }
    send(KEYS, json_type, b"{\"description\":\"\xff\"}").problem(400, "invalid_json");
    let deep = format!(
        r#"{{"level":"full","description":"a","meta":{}}}"#,
        "[".repeat(10_000)
    );
    send(KEYS, json_type, deep.as_bytes()).problem(400, "invalid_json");
    let deep = format!(
        r#"{{"meta":{}{}}}"#,
        r#"{"a":"#.repeat(300),
        "}".repeat(300)
    );
    assert_eq!(send(KEYS, json_type, deep.as_bytes()).status, 400);

    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json, text/plain",
    ] {
        send("/v1/keyspaces", content_type, b"{}").problem(415, "unsupported_media_type");
    }
    let headers = [("authorization", &*authorization)];
    server
        .send("POST", "/v1/keyspaces", &headers, b"{}".as_slice())
        .problem(415, "unsupported_media_type");

    let padded = |length: usize| {
        let body = r#"{"level":"full","description":"a"}"#;
        format!("{body}{}", " ".repeat(length - body.len()))
    };
    send(KEYS, json_type, padded(64 * 1024).as_bytes()).expect(201);
    send(KEYS, json_type, padded(64 * 1024 + 1).as_bytes()).problem(413, "body_too_large");
}

#[test]
fn a_key_keeps_to_the_rules_of_its_profile() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let good = json!({ "description": "CRM", "level": "events" });
    let with = |changes: Value| {
        let mut body = good.clone();
        for (name, value) in changes.as_object().expect("members") {
            body[name] = value.clone();
        }
        server.call("POST", KEYS, Some(body))
    };
    let refused = |changes: Value, field: &str| {
        let problem = with(changes).problem(400, "invalid_field");
        assert_eq!(fields(&problem), [field], "{problem}");
        text(&problem["errors"][0]["detail"])
    };
    assert!(
        refused(json!({ "description": "x".repeat(10_000) }), "description")
            .contains("10000 characters")
    );
    for text in [
        "a\u{0}b",
        "line\nbreak",
        "\u{202e}exe.gpj",
        "\u{2066}x",
        "zero\u{200b}width",
    ] {
        assert!(refused(json!({ "description": text }), "description").contains("not allowed"));
    }
    refused(json!({ "description": "  " }), "description");
    assert!(refused(json!({ "colour": "red" }), "colour").contains("no member of a key"));
    refused(json!({ "hash": "x" }), "hash");
    refused(json!({ "level": null }), "level");
    refused(json!({ "role": null }), "role");
    refused(json!({ "description": null }), "description");
    refused(json!({ "subject": "s".repeat(257) }), "subject");
    with(json!({ "subject": "s".repeat(256) })).expect(201);
    refused(json!({ "meta": [] }), "meta");
    refused(json!({ "meta": "text" }), "meta");
    refused(json!({ "meta": { "a": "x".repeat(1017) } }), "meta");
    with(json!({ "meta": { "a": "x".repeat(1016) } })).expect(201);
    refused(
        json!({ "expires_at": "2026-11-21T20:14:00.000Z" }),
        "expires_at",
    );
    refused(json!({ "expires_at": "tomorrow" }), "expires_at");
    refused(json!({ "expires_in_days": 0 }), "expires_in_days");
    refused(
        json!({ "expires_in_days": 1, "expires_at": "2027-01-01T00:00:00Z" }),
        "expires_in_days",
    );
    with(json!({ "expires_at": "2026-11-21T21:14:00.001+01:00" })).expect(201);

    let problem = with(json!({ "level": "god" })).problem(400, "unknown_level");
    assert!(
        text(&problem["detail"]).contains("full, events, events_and_contacts"),
        "{problem}"
    );
    let several = json!({ "subject": "", "expires_in_days": 0, "meta": [] });
    assert_eq!(
        fields(&with(several).problem(400, "invalid_field")).len(),
        3,
        "all mistakes at once"
    );

    let authorization = format!("Bearer {}", server.operator);
    let headers = [
        ("authorization", &*authorization),
        ("content-type", "application/json"),
    ];
    let body = br#"{"description":"CRM","level":"full","meta":{"a":1,"a":2}}"#;
    let problem = server
        .send("POST", KEYS, &headers, body.as_slice())
        .problem(400, "invalid_field");
    assert!(
        text(&problem["detail"]).contains("duplicate field"),
        "{problem}"
    );
}

#[test]
fn keyspaces_accounts_and_tokens_are_checked() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let create = |changes: Value| {
        let mut body = json!({ "id": "other", "profile": "esputnik" });
        for (name, value) in changes.as_object().expect("members") {
            body[name] = value.clone();
        }
        server.call("POST", "/v1/keyspaces", Some(body))
    };
    for id in ["", "Shop", "a/b", "..", "ключ", &"x".repeat(65)] {
        assert_eq!(
            fields(&create(json!({ "id": id })).problem(400, "invalid_field")),
            ["id"]
        );
    }
    create(json!({ "fresh_for_seconds": 9 })).problem(400, "invalid_field");
    create(json!({ "fresh_for_seconds": 300, "valid_for_seconds": 299 }))
        .problem(400, "invalid_field");
    create(json!({ "valid_for_seconds": 2_592_001 })).problem(400, "invalid_field");
    let problem = create(json!({ "profile": "nobody" })).problem(400, "unknown_profile");
    assert!(text(&problem["detail"]).contains("esputnik"), "{problem}");
    create(json!({ "id": "shop" })).problem(409, "already_exists");

    let accounts = "/v1/keyspaces/shop/accounts";
    server
        .call("POST", accounts, Some(json!({ "id": "acme" })))
        .problem(409, "already_exists");
    server
        .call("POST", accounts, Some(json!({ "id": "a b" })))
        .problem(400, "invalid_field");
    server
        .call("POST", accounts, Some(json!({ "name": "n".repeat(101) })))
        .problem(400, "invalid_field");
    let made = server
        .call("POST", accounts, Some(json!({ "name": "Ünïted" })))
        .expect(201)
        .json();
    assert!(
        text(&made["id"]).starts_with("acc_") && made["name"] == "Ünïted",
        "{made}"
    );

    let tokens = "/v1/keyspaces/shop/tokens";
    for rights in [
        json!([]),
        json!(["admin"]),
        json!(["snapshot.read", "snapshot.read"]),
        json!(["*"]),
    ] {
        server
            .call("POST", tokens, Some(json!({ "rights": rights })))
            .problem(400, "invalid_field");
    }
}

#[test]
fn other_methods_and_paths_are_refused() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    for (method, path, allowed) in [
        ("PUT", "/v1/keyspaces", "POST,GET,HEAD"),
        ("DELETE", "/v1/keyspaces/shop", "GET,HEAD,PATCH"),
        (
            "GET",
            "/v1/keyspaces/shop/accounts/acme/keys/key_000000000/disable",
            "POST",
        ),
        ("POST", "/v1/keyspaces/shop/head", "GET,HEAD"),
        ("POST", "/healthz", "GET,HEAD"),
    ] {
        let answer = server.call(method, path, None);
        let allow = answer.header("allow").to_owned();
        answer.problem(405, "method_not_allowed");
        let sorted = |list: &str| {
            let mut list = list
                .split(',')
                .map(|method| method.trim().to_owned())
                .collect::<Vec<_>>();
            list.sort();
            list
        };
        assert_eq!(sorted(&allow), sorted(allowed), "{method} {path}");
    }
    for path in [
        "/v1/",
        "/v1/keyspace",
        "/v1/keyspaces/",
        "/v1/keyspaces/shop/accounts/acme/none",
        "/v1//keyspaces",
    ] {
        let answer = server.call("GET", path, None).expect(404);
        if path.starts_with("/v1") {
            answer.problem(404, "not_found");
        }
    }
    server
        .call("GET", "/v1/keyspaces/%ff", None)
        .problem(404, "not_found");
    server.call("GET", "/v1/keyspaces/sh%6fp", None).expect(200);
}
