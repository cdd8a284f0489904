//! `keyward explain`.

use std::io::Write as _;
use std::process::{Output, Stdio};

use keyward::env::SystemEntropy;
use keyward::key::{Digest, Pepper};
use keyward::profile::Profile;
use serde_json::{Value, json};

use crate::program::directory::Directory;
use crate::program::keyward;
use crate::text;

/// A key of Emailit's that may send from one domain, in files.
struct Given {
    place: Directory,
    key: String,
}

impl Given {
    fn new() -> Self {
        let profile = Profile::preset("emailit").expect("a preset");
        let key = profile
            .key_format()
            .generate(None, &SystemEntropy)
            .expect("a key");
        let given = Self {
            place: Directory::new(),
            key: key.expose().to_owned(),
        };
        given.write("key", &format!("{}\n", given.key));
        given.write("other", &format!("{}x\n", given.key));
        given.records(&json!([{
            "id": "crm",
            "digest": Digest::sha256_of(given.key.as_bytes()).to_string(),
            "level": "sending",
            "constraints": { "sending_domain_id": [42] },
            "expiresAt": "2030-01-01T00:00:00Z",
            "meta": { "plan": "pro" },
        }]));
        given
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.place.path().join(name), content).expect("a file");
    }

    fn records(&self, records: &Value) {
        self.write("records.json", &records.to_string());
    }

    fn explain(&self, more: &[&str]) -> Output {
        let records = self.place.path().join("records.json");
        let key = self.place.path().join("key");
        let mut arguments = vec!["explain", "--profile", "emailit"];
        arguments.extend(["--records", records.to_str().expect("text")]);
        if !more.contains(&"--key-file") && !more.contains(&"--key-stdin") {
            arguments.extend(["--key-file", key.to_str().expect("text")]);
        }
        arguments.extend(more);
        keyward(&arguments)
            .current_dir(self.place.path())
            .output()
            .expect("the program runs")
    }
}

#[test]
fn explain_decides_and_says_why() {
    let given = Given::new();
    let noon = ["--now", "2029-06-01T12:00:00Z"];
    for (more, exit, expected) in [
        (
            &["POST", "/v2/emails", "--context", "sending_domain_id=42"][..],
            0,
            &["allow\n", "key: crm", "level: sending", "POST /emails"][..],
        ),
        (
            &["POST", "/v2/emails", "--context", "sending_domain_id=43"],
            1,
            &["deny: constraint_violated, 403", "sending_domain_id: "],
        ),
        (
            &[
                "POST",
                "/v2/emails",
                "--context",
                "sending_domain_id=42",
                "--context",
                "sending_domain_id=43",
            ],
            1,
            &["deny: constraint_violated"],
        ),
        (
            &["POST", "/v2/emails", "--context", "sending_domain_id="],
            1,
            &["deny: constraint_violated"],
        ),
        (&["POST", "/v2/emails"], 1, &["deny: constraint_violated"]),
        (
            &["GET", "/v2/emails"],
            1,
            &["deny: insufficient_scope, 403"],
        ),
        (&["POST", "/v2//emails"], 1, &["deny: malformed_path, 400"]),
        (
            &["POST", "/v2/emails", "--key-file", "other"],
            1,
            &["deny: malformed_key, 401"],
        ),
    ] {
        let explained = given.explain(&[more, &noon].concat());
        let page = text(&explained.stdout);
        assert_eq!(
            explained.status.code(),
            Some(exit),
            "{more:?}: {}",
            text(&explained.stderr)
        );
        for expected in expected {
            assert!(page.contains(expected), "{more:?}, {expected}: {page}");
        }
        let body = given.key.rsplit('_').next().expect("a body");
        assert!(!page.contains(body), "the key is not shown");
    }
    let late = given.explain(&[
        "POST",
        "/v2/emails",
        "--now",
        "2030-01-01T00:00:00Z",
        "--json",
    ]);
    assert_eq!(late.status.code(), Some(1));
    let explanation: Value = serde_json::from_slice(&late.stdout).expect("JSON");
    assert_eq!(explanation["reason"], json!("expired"));
    let steps = explanation["steps"].as_array().expect("a list");
    let failed = steps.iter().find(|step| step["outcome"] == json!("fail"));
    assert_eq!(failed.expect("one")["step"], json!("state"));
}

#[test]
fn explain_takes_the_key_from_stdin_and_peppers_from_files() {
    let given = Given::new();
    let pepper = Pepper::new("2026".parse().expect("an id"), &[7; 32]).expect("a pepper");
    given.records(&json!([{
        "id": "crm",
        "digests": [{ "digest": pepper.digest(given.key.as_bytes()).to_string(), "expiresAt": 1_900_000_000_000u64 }],
        "scopes": ["api_keys.*"],
        "rate": { "limit": 10, "window": 60 },
    }]));
    std::fs::write(given.place.path().join("pepper"), [7; 32]).expect("a file");
    let records = given.place.path().join("records.json");
    let mut child = keyward(&[
        "explain",
        "--profile",
        "emailit",
        "--key-stdin",
        "--pepper",
        "2026=pepper",
    ])
    .args(["--records", records.to_str().expect("text")])
    .args(["--now", "2026-12-01T00:00:00Z", "GET", "/v2/api-keys/7"])
    .current_dir(given.place.path())
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .spawn()
    .expect("the program runs");
    let stdin = child.stdin.take().expect("piped");
    writeln!(&stdin, "{}", given.key).expect("written");
    drop(stdin);
    let explained = child.wait_with_output().expect("it ends");
    assert!(explained.status.success(), "{}", text(&explained.stdout));
    assert!(text(&explained.stdout).contains("allow\n"));
}

#[test]
fn explain_tells_what_stops_it_and_then_decides_nothing() {
    let given = Given::new();
    let call = ["POST", "/v2/emails"];
    for (more, expected) in [
        (
            &["--context", "sending_domain=42"][..],
            "there are: sending_domain_id",
        ),
        (
            &["--context", "sending_domain_id"],
            "write a constraint's name",
        ),
        (&["--context", "sending_domain_id=x"], "whole numbers"),
        (&["--now", "today"], "RFC 3339"),
        (&["--client-address", "localhost"], "invalid"),
        (&["--pepper", "a=missing"], "missing"),
        (&["--key-file", "missing"], "missing"),
        (&["--key-stdin", "--key-file", "key"], "cannot be used with"),
    ] {
        let stopped = given.explain(&[&call[..], more].concat());
        let said = text(&stopped.stderr);
        assert_eq!(stopped.status.code(), Some(2), "{more:?}: {said}");
        assert!(said.contains(expected), "{more:?}: {said}");
        assert_eq!(text(&stopped.stdout), "");
    }
    for (records, expected) in [
        (json!({}), "invalid type"),
        (
            json!([{ "id": "a", "level": "full" }]),
            "record 0 ('a'): it has no digest",
        ),
        (
            json!([{ "id": "a", "digest": "sha256:0", "level": "full" }]),
            "record 0 ('a')",
        ),
        (
            json!([{ "id": "a", "digest": "x", "secret": 1 }]),
            "unknown field `secret`",
        ),
    ] {
        given.records(&records);
        let stopped = given.explain(&call);
        let said = text(&stopped.stderr);
        assert_eq!(stopped.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{expected}: {said}");
    }
}
