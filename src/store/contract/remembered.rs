//! Answers to requests that may be sent twice.

use super::*;
use crate::store::{Rotation, StoreError};

both! {
    an_answer_is_kept_with_its_change,
    the_second_request_changes_nothing,
    an_answer_that_is_over_makes_room,
}

fn an_answer_is_kept_with_its_change(store: &dyn Store) {
    stage(store);
    store
        .insert_key(path(10), new_key("10"), Some(remember(1, 100)), act(10))
        .expect("new");
    let rotation = Rotation {
        secret: secret("next"),
        retiring: None,
    };
    store
        .rotate_key(path(10), rotation, None, Some(remember(2, 100)), act(20))
        .expect("active");
    for (request, hint) in [(1, "…10"), (2, "…next")] {
        let answer = store.remembered([request; 32], at(99)).expect("an answer");
        let answer = answer.expect("remembered");
        assert_eq!(answer.fingerprint, [request + 1; 32]);
        assert_eq!(answer.sealed, hint.as_bytes());
        assert!(
            store
                .remembered([request; 32], at(100))
                .expect("an answer")
                .is_none()
        );
    }
    assert!(
        store
            .remembered([9; 32], at(20))
            .expect("an answer")
            .is_none()
    );
    // Nothing was done, nothing is kept.
    let none = store.insert_key(
        path_in("shop", "none", 30),
        new_key("30"),
        Some(remember(3, 100)),
        act(30),
    );
    assert!(none.expect("an answer").is_none());
    assert!(
        store
            .remembered([3; 32], at(31))
            .expect("an answer")
            .is_none()
    );
}

fn the_second_request_changes_nothing(store: &dyn Store) {
    stage(store);
    store
        .insert_key(path(10), new_key("10"), Some(remember(1, 100)), act(10))
        .expect("new");
    let before = epoch(store, "shop");
    let is_remembered = |result: Result<_, StoreError>| result.expect_err("again").is_remembered();
    assert!(is_remembered(store.insert_key(
        path(20),
        new_key("20"),
        Some(remember(1, 200)),
        act(20)
    )));
    let rotation = Rotation {
        secret: secret("next"),
        retiring: None,
    };
    assert!(is_remembered(store.rotate_key(
        path(10),
        rotation,
        Some(77),
        Some(remember(1, 200)),
        act(20)
    )));
    assert_eq!(epoch(store, "shop"), before);
    assert!(store.key(&path(20)).expect("an answer").is_none());
}

fn an_answer_that_is_over_makes_room(store: &dyn Store) {
    stage(store);
    let insert = |millis: i64, until| {
        let new = new_key(&millis.to_string());
        let remember = Some(remember(1, until));
        store.insert_key(path(millis), new, remember, act(millis))
    };
    insert(10, 100).expect("new");
    insert(100, 200).expect("over");
    let answer = store.remembered([1; 32], at(150)).expect("an answer");
    assert_eq!(answer.expect("remembered").sealed, "…100".as_bytes());
    assert_eq!(store.purge(0, act(199)).expect("an answer"), 0);
    assert_eq!(store.purge(0, act(200)).expect("an answer"), 1);
}
