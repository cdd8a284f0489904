//! Rows O.

use serde_json::{Value, json};

use super::System;

fn key(level: &str) -> Value {
    json!({ "nickname": level, "contact_email": "ann@example.com", "level": level })
}

const CUSTOMERS: &str = "GET /current/customers/GetCustomersByCampaign";
const CAMPAIGNS: &str = "GET /current/actions/GetExecutedCampaignsByChannel";
const TRANSACTIONAL: &str = "POST /current/transactional/SendTransactionalMail";

#[test]
fn o3_one_apps_access_is_revoked_without_touching_anothers() {
    let system = System::new("optimove");
    let (one, other) = (system.make(key("admin")), system.make(key("admin")));
    system.verb(&one, "disable");
    assert_eq!(system.call(&one.key, CUSTOMERS), "disabled");
    assert_eq!(system.call(&other.key, CUSTOMERS), "allowed");
}

#[test]
fn o8_o9_o10_o12_nickname_contact_and_type_make_a_key_that_is_shown() {
    let system = System::new("optimove");
    let made = system.make(key("integrations"));
    assert!(made.key.starts_with("op_live_"));
    assert_eq!(made.record["nickname"], "integrations");
    assert_eq!(made.record["contact_email"], "ann@example.com");
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
fn o15_o16_o20_types_open_their_calls() {
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
