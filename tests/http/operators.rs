//! Operators: made, given another key, removed; and nobody raises themselves or others.

use serde_json::{Value, json};

use crate::rights::{ALL, OF_ACCOUNTS};
use crate::server::{Answer, Server, text};

const SERVER: &str = "/v1/operators";
const KEYSPACE: &str = "/v1/keyspaces/shop/operators";
const ACCOUNT: &str = "/v1/keyspaces/shop/accounts/acme/operators";

const DAY: i64 = 24 * 60 * 60 * 1000;

struct Made {
    key: String,
    path: String,
    record: Value,
}

fn make(server: &Server, path: &str, body: Value) -> Made {
    made(path, server.call("POST", path, Some(body)))
}

fn make_as(server: &Server, maker: &str, path: &str, body: Value) -> Made {
    made(path, server.call_as(Some(maker), "POST", path, Some(body)))
}

fn made(path: &str, answer: Answer) -> Made {
    let answer = answer.expect(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    Made {
        key: text(&body["key"]),
        path: format!("{path}/{}", text(&body["operator"]["id"])),
        record: body["operator"].clone(),
    }
}

fn me(server: &Server, credential: &str) -> Answer {
    server.call_as(Some(credential), "GET", "/v1/me", None)
}

#[test]
fn an_operator_is_made_shown_given_another_key_and_removed() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    for (path, reach) in [
        (SERVER, json!({ "keyspace": null, "account": null })),
        (KEYSPACE, json!({ "keyspace": "shop", "account": null })),
        (ACCOUNT, json!({ "keyspace": "shop", "account": "acme" })),
    ] {
        let body = json!({ "name": "Zoe\u{308}", "rights": ["keys.write", "keys.read"], "expires_at": "2027-01-01T00:00:00Z" });
        let Made {
            key,
            path: own,
            record,
        } = make(&server, path, body);
        assert!(key.starts_with("kw_op_") && key.len() == 42, "{key}");
        assert_eq!(record["kind"], "operator");
        assert_eq!(record["name"], "Zo\u{eb}", "in NFC");
        assert_eq!(record["reach"], reach);
        assert_eq!(record["rights"], json!(["keys.read", "keys.write"]));
        assert_eq!(record["levels"], json!(null));
        assert_eq!(record["expires_at"], "2027-01-01T00:00:00.000Z");
        assert_eq!(record["created_at"], "2026-11-21T20:14:00.000Z");
        let first = me(&server, &server.operator).expect(200).json();
        assert_eq!(record["created_by"], first["id"]);
        let hint = text(&record["hint"]);
        assert!(
            hint.starts_with("kw_op_") && hint.chars().count() <= key.len() / 4 + 1,
            "{hint}"
        );
        assert_eq!(me(&server, &key).expect(200).json()["id"], record["id"]);

        assert_eq!(server.call("GET", &own, None).expect(200).json(), record);
        let list = server.call("GET", path, None).expect(200);
        assert!(
            !String::from_utf8_lossy(&list.body).contains(&key),
            "never shown again"
        );
        let list = list.json();
        let listed = list["data"].as_array().expect("a list");
        assert_eq!(
            listed.len(),
            if path == SERVER { 2 } else { 1 },
            "only those over exactly this"
        );
        assert!(listed.contains(&record), "{list}");

        let rotated = server
            .call("POST", &format!("{own}/rotate"), None)
            .expect(200);
        assert_eq!(rotated.header("cache-control"), "no-store");
        let rotated = rotated.json();
        let new = text(&rotated["key"]);
        assert_eq!(rotated["operator"]["id"], record["id"]);
        me(&server, &key).problem(401, "invalid_credential");
        assert_eq!(me(&server, &new).expect(200).json()["id"], record["id"]);

        server.call("DELETE", &own, None).expect(204);
        me(&server, &new).problem(401, "invalid_credential");
        for (method, path) in [
            ("GET", own.clone()),
            ("DELETE", own.clone()),
            ("POST", format!("{own}/rotate")),
        ] {
            server.call(method, &path, None).problem(404, "not_found");
        }
    }
    // What stands over one thing is not found over another.
    let own = make(
        &server,
        ACCOUNT,
        json!({ "name": "x", "rights": ["keys.read"] }),
    );
    let id = text(&own.record["id"]);
    server.account("shop", "rival");
    for path in [
        SERVER,
        KEYSPACE,
        "/v1/keyspaces/shop/accounts/rival/operators",
    ] {
        server
            .call("DELETE", &format!("{path}/{id}"), None)
            .problem(404, "not_found");
    }
    me(&server, &own.key).expect(200);
}

#[test]
fn what_an_operator_is_made_of_is_checked() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let refused = |path: &str, changes: Value, field: &str| {
        let mut body = json!({ "name": "x", "rights": ["keys.read"] });
        for (name, value) in changes.as_object().expect("members") {
            body[name] = value.clone();
        }
        let problem = server
            .call("POST", path, Some(body))
            .problem(400, "invalid_field");
        for error in problem["errors"].as_array().expect("members at fault") {
            assert_eq!(error["field"], field, "{problem}");
        }
        text(&problem["detail"])
    };
    for path in [SERVER, KEYSPACE, ACCOUNT] {
        refused(path, json!({ "name": "" }), "name");
        refused(path, json!({ "name": "\u{202e}x" }), "name");
        refused(path, json!({ "name": "n".repeat(101) }), "name");
        for rights in [
            json!([]),
            json!(["admin"]),
            json!(["*"]),
            json!(["keys.read", "keys.read"]),
        ] {
            refused(path, json!({ "rights": rights }), "rights");
        }
        refused(
            path,
            json!({ "expires_at": "2026-11-21T20:14:00Z" }),
            "expires_at",
        );
        refused(path, json!({ "expires_at": "soon" }), "expires_at");
    }
    assert!(refused(SERVER, json!({ "levels": ["events"] }), "levels").contains("keyspace"));
    refused(KEYSPACE, json!({ "rights": ["server.maintain"] }), "rights");
    for right in ALL.iter().filter(|right| !OF_ACCOUNTS.contains(right)) {
        refused(ACCOUNT, json!({ "rights": [right] }), "rights");
    }
    for path in [KEYSPACE, ACCOUNT] {
        assert!(
            refused(path, json!({ "levels": ["god"] }), "levels").contains("events_and_contacts")
        );
        refused(path, json!({ "levels": [] }), "levels");
    }
    for body in [
        json!({ "name": "x" }),
        json!({ "rights": ["keys.read"] }),
        json!({ "name": "x", "rights": ["keys.read"], "reach": {} }),
        json!({ "name": "x", "rights": "keys.read" }),
    ] {
        server
            .call("POST", ACCOUNT, Some(body))
            .problem(400, "invalid_json");
    }
    for path in [
        "/v1/keyspaces/none/operators",
        "/v1/keyspaces/shop/accounts/none/operators",
        "/v1/keyspaces/none/accounts/acme/operators",
    ] {
        let body = json!({ "name": "x", "rights": ["keys.read"] });
        server
            .call("POST", path, Some(body))
            .problem(404, "not_found");
        server.call("GET", path, None).problem(404, "not_found");
    }
}

/// Threat 33: no operator comes out stronger than its maker, in rights, reach, levels or time.
#[test]
fn nobody_makes_an_operator_stronger_than_themselves() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let rights = ["keys.read", "operators.read", "operators.write"];
    let maker = json!({ "name": "maker", "rights": rights, "levels": ["events"], "expires_at": "2026-12-21T00:00:00Z" });
    let maker = make(&server, KEYSPACE, maker).key;
    let refused = |path: &str, body: Value, field: &str| {
        let problem = server
            .call_as(Some(&maker), "POST", path, Some(body))
            .problem(403, "stronger_than_maker");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    };
    for path in [KEYSPACE, ACCOUNT] {
        for right in ["keys.write", "keys.reveal", "accounts.read", "audit.read"] {
            refused(
                path,
                json!({ "name": "x", "rights": ["keys.read", right] }),
                "rights",
            );
        }
        refused(
            path,
            json!({ "name": "x", "rights": ["keys.read"], "levels": ["full"] }),
            "levels",
        );
        refused(
            path,
            json!({ "name": "x", "rights": ["keys.read"], "levels": ["events", "full"] }),
            "levels",
        );
        refused(
            path,
            json!({ "name": "x", "rights": ["keys.read"], "expires_at": "2026-12-21T00:00:00.001Z" }),
            "expires_at",
        );
        let same = json!({ "name": "x", "rights": rights, "levels": ["events"], "expires_at": "2026-12-21T00:00:00Z" });
        make_as(&server, &maker, path, same);
        // Left out, it is not without limit: it is as the maker's.
        let record = make_as(
            &server,
            &maker,
            path,
            json!({ "name": "x", "rights": ["keys.read"] }),
        )
        .record;
        assert_eq!(record["levels"], json!(["events"]));
        assert_eq!(record["expires_at"], "2026-12-21T00:00:00.000Z");
    }
    let wider = json!({ "name": "x", "rights": ["keys.read"] });
    server
        .call_as(Some(&maker), "POST", SERVER, Some(wider))
        .problem(403, "missing_right");
}

/// Threat 33: whoever could rotate a greater operator's key would have that key.
#[test]
fn nobody_takes_over_or_removes_an_operator_stronger_than_themselves() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let strong =
        json!({ "name": "strong", "rights": ["keys.read", "keys.write", "operators.write"] });
    let strong = make(&server, KEYSPACE, strong);
    let all_levels = make(
        &server,
        KEYSPACE,
        json!({ "name": "levels", "rights": ["keys.read"] }),
    );
    let for_ever = json!({ "name": "ever", "rights": ["keys.read"], "levels": ["events"] });
    let for_ever = make(&server, KEYSPACE, for_ever);
    let weak = json!({ "name": "weak", "rights": ["keys.read", "operators.write"], "levels": ["events"], "expires_at": "2026-12-01T00:00:00Z" });
    let weak = make(&server, KEYSPACE, weak);
    for other in [&strong, &all_levels, &for_ever] {
        let rotate = format!("{}/rotate", other.path);
        server
            .call_as(Some(&weak.key), "POST", &rotate, None)
            .problem(403, "stronger_than_maker");
        server
            .call_as(Some(&weak.key), "DELETE", &other.path, None)
            .problem(403, "stronger_than_maker");
        me(&server, &other.key).expect(200);
    }
    // Beyond the reach it is not even there.
    let first = text(&me(&server, &server.operator).expect(200).json()["id"]);
    for path in [format!("{KEYSPACE}/{first}"), format!("{ACCOUNT}/{first}")] {
        server
            .call_as(Some(&weak.key), "DELETE", &path, None)
            .problem(404, "not_found");
        server
            .call_as(Some(&weak.key), "POST", &format!("{path}/rotate"), None)
            .problem(404, "not_found");
    }
    server
        .call_as(
            Some(&weak.key),
            "DELETE",
            &format!("{SERVER}/{first}"),
            None,
        )
        .problem(403, "missing_right");
    // Its equals and its own key are its to rotate.
    let rotated = server
        .call_as(
            Some(&weak.key),
            "POST",
            &format!("{}/rotate", weak.path),
            None,
        )
        .expect(200)
        .json();
    me(&server, &weak.key).problem(401, "invalid_credential");
    let weak_key = text(&rotated["key"]);
    assert_eq!(
        rotated["operator"]["rights"], weak.record["rights"],
        "no stronger than before"
    );
    let child = make_as(
        &server,
        &weak_key,
        ACCOUNT,
        json!({ "name": "child", "rights": ["keys.read"] }),
    );
    server
        .call_as(Some(&weak_key), "DELETE", &child.path, None)
        .expect(204);
    me(&server, &child.key).problem(401, "invalid_credential");
}

#[test]
fn who_may_only_read_changes_nobody() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let other = make(
        &server,
        ACCOUNT,
        json!({ "name": "other", "rights": ["keys.read"] }),
    );
    let reader = make(
        &server,
        ACCOUNT,
        json!({ "name": "reader", "rights": ["operators.read", "keys.read"] }),
    )
    .key;
    assert_eq!(
        server
            .call_as(Some(&reader), "GET", &other.path, None)
            .expect(200)
            .json(),
        other.record
    );
    for (method, path, body) in [
        (
            "POST",
            ACCOUNT.to_owned(),
            Some(json!({ "name": "x", "rights": ["keys.read"] })),
        ),
        ("POST", format!("{}/rotate", other.path), None),
        ("DELETE", other.path.clone(), None),
    ] {
        server
            .call_as(Some(&reader), method, &path, body)
            .problem(403, "missing_right");
    }
    me(&server, &other.key).expect(200);
}

#[test]
fn an_operator_ends_when_it_was_said_to() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let body =
        json!({ "name": "x", "rights": ["keys.read"], "expires_at": "2026-11-22T20:14:00Z" });
    let made = make(&server, KEYSPACE, body);
    server.clock.advance(DAY - 1);
    me(&server, &made.key).expect(200);
    server.clock.advance(1);
    let over = me(&server, &made.key);
    let unknown = me(&server, "kw_op_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17");
    assert_eq!(over.body, unknown.body, "as one that never was");
    over.problem(401, "invalid_credential");
    let rotate = format!("{}/rotate", made.path);
    server.call("POST", &rotate, None).problem(409, "expired");
    server.call("DELETE", &made.path, None).expect(204);
}

#[test]
fn the_last_operator_who_may_do_everything_stays() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let first = text(&me(&server, &server.operator).expect(200).json()["id"]);
    let first = format!("{SERVER}/{first}");
    // Neither somebody with less nor somebody who ends makes up for it.
    make(
        &server,
        SERVER,
        json!({ "name": "less", "rights": &ALL[1..] }),
    );
    make(
        &server,
        SERVER,
        json!({ "name": "ends", "rights": ALL, "expires_at": "2027-01-01T00:00:00Z" }),
    );
    let problem = server
        .call("DELETE", &first, None)
        .problem(409, "last_operator");
    assert!(
        text(&problem["detail"]).contains("make another"),
        "{problem}"
    );
    me(&server, &server.operator).expect(200);
    let second = make(&server, SERVER, json!({ "name": "second", "rights": ALL }));
    server.call("DELETE", &first, None).expect(204);
    me(&server, &server.operator).problem(401, "invalid_credential");
    server
        .call_as(Some(&second.key), "DELETE", &second.path, None)
        .problem(409, "last_operator");
}

#[test]
fn what_a_removed_operator_made_stays() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let rights = [
        "keys.read",
        "keys.write",
        "operators.write",
        "tokens.write",
        "snapshot.read",
    ];
    let maker = make(
        &server,
        KEYSPACE,
        json!({ "name": "maker", "rights": rights }),
    );
    let child = make_as(
        &server,
        &maker.key,
        ACCOUNT,
        json!({ "name": "child", "rights": ["keys.read"] }),
    );
    let token = server.call_as(
        Some(&maker.key),
        "POST",
        "/v1/keyspaces/shop/tokens",
        Some(json!({ "rights": ["snapshot.read"] })),
    );
    let token = text(&token.expect(201).json()["token"]);
    let keys = "/v1/keyspaces/shop/accounts/acme/keys";
    let body = json!({ "description": "CRM", "level": "full" });
    let key = server
        .call_as(Some(&maker.key), "POST", keys, Some(body))
        .expect(201)
        .json();
    server.call("DELETE", &maker.path, None).expect(204);
    assert_eq!(
        me(&server, &child.key).expect(200).json()["id"],
        child.record["id"]
    );
    server
        .call_as(Some(&token), "GET", "/v1/keyspaces/shop/head", None)
        .expect(200);
    let path = format!("{keys}/{}", text(&key["record"]["id"]));
    let key = server.call("GET", &path, None).expect(200).json();
    assert_eq!(
        (&key["status"], &key["created_by"]),
        (&json!("active"), &maker.record["id"])
    );
}
