//! Names that no two keys of an account have (system rows M2, M8, M20 to M25).

use keyward::service::{Code, KeyTransition, UpdateKey};

use crate::house::{House, code, key};

fn rename(name: Option<&str>) -> UpdateKey {
    UpdateKey {
        fields: [("name".to_owned(), name.map(str::to_owned))].into(),
        ..UpdateKey::default()
    }
}

#[test]
fn m8_a_name_is_taken_once() {
    let house = House::new();
    let account = house.shop("emailit");
    let first = house.create(&account, &key("name", "Straße Nord", "full"));
    for same in [
        "Straße Nord",
        "STRASSE NORD",
        " strasse   nord ",
        "Ｓtraße Nord",
    ] {
        let refused = house.try_create(&account, &key("name", same, "sending"));
        let error = refused.map(|_| ()).expect_err(same);
        assert_eq!(error.code(), Code::AlreadyExists, "{same}");
        let (holder, name) = error.existing().expect("M8");
        assert_eq!((*holder, &**name), (first.record.id, "Straße Nord"));
    }
    let other = house.account("emailit", "other");
    house.create(&other, &key("name", "Straße Nord", "full"));

    // Whatever its state, it has its name, until it is deleted.
    house
        .change(&first, KeyTransition::Deactivate)
        .expect("off");
    let refused = house.try_create(&account, &key("name", "Straße Nord", "full"));
    assert_eq!(code(refused), Code::AlreadyExists);
    house
        .service
        .delete_key(&house.boss, &account, &first.id(), None)
        .expect("M26");
    house.create(&account, &key("name", "Straße Nord", "full"));
}

#[test]
fn m20_m25_a_new_name() {
    let house = House::new();
    let account = house.shop("emailit");
    let first = house.create(&account, &key("name", "first", "full"));
    house.create(&account, &key("name", "second", "full"));
    house.clock.pass(1);
    let renamed = |name| {
        let update = rename(name);
        house
            .service
            .update_key(&house.boss, &account, &first.id(), &update, None)
    };
    assert_eq!(code(renamed(Some("Second"))), Code::AlreadyExists, "M25");
    assert_eq!(code(renamed(None)), Code::InvalidField, "M21");
    assert_eq!(code(renamed(Some(""))), Code::InvalidField, "M23");
    let record = renamed(Some("First")).expect("its own name in other letters");
    assert_eq!(record.content.fields["name"], "First");
    assert!(record.updated_at > record.created_at, "M22");
    // The old name is free.
    renamed(Some("third")).expect("M20");
    house.create(&account, &key("name", "first", "full"));
}

#[test]
fn i22_elsewhere_names_may_repeat() {
    let house = House::new();
    let account = house.shop("inboxfirst");
    let level = "organization_admin";
    house.create(&account, &key("name", "same", level));
    house.create(&account, &key("name", "same", level));
}

#[test]
fn texts_are_kept_in_one_spelling() {
    let house = House::new();
    let account = house.shop("emailit");
    let made = house.create(&account, &key("name", "Cafe\u{301}", "full"));
    assert_eq!(made.record.content.fields["name"], "Caf\u{e9}");
    for bad in ["\u{202e}gpj.exe", "a\nb", "\u{200b}", " "] {
        let refused = house.try_create(&account, &key("name", bad, "full"));
        assert_eq!(code(refused), Code::InvalidField, "{bad:?}");
    }
}

#[test]
fn a_change_that_was_decided_on_an_old_reading_is_refused() {
    let house = House::new();
    let account = house.shop("emailit");
    let made = house.create(&account, &key("name", "first", "full"));
    let seen = made.record.revision;
    let update = |name: &str, if_match| {
        house.service.update_key(
            &house.boss,
            &account,
            &made.id(),
            &rename(Some(name)),
            if_match,
        )
    };
    let second = update("second", Some(seen)).expect("as it was read");
    assert!(second.revision > seen);
    assert_eq!(code(update("third", Some(seen))), Code::PreconditionFailed);
    let stale = |transition| {
        let service = &house.service;
        code(service.change_key(&house.boss, &account, &made.id(), transition, Some(seen)))
    };
    assert_eq!(stale(KeyTransition::Disable), Code::PreconditionFailed);
    assert_eq!(stale(KeyTransition::Enable), Code::PreconditionFailed);
    assert_eq!(stale(KeyTransition::Deactivate), Code::PreconditionFailed);
    let service = &house.service;
    let deleted = service.delete_key(&house.boss, &account, &made.id(), Some(seen));
    assert_eq!(code(deleted), Code::PreconditionFailed);
    // What changes nothing is no change.
    let same = update("second", None).expect("the same again");
    assert_eq!(same.revision, second.revision);
    update("third", None).expect("whatever it is by now");
}
