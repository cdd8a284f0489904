//! Keys that can be shown again, where the profile keeps them so.

use serde_json::json;

use super::{KEYS, crm, make};
use crate::server::{Server, Settings, text};

/// InboxFirst's organization 6.
fn organization(settings: Settings) -> Server {
    let server = Server::start_with(settings);
    server.keyspace_of("inboxfirst", "mail", "6");
    server
}

const MAIL: &str = "/v1/keyspaces/mail/accounts/6/keys";

#[test]
fn i21_a_recoverable_key_is_shown_again_and_each_time_is_written_down() {
    let server = organization(Settings::default());
    let body = json!({ "name": "one", "level": "organization_admin" });
    let created = server.call("POST", MAIL, Some(body)).expect(201).json();
    assert_eq!(created["record"]["recoverable"], true);
    let id = text(&created["record"]["id"]);
    let reveal = format!("{MAIL}/{id}/reveal");
    for _ in 0..2 {
        let shown = server.call("POST", &reveal, None).expect(200);
        assert_eq!(shown.header("cache-control"), "no-store");
        let shown = shown.json();
        assert_eq!(shown["key"], created["key"]);
        assert_eq!(shown["record"], created["record"]);
    }
    let rotated = server
        .call("POST", &format!("{MAIL}/{id}/rotate"), None)
        .expect(200)
        .json();
    let shown = server.call("POST", &reveal, None).expect(200).json();
    assert_eq!(shown["key"], rotated["key"]);

    let audit = server
        .call("GET", "/v1/keyspaces/mail/audit", None)
        .expect(200);
    let trail = String::from_utf8_lossy(&audit.body);
    assert_eq!(trail.matches("key.reveal").count(), 3, "{trail}");
    for key in [&created["key"], &rotated["key"]] {
        assert!(!trail.contains(&text(key)));
    }
}

#[test]
fn to_see_a_key_again_is_a_right_of_its_own() {
    let server = organization(Settings::default());
    let body = json!({ "name": "one", "level": "organization_admin" });
    let created = server.call("POST", MAIL, Some(body)).expect(201).json();
    let reveal = format!("{MAIL}/{}/reveal", text(&created["record"]["id"]));
    let without = server.operator("mail", Some("6"), &["keys.read", "keys.write"]);
    server
        .call_as(Some(&without), "POST", &reveal, None)
        .problem(403, "missing_right");
    let with = server.operator("mail", Some("6"), &["keys.read", "keys.reveal"]);
    let shown = server
        .call_as(Some(&with), "POST", &reveal, None)
        .expect(200)
        .json();
    assert_eq!(shown["key"], created["key"]);
    let token = server.token("mail", &["snapshot.read", "keys.verify"]);
    server
        .call_as(Some(&token), "POST", &reveal, None)
        .problem(403, "missing_right");
}

#[test]
fn other_profiles_keep_digests_alone() {
    let server = super::server("esputnik");
    let (path, created) = make(&server, crm());
    assert_eq!(created["record"]["recoverable"], false);
    server
        .call("POST", &format!("{path}/reveal"), None)
        .problem(409, "not_recoverable");
    server
        .call("POST", &format!("{KEYS}/key_000000000/reveal"), None)
        .problem(404, "not_found");
}

#[test]
fn without_a_master_key_there_are_no_recoverable_keys() {
    let server = organization(Settings {
        master_key: None,
        ..Settings::default()
    });
    let body = json!({ "name": "one", "level": "organization_admin" });
    let problem = server
        .call("POST", MAIL, Some(body))
        .problem(409, "master_key_missing");
    assert!(text(&problem["detail"]).contains("master key"), "{problem}");
    let list = server.call("GET", MAIL, None).expect(200).json();
    assert_eq!(list["data"], json!([]));
}
