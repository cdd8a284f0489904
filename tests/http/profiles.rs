//! Keyspaces with a profile of their own.

use keyward::profile::Profile;
use serde_json::{Value, json};

use crate::server::{Answer, Server, text};

fn toml() -> String {
    let toml = Profile::preset_toml("keyward").expect("a preset");
    toml.replace("id = \"keyward\"", "id = \"books\"")
        .replace("prefix = \"kw_live\"", "prefix = \"book\"")
}

fn create(server: &Server, id: &str, toml: &str) -> Answer {
    let body = json!({ "id": id, "profile_toml": toml });
    server.call("POST", "/v1/keyspaces", Some(body))
}

fn messages(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().expect("what is wrong");
    assert!(
        errors.iter().all(|error| error["field"] == "profile_toml"),
        "{problem}"
    );
    errors.iter().map(|error| text(&error["detail"])).collect()
}

#[test]
fn a_keyspace_has_rules_of_its_own() {
    let mut server = Server::start();
    let toml = toml();
    let made = create(&server, "shop", &toml).expect(201).json();
    assert_eq!(
        (&made["profile"], &made["preset"]),
        (&json!("books"), &json!(false))
    );
    let shown = server
        .call("GET", "/v1/keyspaces/shop", None)
        .expect(200)
        .json();
    assert_eq!(shown["profile_toml"], toml);
    server.keyspace("club", "acme");
    let club = server
        .call("GET", "/v1/keyspaces/club", None)
        .expect(200)
        .json();
    assert_eq!(
        (&club["preset"], &club["profile_toml"]),
        (&json!(true), &json!(null))
    );

    server.account("shop", "acme");
    let keys = "/v1/keyspaces/shop/accounts/acme/keys";
    let body = json!({ "name": "reader", "level": "read" });
    let key = text(
        &server
            .call("POST", keys, Some(body.clone()))
            .expect(201)
            .json()["key"],
    );
    assert!(key.starts_with("book_"), "{key}");
    let verify = json!({ "key": key, "method": "GET", "path": "/anything" });
    let decision = |server: &Server| {
        let answer = server.call("POST", "/v1/keyspaces/shop/verify", Some(verify.clone()));
        answer.expect(200).json()["allowed"].clone()
    };
    assert_eq!(decision(&server), json!(true));
    server
        .call("GET", "/v1/keyspaces/shop/head", None)
        .expect(200);
    // Two keyspaces may have the same text, and two profiles the same id.
    create(&server, "second", &toml).expect(201);
    create(
        &server,
        "third",
        &toml.replace("prefix = \"book\"", "prefix = \"volume\""),
    )
    .expect(201);
    server.account("third", "acme");
    let third = server
        .call("POST", "/v1/keyspaces/third/accounts/acme/keys", Some(body))
        .expect(201)
        .json();
    assert!(text(&third["key"]).starts_with("volume_"), "{third}");

    let epoch = |server: &Server| {
        let keyspace = server
            .call("GET", "/v1/keyspaces/shop", None)
            .expect(200)
            .json();
        keyspace["epoch"].clone()
    };
    let before = epoch(&server);
    server.restart();
    assert_eq!(epoch(&server), before, "it compiles to the same bytes");
    assert_eq!(decision(&server), json!(true));
}

#[test]
fn all_that_is_wrong_with_a_profile_is_said_at_once_by_line() {
    let server = Server::start();
    let toml = toml()
        .replace("prefix = \"book\"", "prefix = \"no prefix\"")
        .replace("scope = \"read\"", "scope = \"nothing\"")
        .replace("max_length = 100", "max_length = 0");
    let wrong = messages(&create(&server, "shop", &toml).problem(400, "invalid_field"));
    assert!(wrong.len() >= 3, "{wrong:?}");
    for message in &wrong {
        let line = message
            .strip_prefix("line ")
            .and_then(|rest| rest.split_once(':'));
        let line = line
            .and_then(|(line, _)| line.parse::<usize>().ok())
            .unwrap_or_else(|| panic!("no line: {message}"));
        assert!(
            toml.lines()
                .nth(line - 1)
                .is_some_and(|text| !text.trim().is_empty()),
            "{message}"
        );
    }
    for other in ["", "not toml", "schema_version = 99"] {
        assert_eq!(
            messages(&create(&server, "shop", other).problem(400, "invalid_field")).len(),
            1,
            "{other}"
        );
    }
    server
        .call("GET", "/v1/keyspaces/shop", None)
        .problem(404, "not_found");
}

#[test]
fn privileges_are_made_of_an_accounts_rights() {
    let server = Server::start();
    for (privileges, said) in [
        ("\"Boss\" = [\"accounts.write\"]", "accounts.write"),
        ("\"Boss\" = [\"server.maintain\"]", "server.maintain"),
        ("\"Boss\" = [\"everything\"]", "everything"),
        ("\"keys.read\" = [\"keys.write\"]", "is the name of a right"),
    ] {
        let toml = format!("{}\n[privileges]\n{privileges}\n", toml());
        let wrong = messages(&create(&server, "shop", &toml).problem(400, "invalid_field"));
        assert!(
            wrong.len() == 1 && wrong[0].contains(said),
            "{privileges}: {wrong:?}"
        );
    }
    let toml = format!(
        "{}\n[privileges]\n\"Key keeper\" = [\"keys.read\", \"keys.write\"]\n",
        toml()
    );
    create(&server, "shop", &toml).expect(201);
    let body = json!({ "name": "x", "rights": ["Key keeper", "audit.read"] });
    let made = server
        .call("POST", "/v1/keyspaces/shop/operators", Some(body))
        .expect(201)
        .json();
    assert_eq!(
        made["operator"]["rights"],
        json!(["keys.read", "keys.write", "audit.read"])
    );
}

#[test]
fn a_profile_is_named_or_sent() {
    let server = Server::start();
    let refused = |body: Value, field: &str| {
        let problem = server
            .call("POST", "/v1/keyspaces", Some(body))
            .problem(400, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    };
    refused(json!({ "id": "shop" }), "profile");
    refused(
        json!({ "id": "shop", "profile": "keyward", "profile_toml": toml() }),
        "profile_toml",
    );
    let long = format!("{}\n# {}", toml(), "x".repeat(64 * 1024));
    create(&server, "shop", &long).problem(413, "body_too_large");
}
