//! `PATCH`: members left out stay, null takes away, unknown ones are refused.

use serde_json::{Value, json};

use super::{KEYS, crm, fields, make, server};
use crate::server::Server;

fn patch(server: &Server, path: &str, body: Value) -> Value {
    server.call("PATCH", path, Some(body)).expect(200).json()
}

/// What is the same after a change that did not speak of it.
fn but(record: &Value, changed: &[&str]) -> Value {
    let mut rest = record.clone();
    for member in changed {
        rest.as_object_mut().expect("members").remove(*member);
    }
    rest
}

#[test]
fn what_is_left_out_stays_and_null_takes_away() {
    let server = server("esputnik");
    let mut body = crm();
    body["subject"] = json!("user-7");
    body["meta"] = json!({ "plan": "pro" });
    body["rate"] = json!({ "limit": 10, "window_seconds": 60 });
    body["expires_in_days"] = json!(30);
    let (path, created) = make(&server, body);
    let first = created["record"].clone();
    assert_eq!(first["rate"], json!({ "limit": 10, "window_seconds": 60 }));
    assert_eq!(first["constraints"], json!({}));
    assert_eq!(first["revision"], 1);

    server.clock.advance(1000);
    let renamed = patch(&server, &path, json!({ "description": "CRM of Berlin" }));
    assert_eq!(renamed["description"], "CRM of Berlin");
    assert_eq!(renamed["updated_at"], "2026-11-21T20:14:01.000Z");
    assert_eq!(renamed["revision"], 2);
    let changing = ["description", "updated_at", "revision"];
    assert_eq!(but(&renamed, &changing), but(&first, &changing));

    let body = json!({ "subject": null, "meta": null, "rate": null, "expires_at": null });
    let cleared = patch(&server, &path, body);
    for member in ["subject", "meta", "rate", "expires_at"] {
        assert_eq!(cleared[member], Value::Null, "{member}");
    }
    assert_eq!(cleared["description"], "CRM of Berlin");

    let body = json!({
        "level": "full", "subject": "user-8", "meta": { "a": 1 }, "expires_at": "2027-01-01T00:00:00Z",
        "rate": { "limit": 5, "window_seconds": 1 },
    });
    let changed = patch(&server, &path, body);
    assert_eq!(
        (&changed["level"], &changed["subject"], &changed["meta"]),
        (&json!("full"), &json!("user-8"), &json!({ "a": 1 }))
    );
    assert_eq!(changed["expires_at"], "2027-01-01T00:00:00.000Z");
    assert_eq!(
        server.call("GET", &path, None).expect(200).json(),
        changed,
        "what was answered is what is kept"
    );
}

#[test]
fn what_is_written_again_as_it_was_is_no_change() {
    let server = server("esputnik");
    let (path, created) = make(&server, crm());
    server.clock.advance(1000);
    let same = patch(&server, &path, json!({ "description": "CRM" }));
    assert_eq!(same, created["record"]);
    assert_eq!(patch(&server, &path, json!({})), created["record"]);
}

#[test]
fn what_a_key_cannot_be_without_is_not_taken_away() {
    let server = server("esputnik");
    let (path, created) = make(&server, crm());
    let refused = |body: Value| server.call("PATCH", &path, Some(body));
    for body in [json!({ "level": null }), json!({ "constraints": null })] {
        refused(body).problem(400, "invalid_json");
    }
    for (body, field) in [
        (json!({ "description": null }), "description"),
        (json!({ "description": "" }), "description"),
        (json!({ "id": "key_000000000" }), "id"),
        (json!({ "status": "active" }), "status"),
        (json!({ "account": "rival" }), "account"),
        (json!({ "created_by": "me" }), "created_by"),
        (json!({ "hash": "x" }), "hash"),
        (json!({ "expires_in_days": "7" }), "expires_in_days"),
        (
            json!({ "expires_at": "2026-11-21T20:14:00.000Z" }),
            "expires_at",
        ),
        (
            json!({ "constraints": { "ip": ["192.0.2.0/24"] } }),
            "constraints.ip",
        ),
        (
            json!({ "rate": { "limit": 0, "window_seconds": 1 } }),
            "rate",
        ),
    ] {
        let problem = refused(body).problem(400, "invalid_field");
        assert_eq!(fields(&problem), [field], "{problem}");
    }
    refused(json!({ "level": "god" })).problem(400, "unknown_level");
    refused(json!({ "revision": 7 })).problem(400, "invalid_json");
    assert_eq!(
        server.call("GET", &path, None).expect(200).json(),
        created["record"]
    );
}

#[test]
fn a_key_out_of_use_stays_as_it_was() {
    let server = server("esputnik");
    let (path, _) = make(&server, crm());
    server
        .call("POST", &format!("{path}/deactivate"), None)
        .expect(200);
    let body = json!({ "description": "again" });
    server
        .call("PATCH", &path, Some(body.clone()))
        .problem(409, "deactivated");
    server
        .call("PATCH", &format!("{KEYS}/key_000000000"), Some(body))
        .problem(404, "not_found");
}

#[test]
fn the_state_that_time_brings_is_told_without_maintenance() {
    let server = server("esputnik");
    let mut body = crm();
    body["expires_at"] = json!("2026-11-21T20:14:01.000Z");
    let (path, created) = make(&server, body);
    let status = || server.call("GET", &path, None).expect(200).json()["status"].clone();
    assert_eq!(created["record"]["status"], "active");
    server.clock.advance(999);
    assert_eq!(status(), "active");
    server.clock.advance(1);
    assert_eq!(
        status(),
        "expired",
        "an end is the first instant that is too late"
    );
    server
        .call("POST", &format!("{path}/enable"), None)
        .problem(409, "expired");
    let body = json!({ "expires_at": "2026-11-22T20:14:00Z" });
    let prolonged = server.call("PATCH", &path, Some(body));
    assert_eq!(prolonged.expect(200).json()["status"], "active");
}
