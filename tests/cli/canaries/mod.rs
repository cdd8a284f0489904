//! Threat 40: keys made in every way there is, and presented wherever they do not belong, are afterwards in the one
//! answer that showed them, and nowhere else: not in the log, the database, its journal or free pages, the log of
//! revocations, a backup, the audit trail, the metrics or any other answer.

mod house;
mod making;
mod places;
mod search;

use std::collections::BTreeSet;

use self::house::{CONTROL, Canary, house};
use self::making::make;
use self::places::{misplace, present};
use self::search::{Search, forms, read};
use crate::output;
use crate::program::directory::Directory;
use crate::program::{Program, Signal};

#[expect(clippy::too_many_lines, reason = "one way after the other")]
#[test]
fn a_key_is_in_the_answer_that_shows_it_and_nowhere_else() {
    let secrets = Directory::new();
    let mut house = house(&secrets);
    let first = Canary {
        way: "the first operator",
        key: house.world.operator.clone(),
        shown_by: Vec::new(),
    };
    house.canaries.borrow_mut().push(first);
    make(&house);
    let keys: Vec<_> = house
        .canaries
        .borrow()
        .iter()
        .map(|canary| canary.key.clone())
        .collect();
    assert!(keys.len() >= 19, "{} keys", keys.len());
    for key in &keys {
        present(&house, key);
    }
    let operator = house.world.operator.clone();
    let (_, document) = house.ask(&operator, "GET", "/openapi.json", &[], None);
    let of = |way: &str| {
        let canaries = house.canaries.borrow();
        let canary = canaries.iter().find(|canary| canary.way == way);
        canary.unwrap_or_else(|| panic!("no {way}")).key.clone()
    };
    let callers = [
        (
            "/v2/api-keys",
            format!("Bearer {}", of("create for a dialect")),
        ),
        (
            "/ga/api/v2/api_keys",
            format!("Basic {}", of("create, recoverable")),
        ),
    ];
    let callers = callers.each_ref().map(|(path, by)| (*path, &**by));
    // One of each form.
    for way in [
        "create once",
        "create, recoverable",
        "operator",
        "edge token",
    ] {
        misplace(&house, &document, &of(way), &callers);
    }
    house.ask(&operator, "POST", "/v1/maintain", &[], None);
    for path in [
        "/metrics",
        "/v1/audit?limit=1000",
        "/v1/keyspaces/shop/audit",
        "/v1/keyspaces/mail/audit",
        "/v1/keyspaces/post/audit",
        "/v1/keyspaces/shop/keys",
        "/v1/keyspaces/mail/keys",
        "/v1/keyspaces/post/keys",
        "/v1/keyspaces/shop/tokens",
        "/v1/keyspaces/shop/head",
        "/v1/keyspaces/shop/snapshot/0",
        "/v1/keyspaces/mail/snapshot/0",
        "/v1/operators",
        "/openapi.json",
        "/readyz",
    ] {
        house.ask(&operator, "GET", path, &[], None);
    }
    let data = house.world.place.path().join("data");
    let backup = house.world.place.path().join("backup.db");
    let made = output(&[
        "backup",
        "--data",
        data.to_str().expect("text"),
        "--to",
        backup.to_str().expect("text"),
    ]);
    assert!(made.status.success(), "{}", crate::text(&made.stderr));

    let mut sinks = vec![(
        "what backup says".to_owned(),
        [made.stdout, made.stderr].concat(),
    )];
    read(&house.world.place, "while it runs", &mut sinks);
    house.world.server.signal(Signal::KILL);
    house.world.server.child.wait().expect("it ends");
    read(&house.world.place, "after it was killed", &mut sinks);
    // Another one takes over what is in the journal, and leaves none when it ends.
    let log = house.world.place.path().join("log");
    let settings = [("KEYWARD_MASTER_KEY_FILE", secrets.path().join("master.key"))];
    let settings = settings
        .each_ref()
        .map(|(name, path)| (*name, path.to_str().expect("text")));
    house.world.server = Program::serve_with(&data, &log, &settings);
    house.world.server.signal(Signal::TERM);
    house.world.server.child.wait().expect("it ends");
    read(&house.world.place, "after the next one ended", &mut sinks);
    for name in [
        "data/keyward.db",
        "data/keyward.db-wal",
        "data/revocations.log",
        "backup.db",
        "log",
    ] {
        assert!(
            sinks
                .iter()
                .any(|(sink, bytes)| sink.starts_with(&format!("{name},")) && !bytes.is_empty()),
            "no {name}"
        );
    }
    let canaries = house.canaries.borrow();
    let mut search = Search::default();
    search.add(usize::MAX, CONTROL.as_bytes().to_vec());
    for (which, canary) in canaries.iter().enumerate() {
        for form in forms(&canary.key) {
            search.add(which, form);
        }
    }
    let (mut found, mut controls) = (BTreeSet::new(), BTreeSet::new());
    for (name, bytes) in &sinks {
        for (which, form) in search.found(bytes) {
            match canaries.get(which) {
                Some(canary) => drop(found.insert(format!(
                    "{} is in {name} as {}",
                    canary.way,
                    crate::text(form)
                ))),
                None => drop(controls.insert(&**name)),
            }
        }
    }
    let answers = house.answers.borrow();
    for (place, (name, body)) in answers.iter().enumerate() {
        for (which, _) in search.found(body) {
            match canaries.get(which) {
                Some(canary) if canary.shown_by.contains(&place) => {}
                Some(canary) => drop(found.insert(format!(
                    "{} is in the answer to {name}: {}",
                    canary.way,
                    crate::text(body)
                ))),
                None => drop(controls.insert("an answer")),
            }
        }
    }
    let bytes = sinks.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
    println!(
        "{} keys, {} answers, {} files, {bytes} bytes",
        canaries.len(),
        answers.len(),
        sinks.len()
    );
    let first = found
        .iter()
        .take(20)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(found.is_empty(), "{} leaks:\n{first}", found.len());
    for place in [
        "data/keyward.db-wal, while it runs",
        "data/keyward.db, after the next one ended",
        "backup.db, while it runs",
        "an answer",
    ] {
        assert!(
            controls.contains(place),
            "a name is not found in {place}: {controls:?}"
        );
    }
}
