//! Other rules for a keyspace that has keys.

use std::sync::{Arc, Mutex};

use super::*;
use crate::store::{
    Act, KeyIndex, KeyRecord, KeyTransition, KeyspaceContent, KeyspaceUpdate, Premise, Reindex,
    Slot,
};

both! {
    rules_change_with_an_epoch_and_an_entry,
    an_older_revision_changes_nothing,
    every_key_is_told_anew,
    what_has_no_place_changes_nothing,
    two_keys_in_one_place_change_nothing,
    a_trial_leaves_no_trace,
    what_was_held_against_other_rules_is_not_done,
}

fn other() -> KeyspaceContent {
    KeyspaceContent {
        profile: "mine".to_owned(),
        profile_toml: Some("id = \"mine\" # a text of some length".to_owned()),
        profile_digest: digest("mine"),
        fresh_for_seconds: 20,
        valid_for_seconds: 40,
    }
}

fn plain() -> KeyspaceUpdate {
    KeyspaceUpdate {
        content: other(),
        reindex: None,
        is_trial: false,
    }
}

fn asking(tell: impl FnMut(&KeyRecord) -> Option<KeyIndex> + Send + 'static) -> KeyspaceUpdate {
    KeyspaceUpdate {
        reindex: Some(Box::new(tell) as Reindex),
        ..plain()
    }
}

fn shop(store: &dyn Store) -> crate::store::Keyspace {
    store.keyspace("shop").expect("an answer").expect("shop")
}

fn rules_change_with_an_epoch_and_an_entry(store: &dyn Store) {
    stage(store);
    let before = shop(store);
    assert_eq!(before.revision, 1);
    let changed = store.update_keyspace("shop", 1, plain(), act(7));
    let changed = changed.expect("changed").expect("shop");
    assert_eq!(changed.content(), other());
    assert_eq!((changed.revision, changed.changed_at), (2, at(7)));
    assert_eq!(changed.edition.epoch, before.edition.epoch + 1);
    assert_eq!(format!("{:?}", shop(store)), format!("{changed:?}"));
    let entry = last_entry(store, "shop");
    assert_eq!(
        (&*entry.action, &*entry.target, entry.epoch),
        ("keyspace.update", "shop", Some(changed.edition.epoch))
    );
    assert!(entry.details.contains(&digest("mine").to_string()));
    assert!(!entry.details.contains("some length"), "{}", entry.details);
    let none = store.update_keyspace("none", 1, plain(), act(7));
    assert!(none.expect("an answer").is_none());
}

fn an_older_revision_changes_nothing(store: &dyn Store) {
    stage(store);
    let changed = store.update_keyspace("shop", 1, plain(), act(7));
    changed.expect("changed").expect("shop");
    let before = format!("{:?}", shop(store));
    let late = store.update_keyspace("shop", 1, plain(), act(8));
    assert!(late.expect_err("stale").is_stale());
    assert_eq!(format!("{:?}", shop(store)), before);
}

/// Names that are searched and places that are held: those of the new rules, and none of the old ones.
fn every_key_is_told_anew(store: &dyn Store) {
    stage(store);
    put(store, &path(1), placed("one", &[lasting("old")]), 1);
    put(store, &path(2), named("two", "old name"), 2);
    let tell = |key: &KeyRecord| {
        let name = format!("new {}", key.hint);
        Some(KeyIndex {
            slots: vec![lasting(&name)],
            name,
        })
    };
    let changed = store.update_keyspace("shop", 1, asking(tell), act(7));
    changed.expect("changed").expect("shop");
    let found = |part: &str| {
        let filter = crate::store::KeyFilter {
            name_contains: Some(part.to_owned()),
            ..Default::default()
        };
        store.count_keys("shop", &filter).expect("an answer")
    };
    assert_eq!((found("new"), found("old")), (Some(2), Some(0)));
    let put = |millis, place: &str| {
        store.insert_key(
            path(millis),
            placed(&format!("k{millis}"), &[lasting(place)]),
            None,
            act(millis),
        )
    };
    put(10, "old").expect("nobody's any more");
    let taken = put(11, "new …one").expect_err("taken");
    assert_eq!(taken.slot(), Some(("name", id(1))));
}

fn what_has_no_place_changes_nothing(store: &dyn Store) {
    stage(store);
    for (millis, of) in [(1, "one"), (2, "two"), (3, "three")] {
        put(store, &path(millis), placed(of, &[lasting(of)]), millis);
    }
    let before = format!("{:?}", shop(store));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let tell = move |key: &KeyRecord| {
        seen.lock().expect("alone").push(key.id);
        (key.id != id(2)).then(KeyIndex::default)
    };
    let refused = store.update_keyspace("shop", 1, asking(tell), act(7));
    assert!(refused.expect_err("no place").is_unfit());
    assert_eq!(*asked.lock().expect("alone"), [id(1), id(2), id(3)], "all");
    assert_eq!(format!("{:?}", shop(store)), before);
    let again = store.insert_key(path(9), placed("x", &[lasting("one")]), None, act(9));
    assert!(again.expect_err("still held").slot().is_some());
}

fn two_keys_in_one_place_change_nothing(store: &dyn Store) {
    stage(store);
    put(store, &path(1), named("one", "a"), 1);
    put(store, &path(2), named("two", "b"), 2);
    let places = |slot: Slot| {
        move |_: &KeyRecord| {
            Some(KeyIndex {
                slots: vec![slot.clone()],
                ..KeyIndex::default()
            })
        }
    };
    let before = format!("{:?}", shop(store));
    let refused = store.update_keyspace("shop", 1, asking(places(lasting("x"))), act(7));
    assert_eq!(refused.expect_err("taken").slot(), Some(("name", id(1))));
    assert_eq!(format!("{:?}", shop(store)), before);
    // One that is switched off holds no place that is held while it is live.
    let off = crate::store::KeyTransition::Disable;
    store
        .change_key(path(1), off, None, act(8))
        .expect("changed")
        .expect("present");
    let changed = store.update_keyspace("shop", 1, asking(places(while_active("x"))), act(9));
    changed.expect("changed").expect("shop");
    let on = crate::store::KeyTransition::Enable;
    let taken = store.change_key(path(1), on, None, act(10));
    assert!(taken.expect_err("the other's").slot().is_some());
}

fn a_trial_leaves_no_trace(store: &dyn Store) {
    stage(store);
    put(store, &path(1), placed("one", &[lasting("old")]), 1);
    let before = (
        format!("{:?}", shop(store)),
        last_entry(store, "shop").sequence,
    );
    let trial = KeyspaceUpdate {
        is_trial: true,
        ..asking(|_| Some(KeyIndex::default()))
    };
    let tried = store.update_keyspace("shop", 1, trial, act(7));
    let tried = tried.expect("possible").expect("shop");
    assert_eq!((tried.content(), tried.revision), (other(), 2));
    let after = (
        format!("{:?}", shop(store)),
        last_entry(store, "shop").sequence,
    );
    assert_eq!(after, before);
    let again = store.insert_key(path(9), placed("x", &[lasting("old")]), None, act(9));
    assert!(again.expect_err("still held").slot().is_some());
}

/// A key that was held against the rules before is made under no others.
fn what_was_held_against_other_rules_is_not_done(store: &dyn Store) {
    stage(store);
    put(store, &path(1), named("one", "a"), 1);
    let by = |rules, millis| Act {
        premise: Premise {
            rules: Some(rules),
            ..Premise::default()
        },
        ..act(millis)
    };
    let insert = |millis, rules| {
        let new = new_key(&format!("k{millis}"));
        store.insert_key(path(millis), new, None, by(rules, millis))
    };
    insert(2, 1).expect("by the rules that hold");
    let changed = store.update_keyspace("shop", 1, plain(), act(3));
    changed.expect("changed").expect("shop");
    assert!(insert(4, 1).expect_err("others by now").is_outdated());
    let update = |rules| {
        let index = KeyIndex::default();
        store.update_key(path(1), 1, content("full"), index, by(rules, 5))
    };
    assert!(update(1).expect_err("others by now").is_outdated());
    update(2).expect("by the rules that hold");
    let rotate = |rules| store.rotate_key(path(1), rotation("k5"), None, None, by(rules, 5));
    assert!(rotate(1).expect_err("others by now").is_outdated());
    rotate(2).expect("by the rules that hold");
    let off = store.change_key(path(1), KeyTransition::Disable, None, act(5));
    off.expect("off");
    let enable = |rules| store.change_key(path(1), KeyTransition::Enable, None, by(rules, 5));
    assert!(enable(1).expect_err("others by now").is_outdated());
    enable(2).expect("by the rules that hold");
    insert(6, 2).expect("by the rules that hold");
}
