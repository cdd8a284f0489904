//! Other rules for a keyspace that has keys.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use super::*;
use crate::store::{
    Act, KeyFilter, KeyIndex, KeyRecord, KeySlice, KeyTransition, Keyspace, KeyspaceContent,
    KeyspaceUpdate, NewKey, Premise, Reindex, Slot, StoreError,
};

both! {
    rules_change_with_an_epoch_and_an_entry,
    an_older_revision_changes_nothing,
    every_key_is_told_anew,
    what_has_no_place_changes_nothing,
    two_keys_in_one_place_change_nothing,
    judging_leaves_no_trace,
    what_was_held_against_other_rules_is_not_done,
    no_key_slips_in_between,
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
        judged: None,
        levels: BTreeSet::from(["full".to_owned()]),
    }
}

/// Gives `shop` rules that `tell` speaks for.
fn asking(
    store: &dyn Store,
    revision: u64,
    tell: impl FnMut(&KeyRecord) -> Option<KeyIndex> + Send + 'static,
    millis: i64,
) -> Result<Keyspace, StoreError> {
    let judged = store.judge_keys("shop", Box::new(tell) as Reindex, at(millis))?;
    let update = KeyspaceUpdate {
        judged: Some(judged),
        ..plain()
    };
    let changed = store.update_keyspace("shop", revision, update, act(millis))?;
    Ok(changed.expect("shop"))
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
    asking(store, 1, tell, 7).expect("changed");
    let found = |part: &str| {
        let filter = KeyFilter {
            name_contains: Some(part.to_owned()),
            ..KeyFilter::default()
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
    let refused = asking(store, 1, tell, 7);
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
    let refused = asking(store, 1, places(lasting("x")), 7);
    assert_eq!(refused.expect_err("taken").slot(), Some(("name", id(1))));
    assert_eq!(format!("{:?}", shop(store)), before);
    // One that is switched off holds no place that is held while it is live.
    let off = KeyTransition::Disable;
    store
        .change_key(path(1), off, None, act(8))
        .expect("changed")
        .expect("present");
    asking(store, 1, places(while_active("x")), 9).expect("changed");
    let on = KeyTransition::Enable;
    let taken = store.change_key(path(1), on, None, act(10));
    assert!(taken.expect_err("the other's").slot().is_some());
}

fn judging_leaves_no_trace(store: &dyn Store) {
    stage(store);
    put(store, &path(1), placed("one", &[lasting("old")]), 1);
    let before = (
        format!("{:?}", shop(store)),
        last_entry(store, "shop").sequence,
    );
    let tell = Box::new(|_: &KeyRecord| Some(KeyIndex::default()));
    store.judge_keys("shop", tell, at(7)).expect("fit");
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

/// While keys are made and removed, the rules change: in the end each key is known by the rules that hold, and there
/// was never one that they had no place for.
fn no_key_slips_in_between(store: &dyn Store) {
    const CUSTOMERS: i64 = 3;
    const EACH: i64 = 100;
    const AT_ONCE: i64 = 10;
    stage(store);
    // By every other rules there is the level `events`.
    let has_events = |revision: u64| revision % 2 == 1;
    let by = |revision: u64, key: &str| KeyIndex {
        name: format!("r{revision} {key}"),
        slots: vec![lasting(&format!("r{revision} {key}"))],
    };
    let (made, changes) = (AtomicI64::new(0), AtomicI64::new(0));
    let make_one = |number: i64| {
        loop {
            let revision = shop(store).revision;
            let act = Act {
                premise: Premise {
                    rules: Some(revision),
                    ..Premise::default()
                },
                ..act(number)
            };
            let is_events = has_events(revision) && number % 5 == 0;
            let new = NewKey {
                content: content(if is_events { "events" } else { "full" }),
                index: by(revision, &format!("…{number}")),
                ..new_key(&number.to_string())
            };
            match store.insert_key(path(number), new, None, act.clone()) {
                Err(error) => assert!(error.is_outdated(), "{error}"),
                Ok(_) if is_events => {
                    let gone = store.delete_key(path(number), None, act);
                    break drop(gone.expect("made").expect("there"));
                }
                Ok(_) => break,
            }
        }
        made.fetch_add(1, Ordering::Relaxed);
    };
    let change = || {
        let revision = shop(store).revision;
        let next = revision + 1;
        let tell = move |key: &KeyRecord| {
            (key.content.level == "full" || has_events(next)).then(|| by(next, &key.hint))
        };
        match asking(store, revision, tell, 5000) {
            Ok(_) if has_events(next) => true,
            Ok(_) => {
                let events = KeyFilter {
                    level: Some("events".to_owned()),
                    ..KeyFilter::default()
                };
                let left = store.count_keys("shop", &events).expect("an answer");
                assert_eq!(left, Some(0), "rules {next}");
                true
            }
            Err(error) => {
                assert!(error.is_unfit(), "{error}");
                false
            }
        }
    };
    // Keys and rules get on with one another: neither is through before the other has done much.
    let is_over = AtomicBool::new(false);
    let is_far_ahead = |count: i64| {
        let most = AT_ONCE * (1 + changes.load(Ordering::Relaxed));
        count > most && !is_over.load(Ordering::Relaxed)
    };
    std::thread::scope(|scope| {
        for customer in 0..CUSTOMERS {
            let (make_one, is_far_ahead) = (&make_one, &is_far_ahead);
            scope.spawn(move || {
                for count in 1..=EACH {
                    while is_far_ahead(count) {
                        std::thread::yield_now();
                    }
                    make_one(customer * EACH + count);
                }
            });
        }
        let _over = Over(&is_over);
        let mut at_change = 0;
        while at_change < CUSTOMERS * EACH {
            let now = made.load(Ordering::Relaxed);
            if now < at_change + 5 && now < CUSTOMERS * EACH {
                std::thread::yield_now();
            } else if change() {
                changes.fetch_add(1, Ordering::Relaxed);
                at_change = now;
            }
        }
    });
    let changes = changes.into_inner();
    assert!(changes >= EACH / AT_ONCE - 1, "{changes}");
    all_are_known_by(store, &by);
}

/// Lets those go who wait, also where a test fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Every key of `shop` has the name and the place that `by` says of its hint and the rules that hold.
fn all_are_known_by(store: &dyn Store, by: &dyn Fn(u64, &str) -> KeyIndex) {
    let revision = shop(store).revision;
    let count = |filter: &KeyFilter| store.count_keys("shop", filter).expect("an answer");
    let by_present = KeyFilter {
        name_contains: Some(by(revision, "").name),
        ..KeyFilter::default()
    };
    let all = count(&KeyFilter::default());
    assert!(all >= Some(240), "{all:?}");
    assert_eq!(count(&by_present), all);
    let newest = KeySlice { limit: 1, ..NEWEST };
    let keys = store.keys("shop", &KeyFilter::default(), newest);
    let key = keys.expect("an answer").expect("shop").remove(0);
    let places = by(revision, &key.hint).slots;
    let again = store.insert_key(path(9000), placed("x", &places), None, act(9));
    let taken = again.expect_err("held by the rules that hold");
    assert_eq!(taken.slot(), Some(("name", key.id)));
}
