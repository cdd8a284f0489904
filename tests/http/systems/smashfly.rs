//! Rows S.

use serde_json::{Value, json};

use super::{DAY, System};
use crate::server::text;

fn key(level: &str, email: &str, days: u32) -> Value {
    json!({ "level": level, "contact_email": email, "expires_in_days": days })
}

const EXPORT: &str = "GET /contact-export/contacts";
const LOOKUP: &str = "GET /list-lookup/lists";

#[test]
fn s1_s2_s14_a_key_is_for_one_of_the_two_apis() {
    let system = System::new("smashfly");
    let list = system.make(key("list", "ann@example.com", 90));
    let contact = system.make(key("contact", "ann@example.com", 90));
    assert_eq!(system.call(&list.key, LOOKUP), "allowed");
    assert_eq!(system.call(&list.key, EXPORT), "insufficient_scope");
    assert_eq!(system.call(&contact.key, EXPORT), "allowed");
    assert_eq!(system.call(&contact.key, LOOKUP), "insufficient_scope");
    let decision = system.ask(json!({ "key": list.key, "method": "POST", "path": "/jobs" }));
    assert_eq!(decision["reason"], "insufficient_scope");
    assert!(text(&decision["note"]).contains("credentials of the user"));
}

#[test]
fn s5_where_keys_are_not_enabled_the_answer_says_whom_to_ask() {
    let system = System::new("smashfly");
    let account = "/v1/keyspaces/shop/accounts/acme";
    let body = json!({ "keys_enabled": false });
    system.server.call("PATCH", account, Some(body)).expect(200);
    let problem = system.refuse(key("list", "ann@example.com", 90), 403, "keys_not_enabled");
    assert!(
        text(&problem["detail"]).contains("Success Manager"),
        "{problem}"
    );
    let body = json!({ "keys_enabled": true });
    system.server.call("PATCH", account, Some(body)).expect(200);
    system.make(key("list", "ann@example.com", 90));
}

#[test]
fn s6_one_of_the_two_privileges_is_not_enough() {
    let system = System::new("smashfly");
    let as_operator = |rights: &[&str]| {
        let operator = system.server.operator("shop", Some("acme"), rights);
        let body = key("list", "ann@example.com", 90);
        system
            .server
            .call_as(Some(&operator), "POST", &system.keys, Some(body))
    };
    as_operator(&["Configuration System"]).problem(403, "missing_right");
    as_operator(&["Developers' Corner"]).problem(403, "missing_right");
    as_operator(&["Configuration System", "Developers' Corner"]).expect(201);
}

#[test]
fn s10_s17_a_lifetime_is_chosen_and_there_are_three() {
    let system = System::new("smashfly");
    for (days, end) in [
        (90, "2027-02-19T20:14:00.000Z"),
        (180, "2027-05-20T20:14:00.000Z"),
        (365, "2027-11-21T20:14:00.000Z"),
    ] {
        let email = format!("ann{days}@example.com");
        let made = system.make(key("list", &email, days));
        assert_eq!(made.record["expires_at"], end);
    }
    for days in [1, 91, 366, 36_500] {
        system.refuse(key("list", "bob@example.com", days), 400, "invalid_field");
    }
    let mut without = key("list", "bob@example.com", 90);
    without
        .as_object_mut()
        .expect("members")
        .remove("expires_in_days");
    system.refuse(without.clone(), 400, "invalid_field");
    without["expires_at"] = json!("2026-12-01T00:00:00Z");
    system.refuse(without, 400, "invalid_field");
}

#[test]
fn s16_one_active_key_per_address_and_api_and_time_alone_never_blocks() {
    let system = System::new("smashfly");
    let first = system.make(key("list", "Ann@Example.com", 90));
    let problem = system.refuse(key("list", "ann@example.COM", 180), 409, "already_exists");
    assert_eq!(problem["existing"]["id"], first.record["id"]);
    assert_eq!(problem["errors"][0]["field"], "contact_email");
    system.make(key("contact", "ann@example.com", 90));
    // An expired key does not block, also where no maintenance has run.
    system.server.clock.advance(90 * DAY - 1);
    system.refuse(key("list", "ann@example.com", 90), 409, "already_exists");
    system.server.clock.advance(1);
    let second = system.make(key("list", "ann@example.com", 90));
    // Nor does one that is out of use.
    system.verb(&second, "deactivate");
    system.make(key("list", "ann@example.com", 90));
}

#[test]
fn s19_a_lost_key_is_deactivated_and_another_made() {
    let system = System::new("smashfly");
    let lost = system.make(key("list", "ann@example.com", 90));
    let reveal = format!("{}/reveal", lost.path);
    system
        .server
        .call("POST", &reveal, None)
        .problem(409, "not_recoverable");
    system.verb(&lost, "deactivate");
    let other = system.make(key("list", "ann@example.com", 90));
    assert_ne!(other.key, lost.key);
}

#[test]
fn s22_s23_s24_s25_s26_deactivated_is_for_good() {
    let system = System::new("smashfly");
    let made = system.make(key("contact", "ann@example.com", 90));
    for verb in ["disable", "enable"] {
        let path = format!("{}/{verb}", made.path);
        system
            .server
            .call("POST", &path, None)
            .problem(409, "irreversible");
    }
    assert_eq!(system.call(&made.key, EXPORT), "allowed");
    assert_eq!(system.verb(&made, "deactivate")["status"], "deactivated");
    assert_eq!(system.call(&made.key, EXPORT), "deactivated");
    for (method, path, body) in [
        ("POST", format!("{}/enable", made.path), None),
        ("POST", format!("{}/rotate", made.path), None),
        (
            "PATCH",
            made.path.clone(),
            Some(json!({ "description": "back" })),
        ),
    ] {
        let answer = system.server.call(method, &path, body);
        assert_eq!(answer.status, 409, "{path}");
    }
    assert_eq!(system.call(&made.key, EXPORT), "deactivated");
}

#[test]
fn s27_a_key_lapses_at_its_end() {
    let system = System::new("smashfly");
    let made = system.make(key("contact", "ann@example.com", 90));
    system.server.clock.advance(90 * DAY - 1);
    assert_eq!(system.call(&made.key, EXPORT), "allowed");
    system.server.clock.advance(1);
    assert_eq!(system.call(&made.key, EXPORT), "expired");
    let record = system
        .server
        .call("GET", &made.path, None)
        .expect(200)
        .json();
    assert_eq!(record["status"], "expired");
}
