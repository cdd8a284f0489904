//! Keys in texts: they are not stored, and not repeated to whoever sent them.

use serde_json::{Value, json};

use crate::server::{Server, text};

const ACCOUNTS: &str = "/v1/keyspaces/shop/accounts";
const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

fn server() -> Server {
    let server = Server::start();
    server.keyspace_of("keyward", "shop", "acme");
    server.keyspace_of("inboxfirst", "mail", "7");
    server
}

/// A key of each form: of a customer, of one whose key names the account, of an operator and of an edge.
fn keys(server: &Server) -> Vec<String> {
    let make = |path: &str, body: Value| server.call("POST", path, Some(body)).expect(201).json();
    let own = make(KEYS, json!({ "name": "own", "level": "read" }));
    let mail = "/v1/keyspaces/mail/accounts/7/keys";
    let hex = make(
        mail,
        json!({ "name": "hex", "level": "organization_admin" }),
    );
    vec![
        text(&own["key"]),
        text(&hex["key"]),
        server.operator.clone(),
        server.token("shop", &["snapshot.read"]),
    ]
}

#[test]
fn a_key_is_stored_in_no_text() {
    let server = server();
    let made = server.call("POST", KEYS, Some(json!({ "name": "a", "level": "read" })));
    let id = text(&made.expect(201).json()["record"]["id"]);
    let one = format!("{KEYS}/{id}");
    for key in keys(&server) {
        let note = format!("old key: {key}.");
        let operators = "/v1/keyspaces/shop/operators";
        for (method, path, field, body) in [
            ("POST", ACCOUNTS, "name", json!({ "id": "b", "name": key })),
            ("POST", ACCOUNTS, "name", json!({ "id": "b", "name": note })),
            (
                "PATCH",
                "/v1/keyspaces/shop/accounts/acme",
                "name",
                json!({ "name": note }),
            ),
            (
                "POST",
                KEYS,
                "name",
                json!({ "name": note, "level": "read" }),
            ),
            (
                "POST",
                KEYS,
                "subject",
                json!({ "name": "b", "level": "read", "subject": key }),
            ),
            (
                "POST",
                KEYS,
                "meta",
                json!({ "name": "b", "level": "read", "meta": { "old": key } }),
            ),
            (
                "POST",
                KEYS,
                "meta",
                json!({ "name": "b", "level": "read", "meta": { key.clone(): 1 } }),
            ),
            ("PATCH", &one, "name", json!({ "name": key })),
            ("PATCH", &one, "subject", json!({ "subject": note })),
            ("PATCH", &one, "meta", json!({ "meta": { "old": [note] } })),
            (
                "POST",
                operators,
                "name",
                json!({ "name": note, "rights": ["keys.read"] }),
            ),
            (
                "POST",
                "/v1/keyspaces/shop/tokens",
                "name",
                json!({ "name": key, "rights": ["snapshot.read"] }),
            ),
            (
                "POST",
                "/v1/keyspaces/shop/accounts/acme/portal-links",
                "name",
                json!({ "name": key }),
            ),
            (
                "POST",
                "/v1/keyspaces",
                "profile_toml",
                json!({ "id": "b", "profile_toml": format!("title = \"{key}\"") }),
            ),
        ] {
            let refused = server.call(method, path, Some(body));
            assert!(!refused.text().contains(&key), "{method} {path} {field}");
            let problem = refused.problem(400, "invalid_field");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
            let detail = text(&problem["errors"][0]["detail"]);
            assert!(detail.starts_with("looks like a key"), "{detail}");
        }
    }
    let list = server.call("GET", ACCOUNTS, None).expect(200).json();
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
}

#[test]
fn an_id_of_an_account_is_no_key() {
    let server = server();
    let key = keys(&server).swap_remove(0);
    for (path, id) in [
        (ACCOUNTS, &key),
        (ACCOUNTS, &key.replace('_', ".")),
        ("/v1/keyspaces", &key),
    ] {
        let body = json!({ "id": id, "profile": "keyward" });
        let body = if path == ACCOUNTS {
            json!({ "id": id })
        } else {
            body
        };
        let refused = server.call("POST", path, Some(body));
        assert!(!refused.text().contains(id.as_str()), "{path}");
        refused.problem(400, "invalid_field");
    }
}

#[test]
fn refusals_name_plain_words_and_nothing_else() {
    let server = server();
    let ask = |body: Value| {
        let path = "/v1/keyspaces/shop/operators";
        let refused = server.call("POST", path, Some(body));
        assert_eq!(refused.status, 400, "{}", refused.text());
        refused.text()
    };
    // A key of a form that only its owner knows.
    let secret = "Qm9ndXMgc2VjcmV0IQ";
    for body in [
        json!({ "name": "x", "rights": [secret] }),
        json!({ "name": "x", "rights": [secret, secret] }),
        json!({ "name": "x", "rights": secret }),
        json!({ "name": "x", "rights": ["keys.read"], "levels": [secret] }),
        json!({ "name": "x", "rights": ["keys.read"], "expires_at": secret }),
        json!({ "name": "x", "rights": ["keys.read"], secret: 1 }),
        json!({ "name": [secret], "rights": ["keys.read"] }),
        json!(secret),
    ] {
        assert!(!ask(body).contains(secret));
    }
    let told = ask(json!({ "name": "x", "rights": ["keys.eat"] }));
    assert!(told.contains("keys.eat"), "{told}");
    let told = ask(json!({ "name": "x", "rights": ["keys.read"], "colour": 1 }));
    assert!(
        told.contains("unknown field `colour`, expected one of `name`"),
        "{told}"
    );
    for body in [
        json!({ "name": "x", "level": "read", secret: "y" }),
        json!({ "name": "x", "level": "read", "constraints": { secret: ["y"] } }),
        json!({ "name": "x", "level": "read", "constraints": { "ip": [secret] } }),
        json!({ "name": "x", "level": secret }),
    ] {
        let refused = server.call("POST", KEYS, Some(body));
        assert!(!refused.text().contains(secret), "{}", refused.text());
        assert_eq!(refused.status, 400);
    }
}

#[test]
fn a_form_can_be_filled_in_by_whoever_sees_the_keys() {
    let server = server();
    let path = "/v1/keyspaces/shop/accounts/acme/profile";
    let body = json!({ "rights": ["keys.read"] });
    let links = "/v1/keyspaces/shop/accounts/acme/portal-links";
    let link = server.call("POST", links, Some(body)).expect(201).json();
    let link = text(&link["token"]);
    let profile = server
        .call_as(Some(&link), "GET", path, None)
        .expect(200)
        .json();
    assert_eq!(profile["id"], "keyward");
    let ids = |list: &Value, name: &str| -> Vec<String> {
        let list = list.as_array().expect("a list").iter();
        list.map(|item| text(&item[name])).collect()
    };
    let known = keyward::profile::Profile::preset("keyward").expect("a preset");
    let levels = known.levels().iter().map(|level| level.id.to_string());
    assert_eq!(ids(&profile["levels"], "id"), levels.collect::<Vec<_>>());
    let fields = known.fields().iter().map(|field| field.name.to_string());
    assert_eq!(ids(&profile["fields"], "name"), fields.collect::<Vec<_>>());
    assert_eq!(ids(&profile["constraints"], "name"), ["ip"]);
    assert_eq!(
        profile["lifecycle"]["reversible"],
        known.lifecycle().reversible
    );
    for hidden in ["epoch", "public_keys", "routes", "profile_toml"] {
        assert!(profile.get(hidden).is_none(), "{hidden}");
    }
    server.account("shop", "rival");
    let rival = path.replace("acme", "rival");
    server
        .call_as(Some(&link), "GET", &rival, None)
        .problem(404, "not_found");
    let blind = server.operator("shop", Some("acme"), &["accounts.read"]);
    server
        .call_as(Some(&blind), "GET", path, None)
        .problem(403, "missing_right");
}

#[test]
fn a_dialect_without_a_master_key_says_so() {
    let mut server = Server::start();
    server.restart_sealing(None);
    server.keyspace_of("inboxfirst", "mail", "7");
    let keys = "/v1/keyspaces/mail/accounts/7/keys";
    let body = json!({ "name": "x", "level": "organization_admin" });
    server
        .call("POST", keys, Some(body))
        .problem(409, "master_key_missing");
    server.call("GET", "/readyz", None).expect(200);
}
