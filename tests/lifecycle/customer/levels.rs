//! Another level is no way to more.

use std::collections::BTreeMap;

use keyward::access::Constraint;
use keyward::service::{Code, CreateKey, RotateKey, UpdateKey, rfc3339};

use super::{Case, customers, level, named, rate, rated_shop, spoken_of};
use crate::house::{DAY, House, Made, code, key};

/// A constraint that only keys of some levels can have goes away with the level, and so the level stays.
#[test]
fn a_constrained_key_is_not_widened_by_its_level() {
    let house = House::new();
    let account = house.shop("optimove");
    let create = CreateKey {
        constraints: BTreeMap::from([(
            "channel".to_owned(),
            Constraint::only(["email"]).expect("a channel"),
        )]),
        fields: [
            ("nickname".to_owned(), Some("partner".to_owned())),
            ("contact_email".to_owned(), Some("a@example.org".to_owned())),
        ]
        .into(),
        level: Some("integrations".to_owned()),
        ..CreateKey::default()
    };
    let made = house.create(&account, &create);
    for caller in &customers(&house, &account, None) {
        let case = Case::of(&house, &made, caller);
        let level = Some("admin".to_owned());
        let kept = UpdateKey {
            level: level.clone(),
            ..UpdateKey::default()
        };
        assert_eq!(code(case.update(&kept)), Code::InvalidField);
        let dropped = UpdateKey {
            level,
            constraints: Some(BTreeMap::new()),
            ..UpdateKey::default()
        };
        case.refused("constraints.channel", &dropped);
    }
}

#[test]
fn a_customer_gives_keys_the_levels_that_they_were_given() {
    let house = House::new();
    let account = house.shop("keyward");
    let strong = house.create(&account, &key("name", "strong", "full"));
    for caller in &customers(&house, &account, Some(&["read"])) {
        let case = Case::of(&house, &strong, caller);
        let renamed = UpdateKey {
            fields: [("name".to_owned(), Some("renamed".to_owned()))].into(),
            ..UpdateKey::default()
        };
        case.update(&renamed).expect("a name is no power");
        let ended = UpdateKey {
            expires_at: Some(Some(rfc3339(
                house.service.now().saturating_add_millis(DAY),
            ))),
            ..UpdateKey::default()
        };
        case.refused("level", &ended);
        case.refused("level", &level("read"));
    }
}

/// What a customer makes of a key's level is never a way to more than they could make: to take over a key that is
/// stronger, to keep what the API's owner said of it in another level, or to choose an end that is not theirs to
/// choose.
#[test]
fn a_customer_gets_no_further_by_way_of_another_level() {
    let house = House::new();
    let account = house.shop("keyward");
    let boss = |update: &UpdateKey, made: &Made| {
        let service = &house.service;
        let changed = service.update_key(&house.boss, &account, &made.id(), update, None);
        changed.expect("by the API's owner");
    };
    let made = |name: String, level: &str, create: CreateKey| {
        house.create(&account, &named(&name, level, create))
    };
    let with = CreateKey::default;
    for (number, caller) in customers(&house, &account, None).iter().enumerate() {
        for (what, create) in spoken_of() {
            let theirs = made(format!("{what} {number}"), "read", create);
            let case = Case::of(&house, &theirs, caller);
            case.refused("level", &level("full"));
        }
        // A key without any of that is as one of theirs, whoever made it.
        let plain = made(format!("plain {number}"), "read", with());
        let case = Case::of(&house, &plain, caller);
        case.update(&level("full")).expect("as a new one");
        boss(&level("read"), &plain);
    }
    for (number, caller) in customers(&house, &account, Some(&["read"]))
        .iter()
        .enumerate()
    {
        let create = CreateKey {
            expires_in_days: Some(1),
            ..with()
        };
        let strong = made(format!("strong {number}"), "full", create);
        let case = Case::of(&house, &strong, caller);
        case.refused("level", &level("read"));
        let rotate = RotateKey::default();
        let rotated = house
            .service
            .rotate_key(caller, &account, &strong.id(), &rotate, None, None)
            .map(|_| ());
        assert_eq!(code(rotated), Code::StrongerThanMaker);
    }
}

/// A rate that was granted in one level goes into no other, where it may be above the level's own.
#[test]
fn a_granted_rate_stays_in_its_level() {
    let house = House::new();
    let account = rated_shop(&house);
    let create = |name: &str, level: &str, limit| CreateKey {
        rate: Some(rate(limit)),
        ..key("name", name, level)
    };
    // Above its own level's, and above that of the level that it would get.
    let granted = house.create(&account, &create("granted", "read", 1_000));
    let full = house.create(&account, &create("full", "full", 1_000));
    for caller in &customers(&house, &account, None) {
        for (made, other) in [(&granted, "full"), (&full, "read")] {
            let case = Case::of(&house, made, caller);
            case.refused("level", &level(other));
        }
    }
}
