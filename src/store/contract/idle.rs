//! Keys that nobody uses are switched off.

use super::*;
use crate::store::{KeyState, KeyTransition, Use};

both! {
    the_last_of_three_times_counts,
    as_many_as_asked_for_and_the_idlest_first,
}

fn the_last_of_three_times_counts(store: &dyn Store) {
    stage(store);
    for made in [10, 20, 30, 40, 50] {
        make(store, made);
    }
    put(store, &path_in("other", "acme", 10), new_key("10"), 10);
    // 20 was used at the cutoff, 30 just before; 40 was switched on at the cutoff; 50 is off.
    let used = |made: i64, last: i64| Use {
        id: id(made),
        count: 1,
        last: at(last),
        newest_used_at: Some(at(last)),
    };
    store
        .add_uses("shop", None, vec![used(20, 1000), used(30, 999)], act(1000))
        .expect("added");
    for (made, transition, millis) in [
        (40, KeyTransition::Disable, 900),
        (40, KeyTransition::Enable, 1000),
        (50, KeyTransition::Disable, 900),
    ] {
        store
            .change_key(path(made), transition, None, act(millis))
            .expect("changed");
    }
    let before = epoch(store, "shop");
    assert!(!store.has_idle("shop", at(10)).expect("an answer"));
    assert!(store.has_idle("shop", at(11)).expect("an answer"));
    assert!(!store.has_idle("none", at(11)).expect("an answer"));
    let idle = store
        .disable_idle("shop", at(1000), 10, act(2000))
        .expect("an answer");
    assert_eq!(idle, [path(10), path(30)]);
    assert_eq!(epoch(store, "shop"), before + 2);
    for made in [10, 30] {
        let key = read(store, &path(made));
        assert_eq!(key.state, KeyState::Disabled { at: at(2000) });
        assert_eq!((key.updated_at, key.revision), (at(2000), 2));
    }
    for made in [20, 40] {
        assert_eq!(read(store, &path(made)).state, KeyState::Active);
    }
    assert_eq!(
        read(store, &path(50)).state,
        KeyState::Disabled { at: at(900) }
    );
    let entry = last_entry(store, "shop");
    assert_eq!(
        (&*entry.action, &*entry.target),
        ("key.idle_disable", &*id(30).to_string())
    );
    assert!(!store.has_idle("shop", at(1000)).expect("an answer"));
    let again = store
        .disable_idle("shop", at(1000), 10, act(2001))
        .expect("an answer");
    assert_eq!(again, []);
    let foreign = read(store, &path_in("other", "acme", 10));
    assert_eq!(foreign.state, KeyState::Active);
    assert_eq!(
        store
            .disable_idle("none", at(1000), 10, act(1))
            .expect("an answer"),
        []
    );
}

fn as_many_as_asked_for_and_the_idlest_first(store: &dyn Store) {
    stage(store);
    for made in [10, 20, 30] {
        make(store, made);
    }
    let uses = vec![Use {
        id: id(10),
        count: 1,
        last: at(25),
        newest_used_at: None,
    }];
    store.add_uses("shop", None, uses, act(25)).expect("added");
    let round = |limit| {
        store
            .disable_idle("shop", at(100), limit, act(100))
            .expect("an answer")
    };
    assert_eq!(round(2), [path(20), path(10)]);
    assert_eq!(round(2), [path(30)]);
    assert_eq!(round(2), []);
}
