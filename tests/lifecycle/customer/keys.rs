//! Keys of their own, and an account that may have none made.

use keyward::service::{Code, CreateKey, KeyTransition, UpdateKey, rfc3339};

use super::{Case, customers, level, named, networks, rate, rated_shop, spoken_of};
use crate::house::{DAY, House, Made, code, key};

#[test]
fn a_customer_makes_keys_of_their_own_and_says_nothing_for_the_apis_owner() {
    let house = House::new();
    let account = rated_shop(&house);
    for (number, caller) in customers(&house, &account, None).iter().enumerate() {
        let make = |create: &CreateKey| {
            let service = &house.service;
            service.create_key(caller, &account, create, None)
        };
        let faster = CreateKey {
            rate: Some(rate(101)),
            ..CreateKey::default()
        };
        for (field, create) in spoken_of().into_iter().chain([("rate", faster)]) {
            let error = make(&named("x", "read", create))
                .map(|_| ())
                .expect_err(field);
            assert_eq!(error.code(), Code::StrongerThanMaker, "{error}");
            assert_eq!(error.fields()[0].field, field);
        }
        let create = CreateKey {
            constraints: networks(&["10.0.0.0/8"]),
            rate: Some(rate(100)),
            expires_in_days: Some(30),
            ..key("name", &format!("theirs {number}"), "read")
        };
        let theirs = Made::of(&account, make(&create).expect("a key of theirs"));
        let case = Case::of(&house, &theirs, caller);
        // Its end is theirs to choose (E5, S10), for they could make another key.
        for expires_at in [
            Some(rfc3339(house.service.now().saturating_add_millis(90 * DAY))),
            None,
        ] {
            let update = UpdateKey {
                expires_at: Some(expires_at),
                ..UpdateKey::default()
            };
            case.update(&update).expect("as a new one");
        }
        // One with a rate that is the API owner's to grant is more than they could make.
        let granted = UpdateKey {
            rate: Some(Some(rate(1_000))),
            expires_at: Some(Some(rfc3339(
                house.service.now().saturating_add_millis(30 * DAY),
            ))),
            ..UpdateKey::default()
        };
        house
            .service
            .update_key(&house.boss, &account, &theirs.id(), &granted, None)
            .expect("by the API's owner");
        case.refused(
            "expires_at",
            &UpdateKey {
                expires_at: Some(None),
                ..UpdateKey::default()
            },
        );
    }
}

/// Where the account may have no keys made (S5), its people make nothing of those that are there either but less.
#[test]
fn without_keys_a_customer_can_only_take_away() {
    let house = House::new();
    let account = house.shop("keyward");
    for (number, caller) in customers(&house, &account, None).iter().enumerate() {
        let create = CreateKey {
            constraints: networks(&["10.0.0.0/8"]),
            expires_in_days: Some(30),
            ..key("name", &format!("kept {number}"), "read")
        };
        let made = house.create(&account, &create);
        let case = Case::of(&house, &made, caller);
        let end = made.record.content.expires_at.expect("30 days");
        let until = |end| UpdateKey {
            expires_at: Some(end),
            ..UpdateKey::default()
        };
        let turn = |caller, transition| {
            let service = &house.service;
            service.change_key(caller, &account, &made.id(), transition, None)
        };
        house.enable_keys(&account, false);
        let later = rfc3339(end.saturating_add_millis(DAY));
        for more in [level("full"), until(None), until(Some(later))] {
            assert_eq!(code(case.update(&more)), Code::KeysNotEnabled);
        }
        let less = UpdateKey {
            fields: [("name".to_owned(), Some(format!("less {number}")))].into(),
            constraints: Some(networks(&["10.1.0.0/16"])),
            rate: Some(Some(rate(5))),
            ..until(Some(rfc3339(end.saturating_add_millis(-DAY))))
        };
        case.update(&less).expect("less than it was");
        turn(caller, KeyTransition::Disable).expect("taken away");
        let refused = turn(caller, KeyTransition::Enable);
        assert_eq!(code(refused), Code::KeysNotEnabled);
        // Whoever runs the API switches keys on as before.
        turn(&house.boss, KeyTransition::Enable).expect("by the API's owner");
        house.enable_keys(&account, true);
        case.update(&until(None)).expect("as before");
        for transition in [KeyTransition::Disable, KeyTransition::Enable] {
            turn(caller, transition).expect("as before");
        }
    }
}
