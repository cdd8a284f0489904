//! Constraints and rates: `all` and lists, and that an empty list is neither.

use serde_json::{Value, json};

use super::{KEYS, fields, make, server};
use crate::server::Server;

fn integration(constraints: &Value) -> Value {
    json!({
        "nickname": "mailer", "contact_email": "ann@example.com", "level": "integrations",
        "constraints": constraints,
    })
}

fn refused(server: &Server, body: Value) -> Vec<String> {
    fields(
        &server
            .call("POST", KEYS, Some(body))
            .problem(400, "invalid_field"),
    )
}

#[test]
fn o19_none_selected_is_an_explicit_all_and_never_an_empty_list() {
    let server = server("optimove");
    let (path, created) = make(&server, integration(&json!({ "channel": "all" })));
    assert_eq!(created["record"]["constraints"]["channel"], "all");
    let shown = server.call("GET", &path, None).expect(200).json();
    assert_eq!(shown["constraints"]["channel"], "all");
    assert_eq!(
        refused(&server, integration(&json!({ "channel": [] }))),
        ["constraints.channel"]
    );
    let narrow = json!({ "constraints": { "channel": [] } });
    server
        .call("PATCH", &path, Some(narrow))
        .problem(400, "invalid_field");
}

#[test]
fn o17_o18_lists_are_kept_as_they_were_given() {
    let server = server("optimove");
    let constraints = json!({ "attribute": ["first_name"], "channel": ["sms", "email"] });
    let (path, created) = make(&server, integration(&constraints));
    assert_eq!(created["record"]["constraints"], constraints);
    let body = json!({ "constraints": { "channel": ["email"] } });
    let changed = server.call("PATCH", &path, Some(body)).expect(200).json();
    assert_eq!(
        changed["constraints"],
        json!({ "channel": ["email"] }),
        "all constraints anew"
    );
}

#[test]
fn m4_a_sending_key_is_restricted_to_one_domain() {
    let server = server("emailit");
    let body = |constraints: Value| json!({ "name": "mailer", "level": "sending", "constraints": constraints });
    for wrong in [
        json!({ "sending_domain_id": ["7"] }),
        json!({ "sending_domain_id": [7, 8] }),
        json!({ "sending_domain_id": [9_007_199_254_740_992_i64] }),
    ] {
        assert_eq!(
            refused(&server, body(wrong)),
            ["constraints.sending_domain_id"]
        );
    }
    assert_eq!(
        refused(&server, body(json!({ "ip": "all" }))),
        ["constraints.ip"]
    );
    for malformed in [
        json!({ "sending_domain_id": 7 }),
        json!({ "sending_domain_id": [7.5] }),
        json!({ "sending_domain_id": [null] }),
        json!({ "sending_domain_id": null }),
        json!({ "sending_domain_id": "ALL" }),
        json!([7]),
    ] {
        server
            .call("POST", KEYS, Some(body(malformed)))
            .problem(400, "invalid_json");
    }
    let constraints = json!({ "sending_domain_id": [7] });
    let (_, created) = make(&server, body(constraints.clone()));
    assert_eq!(created["record"]["constraints"], constraints);
}

#[test]
fn a_rate_is_two_numbers_that_make_sense() {
    let server = server("esputnik");
    let body = |rate: Value| json!({ "description": "CRM", "level": "full", "rate": rate });
    for (limit, window) in [(0, 1), (1, 0), (1, 2_678_401), (1_000_001, 1)] {
        let rate = json!({ "limit": limit, "window_seconds": window });
        assert_eq!(refused(&server, body(rate)), ["rate"]);
    }
    for malformed in [
        json!(60),
        json!({ "limit": 1 }),
        json!({ "limit": 1, "window_seconds": 1, "x": 1 }),
    ] {
        server
            .call("POST", KEYS, Some(body(malformed)))
            .problem(400, "invalid_json");
    }
    let (_, created) = make(&server, body(Value::Null));
    assert_eq!(created["record"]["rate"], Value::Null);
}
