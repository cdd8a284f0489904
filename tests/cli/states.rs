//! `keyward key disable`, `enable`, `deactivate`, `delete`, `rotate` and `reveal`.

use serde_json::{Value, json};

use crate::text;
use crate::world::World;

const ACME: [&str; 4] = ["--keyspace", "shop", "--account", "acme"];

#[test]
fn states_change_and_what_is_final_must_be_meant() {
    let world = World::of("emailit");
    let (key, id) = world.key(&["--level", "full", "--field", "name=CRM"]);
    let verb = |verb: &'static str, more: &[&'static str]| -> Vec<String> {
        let arguments = [&["key", verb, &*id], &ACME[..], more].concat();
        arguments.into_iter().map(str::to_owned).collect()
    };
    let run =
        |arguments: &[String]| world.run(&arguments.iter().map(|text| &**text).collect::<Vec<_>>());
    let status = |arguments: &[String]| {
        let output = run(arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let record: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        record["status"].as_str().expect("text").to_owned()
    };
    assert_eq!(status(&verb("disable", &["--json"])), "disabled");
    assert_eq!(status(&verb("enable", &["--json"])), "active");
    for last in ["deactivate", "delete"] {
        let unsure = run(&verb(last, &[]));
        assert_eq!(unsure.status.code(), Some(2), "{last}");
        assert!(
            text(&unsure.stderr).contains("add --yes"),
            "{}",
            text(&unsure.stderr)
        );
    }
    assert_eq!(
        status(&verb("show", &["--json"])),
        "active",
        "nothing was done"
    );
    let stale = run(&verb("disable", &["--if-revision", "1"]));
    assert_eq!(stale.status.code(), Some(7), "{}", text(&stale.stderr));
    assert_eq!(
        status(&verb("deactivate", &["--yes", "--json"])),
        "deactivated"
    );
    let back = run(&verb("enable", &[]));
    assert_eq!(back.status.code(), Some(5));
    assert!(
        text(&back.stderr).contains("(deactivated)"),
        "{}",
        text(&back.stderr)
    );

    let gone = run(&verb("delete", &["--yes"]));
    assert!(gone.status.success(), "{}", text(&gone.stderr));
    assert_eq!(
        (text(&gone.stdout), text(&gone.stderr)),
        (String::new(), format!("{id} is deleted\n"))
    );
    assert_eq!(run(&verb("show", &[])).status.code(), Some(5));
    let refused = world.run_with(&key, &["key", "verify", "-k", "shop", "--key-stdin"]);
    assert_eq!(text(&refused.stdout), "denied: unknown_key, 401\n");
}

#[test]
fn rotate_gives_another_key_and_lets_the_first_go_on_for_a_while() {
    let world = World::of("optimove");
    let (first, id) = world.key(&[
        "--level",
        "admin",
        "--field",
        "nickname=CRM",
        "--field",
        "contact_email=a@example.com",
    ]);
    let rotated = world.run(&[&["key", "rotate", &id, "--grace", "1h"], &ACME[..]].concat());
    assert!(rotated.status.success(), "{}", text(&rotated.stderr));
    let second = text(&rotated.stdout);
    assert!(second.starts_with("op_live_") && second.trim_end() != first);
    assert!(
        text(&rotated.stderr).contains("retiring"),
        "{}",
        text(&rotated.stderr)
    );
    let good = |key: &str| {
        let verified = world.run_with(key, &["key", "verify", "-k", "shop", "--key-stdin"]);
        verified.status.code()
    };
    assert_eq!((good(&first), good(&second)), (Some(0), Some(0)));
    let third = world.json(&[&["key", "rotate", &id], &ACME[..]].concat());
    assert_eq!(third["record"]["id"], json!(id));
    assert_eq!((good(&first), good(&second)), (Some(1), Some(1)));
    assert_eq!(good(third["key"].as_str().expect("text")), Some(0));
}

#[test]
fn recoverable_keys_are_shown_again() {
    let secret = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    let world = World::empty(&[("KEYWARD_MASTER_KEY", secret)]);
    world.says(&["keyspace", "create", "shop", "--profile", "inboxfirst"]);
    world.says(&["account", "create", "6", "-k", "shop"]);
    let place = ["-k", "shop", "-a", "6"];
    let made = world.json(
        &[
            &[
                "key",
                "create",
                "--level",
                "organization_admin",
                "--field",
                "name=CRM",
            ],
            &place[..],
        ]
        .concat(),
    );
    let id = made["record"]["id"].as_str().expect("text");
    let shown = world.run(&[&["key", "reveal", id], &place[..]].concat());
    assert_eq!(
        text(&shown.stdout).trim_end(),
        made["key"],
        "{}",
        text(&shown.stderr)
    );
    assert!(text(&shown.stderr).ends_with("The key:\n"));
    let json = world.json(&[&["key", "reveal", id], &place[..]].concat());
    assert_eq!(
        (&json["key"], &json["record"]["id"]),
        (&made["key"], &json!(id))
    );
}
