//! Rows O.

use serde_json::{Value, json};

use super::System;
use crate::rights::OF_ACCOUNTS;
use crate::server::text;

fn key(level: &str) -> Value {
    json!({ "nickname": level, "contact_email": "ann@example.com", "level": level })
}

const CUSTOMERS: &str = "GET /current/customers/GetCustomersByCampaign";
const CAMPAIGNS: &str = "GET /current/actions/GetExecutedCampaignsByChannel";
const TRANSACTIONAL: &str = "POST /current/transactional/SendTransactionalMail";

#[test]
fn o1_every_request_is_authenticated_by_a_key() {
    let system = System::new("optimove");
    let made = system.make(key("admin"));
    assert_eq!(system.call(&made.key, CUSTOMERS), "allowed");
    // One digit too many, another system's key, a key that was never made, and none.
    let never = "op_live_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ1Azqdf";
    for (key, reason) in [
        (&*format!("{}0", made.key), "malformed_key"),
        ("es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17", "malformed_key"),
        (never, "bad_checksum"),
        ("", "malformed_key"),
    ] {
        assert_eq!(system.call(key, CUSTOMERS), reason, "{key}");
        let decision = system.ask(json!({ "key": key, "method": "GET", "path": "/current/x" }));
        assert_eq!(decision["status"], 401, "{decision}");
    }
    let verify = "/v1/keyspaces/shop/verify";
    let body = json!({ "method": "GET", "path": "/current/x" });
    system
        .server
        .call("POST", verify, Some(body))
        .problem(400, "invalid_json");
}

#[test]
fn o2_the_key_tells_who_calls() {
    let system = System::new("optimove");
    let mut body = key("admin");
    body["subject"] = json!("app-7");
    body["meta"] = json!({ "team": "crm" });
    let made = system.make(body);
    let decision = system.ask(json!({ "key": made.key }));
    assert_eq!(decision["key_id"], made.record["id"]);
    assert_eq!(decision["account"], "acme");
    assert_eq!(decision["subject"], "app-7");
    assert_eq!(decision["meta"], json!({ "team": "crm" }));
}

#[test]
fn o3_one_apps_access_is_revoked_without_touching_anothers() {
    let system = System::new("optimove");
    let (one, other) = (system.make(key("admin")), system.make(key("admin")));
    system.verb(&one, "disable");
    assert_eq!(system.call(&one.key, CUSTOMERS), "disabled");
    assert_eq!(system.call(&other.key, CUSTOMERS), "allowed");
    system.server.call("DELETE", &one.path, None).expect(204);
    assert_eq!(system.call(&one.key, CUSTOMERS), "unknown_key");
    assert_eq!(system.call(&other.key, CUSTOMERS), "allowed");
}

/// It has to ask: its own key opens the API, and nothing that makes keys.
#[test]
fn o5_a_third_party_makes_no_key_by_itself() {
    let system = System::new("optimove");
    let partner = system.make(key("integrations"));
    for (method, path) in [("POST", &system.keys), ("GET", &system.keys)] {
        let body = (method == "POST").then(|| key("integrations"));
        system
            .server
            .call_as(Some(&partner.key), method, path, body)
            .problem(401, "invalid_credential");
    }
    assert_eq!(system.list().len(), 1);
}

/// Only an admin user makes keys: the client's own, over the client's account.
#[test]
fn o6_an_admin_over_the_account_makes_its_keys() {
    let system = System::with_account("optimove", "cid-7");
    let server = &system.server;
    server.account("shop", "cid-8");
    let admin = server.operator("shop", Some("cid-7"), &OF_ACCOUNTS);
    let user = server.operator("shop", Some("cid-7"), &["keys.read"]);
    let writes = server.operator("shop", Some("cid-7"), &["keys.write"]);
    let make = |operator: &str, path: &str| {
        server.call_as(Some(operator), "POST", path, Some(key("integrations")))
    };
    make(&user, &system.keys).problem(403, "missing_right");
    make(&writes, &system.keys).problem(403, "missing_right");
    let by_admin = make(&admin, &system.keys).expect(201).json();
    let me = server.call_as(Some(&admin), "GET", "/v1/me", None);
    assert_eq!(
        by_admin["record"]["created_by"],
        me.expect(200).json()["id"]
    );
    let list = server.call_as(Some(&user), "GET", &system.keys, None);
    assert_eq!(
        list.expect(200).json()["data"][0]["id"],
        by_admin["record"]["id"]
    );
    make(&admin, "/v1/keyspaces/shop/accounts/cid-8/keys").problem(404, "not_found");
    // The system has no words of its own for rights.
    let path = "/v1/keyspaces/shop/accounts/cid-7/operators";
    let body = json!({ "name": "x", "rights": ["Admin"] });
    server
        .call("POST", path, Some(body))
        .problem(400, "invalid_field");
}

#[test]
fn o7_to_o12_nickname_contact_and_type_make_an_active_key_that_is_shown_once() {
    let system = System::new("optimove");
    let made = system.make(key("integrations"));
    assert!(made.key.starts_with("op_live_"));
    assert_eq!(made.record["nickname"], "integrations");
    assert_eq!(made.record["contact_email"], "ann@example.com");
    assert_eq!(made.record["level"], "integrations");
    assert_eq!(made.record["status"], "active");
    assert_eq!(system.call(&made.key, CUSTOMERS), "allowed");
    let other = system.make(key("admin"));
    assert_ne!(made.key, other.key, "a unique key");
    let list = system.server.call("GET", &system.keys, None).expect(200);
    assert!(!list.text().contains(&made.key));
    for member in ["nickname", "contact_email", "level"] {
        let mut body = key("admin");
        body.as_object_mut().expect("members").remove(member);
        system.refuse(body, 400, "invalid_field");
    }
    for address in [
        "ann",
        "ann@",
        "a b@example.com",
        "ann@example.com\r\nBcc: x@example.com",
    ] {
        let mut body = key("admin");
        body["contact_email"] = json!(address);
        system.refuse(body, 400, "invalid_field");
    }
}

#[test]
fn o15_o16_o20_o21_types_open_their_calls() {
    let system = System::new("optimove");
    for (level, customers, transactional, unlisted) in [
        ("admin", "allowed", "allowed", "allowed"),
        (
            "integrations",
            "allowed",
            "insufficient_scope",
            "insufficient_scope",
        ),
        ("transactional", "allowed", "allowed", "allowed"),
    ] {
        let made = system.make(key(level));
        assert_eq!(system.call(&made.key, CUSTOMERS), customers, "{level}");
        assert_eq!(
            system.call(&made.key, TRANSACTIONAL),
            transactional,
            "{level}"
        );
        assert_eq!(
            system.call(&made.key, "GET /current/other"),
            unlisted,
            "{level}"
        );
    }
}

#[test]
fn o17_o18_o19_attributes_and_channels_narrow_and_none_selected_is_all() {
    let system = System::new("optimove");
    let with = |constraints: Value| {
        let mut body = key("integrations");
        body["constraints"] = constraints;
        system.make(body).key
    };
    let narrow = with(json!({ "channel": ["email"], "attribute": ["first_name", "city"] }));
    let open = with(json!({ "channel": "all", "attribute": "all" }));
    let unsaid = with(json!({}));
    for (context, decision) in [
        (
            json!({ "channel": "email", "attribute": ["city"] }),
            "allowed",
        ),
        (
            json!({ "channel": "email", "attribute": ["city", "phone"] }),
            "constraint_violated",
        ),
        (
            json!({ "channel": "sms", "attribute": ["city"] }),
            "constraint_violated",
        ),
        (
            json!({ "channel": ["email", "sms"], "attribute": ["city"] }),
            "constraint_violated",
        ),
        (json!({ "channel": "email" }), "constraint_violated"),
        (json!({}), "constraint_violated"),
    ] {
        assert_eq!(
            system.call_about(&narrow, CUSTOMERS, &context),
            decision,
            "{context}"
        );
        assert_eq!(system.call_about(&open, CUSTOMERS, &context), "allowed");
        assert_eq!(system.call_about(&unsaid, CUSTOMERS, &context), "allowed");
    }
    let channel = json!({ "channel": "email" });
    assert_eq!(
        system.call_about(&narrow, CAMPAIGNS, &channel),
        "allowed",
        "this call is about no attributes"
    );
}

#[test]
fn o22_uses_are_counted_key_by_key() {
    let system = System::new("optimove");
    let (one, other) = (system.make(key("admin")), system.make(key("admin")));
    let edge = system.server.token("shop", &["usage.write"]);
    system.report(&edge, "a", &one, 5);
    assert_eq!(system.ask(json!({ "key": one.key }))["allowed"], true);
    system.report(&edge, "b", &other, 2);
    system.idle_disabled();
    let uses = |made: &super::Made| {
        let path = format!("/v1/keyspaces/shop/usage?key={}", text(&made.record["id"]));
        let usage = system.server.call("GET", &path, None).expect(200).json();
        usage["data"][0]["count"].clone()
    };
    assert_eq!((uses(&one), uses(&other)), (json!(6), json!(2)));
    assert_eq!(
        system.show(&other)["last_used_at"],
        "2026-11-21T20:14:00.000Z"
    );
}

#[test]
fn o22_rates_are_kept_key_by_key() {
    let system = System::new("optimove");
    let limited = |name: &str| {
        let mut body = key("admin");
        body["nickname"] = json!(name);
        body["rate"] = json!({ "limit": 2, "window_seconds": 60 });
        system.make(body).key
    };
    let (one, other) = (limited("one"), limited("other"));
    let ask = |key: &str| system.ask(json!({ "key": key, "method": "GET", "path": "/current/x" }));
    assert_eq!(ask(&one)["rate"]["remaining"], 1);
    assert_eq!(ask(&one)["rate"]["remaining"], 0);
    let refused = ask(&one);
    assert_eq!(
        (&refused["allowed"], &refused["status"]),
        (&json!(false), &json!(429))
    );
    assert_eq!(refused["reason"], "rate_limited");
    assert_eq!(refused["rate"]["retry_after_ms"], 30_000);
    assert_eq!(ask(&other)["allowed"], true);
    system.server.clock.advance(30_000);
    assert_eq!(ask(&one)["allowed"], true);
    let costly = json!({ "key": one, "cost": 3 });
    assert_eq!(system.ask(costly)["reason"], "rate_limited");
}
