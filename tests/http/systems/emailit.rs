//! Rows M, as far as they hold whatever the dialect.

use serde_json::{Value, json};

use super::System;
use crate::server::text;

fn key(name: &str, level: &str) -> Value {
    json!({ "name": name, "level": level })
}

const SEND: &str = "POST /v2/emails";

#[test]
fn m2_m3_m4_a_key_has_a_name_a_scope_and_perhaps_a_domain() {
    let system = System::new("emailit");
    let full = system.make(key("all", "full"));
    let sending = system.make(key("mailer", "sending"));
    assert!(full.key.starts_with("em_live_"));
    assert_eq!(system.call(&full.key, SEND), "allowed");
    assert_eq!(system.call(&sending.key, SEND), "allowed");
    assert_eq!(system.call(&full.key, "GET /v2/domains"), "allowed");
    assert_eq!(
        system.call(&sending.key, "GET /v2/domains"),
        "insufficient_scope"
    );
    system.refuse(json!({ "level": "full" }), 400, "invalid_field");

    let mut body = key("one domain", "sending");
    body["constraints"] = json!({ "sending_domain_id": [7] });
    let one = system.make(body);
    let send = |context: Value| system.call_about(&one.key, SEND, &context);
    assert_eq!(send(json!({ "sending_domain_id": 7 })), "allowed");
    assert_eq!(send(json!({ "sending_domain_id": [7] })), "allowed");
    for other in [
        json!({ "sending_domain_id": 8 }),
        json!({ "sending_domain_id": [7, 8] }),
        json!({ "sending_domain_id": [] }),
        json!({ "sending_domain_id": "7" }),
        json!({}),
    ] {
        assert_eq!(send(other), "constraint_violated");
    }
}

#[test]
fn m6_the_key_appears_once_and_nowhere_else() {
    let system = System::new("emailit");
    let made = system.make(key("all", "full"));
    for path in [
        &*made.path,
        &*system.keys,
        "/v1/keyspaces/shop/keys",
        "/v1/keyspaces/shop/audit",
    ] {
        let answer = system.server.call("GET", path, None).expect(200);
        assert!(
            !String::from_utf8_lossy(&answer.body).contains(&made.key),
            "{path}"
        );
    }
}

#[test]
fn m8_m25_a_name_names_one_key_of_an_account_whatever_its_state() {
    let system = System::new("emailit");
    let first = system.make(key("Mailer", "full"));
    for same in ["Mailer", "MAILER", "mailer", " mailer ", "ＭＡＩＬＥＲ"] {
        let problem = system.refuse(key(same, "sending"), 409, "already_exists");
        assert_eq!(problem["existing"]["id"], first.record["id"], "{same}");
        assert_eq!(problem["existing"]["name"], "Mailer");
        assert_eq!(problem["errors"][0]["field"], "name");
    }
    system.verb(&first, "deactivate");
    system.refuse(key("mailer", "full"), 409, "already_exists");
    let second = system.make(key("another", "full"));
    let rename = |name: &str| {
        let body = json!({ "name": name });
        system.server.call("PATCH", &second.path, Some(body))
    };
    rename("mailer").problem(409, "already_exists");
    rename("ANOTHER").expect(200);
    system.server.call("DELETE", &first.path, None).expect(204);
    rename("mailer").expect(200);

    // The same name in another account is another name.
    system.server.account("shop", "rival");
    let rival = "/v1/keyspaces/shop/accounts/rival/keys";
    let body = key("mailer", "full");
    system.server.call("POST", rival, Some(body)).expect(201);
}

#[test]
fn m10_m16_m19_last_use_is_told_as_soon_as_it_is_known() {
    let system = System::new("emailit");
    let made = system.make(key("all", "full"));
    assert_eq!(made.record["last_used_at"], Value::Null);
    system.server.clock.advance(1000);
    assert_eq!(system.ask(json!({ "key": made.key }))["allowed"], true);
    system.server.call("POST", "/v1/maintain", None).expect(200);
    let record = system
        .server
        .call("GET", &made.path, None)
        .expect(200)
        .json();
    assert_eq!(record["last_used_at"], "2026-11-21T20:14:01.000Z");
    assert_eq!(
        record["revision"], made.record["revision"],
        "a use is no change"
    );
}

#[test]
fn m20_m22_an_update_changes_updated_at_and_never_created_at() {
    let system = System::new("emailit");
    let made = system.make(key("all", "full"));
    system.server.clock.advance(1000);
    let body = json!({ "name": "renamed" });
    let renamed = system
        .server
        .call("PATCH", &made.path, Some(body))
        .expect(200);
    assert!(!String::from_utf8_lossy(&renamed.body).contains(&made.key));
    let renamed = renamed.json();
    assert_eq!(renamed["name"], "renamed");
    assert_eq!(renamed["created_at"], made.record["created_at"]);
    assert_eq!(text(&renamed["updated_at"]), "2026-11-21T20:14:01.000Z");
}

#[test]
fn m26_m27_deleting_revokes() {
    let system = System::new("emailit");
    let made = system.make(key("all", "full"));
    system.server.call("DELETE", &made.path, None).expect(204);
    assert_eq!(system.call(&made.key, SEND), "unknown_key");
    let again = system.server.call("DELETE", &made.path, None);
    again.problem(404, "not_found");
}
