//! `keyward keyspace update`.

use keyward::profile::Profile;

use crate::world::World;

#[test]
fn rules_are_tried_then_changed() {
    let world = World::of("keyward");
    let (key, _) = world.key(&["--level", "read", "--field", "name=reader"]);
    std::fs::write(world.place.path().join("reader.key"), key).expect("a file");
    let toml = Profile::preset_toml("keyward").expect("a preset");
    let file = world.place.path().join("own.toml");
    let write = |text: &str| std::fs::write(&file, text).expect("a file");
    let post = ["POST", "/reports"];
    let decide = || {
        let verify = ["key", "verify", "-k", "shop", "--key-file", "reader.key"];
        world.run(&[&verify[..], &post].concat()).status.code()
    };
    assert_eq!(decide(), Some(1));

    write(&toml.replacen(
        "calls = [\"GET /**\"]",
        "calls = [\"GET /**\", \"POST /reports\"]",
        1,
    ));
    let update = ["keyspace", "update", "shop", "--profile", "own.toml"];
    let page = world.says(&[&update[..], &["--dry-run"]].concat());
    assert!(
        page.starts_with("+ call POST /reports: read, costs 1\n"),
        "{page}"
    );
    assert!(!page.contains("GET /**"), "what stays is not told: {page}");
    assert_eq!(world.json(&["keyspace", "show", "shop"])["revision"], 1);
    assert_eq!(decide(), Some(1));

    world.fails(7, &[&update[..], &["--if-revision", "7"]].concat());
    let page = world.says(&[&update[..], &["--if-revision", "1"]].concat());
    assert!(page.contains("revision"), "{page}");
    assert_eq!(decide(), Some(0));
    assert_eq!(
        world.says(&["keyspace", "show", "shop", "--toml"]),
        std::fs::read_to_string(&file).expect("a file")
    );

    write(&toml.replacen("kw_live", "kw_test", 1));
    for more in [&[][..], &["--dry-run"]] {
        let said = world.fails(5, &[&update[..], more].concat());
        assert!(said.contains("the format of keys: 1 key needs"), "{said}");
    }
    write("not toml");
    let said = world.fails(1, &update);
    assert!(said.contains("own.toml"), "{said}");
    let said = world.fails(2, &["keyspace", "update", "shop"]);
    assert!(said.contains("--profile"), "{said}");
    let page = world.says(&[
        "keyspace",
        "update",
        "shop",
        "--fresh-for",
        "1m",
        "--profile",
        "keyward",
        "--dry-run",
    ]);
    assert!(
        page.starts_with("- call POST /reports: read, costs 1\n"),
        "{page}"
    );
    assert!(page.contains("fresh for seconds"), "{page}");
}
