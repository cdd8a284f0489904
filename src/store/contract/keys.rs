//! Keys: made, changed, removed, each where it belongs.

use std::collections::BTreeMap;

use super::*;
use crate::access::Constraint;
use crate::key::{Digest, DigestScheme};
use crate::limit::Rate;
use crate::store::{
    FirstState, KeyContent, KeyFilter, KeyIndex, KeyRecord, KeyState, KeyTransition, NewKey,
    StoreError,
};

both! {
    a_key_comes_back_as_it_was_made,
    a_key_is_found_in_its_own_account_alone,
    taken_ids_and_digests_are_refused,
    digests_keep_their_scheme,
    content_changes_at_the_present_revision,
    states_and_the_ways_between_them,
    a_deleted_key_is_gone,
    what_is_refused_leaves_nothing,
}

/// A content in which nothing is left out.
fn rich() -> KeyContent {
    KeyContent {
        level: "sending".to_owned(),
        constraints: BTreeMap::from([
            (
                "channel".to_owned(),
                Constraint::only(["sms", "all"]).expect("not empty"),
            ),
            (
                "domain".to_owned(),
                Constraint::only([-5, 1 << 52]).expect("not empty"),
            ),
            ("ip".to_owned(), Constraint::All),
        ]),
        rate: Some(Rate::new(10, 60).expect("a rate")),
        fields: BTreeMap::from([("name".to_owned(), "Ünïcode \"quoted\"".to_owned())]),
        subject: Some("user 7".to_owned()),
        meta: Some(r#"{"b":1,"a":[2.50]}"#.to_owned()),
        expires_at: Some(at(100)),
    }
}

fn a_key_comes_back_as_it_was_made(store: &dyn Store) {
    stage(store);
    let before = epoch(store, "shop");
    let new = NewKey {
        secret: sealed_secret("one", 1),
        state: FirstState::Active,
        content: rich(),
        index: KeyIndex::default(),
    };
    let made = put(store, &path(10), new, 10);
    assert_eq!(made.content, rich());
    assert_eq!(
        (made.id, &*made.account, &*made.hint),
        (id(10), "acme", "…one")
    );
    assert_eq!(
        (made.created_at, made.updated_at, made.revision),
        (at(10), at(10), 1)
    );
    assert!(made.is_sealed && made.state == KeyState::Active && made.retiring.is_none());
    assert_eq!(format!("{:?}", read(store, &path(10))), format!("{made:?}"));
    let by_digest = store
        .key_by_digest("shop", &digest("one"), at(10))
        .expect("an answer");
    let by_digest = by_digest.expect("the key");
    assert!(!by_digest.is_retiring);
    assert_eq!(format!("{:?}", by_digest.record), format!("{made:?}"));
    assert_eq!(epoch(store, "shop"), before + 1);
    let entry = last_entry(store, "shop");
    assert_eq!(entry.epoch, Some(before + 1));
    assert_eq!(
        (&*entry.action, &*entry.target),
        ("key.create", &*id(10).to_string())
    );
    let told: serde_json::Value = serde_json::from_str(&entry.details).expect("JSON");
    assert_eq!(
        told["after"]["constraints"]["domain"],
        serde_json::json!([-5, 1_u64 << 52])
    );
    assert_eq!(told["after"]["rate"]["window_seconds"], 60);
    let secret = digest("one").to_string();
    let secret = secret.trim_start_matches("sha256:");
    assert!(!entry.details.contains(secret) && !entry.details.contains("sealed"));
}

fn a_key_is_found_in_its_own_account_alone(store: &dyn Store) {
    stage(store);
    make(store, 10);
    for foreign in [
        path_in("shop", "bolt", 10),
        path_in("other", "acme", 10),
        path_in("none", "acme", 10),
        path(11),
    ] {
        assert!(store.key(&foreign).expect("an answer").is_none());
        let changed = store.change_key(foreign.clone(), KeyTransition::Disable, None, act(11));
        assert!(changed.expect("an answer").is_none());
        let updated = store.update_key(foreign.clone(), 1, rich(), KeyIndex::default(), act(11));
        assert!(updated.expect("an answer").is_none());
        let rotation = crate::store::Rotation {
            secret: secret("next"),
            retiring: None,
        };
        let rotated = store.rotate_key(foreign.clone(), rotation, None, None, act(11));
        assert!(rotated.expect("an answer").is_none());
        let deleted = store.delete_key(foreign.clone(), None, act(11));
        assert!(deleted.expect("an answer").is_none());
    }
    assert!(
        store
            .key_by_digest("other", &digest("10"), at(11))
            .expect("an answer")
            .is_none()
    );
    assert_eq!(read(store, &path(10)).revision, 1);
    // The same id and secret are free in another keyspace.
    put(store, &path_in("other", "acme", 10), new_key("10"), 10);
    for nowhere in [path_in("shop", "none", 12), path_in("none", "acme", 12)] {
        let made = store.insert_key(nowhere, new_key("12"), None, act(12));
        assert!(made.expect("an answer").is_none());
    }
}

fn taken_ids_and_digests_are_refused(store: &dyn Store) {
    stage(store);
    make(store, 10);
    let same_id = store.insert_key(path_in("shop", "bolt", 10), new_key("x"), None, act(11));
    assert!(same_id.expect_err("taken").is_exists());
    let same_secret = store.insert_key(path_in("shop", "bolt", 11), new_key("10"), None, act(11));
    assert!(same_secret.expect_err("taken").is_exists());
    put(store, &path_in("shop", "bolt", 12), new_key("x"), 12);
}

fn digests_keep_their_scheme(store: &dyn Store) {
    stage(store);
    let pepper = "2026-05".parse().expect("an id");
    let peppered = Digest::new(DigestScheme::HmacSha256(pepper), *digest("10").bytes());
    let mut new = new_key("10");
    new.secret.digest = peppered;
    put(store, &path(10), new, 10);
    let find = |digest| {
        store
            .key_by_digest("shop", digest, at(11))
            .expect("an answer")
    };
    assert!(find(&peppered).is_some());
    assert!(find(&digest("10")).is_none(), "another scheme");
    let mut schemes = Vec::new();
    store
        .live_keys("shop", &mut |_, key| schemes.push(key.digest.scheme()))
        .expect("an answer");
    assert_eq!(schemes, [DigestScheme::HmacSha256(pepper)]);
}

fn content_changes_at_the_present_revision(store: &dyn Store) {
    stage(store);
    let made = make(store, 10);
    let before = epoch(store, "shop");
    let index = KeyIndex {
        name: "billing".to_owned(),
        slots: Vec::new(),
    };
    let update = |revision, content: KeyContent| {
        store.update_key(path(10), revision, content, index.clone(), act(20))
    };
    let updated = update(1, rich()).expect("present").expect("the key");
    let expected = KeyRecord {
        content: rich(),
        updated_at: at(20),
        revision: 2,
        ..made
    };
    assert_eq!(format!("{updated:?}"), format!("{expected:?}"));
    assert_eq!(
        format!("{:?}", read(store, &path(10))),
        format!("{expected:?}")
    );
    assert_eq!(epoch(store, "shop"), before + 1);
    let entry = last_entry(store, "shop");
    let told: serde_json::Value = serde_json::from_str(&entry.details).expect("JSON");
    assert_eq!(told["before"]["level"], "full");
    assert_eq!(told["after"]["level"], "sending");

    assert!(update(1, content("full")).expect_err("stale").is_stale());
    assert!(update(3, content("full")).expect_err("stale").is_stale());
    let billing = KeyFilter {
        name: Some("billing".to_owned()),
        ..KeyFilter::default()
    };
    assert_eq!(found(store, &billing), [id(10)]);
    update(2, content("full")).expect("present");
    assert_eq!(
        read(store, &path(10)).content,
        content("full"),
        "all can be taken back"
    );
}

fn states_and_the_ways_between_them(store: &dyn Store) {
    stage(store);
    make(store, 10);
    let before = epoch(store, "shop");
    let change = |transition, revision, millis| {
        let changed = store.change_key(path(10), transition, revision, act(millis));
        changed.map(|key| key.expect("the key"))
    };
    let disabled = change(KeyTransition::Disable, Some(1), 20).expect("active");
    assert_eq!(disabled.state, KeyState::Disabled { at: at(20) });
    assert_eq!((disabled.revision, disabled.updated_at), (2, at(20)));
    let again = change(KeyTransition::Disable, Some(2), 21).expect("no change");
    assert_eq!((again.revision, again.state), (2, disabled.state));
    assert_eq!(epoch(store, "shop"), before + 1, "no change, no epoch");
    let stale = |result: Result<_, StoreError>| result.expect_err("stale").is_stale();
    assert!(stale(change(KeyTransition::Disable, Some(1), 21)));
    assert!(stale(change(KeyTransition::Enable, Some(1), 21)));
    assert!(
        found(
            store,
            &KeyFilter {
                status: Some(crate::store::StatusFilter::Active(at(22))),
                ..KeyFilter::default()
            }
        )
        .is_empty()
    );

    let enabled = change(KeyTransition::Enable, None, 30).expect("disabled");
    assert_eq!(
        (enabled.state, enabled.enabled_at),
        (KeyState::Active, Some(at(30)))
    );
    let entry = last_entry(store, "shop");
    assert_eq!(entry.action, "key.enable");
    assert_eq!(
        entry.details,
        r#"{"after":{"status":"active"},"before":{"status":"disabled"}}"#
    );
    let gone = change(KeyTransition::Deactivate, None, 40).expect("active");
    assert_eq!(gone.state, KeyState::Deactivated { at: at(40) });
    assert_eq!(format!("{:?}", read(store, &path(10))), format!("{gone:?}"));
    for transition in [KeyTransition::Enable, KeyTransition::Disable] {
        let refused = change(transition, None, 50).expect_err("final");
        assert!(refused.is_deactivated());
        assert!(
            stale(change(transition, Some(1), 50)),
            "what was read is asked first"
        );
    }
    let updated = store.update_key(
        path(10),
        gone.revision,
        rich(),
        KeyIndex::default(),
        act(50),
    );
    assert!(updated.expect_err("final").is_deactivated());
    let rotation = crate::store::Rotation {
        secret: secret("next"),
        retiring: None,
    };
    let rotated = store.rotate_key(path(10), rotation, None, None, act(50));
    assert!(rotated.expect_err("final").is_deactivated());
    assert_eq!(epoch(store, "shop"), before + 3);
}

fn a_deleted_key_is_gone(store: &dyn Store) {
    stage(store);
    let made = make(store, 10);
    let before = epoch(store, "shop");
    let stale = store.delete_key(path(10), Some(9), act(20));
    assert!(stale.expect_err("stale").is_stale());
    let last = store
        .delete_key(path(10), Some(1), act(20))
        .expect("present");
    assert_eq!(format!("{:?}", last.expect("the key")), format!("{made:?}"));
    assert!(store.key(&path(10)).expect("an answer").is_none());
    assert!(
        store
            .key_by_digest("shop", &digest("10"), at(21))
            .expect("an answer")
            .is_none()
    );
    assert!(
        store
            .delete_key(path(10), None, act(21))
            .expect("an answer")
            .is_none()
    );
    assert_eq!(epoch(store, "shop"), before + 1);
    assert_eq!(last_entry(store, "shop").action, "key.delete");
    // Id and secret are free again.
    make(store, 10);
}

fn what_is_refused_leaves_nothing(store: &dyn Store) {
    stage(store);
    put(store, &path(10), placed("10", &[lasting("a")]), 10);
    let (before, entries) = (
        epoch(store, "shop"),
        store.audit_chain(0, 1000).expect("all").len(),
    );
    let refused = store.insert_key(
        path(11),
        placed("11", &[lasting("b"), lasting("a")]),
        Some(remember(1, 1000)),
        act(11),
    );
    assert!(refused.expect_err("taken").slot().is_some());
    assert!(store.key(&path(11)).expect("an answer").is_none());
    assert!(
        store
            .key_by_digest("shop", &digest("11"), at(12))
            .expect("an answer")
            .is_none()
    );
    assert!(
        store
            .remembered([1; 32], at(12))
            .expect("an answer")
            .is_none()
    );
    assert_eq!(epoch(store, "shop"), before);
    assert_eq!(store.audit_chain(0, 1000).expect("all").len(), entries);
    // Neither the secret nor the other place was taken.
    put(store, &path(12), placed("11", &[lasting("b")]), 12);
}
