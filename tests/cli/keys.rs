//! `keyward key create`, `list` and `update`.

use serde_json::{Value, json};

use crate::text;
use crate::world::{World, column};

const ACME: [&str; 4] = ["--keyspace", "shop", "--account", "acme"];

#[test]
fn a_new_key_is_alone_on_stdout_and_the_words_are_on_stderr() {
    let world = World::of("emailit");
    let create = [
        "key",
        "create",
        "--level",
        "sending",
        "--field",
        "name=Newsletter",
    ];
    let more = [
        "--constraint",
        "sending_domain_id=42",
        "--rate",
        "100/60s",
        "--expires-in",
        "90d",
        "--subject",
        "u_1",
        "--meta",
        "{\"plan\":\"pro\"}",
    ];
    let made = world.run(&[&create[..], &ACME, &more].concat());
    assert!(made.status.success(), "{}", text(&made.stderr));
    let (key, words) = (text(&made.stdout), text(&made.stderr));
    assert!(key.starts_with("em_live_") && key.ends_with('\n'), "{key}");
    assert_eq!(key.lines().count(), 1);
    assert!(!words.contains(key.trim_end()), "{words}");
    for part in [
        "level        sending\n",
        "status       active\n",
        "name         Newsletter\n",
        "constraints  sending domain id: 42\n",
        "rate         100 in 60 s\n",
        "subject      u_1\n",
        "{\"plan\":\"pro\"}",
        "(in 90 days)",
        "The key, shown this once; keep it now:\n",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let body = key
        .trim_end()
        .rsplit('_')
        .next()
        .expect("a body")
        .to_owned();
    let list = world.run(&[&["key", "list"], &ACME[..]].concat());
    assert!(!text(&list.stdout).contains(&body), "shown once");

    let json = world.json(
        &[
            &["key", "create", "--level", "full", "--field", "name=CRM"],
            &ACME[..],
        ]
        .concat(),
    );
    assert!(
        json["key"]
            .as_str()
            .is_some_and(|key| key.starts_with("em_live_"))
    );
    assert_eq!(json["record"]["level"], json!("full"));
    assert_eq!(json["record"]["name"], json!("CRM"));
}

#[test]
fn the_same_idempotency_key_gives_the_same_key() {
    let world = World::of("emailit");
    let create = |name: &'static str| {
        let arguments = [
            "key",
            "create",
            "--level",
            "full",
            "--field",
            name,
            "--idempotency-key",
            "deploy-7",
        ];
        world.run(&[&arguments[..], &ACME].concat())
    };
    let (first, again) = (create("name=CRM"), create("name=CRM"));
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert_eq!(text(&first.stdout), text(&again.stdout));
    assert_eq!(
        world
            .json(&[&["key", "list"], &ACME[..]].concat())
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let other = create("name=Other");
    assert_eq!(other.status.code(), Some(5));
    assert!(
        text(&other.stderr).contains("(idempotency_mismatch)"),
        "{}",
        text(&other.stderr)
    );
}

#[test]
fn keys_are_listed_filtered_and_shown() {
    let world = World::of("emailit");
    world.says(&["account", "create", "beta", "-k", "shop"]);
    let (_, crm) = world.key(&["--level", "full", "--field", "name=CRM", "--subject", "u_1"]);
    let (_, news) = world.key(&[
        "--level",
        "sending",
        "--field",
        "name=Newsletter",
        "--expires-in",
        "12h",
    ]);
    let beta = [
        "key",
        "create",
        "-k",
        "shop",
        "-a",
        "beta",
        "--level",
        "full",
        "--field",
        "name=Other",
    ];
    let other = world.json(&beta)["record"]["id"].clone();
    world.says(&[&["key", "disable", &crm], &ACME[..]].concat());

    let ids = |arguments: &[&str]| -> Vec<String> {
        let list = world.json(&[&["key", "list", "-k", "shop"], arguments].concat());
        let list = list.as_array().expect("a list").iter();
        list.map(|key| key["id"].as_str().expect("text").to_owned())
            .collect()
    };
    assert_eq!(
        ids(&[]),
        [other.as_str().expect("text"), &news, &crm],
        "newest first, across accounts"
    );
    assert_eq!(ids(&["-a", "acme"]), [&*news, &crm]);
    for (filter, expected) in [
        (&["--name", "crm"][..], &[&crm][..]),
        (&["--name-contains", "LETTER"], &[&news]),
        (&["--status", "disabled"], &[&crm]),
        (&["--status", "active", "-a", "acme"], &[&news]),
        (&["--level", "sending"], &[&news]),
        (&["--subject", "u_1"], &[&crm]),
        (&["--created-before", "2026-01-01"], &[]),
        (&["--created-before", "1d"], &[]),
        (&["--created-after", "1d", "--level", "sending"], &[&news]),
        (&["--used-after", "2026-01-01T00:00:00Z"], &[]),
        (&["--used-before", "1h", "--name", "CRM"], &[&crm]),
    ] {
        assert_eq!(
            ids(filter),
            expected.iter().map(|id| &***id).collect::<Vec<_>>(),
            "{filter:?}"
        );
    }

    let table = world.says(&["key", "list", "-k", "shop"]);
    assert_eq!(column(&table, "NAME"), ["Other", "Newsletter", "CRM"]);
    assert_eq!(column(&table, "ACCOUNT"), ["beta", "acme", "acme"]);
    assert_eq!(column(&table, "STATUS"), ["active", "active", "disabled"]);
    assert_eq!(column(&table, "LAST USED (UTC)"), ["never"; 3]);
    assert!(
        column(&table, "EXPIRES (UTC)")[1].starts_with("20"),
        "{table}"
    );
    assert!(
        !world
            .says(&["key", "list", "-k", "shop", "-a", "acme"])
            .contains("ACCOUNT")
    );

    let shown = world.json(&[&["key", "show", &crm], &ACME[..]].concat());
    assert_eq!(
        (&shown["id"], &shown["status"]),
        (&json!(crm), &json!("disabled"))
    );
    for (arguments, expected) in [
        (
            &["--status", "alive"][..],
            "[possible values: active, disabled",
        ),
        (&["--used-before", "yesterday"], "how long ago, such as 90d"),
    ] {
        let said = world.fails(2, &[&["key", "list", "-k", "shop"], arguments].concat());
        assert!(said.contains(expected), "{said}");
    }
}

#[expect(clippy::too_many_lines, reason = "one member after the other")]
#[test]
fn an_update_changes_what_is_named_and_nothing_else() {
    let world = World::of("optimove");
    let fields = [
        "--field",
        "nickname=CRM",
        "--field",
        "contact_email=a@example.com",
    ];
    let limits = [
        "--constraint",
        "channel=email,sms",
        "--constraint",
        "attribute=city",
        "--rate",
        "5/m",
    ];
    let (_, id) = world.key(
        &[
            &["--level", "integrations", "--expires-in", "30d"],
            &fields[..],
            &limits,
        ]
        .concat(),
    );
    let update = |more: &[&str]| world.json(&[&["key", "update", &id], &ACME[..], more].concat());

    let changed = update(&["--constraint", "channel=sms"]);
    assert_eq!(
        changed["constraints"],
        json!({ "attribute": ["city"], "channel": ["sms"] }),
        "the other one stays"
    );
    assert_eq!(
        update(&["--constraint", "channel=all"])["constraints"]["attribute"],
        json!(["city"])
    );
    let changed = update(&[
        "--field",
        "nickname=CRM Berlin",
        "--clear",
        "rate",
        "--clear",
        "expires-at",
    ]);
    assert_eq!(
        (
            &changed["nickname"],
            &changed["rate"],
            &changed["expires_at"]
        ),
        (&json!("CRM Berlin"), &Value::Null, &Value::Null)
    );
    assert_eq!(changed["contact_email"], json!("a@example.com"));
    let changed = update(&[
        "--expires-at",
        "2031-01-31",
        "--subject",
        "u_2",
        "--level",
        "admin",
        "--constraint",
        "attribute=all",
    ]);
    assert_eq!(changed["expires_at"], json!("2031-01-31T00:00:00.000Z"));
    assert_eq!(
        (&changed["subject"], &changed["level"]),
        (&json!("u_2"), &json!("admin"))
    );

    let arguments = |more: &[&'static str]| -> Vec<String> {
        [&["key", "update", &*id], &ACME[..], more]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    for (exit, more, expected) in [
        (2, &[][..], "nothing is to be changed"),
        (2, &["--field", "name"], "write a name, `=`"),
        (2, &["--field", "a=1", "--field", "a=2"], "given twice"),
        (2, &["--field", "level=admin"], "an option of its own"),
        (2, &["--constraint", "channel="], "for no limit write `all`"),
        (2, &["--constraint", "channel=a,a"], "twice"),
        (
            2,
            &["--subject", "a", "--clear", "subject"],
            "given and taken away",
        ),
        (2, &["--rate", "100"], "such as 100/60s"),
        (2, &["--meta", "[]"], "--meta []"),
        (2, &["--meta", "{"], "--meta {"),
        (
            7,
            &["--subject", "a", "--if-revision", "1"],
            "(precondition_failed)",
        ),
        (5, &["--constraint", "colour=red"], "colour"),
        (5, &["--clear", "nickname"], "nickname"),
    ] {
        let arguments = arguments(more);
        let said = world.fails(
            exit,
            &arguments.iter().map(|text| &**text).collect::<Vec<_>>(),
        );
        assert!(said.contains(expected), "{more:?}: {said}");
    }
}
