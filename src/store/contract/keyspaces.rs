//! Keyspaces, and what concerns the whole server.

use zeroize::Zeroizing;

use super::*;
use crate::store::{Edition, NewKeyspace, Signing};

both! {
    a_keyspace_starts_at_one_and_is_found,
    a_taken_id_is_refused,
    what_changes_without_keys_raises_the_epoch,
    an_era_is_later_and_starts_anew,
    a_restore_is_noted_for_the_whole_server,
    the_first_cursor_secret_stays,
}

fn a_keyspace_starts_at_one_and_is_found(store: &dyn Store) {
    store.ping().expect("an answer");
    let new = NewKeyspace {
        profile: "mine".to_owned(),
        profile_toml: Some("id = \"mine\"".to_owned()),
        ..new_keyspace("shop")
    };
    let made = store.insert_keyspace(new, act(5)).expect("new");
    let first = Edition { era: 1, epoch: 1 };
    assert_eq!(made.edition, first);
    assert_eq!((made.created_at, made.changed_at), (at(5), at(5)));
    store
        .insert_keyspace(new_keyspace("bar"), act(6))
        .expect("new");

    let found = store.keyspace("shop").expect("an answer").expect("shop");
    assert_eq!(format!("{found:?}"), format!("{made:?}"));
    assert_eq!(found.profile_toml.as_deref(), Some("id = \"mine\""));
    let all = store.keyspaces().expect("an answer");
    let ids: Vec<_> = all.iter().map(|keyspace| &*keyspace.id).collect();
    assert_eq!(ids, ["bar", "shop"]);
    let signing = store.signing("shop").expect("an answer").expect("shop");
    assert_eq!(
        (*signing.seed, &*signing.keyring),
        ([7; 32], &b"keyring"[..])
    );

    assert!(store.keyspace("none").expect("an answer").is_none());
    assert!(store.edition("none").expect("an answer").is_none());
    assert!(store.signing("none").expect("an answer").is_none());
    let entry = last_entry(store, "shop");
    assert_eq!((&*entry.action, entry.epoch), ("keyspace.create", Some(1)));
    assert!(!entry.details.contains("keyring"), "{}", entry.details);
}

fn a_taken_id_is_refused(store: &dyn Store) {
    stage(store);
    let taken = store.insert_keyspace(new_keyspace("shop"), act(1));
    assert!(taken.expect_err("taken").is_exists());
}

fn what_changes_without_keys_raises_the_epoch(store: &dyn Store) {
    stage(store);
    let before = epoch(store, "shop");
    store
        .set_profile_digest("shop", &digest("other profile"), act(1))
        .expect("changed");
    store.begin_epoch("shop", act(2)).expect("changed");
    let shop = store.keyspace("shop").expect("an answer").expect("shop");
    assert_eq!(shop.edition.epoch, before + 2);
    assert_eq!(shop.changed_at, at(2));
    assert_eq!(shop.profile_digest, digest("other profile"));
    // A clock that was set back is believed.
    store.begin_epoch("shop", act(-5)).expect("changed");
    let shop = store.keyspace("shop").expect("an answer").expect("shop");
    assert_eq!(shop.changed_at, at(-5));
    assert!(store.begin_epoch("none", act(2)).is_err());
    assert!(
        store
            .set_profile_digest("none", &digest("x"), act(2))
            .is_err()
    );
}

fn an_era_is_later_and_starts_anew(store: &dyn Store) {
    stage(store);
    let signing = |seed| Signing {
        seed: Zeroizing::new([seed; 32]),
        keyring: vec![seed],
    };
    let begun = store.begin_era("shop", 4, signing(4), act(3));
    let begun = begun.expect("later").expect("shop");
    assert_eq!(begun.edition, Edition { era: 4, epoch: 1 });
    assert_eq!(
        store.edition("shop").expect("an answer"),
        Some(begun.edition)
    );
    let kept = store.signing("shop").expect("an answer").expect("shop");
    assert_eq!((*kept.seed, &*kept.keyring), ([4; 32], &[4][..]));
    assert_eq!(last_entry(store, "shop").action, "keyspace.era");
    assert!(store.begin_era("shop", 4, signing(5), act(3)).is_err());
    assert!(
        store
            .begin_era("none", 9, signing(5), act(3))
            .expect("an answer")
            .is_none()
    );
}

fn a_restore_is_noted_for_the_whole_server(store: &dyn Store) {
    stage(store);
    let before = epoch(store, "shop");
    store
        .note_restore(serde_json::json!({ "again": 3 }), act(9))
        .expect("noted");
    let entries = store.audit_chain(0, 100).expect("an answer");
    let entry = entries.last().expect("entries");
    assert_eq!((&*entry.action, &entry.keyspace), ("server.restore", &None));
    assert_eq!(epoch(store, "shop"), before);
}

fn the_first_cursor_secret_stays(store: &dyn Store) {
    assert_eq!(store.cursor_secret([1; 32]).expect("a secret"), [1; 32]);
    assert_eq!(store.cursor_secret([2; 32]).expect("a secret"), [1; 32]);
}
