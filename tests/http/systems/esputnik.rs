//! Rows E.

use serde_json::json;

use super::{DAY, System};
use crate::server::text;

fn key(level: &str) -> serde_json::Value {
    json!({ "description": "shop on example.com", "level": level })
}

#[test]
fn e1_a_component_reaches_the_account_with_a_key_alone() {
    let system = System::new("esputnik");
    let made = system.make(key("events"));
    let event = json!({ "key": made.key, "method": "POST", "path": "/api/v1/event" });
    let decision = system.ask(event);
    assert_eq!(
        (&decision["allowed"], &decision["account"]),
        (&json!(true), &json!("acme"))
    );
    assert_eq!(system.alive("the account's password"), "malformed_key");
    // Nor does it open more than the API: whoever manages keys has another credential.
    system
        .server
        .call_as(Some(&made.key), "GET", &system.keys, None)
        .problem(401, "invalid_credential");
}

#[test]
fn e5_a_key_is_edited_and_stays_the_same_key() {
    let system = System::new("esputnik");
    let made = system.make(key("events"));
    let contacts = "GET /api/v1/contacts";
    assert_eq!(system.call(&made.key, contacts), "insufficient_scope");
    system.server.clock.advance(1000);
    let edited = system.edit(
        &made,
        json!({ "description": "CRM", "level": "events_and_contacts" }),
    );
    assert_eq!(edited["description"], "CRM");
    assert_eq!(edited["updated_at"], "2026-11-21T20:14:01.000Z");
    for same in ["id", "hint", "created_at", "created_by", "status"] {
        assert_eq!(edited[same], made.record[same], "{same}");
    }
    assert_eq!(system.call(&made.key, contacts), "allowed");
    system.edit(&made, json!({ "level": "events" }));
    assert_eq!(system.call(&made.key, contacts), "insufficient_scope");
    for (body, code) in [
        (json!({ "description": "" }), "invalid_field"),
        (json!({ "description": null }), "invalid_field"),
        (json!({ "level": "admin" }), "unknown_level"),
    ] {
        system
            .server
            .call("PATCH", &made.path, Some(body))
            .problem(400, code);
    }
}

#[test]
fn e6_the_description_tells_which_application_uses_the_key() {
    let system = System::new("esputnik");
    assert_eq!(
        system.make(key("full")).record["description"],
        "shop on example.com"
    );
    let long = json!({ "description": "d".repeat(200), "level": "full" });
    system.make(long);
    for description in [json!("d".repeat(201)), json!(""), json!(" "), json!(null)] {
        let body = json!({ "description": description, "level": "full" });
        let problem = system.refuse(body, 400, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], "description");
    }
    system.refuse(json!({ "level": "full" }), 400, "invalid_field");
}

#[test]
fn e7_rights_are_chosen_when_the_key_is_made() {
    let system = System::new("esputnik");
    let problem = system.refuse(json!({ "description": "x" }), 400, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "level");
    system.refuse(key("admin"), 400, "unknown_level");
}

#[test]
fn e8_several_keys_of_an_account_have_rights_of_their_own() {
    let system = System::new("esputnik");
    let events = system.make(key("events"));
    let contacts = system.make(key("events_and_contacts"));
    let full = system.make(key("full"));
    assert_eq!(system.list().len(), 3);
    let opened = |call: &str| {
        [&events, &contacts, &full].map(|made| system.call(&made.key, call) == "allowed")
    };
    assert_eq!(opened("POST /api/v1/event"), [true, true, true]);
    assert_eq!(opened("GET /api/v1/contacts"), [false, true, true]);
    assert_eq!(opened("POST /api/v1/message/sms"), [false, false, true]);
}

/// What the columns of the page show, in its order, for a key that is available and one that is not.
#[test]
fn e9_a_list_has_the_data_of_every_column() {
    let system = System::new("esputnik");
    let off = system.make(key("full"));
    system.verb(&off, "disable");
    system.server.clock.advance(1000);
    let on = system.make(key("events"));
    let list = system.list();
    let columns = |row: &serde_json::Value| {
        [
            "hint",
            "created_by",
            "created_at",
            "level",
            "description",
            "status",
        ]
        .map(|column| text(&row[column]))
    };
    let [hint, created_by, rest @ ..] = columns(&list[0]);
    assert_eq!(
        rest,
        [
            "2026-11-21T20:14:01.000Z",
            "events",
            "shop on example.com",
            "active"
        ]
    );
    assert!(
        hint.starts_with("es_") && hint.len() < on.key.len() / 2,
        "{hint}"
    );
    let me = system.server.call("GET", "/v1/me", None).expect(200).json();
    assert_eq!(json!(created_by), me["id"], "who created it");
    let [.., level, _, status] = columns(&list[1]);
    assert_eq!([level, status], ["full", "disabled"]);
    let whole = system
        .server
        .call("GET", &system.keys, None)
        .expect(200)
        .text();
    assert!(!whole.contains(&on.key) && !whole.contains(&off.key));
}

#[test]
fn e10_there_are_three_levels() {
    let system = System::new("esputnik");
    for level in ["full", "events", "events_and_contacts"] {
        let made = system.make(key(level));
        assert_eq!(made.record["level"], level);
        assert_eq!(system.ask(json!({ "key": made.key }))["level"], level);
    }
    for level in ["Full", "contacts", "", "full,events"] {
        let made = system.server.call("POST", &system.keys, Some(key(level)));
        assert_eq!(made.status, 400, "{level}");
    }
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
fn e18_a_key_that_is_switched_off_is_blocked() {
    let system = System::new("esputnik");
    let (off, other) = (system.make(key("full")), system.make(key("full")));
    assert_eq!(system.verb(&off, "disable")["status"], "disabled");
    assert_eq!(system.call(&off.key, "GET /api/v1/version"), "disabled");
    assert_eq!(system.call(&other.key, "GET /api/v1/version"), "allowed");
    let decision = system.ask(json!({ "key": off.key }));
    assert_eq!(decision["status"], 401);
}

#[test]
fn e19_it_is_switched_on_again_and_idle_time_counts_from_there() {
    let system = System::new("esputnik");
    let made = system.make(key("full"));
    system.server.clock.advance(80 * DAY);
    system.verb(&made, "disable");
    system.server.clock.advance(5 * DAY);
    let enabled = system.verb(&made, "enable");
    assert_eq!(enabled["status"], "active");
    assert_eq!(enabled["enabled_at"], "2027-02-14T20:14:00.000Z");
    assert_eq!(enabled["hint"], made.record["hint"], "the same key");
    system.server.clock.advance(90 * DAY);
    assert_eq!(system.idle_disabled(), 0);
    system.server.clock.advance(1);
    assert_eq!(system.idle_disabled(), 1);
    // What idleness switched off comes back in the same way.
    assert_eq!(system.alive(&made.key), "disabled");
    system.verb(&made, "enable");
    assert_eq!(system.idle_disabled(), 0);
    assert_eq!(system.alive(&made.key), "allowed");
}

#[test]
fn e20_a_key_that_nobody_uses_for_90_days_is_switched_off() {
    let system = System::new("esputnik");
    let (idle, used) = (system.make(key("full")), system.make(key("full")));
    system.server.clock.advance(89 * DAY);
    assert_eq!(system.ask(json!({ "key": used.key }))["allowed"], true);
    assert_eq!(system.idle_disabled(), 0);
    system.server.clock.advance(DAY + 1);
    assert_eq!(system.idle_disabled(), 1);
    assert_eq!(system.show(&idle)["status"], "disabled");
    assert_eq!(system.show(&used)["status"], "active");
    assert_eq!(system.alive(&idle.key), "disabled");
}

/// An edge decides without the server; what it reports afterwards is use all the same.
#[test]
fn e20_use_at_the_edge_is_use() {
    let system = System::new("esputnik");
    let (idle, used) = (system.make(key("full")), system.make(key("full")));
    let edge = system
        .server
        .token("shop", &["snapshot.read", "usage.write"]);
    system.server.clock.advance(89 * DAY);
    system.report(&edge, "first", &used, 3);
    system.server.clock.advance(DAY + 1);
    assert_eq!(system.idle_disabled(), 1);
    assert_eq!(system.show(&idle)["status"], "disabled");
    let record = system.show(&used);
    assert_eq!(record["status"], "active");
    assert_eq!(record["last_used_at"], "2027-02-18T20:14:00.000Z");
    // A report that comes twice is one use, and 90 days after it the key is idle as well.
    system.report(&edge, "first", &used, 3);
    system.server.clock.advance(89 * DAY);
    assert_eq!(system.idle_disabled(), 1);
    assert_eq!(system.show(&used)["status"], "disabled");
}

#[test]
fn e21_a_deleted_key_is_gone_for_good() {
    let system = System::new("esputnik");
    let made = system.make(key("full"));
    system.server.call("DELETE", &made.path, None).expect(204);
    assert_eq!(system.alive(&made.key), "unknown_key");
    assert!(system.list().is_empty());
    for (method, below) in [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/enable"),
        ("POST", "/rotate"),
    ] {
        let path = format!("{}{below}", made.path);
        let answer = system.server.call(method, &path, None);
        answer.problem(404, "not_found");
    }
}
