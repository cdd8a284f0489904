//! How the program asks a server: how often, and what it says when that goes wrong.

use serde_json::{Value, json};

use crate::scripted::{CREATE, OPERATOR, Scripted, answer, asking, made};
use crate::text;

fn problem(status: &str, code: &str) -> String {
    answer(
        status,
        "retry-after: 0\r\n",
        &json!({ "code": code, "detail": "no" }).to_string(),
    )
}

#[test]
fn a_lost_answer_is_asked_for_again_under_the_same_idempotency_key() {
    let busy = problem("503 Service Unavailable", "unavailable");
    let server = Scripted::new(vec![String::new(), busy, made()]);
    let (output, asked) = server.run(&CREATE);
    assert_eq!(
        text(&output.stdout),
        "em_live_x\n",
        "{}",
        text(&output.stderr)
    );
    let keys: Vec<_> = asked
        .iter()
        .map(|asked| &asked.headers["idempotency-key"])
        .collect();
    assert!(
        keys.iter().all(|key| *key == keys[0] && key.len() == 32),
        "{keys:?}"
    );
    let [first, ..] = &*asked else { panic!() };
    assert_eq!(
        first.line,
        "POST /v1/keyspaces/shop/accounts/acme/keys HTTP/1.1"
    );
    assert_eq!(first.headers["authorization"], format!("Bearer {OPERATOR}"));
    assert_eq!(first.body, r#"{"level":"full"}"#);

    let again = Scripted::new(vec![made()]).run(&CREATE).1;
    assert_ne!(
        &again[0].headers["idempotency-key"], keys[0],
        "another command is another one"
    );
}

#[test]
fn what_could_happen_twice_is_asked_once() {
    let busy = || problem("503 Service Unavailable", "unavailable");
    let (output, _) =
        Scripted::new(vec![busy()]).run(&["keyspace", "create", "x", "--profile", "emailit"]);
    assert_eq!(output.status.code(), Some(6), "{}", text(&output.stderr));
    let (output, _) = Scripted::new(vec![String::new()])
        .run(&["key", "disable", "key_1", "-k", "shop", "-a", "acme"]);
    assert_eq!(output.status.code(), Some(6));
    assert!(
        text(&output.stderr).contains("may or may not have happened"),
        "{}",
        text(&output.stderr)
    );

    let (output, asked) = Scripted::new(vec![busy(); 4]).run(&CREATE);
    assert_eq!(output.status.code(), Some(6));
    let again = format!("--idempotency-key {}", asked[0].headers["idempotency-key"]);
    assert!(
        text(&output.stderr).contains(&again),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn refusals_say_what_where_and_what_to_do() {
    let refuse = |status: &str, body: Value| answer(status, "", &body.to_string());
    let fields = json!({
        "code": "invalid_field", "detail": "level: no; expires_at: past",
        "errors": [{ "field": "level", "detail": "no" }, { "field": "expires_at", "detail": "past" }],
    });
    for (answer, exit, expected) in [
        (
            refuse("400 Bad Request", fields.clone()),
            5,
            "keyward: these members break rules (invalid_field)\n  level: no\n  expires_at: past\n",
        ),
        (
            refuse(
                "401 Unauthorized",
                json!({ "code": "invalid_credential", "detail": "the key is not known" }),
            ),
            5,
            "keyward: the key is not known (invalid_credential)\n  Check KEYWARD_OPERATOR_KEY or --operator-key-file: it must hold the key of an operator of this server.\n",
        ),
        (
            refuse(
                "409 Conflict",
                json!({
                    "code": "already_exists", "detail": "name: taken", "existing": { "id": "key_7", "name": "CRM" },
                    "errors": [{ "field": "name", "detail": "name: taken" }],
                }),
            ),
            5,
            "keyward: name: taken (already_exists)\n  It is key_7 (CRM).\n",
        ),
        (
            refuse(
                "412 Precondition Failed",
                json!({ "code": "precondition_failed", "detail": "changed" }),
            ),
            7,
            "keyward: changed (precondition_failed)\n  Look at it again, and repeat with the revision that it has now.\n",
        ),
        (
            answer("302 Found", "location: https://evil.example/\r\n", ""),
            5,
            "sends to https://evil.example/; give that address by --url\n",
        ),
        (
            answer("404 Not Found", "", "<html>"),
            5,
            "answered 404 Not Found, and not as a Keyward server does; is --url right?\n",
        ),
        (
            answer("500 Internal Server Error", "", "oops"),
            6,
            "answered 500",
        ),
        (
            answer("201 Created", "", "{\"key\""),
            1,
            "not what this program expects",
        ),
        (
            answer("200 OK", "", "em_live_secret"),
            1,
            "not what this program expects",
        ),
    ] {
        let (output, _) = Scripted::new(vec![answer]).run(&CREATE);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{said}");
        assert!(
            said.ends_with(expected) || (expected.len() < 40 && said.contains(expected)),
            "{expected}: {said}"
        );
        assert!(!said.contains("em_live_secret"));
        assert_eq!(text(&output.stdout), "");
    }
    let server = Scripted::new(vec![refuse("400 Bad Request", fields.clone())]);
    let (output, _) = server.run(&[&CREATE[..], &["--json"]].concat());
    let said: Value = serde_json::from_slice(&output.stderr).expect("JSON");
    assert_eq!(said, fields, "the whole problem");
    let nobody = asking("http://127.0.0.1:1", &["operator", "whoami", "--json"]).output();
    let nobody = nobody.expect("the program runs");
    let said: Value = serde_json::from_slice(&nobody.stderr).expect("JSON");
    assert_eq!(
        (nobody.status.code(), &said["code"]),
        (Some(6), &json!("unreachable"))
    );
}

#[test]
fn json_is_the_whole_answer_in_its_order() {
    let (output, _) = Scripted::new(vec![made()]).run(&[&CREATE[..], &["--json"]].concat());
    assert_eq!(
        text(&output.stdout),
        "{\n  \"key\": \"em_live_x\",\n  \"record\": {\n    \"id\": \"key_1\",\n    \"z\": 1,\n    \"a\": 2\n  }\n}\n"
    );
    assert_eq!(text(&output.stderr), "");
}
