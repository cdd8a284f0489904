//! Places that at most one key of an account holds.

use super::*;
use crate::key::KeyId;
use crate::store::{
    FirstState, KeyContent, KeyIndex, KeyRecord, KeyState, KeyTransition, NewKey, Slot, StoreError,
};

both! {
    a_key_that_begins_switched_off_takes_no_place,
    a_place_is_held_in_one_account,
    a_lasting_place_is_held_until_the_key_is_deleted,
    a_place_while_active_is_given_up_with_the_state,
    an_expired_key_never_blocks,
    a_longer_life_takes_the_places_again,
    changes_move_places,
    idle_keys_give_theirs_up,
    one_refused_place_of_several,
}

fn insert(
    store: &dyn Store,
    of: &str,
    millis: i64,
    slots: &[Slot],
    expires_at: Option<i64>,
) -> Result<KeyRecord, StoreError> {
    let new = NewKey {
        content: KeyContent {
            expires_at: expires_at.map(at),
            ..content("full")
        },
        ..placed(&millis.to_string(), slots)
    };
    let path = path_in("shop", of, millis);
    let made = store.insert_key(path, new, None, act(millis));
    made.map(|key| key.expect("there is the account"))
}

#[track_caller]
fn held_by<T>(result: Result<T, StoreError>, field: &str, holder: KeyId) {
    match result {
        Err(error) => assert_eq!(error.slot(), Some((field, holder)), "{error}"),
        Ok(_) => panic!("{field} was free"),
    }
}

fn change(
    store: &dyn Store,
    made: i64,
    transition: KeyTransition,
    millis: i64,
) -> Result<(), StoreError> {
    store
        .change_key(path(made), transition, None, act(millis))
        .map(drop)
}

fn a_key_that_begins_switched_off_takes_no_place(store: &dyn Store) {
    stage(store);
    let before = epoch(store, "shop");
    let new = NewKey {
        state: FirstState::Disabled,
        ..placed("10", &[lasting("crm"), while_active("a@b.example")])
    };
    let made = put(store, &path(10), new, 10);
    assert_eq!(made.state, KeyState::Disabled { at: at(10) });
    assert_eq!((made.revision, made.enabled_at), (1, None));
    assert_eq!(format!("{:?}", read(store, &path(10))), format!("{made:?}"));
    assert_eq!(epoch(store, "shop"), before + 1, "one change");
    let entry = last_entry(store, "shop");
    assert_eq!(entry.action, "key.create");
    let told: serde_json::Value = serde_json::from_str(&entry.details).expect("JSON");
    assert_eq!(told["after"]["status"], "disabled");
    let mut live = 0;
    store
        .live_keys("shop", &mut |_, _| live += 1)
        .expect("an answer");
    assert_eq!(live, 0);

    held_by(
        insert(store, "acme", 11, &[lasting("crm")], None),
        "name",
        id(10),
    );
    insert(store, "acme", 12, &[while_active("a@b.example")], None).expect("free");
    held_by(
        change(store, 10, KeyTransition::Enable, 13),
        "contact_email",
        id(12),
    );
    change(store, 12, KeyTransition::Disable, 14).expect("given up");
    change(store, 10, KeyTransition::Enable, 15).expect("free again");
    held_by(
        change(store, 12, KeyTransition::Enable, 16),
        "contact_email",
        id(10),
    );
}

fn a_place_is_held_in_one_account(store: &dyn Store) {
    stage(store);
    insert(store, "acme", 10, &[lasting("crm")], None).expect("free");
    held_by(
        insert(store, "acme", 11, &[lasting("crm")], None),
        "name",
        id(10),
    );
    insert(store, "bolt", 12, &[lasting("crm")], None).expect("free there");
    insert(store, "acme", 13, &[lasting("CRM")], None).expect("another value");
    let other_field = Slot {
        field: "title".to_owned(),
        ..lasting("crm")
    };
    insert(store, "acme", 14, &[other_field], None).expect("another field");
    put(
        store,
        &path_in("other", "acme", 15),
        placed("15", &[lasting("crm")]),
        15,
    );
    // Said twice is said once.
    insert(store, "acme", 16, &[lasting("x"), lasting("x")], None).expect("free");
}

fn a_lasting_place_is_held_until_the_key_is_deleted(store: &dyn Store) {
    stage(store);
    insert(store, "acme", 10, &[lasting("crm")], Some(50)).expect("free");
    held_by(
        insert(store, "acme", 60, &[lasting("crm")], None),
        "name",
        id(10),
    );
    change(store, 10, KeyTransition::Disable, 61).expect("active");
    held_by(
        insert(store, "acme", 62, &[lasting("crm")], None),
        "name",
        id(10),
    );
    change(store, 10, KeyTransition::Deactivate, 63).expect("disabled");
    held_by(
        insert(store, "acme", 64, &[lasting("crm")], None),
        "name",
        id(10),
    );
    store.delete_key(path(10), None, act(65)).expect("removed");
    insert(store, "acme", 66, &[lasting("crm")], None).expect("free");
}

fn a_place_while_active_is_given_up_with_the_state(store: &dyn Store) {
    stage(store);
    let slots = [while_active("a@b.example")];
    insert(store, "acme", 10, &slots, None).expect("free");
    held_by(
        insert(store, "acme", 11, &slots, None),
        "contact_email",
        id(10),
    );
    change(store, 10, KeyTransition::Disable, 12).expect("active");
    insert(store, "acme", 13, &slots, None).expect("free");
    held_by(
        change(store, 10, KeyTransition::Enable, 14),
        "contact_email",
        id(13),
    );
    assert_eq!(
        read(store, &path(10)).state.as_str(),
        "disabled",
        "nothing was kept of it"
    );
    change(store, 13, KeyTransition::Deactivate, 15).expect("active");
    change(store, 10, KeyTransition::Enable, 16).expect("free again");
    held_by(
        insert(store, "acme", 17, &slots, None),
        "contact_email",
        id(10),
    );
    store.delete_key(path(10), None, act(18)).expect("removed");
    insert(store, "acme", 19, &slots, None).expect("free");
}

fn an_expired_key_never_blocks(store: &dyn Store) {
    stage(store);
    let slots = [while_active("a@b.example")];
    insert(store, "acme", 10, &slots, Some(50)).expect("free");
    held_by(
        insert(store, "acme", 49, &slots, None),
        "contact_email",
        id(10),
    );
    insert(store, "acme", 50, &slots, Some(70)).expect("it has expired");
    // Back and forth: each by the time of the change alone.
    change(store, 10, KeyTransition::Disable, 51).expect("active");
    change(store, 10, KeyTransition::Enable, 52).expect("an expired key wants none");
    held_by(
        insert(store, "acme", 60, &slots, None),
        "contact_email",
        id(50),
    );
    insert(store, "acme", 70, &slots, None).expect("that has expired too");
}

fn update(
    store: &dyn Store,
    made: i64,
    slots: &[Slot],
    expires_at: Option<i64>,
    millis: i64,
) -> Result<(), StoreError> {
    let revision = read(store, &path(made)).revision;
    let content = KeyContent {
        expires_at: expires_at.map(at),
        ..content("full")
    };
    let index = KeyIndex {
        name: String::new(),
        slots: slots.to_vec(),
    };
    let updated = store.update_key(path(made), revision, content, index, act(millis));
    updated.map(drop)
}

fn a_longer_life_takes_the_places_again(store: &dyn Store) {
    stage(store);
    let slots = [while_active("a@b.example")];
    insert(store, "acme", 10, &slots, Some(50)).expect("free");
    insert(store, "acme", 60, &slots, Some(80)).expect("it has expired");
    held_by(
        update(store, 10, &slots, Some(100), 61),
        "contact_email",
        id(60),
    );
    assert_eq!(read(store, &path(10)).content.expires_at, Some(at(50)));
    update(store, 10, &slots, Some(55), 62).expect("still expired");
    update(store, 10, &slots, None, 80).expect("the other has expired");
    held_by(update(store, 60, &slots, None, 81), "contact_email", id(10));
}

fn changes_move_places(store: &dyn Store) {
    stage(store);
    insert(store, "acme", 10, &[lasting("a")], None).expect("free");
    insert(store, "acme", 11, &[lasting("b")], None).expect("free");
    held_by(update(store, 10, &[lasting("b")], None, 20), "name", id(11));
    update(store, 10, &[lasting("a"), while_active("x")], None, 21).expect("its own");
    update(store, 10, &[lasting("c"), while_active("x")], None, 22).expect("free");
    insert(store, "acme", 23, &[lasting("a")], None).expect("free now");
    // A key that is off takes its lasting places, and the others when it is on again.
    change(store, 11, KeyTransition::Disable, 24).expect("active");
    update(store, 11, &[lasting("d"), while_active("x")], None, 25).expect("off");
    held_by(
        change(store, 11, KeyTransition::Enable, 26),
        "contact_email",
        id(10),
    );
    held_by(update(store, 23, &[lasting("d")], None, 27), "name", id(11));
}

fn idle_keys_give_theirs_up(store: &dyn Store) {
    stage(store);
    let slots = [lasting("a"), while_active("x")];
    insert(store, "acme", 10, &slots, None).expect("free");
    let idle = store
        .disable_idle("shop", at(11), 10, act(100))
        .expect("an answer");
    assert_eq!(idle, [path(10)]);
    insert(store, "acme", 101, &[while_active("x")], None).expect("given up");
    held_by(
        insert(store, "acme", 102, &[lasting("a")], None),
        "name",
        id(10),
    );
}

fn one_refused_place_of_several(store: &dyn Store) {
    stage(store);
    insert(store, "acme", 10, &[while_active("x")], Some(50)).expect("free");
    insert(store, "acme", 11, &[lasting("a")], None).expect("free");
    let both = [while_active("x"), lasting("a")];
    held_by(insert(store, "acme", 60, &both, None), "name", id(11));
    // The expired key has not lost its place by a change that did not happen.
    update(store, 10, &[while_active("x")], None, 61).expect("its own");
}
