//! `keyward audit`, `keyward maintain`, `keyward key usage` and `keyward completions`.

use serde_json::{Value, json};

use crate::text;
use crate::world::{World, column};

#[test]
fn the_audit_trail_is_listed_and_checked() {
    let world = World::of("emailit");
    let (_, id) = world.key(&["--level", "full", "--field", "name=CRM"]);
    world.says(&["key", "disable", &id, "-k", "shop", "-a", "acme"]);
    let list = world.says(&["audit", "list", "-k", "shop"]);
    assert_eq!(
        column(&list, "WHAT"),
        [
            "key.disable",
            "key.create",
            "account.create",
            "keyspace.create"
        ]
    );
    assert_eq!(column(&list, "TARGET")[0], id);
    let only = world.json(&[
        "audit",
        "list",
        "-k",
        "shop",
        "--target",
        &id,
        "--action",
        "key.create",
    ]);
    assert_eq!(only.as_array().map(Vec::len), Some(1));
    assert_eq!(only[0]["account"], json!("acme"));
    let newest = world.run(&["audit", "list", "-k", "shop", "-a", "acme", "--limit", "1"]);
    assert_eq!(column(&text(&newest.stdout), "WHAT"), ["key.disable"]);

    let export = world.says(&["audit", "export"]);
    let entries: Vec<Value> = export
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    let actions: Vec<_> = entries.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions.last(), Some(&&json!("key.disable")), "oldest first");
    let outcome = world.says(&["audit", "verify"]);
    let newest = entries.last().expect("some")["hash"].as_str();
    assert!(outcome.contains(newest.expect("text")), "{outcome}");
    assert!(
        outcome.starts_with("intact: ") && outcome.contains("\nlast good entry: "),
        "{outcome}"
    );
    let check = world.json(&["audit", "verify"]);
    assert_eq!(check["intact"], json!(true));

    let World {
        server,
        operator,
        place,
    } = world;
    drop(server);
    let data = place.path().join("data");
    let db = rusqlite::Connection::open(data.join("keyward.db")).expect("the file");
    db.execute(
        "UPDATE audit SET actor = 'nobody' WHERE action = 'key.create'",
        [],
    )
    .expect("changed");
    db.close().expect("closed");
    let server = crate::program::Program::serve(&data, &place.path().join("log"));
    let world = World {
        server,
        operator,
        place,
    };
    let broken = world.run(&["audit", "verify"]);
    assert_eq!(broken.status.code(), Some(1), "{}", text(&broken.stderr));
    assert!(
        text(&broken.stdout).starts_with("broken: entry "),
        "{}",
        text(&broken.stdout)
    );
    let unknown = world.run(&["audit", "verify", "--url", "http://127.0.0.1:1"]);
    assert_eq!(unknown.status.code(), Some(6));
}

#[test]
fn usage_and_maintenance_are_asked_for() {
    let world = World::of("emailit");
    let (key, id) = world.key(&["--level", "full", "--field", "name=CRM"]);
    let (_, other) = world.key(&["--level", "full", "--field", "name=Other"]);
    for _ in 0..3 {
        let verified = world.run_with(&key, &["key", "verify", "-k", "shop", "--key-stdin"]);
        assert!(verified.status.success());
    }
    let done = world.json(&["maintain"]);
    assert!(
        done["uses_written"].is_u64() && done["idle_disabled"] == json!(0),
        "{done}"
    );
    assert!(world.says(&["maintain"]).contains("idle disabled"));
    let table = world.says(&["key", "usage", "-k", "shop"]);
    assert_eq!(column(&table, "KEY"), [&*id]);
    assert_eq!(column(&table, "USES"), ["3"]);
    assert_eq!(
        world.json(&["key", "usage", &other, "-k", "shop"]),
        json!([])
    );
    let day = column(&table, "DAY (UTC)").remove(0);
    let used: Value = world.json(&[
        "key", "usage", &id, "-k", "shop", "-a", "acme", "--from", &day, "--to", &day,
    ]);
    assert_eq!(used[0]["count"], json!(3));
    let said = world.fails(5, &["key", "usage", "-k", "shop", "--from", "today"]);
    assert!(said.contains("from"), "{said}");
}

#[test]
fn shells_complete_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = crate::output(&["completions", shell]);
        let script = text(&script.stdout);
        for word in ["portal-link", "completions", "deactivate", "name-contains"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(
        crate::output(&["completions", "dos"]).status.code(),
        Some(2)
    );
}
