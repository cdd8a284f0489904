//! `ETag` and `If-Match`: who changes what somebody else has changed meanwhile is told so.

use serde_json::json;

use super::{crm, make, server, with};

#[test]
fn every_answer_with_one_record_has_its_tag() {
    let server = server("esputnik");
    let created = server.call("POST", super::KEYS, Some(crm())).expect(201);
    assert_eq!(created.header("etag"), "\"1\"");
    let location = created.header("location").to_owned();
    let shown = server.call("GET", &location, None).expect(200);
    assert_eq!(shown.header("etag"), "\"1\"");
    assert_eq!(shown.json(), created.json()["record"]);
    let tag = |method: &str, path: &str, body| {
        let answer = server.call(method, path, body).expect(200);
        answer.header("etag").to_owned()
    };
    let body = json!({ "description": "b" });
    assert_eq!(tag("PATCH", &location, Some(body)), "\"2\"");
    assert_eq!(tag("POST", &format!("{location}/disable"), None), "\"3\"");
    assert_eq!(tag("POST", &format!("{location}/enable"), None), "\"4\"");
    assert_eq!(tag("POST", &format!("{location}/rotate"), None), "\"5\"");
    assert_eq!(
        tag("POST", &format!("{location}/deactivate"), None),
        "\"6\""
    );
    assert_eq!(tag("GET", &location, None), "\"6\"");
}

#[test]
fn a_change_of_what_has_changed_is_refused() {
    let server = server("esputnik");
    let (path, _) = make(&server, crm());
    let change = json!({ "description": "b" });
    server.call("PATCH", &path, Some(change)).expect(200);
    let body = json!({ "description": "c" });
    let before = server.call("GET", &path, None).expect(200).json();
    for (method, place, body) in [
        ("PATCH", path.clone(), Some(&body)),
        ("POST", format!("{path}/disable"), None),
        ("POST", format!("{path}/enable"), None),
        ("POST", format!("{path}/rotate"), None),
        ("POST", format!("{path}/deactivate"), None),
        ("DELETE", path.clone(), None),
    ] {
        for stale in ["\"1\"", "\"3\"", "\"18446744073709551615\""] {
            with(&server, method, &place, &[("if-match", stale)], body)
                .problem(412, "precondition_failed");
        }
    }
    assert_eq!(server.call("GET", &path, None).expect(200).json(), before);
    with(
        &server,
        "PATCH",
        &path,
        &[("if-match", "\"2\"")],
        Some(&body),
    )
    .expect(200);
    with(
        &server,
        "POST",
        &format!("{path}/rotate"),
        &[("if-match", "*")],
        None,
    )
    .expect(200);
    with(&server, "DELETE", &path, &[("if-match", "\"4\"")], None).expect(204);
}

#[test]
fn only_a_tag_of_ours_is_a_tag() {
    let server = server("esputnik");
    let (path, _) = make(&server, crm());
    let body = json!({ "description": "c" });
    for malformed in [
        "1",
        "W/\"1\"",
        "\"1\", \"2\"",
        "\"\"",
        "\"01\"",
        "\"x\"",
        "\"1",
        "**",
        "\"18446744073709551616\"",
    ] {
        with(
            &server,
            "PATCH",
            &path,
            &[("if-match", malformed)],
            Some(&body),
        )
        .problem(400, "invalid_header");
    }
    let twice = [("if-match", "\"1\""), ("if-match", "\"1\"")];
    with(&server, "DELETE", &path, &twice, None).problem(400, "invalid_header");
    server.call("GET", &path, None).expect(200);
}
