//! `keyward keyspace` and `keyward account`.

use serde_json::json;

use crate::program::directory::Directory;
use crate::text;
use crate::world::{World, column};

#[test]
fn keyspaces_are_made_listed_and_shown() {
    let world = World::empty(&[]);
    let nothing = world.run(&["keyspace", "list"]);
    assert!(nothing.status.success());
    assert_eq!(
        (text(&nothing.stdout), text(&nothing.stderr)),
        (String::new(), "no keyspaces\n".to_owned())
    );
    assert_eq!(world.json(&["keyspace", "list"]), json!([]));

    let made = world.json(&[
        "keyspace",
        "create",
        "shop",
        "--profile",
        "emailit",
        "--fresh-for",
        "1m",
        "--valid-for",
        "12h",
    ]);
    assert_eq!(
        (
            &made["id"],
            &made["profile"],
            &made["fresh_for_seconds"],
            &made["valid_for_seconds"]
        ),
        (
            &json!("shop"),
            &json!("emailit"),
            &json!(60),
            &json!(43_200)
        )
    );
    let page = world.says(&["keyspace", "create", "mail", "--profile", "inboxfirst"]);
    for part in [
        "id                 mail\n",
        "public keys        ed25519:",
        "created at         20",
        " UTC (",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let list = world.says(&["keyspace", "list"]);
    assert_eq!(column(&list, "KEYSPACE"), ["mail", "shop"]);
    assert_eq!(column(&list, "PROFILE"), ["inboxfirst", "emailit"]);
    let listed = world.json(&["keyspace", "list"]);
    let shown = world.json(&["keyspace", "show", "shop"]);
    assert_eq!(listed[1]["public_keys"], shown["public_keys"]);
    assert_eq!(
        world
            .json(&["keyspace", "list", "--limit", "1"])
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    let said = world.fails(5, &["keyspace", "show", "nowhere"]);
    assert!(
        said.starts_with("keyward: there is no such keyspace here (not_found)\n  "),
        "{said}"
    );
    let said = world.fails(5, &["keyspace", "create", "shop", "--profile", "emailit"]);
    assert!(said.contains("(already_exists)"), "{said}");
    let said = world.fails(1, &["keyspace", "create", "other", "--profile", "nobody"]);
    assert!(said.contains("nobody is no preset"), "{said}");
    let said = world.fails(
        2,
        &[
            "keyspace",
            "create",
            "other",
            "--profile",
            "emailit",
            "--fresh-for",
            "60",
        ],
    );
    assert!(said.contains("such as 90d"), "{said}");
}

#[test]
fn a_keyspace_takes_a_profile_from_a_file() {
    let world = World::empty(&[]);
    let place = Directory::new();
    let file = place.path().join("my-api.toml");
    let profile = crate::output(&["profile", "show", "keyward", "--toml"]);
    let profile = text(&profile.stdout).replacen("id = \"keyward\"", "id = \"my-api\"", 1);
    std::fs::write(&file, profile).expect("a file");
    let file = file.to_str().expect("text");
    let made = world.json(&["keyspace", "create", "mine", "--profile", file]);
    assert_eq!(made["profile"], json!("my-api"));
    assert_eq!(
        world.says(&["keyspace", "show", "mine", "--toml"]),
        std::fs::read_to_string(file).expect("text")
    );
    let page = world.says(&["keyspace", "show", "mine"]);
    assert!(!page.contains("schema_version"), "{page}");
    world.says(&["keyspace", "create", "other", "--profile", "emailit"]);
    let said = world.fails(1, &["keyspace", "show", "other", "--toml"]);
    assert!(
        said.contains("keyward profile show emailit --toml"),
        "{said}"
    );
}

#[test]
fn accounts_are_made_listed_shown_and_changed() {
    let world = World::of("smashfly");
    let place = ["--keyspace", "shop"];
    let with = |arguments: &[&'static str]| [arguments, &place].concat();
    let made = world.json(&with(&[
        "account",
        "create",
        "beta",
        "--name",
        "Béta Ltd.",
        "--monthly-uses",
        "1000",
    ]));
    assert_eq!(
        (
            &made["id"],
            &made["name"],
            &made["monthly_uses"],
            &made["keys_enabled"]
        ),
        (
            &json!("beta"),
            &json!("Béta Ltd."),
            &json!(1000),
            &json!(true)
        )
    );
    let generated = world.json(&with(&["account", "create"]));
    assert!(generated["id"].as_str().is_some_and(|id| !id.is_empty()));
    let list = world.says(&with(&["account", "list"]));
    assert!(
        column(&list, "ACCOUNT").contains(&"beta".to_owned()),
        "{list}"
    );
    assert!(
        column(&list, "NAME").contains(&"Béta Ltd.".to_owned()),
        "{list}"
    );

    let shown = world.json(&with(&["account", "show", "beta"]));
    assert_eq!(shown["used_this_month"], json!(0));
    let changed = world.json(&with(&[
        "account",
        "update",
        "beta",
        "--name",
        "Beta",
        "--keys-enabled",
        "false",
    ]));
    assert_eq!(
        (
            &changed["name"],
            &changed["keys_enabled"],
            &changed["monthly_uses"]
        ),
        (&json!("Beta"), &json!(false), &json!(1000))
    );
    let cleared = world.json(&with(&[
        "account",
        "update",
        "beta",
        "--clear",
        "monthly-uses",
    ]));
    assert_eq!(
        (&cleared["monthly_uses"], &cleared["name"]),
        (&json!(null), &json!("Beta"))
    );

    let stale = with(&[
        "account",
        "update",
        "beta",
        "--name",
        "B",
        "--if-revision",
        "1",
    ]);
    let said = world.fails(7, &stale);
    assert!(said.contains("(precondition_failed)"), "{said}");
    world.fails(2, &with(&["account", "update", "beta"]));
    world.fails(2, &["account", "list"]);

    let keyspace = world
        .command(&["account", "show", "beta"])
        .env("KEYWARD_KEYSPACE", "shop")
        .output()
        .expect("the program runs");
    assert!(keyspace.status.success(), "{}", text(&keyspace.stderr));
}

#[test]
fn long_lists_are_read_to_their_end() {
    let world = World::of("emailit");
    for number in 0..120 {
        let body = json!({ "id": format!("a{number:03}") });
        world.server.json(
            &world.operator,
            "POST",
            "/v1/keyspaces/shop/accounts",
            Some(body),
        );
    }
    let all = world.json(&["account", "list", "-k", "shop"]);
    let ids: Vec<_> = all
        .as_array()
        .expect("a list")
        .iter()
        .map(|account| account["id"].as_str().expect("text").to_owned())
        .collect();
    assert_eq!(ids.len(), 121);
    assert_eq!(
        ids.iter().collect::<std::collections::BTreeSet<_>>().len(),
        121,
        "each once"
    );
    assert_eq!(
        column(&world.says(&["account", "list", "-k", "shop"]), "ACCOUNT"),
        ids
    );

    let some = world.run(&["account", "list", "-k", "shop", "--limit", "101"]);
    assert_eq!(text(&some.stdout).lines().count(), 1 + 101);
    assert_eq!(text(&some.stderr), "101 shown; there are more\n");
    let all = world.run(&["account", "list", "-k", "shop", "--limit", "121"]);
    assert_eq!(text(&all.stderr), "");
    world.fails(2, &["account", "list", "-k", "shop", "--limit", "0"]);
}
