//! `keyward key verify`, and `keyward explain` on a server.

use serde_json::{Value, json};

use crate::text;
use crate::world::World;

#[test]
fn verify_decides_as_the_edge_does() {
    let world = World::of("emailit");
    let limit = ["--constraint", "sending_domain_id=42"];
    let (key, id) =
        world.key(&[&["--level", "sending", "--field", "name=News"], &limit[..]].concat());
    std::fs::write(world.place.path().join("news.key"), format!("{key}\n")).expect("a file");
    let verify = |more: &[&str]| {
        let arguments = [
            "key",
            "verify",
            "--keyspace",
            "shop",
            "--key-file",
            "news.key",
        ];
        world.run(&[&arguments[..], more].concat())
    };
    let call = ["POST", "/v2/emails", "--context", "sending_domain_id=42"];
    for (more, exit, expected) in [
        (&[][..], 0, "allowed\n"),
        (&call, 0, "level        sending"),
        (
            &["POST", "/v2/emails"],
            1,
            "denied: constraint_violated, 403\n",
        ),
        (
            &["POST", "/v2/emails", "--context", "sending_domain_id=43"],
            1,
            "denied: constraint_violated, 403\n",
        ),
        (
            &["GET", "/v2/api-keys"],
            1,
            "denied: insufficient_scope, 403\n",
        ),
        (&["GET", "/v2//emails"], 1, "denied: malformed_path, 400\n"),
    ] {
        let output = verify(more);
        let page = text(&output.stdout);
        assert_eq!(
            output.status.code(),
            Some(exit),
            "{more:?}: {page}{}",
            text(&output.stderr)
        );
        assert!(page.contains(expected), "{more:?}: {page}");
        let body = key.rsplit('_').next().expect("a body");
        assert!(!page.contains(body));
    }
    let json = verify(&[&call[..], &["--json"]].concat());
    let json: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(
        (&json["allowed"], &json["key_id"]),
        (&json!(true), &json!(id))
    );
    for (more, exit, expected) in [
        (&["POST"][..], 2, "<PATH>"),
        (&["--context", "x"], 2, "write a constraint's name"),
        (&["--url", "http://127.0.0.1:1"], 6, "nobody listens"),
    ] {
        let output = verify(more);
        assert_eq!(
            output.status.code(),
            Some(exit),
            "{more:?}: {}",
            text(&output.stderr)
        );
        assert!(
            text(&output.stderr).contains(expected),
            "{more:?}: {}",
            text(&output.stderr)
        );
    }
    let nothing = world.run(&["key", "verify", "-k", "shop"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(
        text(&nothing.stderr).contains("--key-file FILE"),
        "{}",
        text(&nothing.stderr)
    );
}

#[test]
fn explain_asks_a_server_about_its_own_keys() {
    let world = World::of("emailit");
    let (key, id) = world.key(&[
        "--level",
        "sending",
        "--field",
        "name=News",
        "--constraint",
        "sending_domain_id=42",
    ]);
    let explain = |more: &[&str]| {
        world.run_with(
            &key,
            &[&["explain", "--keyspace", "shop", "--key-stdin"], more].concat(),
        )
    };
    let allowed = explain(&["POST", "/v2/emails", "--context", "sending_domain_id=42"]);
    let page = text(&allowed.stdout);
    assert_eq!(allowed.status.code(), Some(0), "{}", text(&allowed.stderr));
    for part in [
        "STEP",
        "digest",
        "pass",
        "\nallow\n",
        &format!("key: {id}\n"),
        "level: sending\n",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let denied = explain(&["GET", "/v2/emails", "--json"]);
    assert_eq!(denied.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&denied.stdout).expect("JSON");
    assert_eq!(json["reason"], json!("insufficient_scope"));
    assert_eq!(
        explain(&["GET", "/v2/emails", "--url", "http://127.0.0.1:1"])
            .status
            .code(),
        Some(6)
    );
    let both = explain(&["GET", "/v2/emails", "--profile", "emailit"]);
    assert_eq!(both.status.code(), Some(2), "{}", text(&both.stderr));
    assert!(text(&both.stderr).contains("cannot be used with"));
}
