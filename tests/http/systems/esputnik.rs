//! Rows E.

use serde_json::json;

use super::{DAY, System};
use crate::server::text;

fn key(level: &str) -> serde_json::Value {
    json!({ "description": "shop on example.com", "level": level })
}

#[test]
fn e1_e6_e7_e10_a_key_is_made_for_an_application_with_a_level() {
    let system = System::new("esputnik");
    for level in ["full", "events", "events_and_contacts"] {
        let made = system.make(key(level));
        assert_eq!(made.record["level"], level);
        assert_eq!(made.record["description"], "shop on example.com");
        assert_eq!(system.alive(&made.key), "allowed");
    }
    system.refuse(json!({ "level": "full" }), 400, "invalid_field");
    system.refuse(json!({ "description": "x" }), 400, "invalid_field");
    system.refuse(key("admin"), 400, "unknown_level");
}

#[test]
fn e8_each_key_has_its_own_rights() {
    let system = System::new("esputnik");
    let events = system.make(key("events"));
    let contacts = system.make(key("events_and_contacts"));
    let call = "GET /api/v1/contacts";
    assert_eq!(system.call(&events.key, call), "insufficient_scope");
    assert_eq!(system.call(&contacts.key, call), "allowed");
}

#[test]
fn e9_a_list_shows_who_made_a_key_and_when_and_never_the_key() {
    let system = System::new("esputnik");
    let made = system.make(key("events"));
    let list = system.server.call("GET", &system.keys, None).expect(200);
    assert!(!String::from_utf8_lossy(&list.body).contains(&made.key));
    let list = list.json();
    let item = &list["data"][0];
    assert!(text(&item["created_by"]).starts_with("op_"));
    assert_eq!(item["created_at"], "2026-11-21T20:14:00.000Z");
    assert_eq!(
        (&item["level"], &item["status"]),
        (&json!("events"), &json!("active"))
    );
    assert!(text(&item["hint"]).starts_with("es_"));
}

#[test]
fn e11_the_rules_hold_for_every_version() {
    let system = System::new("esputnik");
    let events = system.make(key("events"));
    for path in ["/api/v1/event", "/api/v2/event", "/api/event"] {
        assert_eq!(system.call(&events.key, &format!("POST {path}")), "allowed");
    }
    for path in ["/api/v1/contacts", "/api/v2/contacts", "/api/contacts"] {
        assert_eq!(
            system.call(&events.key, &format!("GET {path}")),
            "insufficient_scope"
        );
    }
}

#[test]
fn e12_to_e17_levels_open_their_groups() {
    let system = System::new("esputnik");
    let levels = ["events", "events_and_contacts", "full"];
    let keys = levels.map(|level| system.make(key(level)).key);
    for (call, opened) in [
        ("GET /api/v1/version", [true, true, true]),
        ("GET /api/v1/contact/7", [false, true, true]),
        ("POST /api/v1/contact/subscribe", [false, true, true]),
        ("GET /api/v1/contacts/activity", [false, false, true]),
        ("POST /api/v1/event", [true, true, true]),
        ("POST /api/v1/message/email", [false, false, true]),
        ("POST /api/v1/messages/email", [true, true, true]),
        ("GET /api/v1/not/listed", [false, false, true]),
    ] {
        for (key, open) in keys.iter().zip(opened) {
            let expected = if open {
                "allowed"
            } else {
                "insufficient_scope"
            };
            assert_eq!(system.call(key, call), expected, "{call}");
        }
    }
}

#[test]
fn e18_e19_a_key_is_switched_off_and_on_again() {
    let system = System::new("esputnik");
    let made = system.make(key("full"));
    assert_eq!(system.verb(&made, "disable")["status"], "disabled");
    assert_eq!(system.alive(&made.key), "disabled");
    system.server.clock.advance(1000);
    let enabled = system.verb(&made, "enable");
    assert_eq!(enabled["status"], "active");
    assert_eq!(enabled["enabled_at"], "2026-11-21T20:14:01.000Z");
    assert_eq!(system.alive(&made.key), "allowed");
}

#[test]
fn e20_a_key_that_nobody_uses_for_90_days_is_switched_off() {
    let system = System::new("esputnik");
    let (idle, used) = (system.make(key("full")), system.make(key("full")));
    let maintain = || {
        let answer = system.server.call("POST", "/v1/maintain", None);
        answer.expect(200).json()["idle_disabled"].clone()
    };
    system.server.clock.advance(89 * DAY);
    assert_eq!(system.ask(json!({ "key": used.key }))["allowed"], true);
    assert_eq!(maintain(), 0);
    system.server.clock.advance(DAY + 1);
    assert_eq!(maintain(), 1);
    let status = |path: &str| {
        let answer = system.server.call("GET", path, None);
        answer.expect(200).json()["status"].clone()
    };
    assert_eq!(status(&idle.path), "disabled");
    assert_eq!(status(&used.path), "active");
    // E19: idle time counts from here.
    system.verb(&idle, "enable");
    assert_eq!(maintain(), 0);
}

#[test]
fn e21_a_deleted_key_is_gone_for_good() {
    let system = System::new("esputnik");
    let made = system.make(key("full"));
    system.server.call("DELETE", &made.path, None).expect(204);
    assert_eq!(system.alive(&made.key), "unknown_key");
    for path in [made.path.clone(), format!("{}/enable", made.path)] {
        let method = if path == made.path { "GET" } else { "POST" };
        system
            .server
            .call(method, &path, None)
            .problem(404, "not_found");
    }
}
