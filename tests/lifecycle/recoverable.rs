//! Keys that can be shown again (system row I21), and the master key that they are sealed under.

use keyward::service::{AuditQuery, Code, MasterKeys, PageRequest, RotateKey};

use crate::house::{House, Made, code, key, master};

fn inboxfirst(house: &House) -> Made {
    let account = house.shop("inboxfirst");
    house.create(&account, &key("name", "CRM", "organization_admin"))
}

fn shown(house: &House, made: &Made) -> Result<String, Code> {
    let service = &house.service;
    let shown = service.reveal_key(&house.boss, &made.account, &made.id());
    shown
        .map(|(secret, _)| secret.expose().to_owned())
        .map_err(|error| error.code())
}

#[test]
fn i21_a_key_is_shown_again_and_it_is_written_down() {
    let house = House::new();
    let made = inboxfirst(&house);
    assert!(made.record.is_sealed);
    let expected = made.secret.expose().to_owned();
    assert_eq!(shown(&house, &made), Ok(expected.clone()));
    let other = house.create(&made.account, &key("name", "ERP", "organization_admin"));
    let service = &house.service;
    let ids = [made.record.id, other.record.id];
    let both = service
        .reveal_keys(&house.boss, &made.account, &ids)
        .expect("both");
    let both = both.iter().map(|(_, secret)| secret.expose().to_owned());
    let mut both = both.collect::<Vec<_>>();
    both.sort();
    let mut wanted = [expected, other.secret.expose().to_owned()];
    wanted.sort();
    assert_eq!(both, wanted);

    let page = PageRequest::new(None, None).expect("a page");
    let query = AuditQuery {
        action: Some("key.reveal".to_owned()),
        ..AuditQuery::default()
    };
    let entries = service
        .audit(&house.boss, "inboxfirst", None, &query, &page)
        .expect("the trail");
    assert_eq!(entries.items.len(), 2, "one for each time");
    for entry in &entries.items {
        assert!(!entry.details.contains(made.secret.expose()));
    }
}

#[test]
fn after_a_rotation_the_new_one_is_shown() {
    let house = House::new();
    let made = inboxfirst(&house);
    let new = house.rotate(&made, &RotateKey::default());
    assert_eq!(shown(&house, &made), Ok(new.secret.expose().to_owned()));
}

#[test]
fn what_is_only_digested_cannot_be_shown() {
    let house = House::new();
    let made = house.create(&house.shop("emailit"), &key("name", "CRM", "full"));
    assert_eq!(shown(&house, &made), Err(Code::NotRecoverable));
}

#[test]
fn without_a_master_key_nothing_recoverable_is_made() {
    let house = House::with(MasterKeys::default());
    let account = house.shop("inboxfirst");
    let refused = house.try_create(&account, &key("name", "CRM", "organization_admin"));
    assert_eq!(code(refused), Code::MasterKeyMissing);
}

#[test]
fn another_master_key_takes_over() {
    let house = House::new();
    let made = inboxfirst(&house);
    let expected = made.secret.expose().to_owned();

    // Without the one before, nothing opens, and nothing is lost.
    let house = house.reopened(MasterKeys::new(Some(master(2)), Vec::new()));
    assert_eq!(shown(&house, &made), Err(Code::MasterKeyMissing));
    let round = house.service.maintain().expect("a round of maintenance");
    assert_eq!((round.resealed, round.unopened), (0, 1));

    let house = house.reopened(MasterKeys::new(Some(master(2)), vec![master(1)]));
    assert_eq!(shown(&house, &made), Ok(expected.clone()));
    let round = house.service.maintain().expect("a round of maintenance");
    assert_eq!((round.resealed, round.unopened), (1, 0));
    let round = house.service.maintain().expect("a round of maintenance");
    assert_eq!(round.resealed, 0, "done is done");

    let house = house.reopened(MasterKeys::new(Some(master(2)), Vec::new()));
    assert_eq!(shown(&house, &made), Ok(expected));
    assert_eq!(house.verify(&made), Ok(()));
}

#[test]
fn one_that_does_not_open_keeps_back_no_other() {
    let house = House::new();
    let lost = inboxfirst(&house);
    let account = lost.account.clone();
    let house = house.reopened(MasterKeys::new(Some(master(2)), Vec::new()));
    let other = house.create(&account, &key("name", "ERP", "organization_admin"));
    let reveal = |house: &House| {
        let ids = [lost.record.id, other.record.id];
        let shown = house.service.reveal_keys(&house.boss, &account, &ids);
        shown.map(|shown| shown.iter().map(|(id, _)| *id).collect::<Vec<_>>())
    };
    let entries = |house: &House| {
        let page = PageRequest::new(None, None).expect("a page");
        let query = AuditQuery {
            action: Some("key.reveal".to_owned()),
            ..AuditQuery::default()
        };
        let entries = house
            .service
            .audit(&house.boss, "inboxfirst", None, &query, &page);
        let entries = entries.expect("the trail").items;
        entries
            .into_iter()
            .map(|entry| entry.details)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        reveal(&house).map_err(|error| error.code()),
        Ok(vec![other.record.id])
    );
    let told = entries(&house);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains(&other.id()) && !told[0].contains(&lost.id()),
        "{told:?}"
    );

    // What is not shown is not written down.
    assert_eq!(shown(&house, &lost), Err(Code::MasterKeyMissing));
    let house = house.reopened(MasterKeys::default());
    assert_eq!(
        reveal(&house).map_err(|error| error.code()),
        Err(Code::MasterKeyMissing)
    );
    assert_eq!(entries(&house).len(), 1);
}

#[test]
fn all_of_many_are_sealed_anew() {
    let house = House::new();
    let account = house.shop("inboxfirst");
    for number in 0..450 {
        let name = format!("key {number}");
        house.create(&account, &key("name", &name, "organization_admin"));
    }
    let house = house.reopened(MasterKeys::new(Some(master(2)), vec![master(1)]));
    let round = house.service.maintain().expect("a round of maintenance");
    assert_eq!((round.resealed, round.unopened), (450, 0));
}
