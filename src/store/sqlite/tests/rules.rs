//! What is changed while the keys of a keyspace are judged by other rules.

use std::collections::BTreeSet;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use super::{look_into, number, open};
use crate::store::contract::{
    Directory, act, at, content, digest, found, id, named, new_key, path, put, stage,
};
use crate::store::sqlite::SqliteStore;
use crate::store::{
    KeyFilter, KeyIndex, KeyRecord, Keyspace, KeyspaceContent, KeyspaceUpdate, Reindex, Store,
    StoreError,
};

/// How long a change takes that would never end if somebody waited for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Rules by which keys are called by their hints, and that have no place for the level `events`.
fn by_hint(key: &KeyRecord) -> Option<KeyIndex> {
    (key.content.level != "events").then(|| KeyIndex {
        name: format!("by {}", key.hint),
        slots: Vec::new(),
    })
}

/// The same, where `meanwhile` happens at the first key.
fn while_judging(meanwhile: impl FnOnce() + Send + 'static) -> Reindex {
    let mut meanwhile = Some(meanwhile);
    Box::new(move |key| {
        if let Some(meanwhile) = meanwhile.take() {
            meanwhile();
        }
        by_hint(key)
    })
}

fn update(store: &SqliteStore, tell: Reindex) -> Result<Keyspace, StoreError> {
    let update = KeyspaceUpdate {
        content: KeyspaceContent {
            profile: "mine".to_owned(),
            profile_toml: None,
            profile_digest: digest("mine"),
            fresh_for_seconds: 20,
            valid_for_seconds: 40,
        },
        judged: Some(store.judge_keys("shop", tell, at(50))?),
        levels: BTreeSet::new(),
    };
    let changed = store.update_keyspace("shop", 1, update, act(50))?;
    Ok(changed.expect("shop"))
}

fn with(part: &str) -> KeyFilter {
    KeyFilter {
        name_contains: Some(part.to_owned()),
        ..KeyFilter::default()
    }
}

/// A store with keys made at 1, 2 and 3.
fn three(place: &Directory) -> Arc<SqliteStore> {
    let (store, _) = open(place);
    stage(&store);
    for made in 1..=3 {
        let of = made.to_string();
        put(&store, &path(made), named(&of, &format!("name {of}")), made);
    }
    Arc::new(store)
}

#[test]
fn others_change_what_they_like_meanwhile_and_are_judged_again() {
    let place = Directory::new();
    let store = three(&place);
    let theirs = Arc::clone(&store);
    let tell = while_judging(move || {
        put(&*theirs, &path(4), named("4", "name 4"), 4);
        let index = KeyIndex {
            name: "another".to_owned(),
            slots: Vec::new(),
        };
        let renamed = theirs.update_key(path(3), 1, content("full"), index, act(5));
        renamed.expect("changed").expect("there");
        let gone = theirs.delete_key(path(2), None, act(6));
        gone.expect("removed").expect("there");
    });
    update(&store, tell).expect("changed");
    assert_eq!(found(&*store, &with("by ")), [4, 3, 1].map(id));
    assert_eq!(found(&*store, &with("name")), []);
    assert_eq!(found(&*store, &with("another")), []);
}

#[test]
fn what_came_meanwhile_and_has_no_place_is_in_the_way() {
    let place = Directory::new();
    let store = three(&place);
    let theirs = Arc::clone(&store);
    let unfit = || crate::store::NewKey {
        content: content("events"),
        ..new_key("4")
    };
    let judged = while_judging(move || drop(put(&*theirs, &path(4), unfit(), 4)));
    assert!(update(&store, judged).expect_err("no place").is_unfit());
    store.delete_key(path(4), None, act(5)).expect("removed");

    // Also where it comes when all were judged.
    let judged = store.judge_keys("shop", Box::new(by_hint), at(6));
    let judged = judged.expect("fit");
    put(&*store, &path(4), unfit(), 7);
    let update = KeyspaceUpdate {
        content: store
            .keyspace("shop")
            .expect("an answer")
            .expect("shop")
            .content(),
        judged: Some(judged),
        levels: BTreeSet::new(),
    };
    let refused = store.update_keyspace("shop", 1, update, act(8));
    assert!(refused.expect_err("no place").is_unfit());
    assert_eq!(
        found(&*store, &with("name")),
        [3, 2, 1].map(id),
        "as they were"
    );
}

#[test]
fn judging_waits_for_no_change() {
    let place = Directory::new();
    let store = three(&place);
    let (go_on, wait) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let busy = &store;
        let (begun, has_begun) = mpsc::channel();
        let writing = scope.spawn(move || {
            busy.write(move |_| {
                begun.send(()).expect("somebody waits");
                Ok(wait.recv_timeout(PATIENCE).is_ok())
            })
        });
        has_begun.recv().expect("the writer is at work");
        let judged = store.judge_keys("shop", Box::new(by_hint), at(5));
        assert_eq!(judged.expect("fit").others.len(), 3);
        // Nobody hears it where it comes too late.
        let _ = go_on.send(());
        let was_judged_meanwhile = writing.join().expect("no panic").expect("written");
        assert!(was_judged_meanwhile);
    });
}

#[test]
fn only_what_is_others_is_written() {
    let place = Directory::new();
    let (store, file) = open(&place);
    stage(&store);
    for made in 1..=3 {
        let name = if made == 2 { "old" } else { "same" };
        put(&store, &path(made), named(&made.to_string(), name), made);
    }
    let tell = |_: &KeyRecord| {
        Some(KeyIndex {
            name: "same".to_owned(),
            slots: Vec::new(),
        })
    };
    update(&store, Box::new(tell)).expect("changed");
    let db = look_into(&file);
    let renamed = "SELECT count(*) FROM keys WHERE name_version > 0";
    assert_eq!(number(&db, renamed), 1);
    assert_eq!(found(&store, &with("same")), [3, 2, 1].map(id));
}

#[test]
fn other_names_of_all_keys_make_no_segment_in_the_change() {
    let place = Directory::new();
    let (store, file) = open(&place);
    stage(&store);
    for made in 1..=150 {
        let of = made.to_string();
        put(&store, &path(made), named(&of, &format!("name {of}")), made);
    }
    let db = look_into(&file);
    let segments = || number(&db, "SELECT count(*) FROM name_segments");
    let newest = || number(&db, "SELECT max(number) FROM name_segments");
    let before = newest();
    update(&store, Box::new(by_hint)).expect("changed");
    assert_eq!((segments(), newest()), (2, before));
    let all_are_found = || {
        assert_eq!(
            store.count_keys("shop", &with("by ")).expect("an answer"),
            Some(150)
        );
        assert_eq!(found(&store, &with("by …77")), [77].map(id));
        assert_eq!(found(&store, &with("name")), []);
    };
    all_are_found();
    store.purge(0, act(500)).expect("an answer");
    assert_eq!(newest(), before + 2);
    assert_eq!(
        number(&db, "SELECT count(*) FROM names_waiting"),
        150 - 2 * 64
    );
    all_are_found();
}
