//! Another secret under the same id (system row O22).

use keyward::service::{Beacon, BeaconUse, Code, CreateKey, KeyTransition, RotateKey, rfc3339};
use keyward::verify::Reason;

use crate::house::{DAY, HOUR, House, Made, SECOND, code, key};

fn optimove(house: &House) -> Made {
    let account = house.shop("optimove");
    let create = CreateKey {
        fields: [
            ("nickname".to_owned(), Some("CRM".to_owned())),
            ("contact_email".to_owned(), Some("a@example.org".to_owned())),
        ]
        .into(),
        level: Some("admin".to_owned()),
        ..CreateKey::default()
    };
    house.create(&account, &create)
}

const ONE_HOUR: RotateKey = RotateKey {
    grace_seconds: Some(3_600),
    after_first_use: false,
};

#[test]
fn o22_both_count_for_a_while() {
    for published in [false, true] {
        let house = House::new();
        let old = optimove(&house);
        let new = house.rotate(&old, &ONE_HOUR);
        assert_eq!(new.record.id, old.record.id);
        assert_ne!(new.secret.expose(), old.secret.expose());
        assert_eq!(new.record.rotated_at, Some(house.service.now()));
        let retiring = new.record.retiring.as_ref().expect("still counts");
        assert_eq!(retiring.hint, old.record.hint);
        if published {
            house.publish("optimove");
        }
        house.clock.pass(HOUR - 1);
        assert_eq!((house.verify(&old), house.verify(&new)), (Ok(()), Ok(())));
        house.clock.pass(1);
        assert!(house.verify(&old).is_err());
        assert_eq!(house.verify(&new), Ok(()));
        let uses = house.service.flush_uses().expect("written");
        assert_eq!(uses, 1, "one key, whatever its secrets");
    }
}

#[test]
fn without_grace_the_old_one_ends_at_once() {
    let house = House::new();
    let old = optimove(&house);
    let new = house.rotate(&old, &RotateKey::default());
    assert_eq!(house.verify(&old), Err(Reason::UnknownKey));
    assert_eq!(house.verify(&new), Ok(()));
    assert_eq!(new.record.retiring, None);
    // A third one: of the two before, none counts any more but the last, if it was given time.
    let third = house.rotate(&new, &ONE_HOUR);
    assert_eq!(house.verify(&old), Err(Reason::UnknownKey));
    assert_eq!((house.verify(&new), house.verify(&third)), (Ok(()), Ok(())));
    let fourth = house.rotate(&third, &ONE_HOUR);
    assert_eq!(house.verify(&new), Err(Reason::UnknownKey));
    assert_eq!(
        (house.verify(&third), house.verify(&fourth)),
        (Ok(()), Ok(()))
    );
}

#[test]
fn armed_on_first_use_it_ends_after_that() {
    let house = House::new();
    let old = optimove(&house);
    let armed = RotateKey {
        grace_seconds: Some(60),
        after_first_use: true,
    };
    let new = house.rotate(&old, &armed);
    house.clock.pass(3 * DAY);
    assert_eq!(house.verify(&old), Ok(()), "nobody has used the new one");
    house.service.flush_uses().expect("written");
    house.clock.pass(3 * DAY);
    assert_eq!(house.verify(&old), Ok(()), "the old one's use is no sign");
    assert_eq!(house.verify(&new), Ok(()));
    house.service.flush_uses().expect("written");
    house.clock.pass(60 * SECOND - 1);
    assert_eq!(house.verify(&old), Ok(()));
    house.clock.pass(1);
    assert!(house.verify(&old).is_err());
    assert_eq!(house.verify(&new), Ok(()));
}

#[test]
fn a_use_before_the_rotation_is_none_of_the_new_secret() {
    let house = House::new();
    let old = optimove(&house);
    let armed = RotateKey {
        grace_seconds: Some(0),
        after_first_use: true,
    };
    assert_eq!(house.verify(&old), Ok(()), "a busy key");
    house.clock.pass(1);
    let new = house.rotate(&old, &armed);
    for _ in 0..3 {
        house.clock.pass(SECOND);
        assert_eq!(house.verify(&old), Ok(()), "nobody has used the new one");
        house.service.flush_uses().expect("written");
    }
    assert_eq!(house.verify(&new), Ok(()));
    house.service.flush_uses().expect("written");
    assert!(house.verify(&old).is_err());
}

#[test]
fn armed_on_first_use_it_has_a_deadline() {
    let house = House::new();
    let old = optimove(&house);
    let armed = RotateKey {
        grace_seconds: None,
        after_first_use: true,
    };
    house.rotate(&old, &armed);
    house.clock.pass(7 * DAY - 1);
    assert_eq!(house.verify(&old), Ok(()));
    house.clock.pass(1);
    assert!(house.verify(&old).is_err());
}

#[test]
fn an_edge_can_say_that_the_new_one_was_used() {
    let house = House::new();
    let old = optimove(&house);
    let armed = RotateKey {
        grace_seconds: Some(0),
        after_first_use: true,
    };
    house.rotate(&old, &armed);
    house.clock.pass(1);
    let edge = house.edge("optimove");
    let report = |batch: &str, by_newest_secret| {
        let beacon = Beacon {
            batch: batch.to_owned(),
            keys: vec![BeaconUse {
                id: old.id(),
                count: 1,
                last_used_at: rfc3339(house.service.now()),
                by_newest_secret,
            }],
        };
        let service = &house.service;
        service
            .report_uses(&edge, "optimove", &beacon)
            .expect("a good report");
    };
    report("1", false);
    assert_eq!(house.verify(&old), Ok(()));
    report("2", true);
    assert!(house.verify(&old).is_err());
}

#[test]
fn what_is_over_gets_no_new_secret() {
    let house = House::new();
    let account = house.shop("keyward");
    let made = house.create(
        &account,
        &CreateKey {
            expires_in_days: Some(1),
            ..key("name", "CI", "read")
        },
    );
    let rotate = || {
        let service = &house.service;
        service.rotate_key(&house.boss, &account, &made.id(), &ONE_HOUR, None, None)
    };
    house.change(&made, KeyTransition::Disable).expect("off");
    rotate().expect("it can be switched on again");
    house.clock.pass(DAY);
    assert_eq!(code(rotate()), Code::Expired);
    house
        .change(&made, KeyTransition::Deactivate)
        .expect("for good");
    assert_eq!(code(rotate()), Code::Deactivated);
}

#[test]
fn the_profile_bounds_the_overlap() {
    let house = House::new();
    let made = house.create(&house.shop("emailit"), &key("name", "CRM", "full"));
    let service = &house.service;
    let rotated = service.rotate_key(
        &house.boss,
        &made.account,
        &made.id(),
        &ONE_HOUR,
        None,
        None,
    );
    assert_eq!(code(rotated), Code::InvalidField);
    assert_eq!(house.verify(&made), Ok(()), "nothing was changed");
}
