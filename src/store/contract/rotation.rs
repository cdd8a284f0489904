//! Another secret under the same id, and the one before.

use super::*;
use crate::key::KeyId;
use crate::store::{KeyRecord, KeyTransition, Retiring, RetiringPlan, Rotation, StoreError, Use};

both! {
    the_one_before_ends_at_once_or_by_its_time,
    no_secret_comes_back,
    the_first_use_brings_the_end_forward,
    the_end_of_the_one_before_can_be_earlier_and_never_later,
    the_same_id_elsewhere_is_another_key,
    what_is_over_is_forgotten_but_not_before_the_next_change,
    deleting_frees_both_secrets,
}

fn rotate(
    store: &dyn Store,
    to: &str,
    retiring: Option<RetiringPlan>,
    millis: i64,
) -> Result<KeyRecord, StoreError> {
    let rotation = Rotation {
        secret: secret(to),
        retiring,
    };
    let rotated = store.rotate_key(path(10), rotation, None, None, act(millis));
    rotated.map(|key| key.expect("the key"))
}

#[expect(clippy::unnecessary_wraps, reason = "as a rotation has it")]
fn until(millis: i64) -> Option<RetiringPlan> {
    Some(RetiringPlan {
        ends_at: at(millis),
        ends_after_use: None,
    })
}

/// The key with this secret, and whether that is the one before.
fn find(store: &dyn Store, of: &str, millis: i64) -> Option<(KeyId, bool)> {
    let found = store.key_by_digest("shop", &digest(of), at(millis));
    let found = found.expect("an answer")?;
    Some((found.record.id, found.is_retiring))
}

fn the_one_before_ends_at_once_or_by_its_time(store: &dyn Store) {
    stage(store);
    let made = put(store, &path(10), new_key("a"), 10);
    let before = epoch(store, "shop");
    let rotated = rotate(store, "b", None, 20).expect("active");
    let expected = KeyRecord {
        hint: "…b".to_owned(),
        updated_at: at(20),
        rotated_at: Some(at(20)),
        revision: 2,
        ..made
    };
    assert_eq!(format!("{rotated:?}"), format!("{expected:?}"));
    assert_eq!(find(store, "a", 20), None);
    assert_eq!(find(store, "b", 20), Some((id(10), false)));

    let rotated = rotate(store, "c", until(100), 30).expect("active");
    let retiring = Retiring {
        hint: "…b".to_owned(),
        ends_at: at(100),
        ends_after_use: None,
    };
    assert_eq!(rotated.retiring, Some(retiring));
    assert_eq!(
        format!("{:?}", read(store, &path(10))),
        format!("{rotated:?}")
    );
    assert_eq!(find(store, "b", 99), Some((id(10), true)));
    assert_eq!(find(store, "b", 100), None);
    assert_eq!(find(store, "c", 100), Some((id(10), false)));
    // One before the one before never counts.
    rotate(store, "d", until(200), 40).expect("active");
    assert_eq!(find(store, "b", 41), None);
    assert_eq!(find(store, "c", 41), Some((id(10), true)));
    assert_eq!(epoch(store, "shop"), before + 3);
    let entry = last_entry(store, "shop");
    assert_eq!(entry.action, "key.rotate");
    let told: serde_json::Value = serde_json::from_str(&entry.details).expect("JSON");
    assert_eq!(told["before"]["retiring"]["hint"], "…b");
    assert_eq!(told["after"]["retiring"]["hint"], "…c");

    let rotation = Rotation {
        secret: secret("e"),
        retiring: None,
    };
    let stale = store.rotate_key(path(10), rotation, Some(1), None, act(50));
    assert!(stale.expect_err("stale").is_stale());
    assert_eq!(
        find(store, "d", 51),
        Some((id(10), false)),
        "nothing was kept of it"
    );
}

fn no_secret_comes_back(store: &dyn Store) {
    stage(store);
    put(store, &path(10), new_key("a"), 10);
    put(store, &path_in("shop", "bolt", 11), new_key("x"), 11);
    rotate(store, "b", until(1000), 20).expect("active");
    for taken in ["a", "b", "x"] {
        let refused = rotate(store, taken, until(1000), 30);
        assert!(refused.expect_err(taken).is_exists());
        let refused = rotate(store, taken, None, 30);
        assert!(refused.expect_err(taken).is_exists());
        let refused = store.insert_key(path(31), new_key(taken), None, act(31));
        assert!(refused.expect_err(taken).is_exists());
    }
    assert_eq!(find(store, "a", 32), Some((id(10), true)));
    assert_eq!(find(store, "b", 32), Some((id(10), false)));
    // Elsewhere it is another secret.
    put(store, &path_in("other", "acme", 33), new_key("a"), 33);
}

fn uses(millis: i64, by_newest_secret: bool) -> Vec<Use> {
    vec![Use {
        id: id(10),
        count: 1,
        last: at(millis),
        newest_used_at: by_newest_secret.then(|| at(millis)),
    }]
}

fn the_first_use_brings_the_end_forward(store: &dyn Store) {
    stage(store);
    put(store, &path(10), new_key("a"), 10);
    let armed = Some(RetiringPlan {
        ends_at: at(1000),
        ends_after_use: Some(50),
    });
    rotate(store, "b", armed, 20).expect("active");
    let before = epoch(store, "shop");
    let add = |uses| {
        let retired = store.add_uses("shop", None, uses, act(500)).expect("added");
        retired.expect("no batch")
    };
    assert_eq!(add(uses(100, false)).len(), 0);
    // Uses of what was the newest secret before the rotation, told late.
    assert_eq!(add(uses(15, true)).len(), 0);
    assert_eq!(add(uses(20, true)).len(), 0);
    assert_eq!(
        read(store, &path(10)).retiring.expect("waits").ends_at,
        at(1000)
    );
    assert_eq!(
        (epoch(store, "shop"), read(store, &path(10)).revision),
        (before, 2)
    );
    add(uses(990, true));
    assert_eq!(
        read(store, &path(10))
            .retiring
            .expect("waits")
            .ends_after_use,
        Some(50)
    );
    let retired = add(uses(600, true));
    let record = read(store, &path(10));
    let expected = vec![(path(10), record.clone())];
    assert_eq!(
        format!("{retired:?}"),
        format!("{expected:?}"),
        "as it is now"
    );
    let retiring = Retiring {
        hint: "…a".to_owned(),
        ends_at: at(650),
        ends_after_use: None,
    };
    assert_eq!(record.retiring, Some(retiring));
    assert_eq!((epoch(store, "shop"), record.revision), (before + 1, 3));
    let entry = last_entry(store, "shop");
    assert_eq!(
        (&*entry.action, entry.epoch),
        ("key.retire", Some(before + 1))
    );
    assert_eq!(entry.account.as_deref(), Some("acme"));
    assert_eq!(find(store, "a", 649), Some((id(10), true)));
    assert_eq!(find(store, "a", 650), None);
    assert_eq!(add(uses(300, true)).len(), 0);
    assert_eq!(epoch(store, "shop"), before + 1, "once");
    assert_eq!(read(store, &path(10)).last_used_at, Some(at(990)));
}

fn the_end_of_the_one_before_can_be_earlier_and_never_later(store: &dyn Store) {
    stage(store);
    put(store, &path(10), new_key("a"), 10);
    make(store, 11);
    let retire = |made, millis| {
        let retired = store.retire_key(path(made), at(millis), act(50));
        retired.expect("an answer")
    };
    assert!(retire(10, 100).is_none(), "there is none before");
    let armed = Some(RetiringPlan {
        ends_at: at(1000),
        ends_after_use: Some(50),
    });
    rotate(store, "b", armed, 20).expect("active");
    let before = epoch(store, "shop");
    assert!(retire(10, 1000).is_none(), "no earlier");
    assert!(retire(10, 1001).is_none());
    assert!(retire(12, 100).is_none(), "no such key");
    assert_eq!(epoch(store, "shop"), before);

    let retired = retire(10, 100).expect("earlier");
    let retiring = Retiring {
        hint: "…a".to_owned(),
        ends_at: at(100),
        ends_after_use: None,
    };
    assert_eq!(
        (retired.retiring.as_ref(), retired.revision),
        (Some(&retiring), 3)
    );
    assert_eq!(
        format!("{:?}", read(store, &path(10))),
        format!("{retired:?}")
    );
    let entry = last_entry(store, "shop");
    assert_eq!(
        (&*entry.action, entry.epoch),
        ("key.retire", Some(before + 1))
    );
    assert_eq!(find(store, "a", 99), Some((id(10), true)));
    assert_eq!(find(store, "a", 100), None);
    assert_eq!(find(store, "b", 100), Some((id(10), false)));
    assert_eq!(read(store, &path(11)).revision, 1);
}

/// What makes ids does not know of other keyspaces: every statement says whose key it means.
fn the_same_id_elsewhere_is_another_key(store: &dyn Store) {
    stage(store);
    let elsewhere = path_in("other", "acme", 10);
    let armed = Some(RetiringPlan {
        ends_at: at(1000),
        ends_after_use: Some(50),
    });
    for path in [&elsewhere, &path(10)] {
        put(store, path, new_key(&path.account.keyspace), 10);
        let rotation = Rotation {
            secret: secret(&format!("{} b", path.account.keyspace)),
            retiring: armed,
        };
        let rotated = store.rotate_key(path.clone(), rotation, None, None, act(20));
        rotated.expect("active").expect("the key");
    }
    let before = format!("{:?}", read(store, &elsewhere));
    let unchanged = |what| {
        assert_eq!(format!("{:?}", read(store, &elsewhere)), before, "{what}");
        for (secret, is_retiring) in [("other", true), ("other b", false)] {
            let found = store.key_by_digest("other", &digest(secret), at(200));
            let found = found.expect("an answer").expect(what);
            assert_eq!((found.record.id, found.is_retiring), (id(10), is_retiring));
        }
    };
    let retired = store.add_uses("shop", None, uses(100, true), act(110));
    assert_eq!(retired.expect("added").expect("no batch").len(), 1);
    unchanged("used");
    let retired = store.retire_key(path(10), at(120), act(115));
    retired.expect("an answer").expect("earlier");
    unchanged("retired");
    rotate(store, "c", None, 130).expect("active");
    unchanged("rotated");
    rotate(store, "d", armed, 140).expect("active");
    unchanged("rotated with grace");
    let disabled = store.change_key(path(10), KeyTransition::Disable, None, act(150));
    disabled.expect("an answer").expect("the key");
    unchanged("disabled");
    let deleted = store.delete_key(path(10), None, act(160));
    deleted.expect("an answer").expect("the key");
    unchanged("deleted");
}

fn what_is_over_is_forgotten_but_not_before_the_next_change(store: &dyn Store) {
    stage(store);
    put(store, &path(10), new_key("a"), 10);
    rotate(store, "b", until(100), 20).expect("active");
    let published = || {
        let mut digests = Vec::new();
        store
            .live_keys("shop", &mut |_, key| digests.push(*key.digest))
            .expect("an answer");
        digests.len()
    };
    assert_eq!(published(), 2);
    assert_eq!(
        store.purge(0, act(99)).expect("an answer"),
        0,
        "still counts"
    );
    assert_eq!(store.purge(0, act(100)).expect("an answer"), 0);
    assert_eq!(published(), 2, "the same epoch, the same content");
    make(store, 150);
    assert_eq!(
        published(),
        2,
        "a and b's successor: without the one that is over"
    );
    assert_eq!(store.purge(0, act(151)).expect("an answer"), 1);
    assert_eq!(published(), 2);
    let record = read(store, &path(10));
    assert_eq!((record.retiring, record.revision), (None, 2));
    // The secret is free again, for whoever may come to have it.
    put(store, &path(160), new_key("a"), 160);
}

fn deleting_frees_both_secrets(store: &dyn Store) {
    stage(store);
    put(store, &path(10), new_key("a"), 10);
    rotate(store, "b", until(1000), 20).expect("active");
    store.delete_key(path(10), None, act(30)).expect("removed");
    assert_eq!((find(store, "a", 31), find(store, "b", 31)), (None, None));
    put(store, &path(40), new_key("a"), 40);
    put(store, &path(41), new_key("b"), 41);
}
