//! `keyward operator`, `keyward token` and `keyward portal-link`.

use serde_json::{Value, json};

use crate::text;
use crate::world::{World, column};

fn lines(output: &[u8]) -> Vec<String> {
    text(output).lines().map(str::to_owned).collect()
}

#[test]
fn operators_are_made_within_their_makers_reach() {
    let world = World::of("emailit");
    let me = world.json(&["operator", "whoami"]);
    assert!(me["id"].as_str().is_some_and(|id| id.starts_with("op_")));
    assert!(
        world
            .says(&["operator", "whoami"])
            .contains("keyspaces.write")
    );

    let made = world.run(&[
        "operator",
        "create",
        "--name",
        "Acme's administrator",
        "--right",
        "all",
        "-k",
        "shop",
        "-a",
        "acme",
    ]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let [acme] = &*lines(&made.stdout) else {
        panic!("{}", text(&made.stdout))
    };
    assert!(acme.starts_with("kw_op_"), "{acme}");
    assert!(!text(&made.stderr).contains(&**acme));
    let own = world.run_as(acme, &["operator", "whoami", "--json"]);
    let own: Value = serde_json::from_slice(&own.stdout).expect("JSON");
    let rights = own["rights"].as_array().expect("a list");
    assert!(rights.contains(&json!("keys.write")) && !rights.contains(&json!("keyspaces.read")));

    let beyond = world.run_as(acme, &["keyspace", "create", "x", "--profile", "emailit"]);
    assert_eq!(beyond.status.code(), Some(5));
    assert!(
        text(&beyond.stderr).contains("keyward operator whoami"),
        "{}",
        text(&beyond.stderr)
    );
    let create = [
        "key", "create", "-k", "shop", "-a", "acme", "--level", "full", "--field", "name=Own",
    ];
    assert!(world.run_as(acme, &create).status.success());

    let list = world.says(&["operator", "list", "-k", "shop", "-a", "acme"]);
    assert_eq!(column(&list, "NAME"), ["Acme's administrator"]);
    assert_eq!(
        world.json(&["operator", "list", "-k", "shop"]),
        json!([]),
        "over the keyspace there is none"
    );
    let id = column(&list, "OPERATOR").remove(0);
    let place = ["-k", "shop", "-a", "acme"];
    let shown = world.json(&[&["operator", "show", &id], &place[..]].concat());
    assert_eq!(shown["rights"], own["rights"]);

    let rotated = world.run(&[&["operator", "rotate", &id], &place[..]].concat());
    let [new] = &*lines(&rotated.stdout) else {
        panic!("{}", text(&rotated.stderr))
    };
    assert_eq!(
        world.run_as(acme, &["operator", "whoami"]).status.code(),
        Some(5),
        "the one before is refused"
    );
    assert!(world.run_as(new, &["operator", "whoami"]).status.success());

    let delete = [&["operator", "delete", &id], &place[..]].concat();
    assert!(world.fails(2, &delete).contains("add --yes"));
    world.says(&[&delete[..], &["--yes"]].concat());
    let refused = world.run_as(new, &["operator", "whoami"]);
    assert_eq!(refused.status.code(), Some(5));
    assert!(
        text(&refused.stderr).contains("(invalid_credential)"),
        "{}",
        text(&refused.stderr)
    );

    let kept = world.fails(
        5,
        &[
            "operator",
            "delete",
            me["id"].as_str().expect("text"),
            "--yes",
        ],
    );
    assert!(kept.contains("(last_operator)"), "{kept}");
    assert!(
        world
            .fails(2, &["operator", "list", "-a", "acme"])
            .contains("--keyspace")
    );
    let unknown = world.fails(
        5,
        &["operator", "create", "--name", "x", "--right", "keys.reed"],
    );
    assert!(unknown.contains("rights: \"keys.reed\""), "{unknown}");
}

#[test]
fn operators_end_and_keep_to_levels() {
    let world = World::of("emailit");
    let made = world.json(&[
        "operator",
        "create",
        "--name",
        "CI",
        "--right",
        "keys.read,keys.write",
        "--level",
        "sending",
        "-k",
        "shop",
        "--expires-in",
        "90d",
    ]);
    assert_eq!(made["operator"]["levels"], json!(["sending"]));
    assert!(made["operator"]["expires_at"].is_string());
    let key = made["key"].as_str().expect("text");
    let create = [
        "key", "create", "-k", "shop", "-a", "acme", "--field", "name=x", "--level",
    ];
    let refused = world.run_as(key, &[&create[..], &["full"]].concat());
    assert_eq!(refused.status.code(), Some(5));
    assert!(
        text(&refused.stderr).contains("(stronger_than_maker)"),
        "{}",
        text(&refused.stderr)
    );
}

#[test]
fn tokens_are_made_listed_and_deleted() {
    let world = World::of("emailit");
    let made = world.run(&[
        "token",
        "create",
        "-k",
        "shop",
        "--right",
        "snapshot.read,usage.write",
        "--name",
        "Worker",
    ]);
    let [token] = &*lines(&made.stdout) else {
        panic!("{}", text(&made.stderr))
    };
    assert!(token.starts_with("kw_edge_"), "{token}");
    let (status, _) = world
        .server
        .call(token, "GET", "/v1/keyspaces/shop/head", None)
        .expect("an answer");
    assert_eq!(status, 200);
    let list = world.says(&["token", "list", "-k", "shop"]);
    assert_eq!(column(&list, "NAME"), ["Worker"]);
    assert_eq!(column(&list, "RIGHTS"), ["snapshot.read, usage.write"]);
    let id = column(&list, "TOKEN").remove(0);
    world.fails(2, &["token", "delete", &id, "-k", "shop"]);
    let gone = world.json(&["token", "delete", &id, "-k", "shop", "--yes"]);
    assert_eq!(gone, json!({ "deleted": true, "id": id }));
    assert_eq!(world.json(&["token", "list", "-k", "shop"]), json!([]));
    let wrong = world.fails(
        2,
        &["token", "create", "-k", "shop", "--right", "keys.write"],
    );
    assert!(
        wrong.contains("[possible values: snapshot.read, usage.write, keys.verify]"),
        "{wrong}"
    );
}

#[test]
fn a_portal_link_manages_one_account_for_a_while() {
    let world = World::of("emailit");
    let made = world.run(&[
        "portal-link",
        "create",
        "-k",
        "shop",
        "-a",
        "acme",
        "--expires-in",
        "1h",
    ]);
    let [link] = &*lines(&made.stdout) else {
        panic!("{}", text(&made.stderr))
    };
    assert!(link.starts_with("kw_portal_"), "{link}");
    assert!(text(&made.stderr).contains("The portal link, shown this once; keep it now:"));
    assert!(
        world
            .run_as(link, &["key", "list", "-k", "shop", "-a", "acme"])
            .status
            .success()
    );
    assert_eq!(
        world
            .run_as(link, &["keyspace", "create", "x", "--profile", "emailit"])
            .status
            .code(),
        Some(5)
    );
    let id = world.run_as(link, &["operator", "whoami", "--json"]);
    let id: Value = serde_json::from_slice(&id.stdout).expect("JSON");
    let id = id["id"].as_str().expect("text");
    let end = [
        "portal-link",
        "delete",
        id,
        "-k",
        "shop",
        "-a",
        "acme",
        "--yes",
    ];
    assert_eq!(world.json(&end)["deleted"], json!(true));
    let refused = world.run_as(link, &["operator", "whoami"]);
    assert_eq!(refused.status.code(), Some(5), "it has ended");
    let long = world.fails(
        5,
        &[
            "portal-link",
            "create",
            "-k",
            "shop",
            "-a",
            "acme",
            "--expires-in",
            "2d",
        ],
    );
    assert!(long.contains("expires_in_seconds"), "{long}");

    let public = World::empty(&[("KEYWARD_PUBLIC_URL", "https://keys.example.com")]);
    public.says(&["keyspace", "create", "shop", "--profile", "emailit"]);
    public.says(&["account", "create", "acme", "-k", "shop"]);
    let link = public.says(&["portal-link", "create", "-k", "shop", "-a", "acme"]);
    assert!(
        link.starts_with("https://keys.example.com/console#"),
        "{link}"
    );
}
