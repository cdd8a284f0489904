//! What holds of every operation, asked of each that the document lists: nothing unknown is taken, nothing may be kept
//! by a cache, and the wrong method, media type or size is told as such.

use serde_json::{Value, json};

use crate::server::{Server, text};

/// An operation of the document, with a path that leads to something.
struct Operation {
    method: String,
    pattern: String,
    path: String,
    /// Names and examples of what its query takes.
    query: Vec<String>,
    takes_body: bool,
}

/// A keyspace `shop` with an account, a key and a token, and every operation below `/v1` on them.
fn world() -> (Server, Vec<Operation>) {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let (_, key) = server.key("shop", "acme", "full");
    let document = server
        .send("GET", "/openapi.json", &[], [])
        .expect(200)
        .json();
    let paths = document["paths"].as_object().expect("paths");
    let mut operations = Vec::new();
    for (pattern, item) in paths.iter().filter(|(path, _)| path.starts_with("/v1")) {
        let path = pattern
            .replace("{keyspace}", "shop")
            .replace("{account}", "acme")
            .replace("{shard}", "0")
            .replace("{id}", &key);
        for (method, operation) in item.as_object().expect("operations") {
            let parameters = operation["parameters"].as_array();
            let query = parameters.into_iter().flatten();
            let query = query.filter(|parameter| parameter["in"] == "query");
            operations.push(Operation {
                method: method.to_uppercase(),
                pattern: pattern.clone(),
                path: path.clone(),
                query: query.map(|parameter| text(&parameter["name"])).collect(),
                takes_body: operation["requestBody"].is_object(),
            });
        }
    }
    assert!(operations.len() > 20, "{}", operations.len());
    (server, operations)
}

#[test]
fn no_operation_takes_an_unknown_member_in_its_query_or_one_twice() {
    let (server, operations) = world();
    for Operation {
        method,
        path,
        query,
        ..
    } in &operations
    {
        let ask = |query: &str| server.call(method, &format!("{path}?{query}"), None);
        for unknown in ["unknown=1", "unknown", "=1", "Limit=1", "%6cimit%20=1"] {
            let problem = ask(unknown).problem(400, "invalid_query");
            assert!(!text(&problem["detail"]).contains("unknown"), "{problem}");
        }
        for known in query {
            ask(&format!("{known}=1&{known}=1")).problem(400, "invalid_query");
            ask(&format!("{known}=1&unknown=1")).problem(400, "invalid_query");
        }
    }
}

#[test]
fn no_body_takes_an_unknown_or_double_member_or_another_type() {
    let (server, operations) = world();
    let authorization = format!("Bearer {}", server.operator);
    let send = |operation: &Operation, media_type: &str, body: &[u8]| {
        let headers = [
            ("authorization", &*authorization),
            ("content-type", media_type),
        ];
        server.send(&operation.method, &operation.path, &headers, body)
    };
    let deep = format!("{}1{}", r#"{"x":"#.repeat(10_000), "}".repeat(10_000));
    let deep_list = format!(r#"{{"x":{}"#, "[".repeat(10_000));
    for operation in operations.iter().filter(|operation| operation.takes_body) {
        let what = format!("{} {}", operation.method, operation.pattern);
        for body in [
            r#"{"no_such_member":1}"#,
            r#"{"role":"admin","role":"admin"}"#,
            r#"{"x":1e400}"#,
            r#"{"x":18446744073709551616}"#,
            "[]",
            "null",
            "1",
            r#""text""#,
            "{",
            "{}{}",
            "{\"a\":\"\\ud800\"}",
            &deep,
            &deep_list,
        ] {
            let answer = send(operation, "application/json", body.as_bytes());
            assert_eq!(answer.status, 400, "{what} takes {body:.40}");
        }
        for media_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
        ] {
            send(operation, media_type, b"{\"a\":1}").problem(415, "unsupported_media_type");
        }
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(64 * 1024));
        send(operation, "application/json", large.as_bytes()).problem(413, "body_too_large");
    }
}

#[test]
fn posts_without_a_body_take_an_empty_object_and_nothing_more() {
    let (server, operations) = world();
    let mut met = 0;
    for operation in &operations {
        if operation.method != "POST"
            || operation.takes_body
            || !operation.pattern.contains("/keys/")
        {
            continue;
        }
        met += 1;
        let problem = server.call("POST", &operation.path, Some(json!({ "force": true })));
        problem.problem(400, "invalid_json");
        let answer = server.call("POST", &operation.path, Some(json!({})));
        assert!([200, 409].contains(&answer.status), "{}", operation.pattern);
    }
    assert!(met >= 4, "{met}");
}

#[test]
fn no_answer_of_the_api_may_be_kept_and_all_have_an_id() {
    let (server, operations) = world();
    for Operation {
        method,
        path,
        pattern,
        ..
    } in &operations
    {
        // Files are asked for again each time, and answered with 304.
        let is_file = pattern.ends_with("/head") || pattern.contains("/snapshot/");
        let stranger = server.send(method, path, &[], []);
        let malformed = server.call(method, &format!("{path}?unknown=1"), None);
        let mut answers = vec![("a stranger", stranger), ("a bad query", malformed)];
        if method == "GET" {
            answers.push(("the operator", server.call(method, path, None)));
        }
        for (who, answer) in answers {
            let what = format!("{method} {pattern} for {who}: {}", answer.status);
            let expected = if is_file && answer.status == 200 {
                "no-cache"
            } else {
                "no-store"
            };
            assert_eq!(answer.header("cache-control"), expected, "{what}");
            assert_eq!(answer.header("vary"), "authorization", "{what}");
            assert_eq!(answer.header("x-request-id").len(), 16, "{what}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        }
    }
}

#[test]
fn no_request_chooses_its_own_id() {
    let server = Server::start();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let headers = [("x-request-id", "canary"), ("traceparent", "canary")];
        let answer = server.send("GET", "/healthz", &headers, []).expect(200);
        ids.push(answer.header("x-request-id").to_owned());
    }
    assert!(
        ids[0] != ids[1] && ids.iter().all(|id| id.len() == 16),
        "{ids:?}"
    );
}

#[test]
fn other_methods_are_told_which_there_are() {
    let (server, operations) = world();
    for Operation { path, pattern, .. } in &operations {
        let has = |method: &str| {
            let mut all = operations.iter();
            all.any(|other| other.pattern == *pattern && other.method == method)
        };
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            if has(method) {
                continue;
            }
            let answer = server.call(method, path, None);
            let allow = answer.header("allow").to_owned();
            answer.problem(405, "method_not_allowed");
            let mut allowed = allow
                .split(',')
                .map(str::trim)
                .filter(|method| *method != "HEAD");
            assert!(allowed.all(has), "{method} {pattern}: {allow}");
        }
    }
}

#[test]
fn a_credential_in_the_query_is_none() {
    let (server, operations) = world();
    let key = server.operator.clone();
    for Operation { method, path, .. } in operations.iter().take(5) {
        let answer = server.send(method, &format!("{path}?access_token={key}"), &[], []);
        answer.problem(401, "missing_credential");
    }
    let _: Value = server.call("GET", "/v1/keyspaces", None).expect(200).json();
}
