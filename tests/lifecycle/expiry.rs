//! Keys that end (system rows S10, S16, S17, S25).

use std::collections::BTreeSet;

use keyward::key::Digest;
use keyward::profile::Profile;
use keyward::service::{
    AccountPath, CallingKey, Code, CreateKey, CreateOperator, CreatePortalLink, KeyTransition,
    Principal, Reach, Right, RotateKey, UpdateKey, rfc3339,
};
use keyward::verify::Reason;

use crate::house::{DAY, House, Made, code, key};

fn smashfly(email: &str, level: &str, days: u32) -> CreateKey {
    CreateKey {
        expires_in_days: Some(days),
        ..key("contact_email", email, level)
    }
}

fn update(house: &House, made: &Made, expires_at: Option<String>) -> Result<(), Code> {
    let update = UpdateKey {
        expires_at: Some(expires_at),
        ..UpdateKey::default()
    };
    let changed = house
        .service
        .update_key(&house.boss, &made.account, &made.id(), &update, None);
    changed.map(|_| ()).map_err(|error| error.code())
}

fn shop() -> (House, AccountPath) {
    let house = House::new();
    let account = house.shop("smashfly");
    (house, account)
}

#[test]
fn s10_s17_a_lifetime_is_chosen_and_kept() {
    let (house, account) = shop();
    for (days, level) in [(90, "list"), (180, "contact"), (365, "list")] {
        let made = house.create(
            &account,
            &smashfly(&format!("{days}@example.org"), level, days),
        );
        let end = house
            .service
            .now()
            .saturating_add_millis(i64::from(days) * DAY);
        assert_eq!(made.record.content.expires_at, Some(end));
        let later = rfc3339(end.saturating_add_millis(-DAY));
        assert_eq!(update(&house, &made, Some(later)), Err(Code::InvalidField));
        assert_eq!(update(&house, &made, None), Err(Code::InvalidField));
    }
    for days in [1, 91, 366] {
        let refused = house.try_create(&account, &smashfly("a@example.org", "list", days));
        assert_eq!(code(refused), Code::InvalidField, "{days}");
    }
    let unlimited = house.try_create(&account, &key("contact_email", "a@example.org", "list"));
    assert_eq!(code(unlimited), Code::InvalidField);
}

#[test]
fn s10_it_ends_to_the_millisecond() {
    let (house, account) = shop();
    let made = house.create(&account, &smashfly("a@example.org", "list", 90));
    house.clock.pass(90 * DAY - 1);
    assert_eq!(house.verify(&made), Ok(()));
    house.clock.pass(1);
    assert_eq!(house.verify(&made), Err(Reason::Expired));
    house.publish("smashfly");
    assert_eq!(
        house.verify(&made),
        Err(Reason::Expired),
        "from files as well"
    );
}

#[test]
fn s16_one_active_key_for_an_address_and_an_api() {
    let (house, account) = shop();
    let first = house.create(&account, &smashfly("Ann@Example.org", "list", 90));
    let again = house.try_create(&account, &smashfly("ann@example.ORG", "list", 180));
    let error = again.map(|_| ()).expect_err("S16");
    assert_eq!(error.code(), Code::AlreadyExists);
    assert_eq!(error.fields()[0].field, "contact_email");
    let (holder, name) = error.existing().expect("the one in the way");
    assert_eq!((*holder, &**name), (first.record.id, "Ann@Example.org"));

    // One of each is fine, and so is another account's.
    house.create(&account, &smashfly("ann@example.org", "contact", 90));
    let other = house.account("smashfly", "other");
    house.create(&other, &smashfly("ann@example.org", "list", 90));
}

#[test]
fn s16_an_expired_key_is_in_nobodys_way_without_any_maintenance() {
    let (house, account) = shop();
    house.create(&account, &smashfly("ann@example.org", "list", 90));
    house.clock.pass(90 * DAY - 1);
    let early = house.try_create(&account, &smashfly("ann@example.org", "list", 90));
    assert_eq!(code(early), Code::AlreadyExists);
    house.clock.pass(1);
    house.create(&account, &smashfly("ann@example.org", "list", 90));
    let second = house.try_create(&account, &smashfly("ann@example.org", "list", 90));
    assert_eq!(code(second), Code::AlreadyExists, "the new one is active");
}

#[test]
fn s16_a_deactivated_key_is_in_nobodys_way() {
    let (house, account) = shop();
    let first = house.create(&account, &smashfly("ann@example.org", "list", 90));
    house
        .change(&first, KeyTransition::Deactivate)
        .expect("S26");
    house.create(&account, &smashfly("ann@example.org", "list", 90));
}

#[test]
fn s16_an_update_cannot_get_around_it() {
    let (house, account) = shop();
    house.create(&account, &smashfly("ann@example.org", "list", 90));
    let other = house.create(&account, &smashfly("ann@example.org", "contact", 90));
    let update = UpdateKey {
        level: Some("list".to_owned()),
        ..UpdateKey::default()
    };
    let refused = house
        .service
        .update_key(&house.boss, &account, &other.id(), &update, None);
    assert_eq!(code(refused), Code::AlreadyExists);
}

#[test]
fn s25_what_is_inactive_never_comes_back() {
    let (house, account) = shop();
    let made = house.create(&account, &smashfly("ann@example.org", "list", 90));
    for transition in [KeyTransition::Disable, KeyTransition::Enable] {
        assert_eq!(code(house.change(&made, transition)), Code::Irreversible);
    }
    house
        .change(&made, KeyTransition::Deactivate)
        .expect("S23, S24");
    assert_eq!(house.verify(&made), Err(Reason::Deactivated));
    let rotated = house.service.rotate_key(
        &house.boss,
        &account,
        &made.id(),
        &keyward::service::RotateKey::default(),
        None,
        None,
    );
    assert_eq!(code(rotated), Code::Deactivated);
    let update = UpdateKey {
        fields: [("description".to_owned(), Some("x".to_owned()))].into(),
        ..UpdateKey::default()
    };
    let updated = house
        .service
        .update_key(&house.boss, &account, &made.id(), &update, None);
    assert_eq!(code(updated), Code::Deactivated);
    house
        .change(&made, KeyTransition::Deactivate)
        .expect("it is, already");
}

#[test]
fn s5_an_account_without_keys_is_told_whom_to_ask() {
    let (house, account) = shop();
    house.enable_keys(&account, false);
    let refused = house.try_create(&account, &smashfly("a@example.org", "list", 90));
    let error = refused.map(|_| ()).expect_err("S5");
    assert_eq!(error.code(), Code::KeysNotEnabled);
    assert!(
        error.to_string().contains("Customer Success Manager"),
        "{error}"
    );
    house.enable_keys(&account, true);
    let made = house.create(&account, &smashfly("a@example.org", "list", 90));

    house.enable_keys(&account, false);
    let rotate = RotateKey::default();
    let rotated = house
        .service
        .rotate_key(&house.boss, &account, &made.id(), &rotate, None, None);
    assert_eq!(code(rotated), Code::KeysNotEnabled, "no new secrets either");
}

#[test]
fn a_key_that_has_expired_is_not_switched_on() {
    let house = House::new();
    let account = house.shop("keyward");
    let made = house.create(
        &account,
        &CreateKey {
            expires_in_days: Some(1),
            ..key("name", "CI", "read")
        },
    );
    house.change(&made, KeyTransition::Disable).expect("off");
    house.clock.pass(DAY);
    assert_eq!(
        code(house.change(&made, KeyTransition::Enable)),
        Code::Expired
    );
    // A later end brings it back: nothing here is for good.
    let end = house.service.now().saturating_add_millis(DAY);
    assert_eq!(update(&house, &made, Some(rfc3339(end))), Ok(()));
    house.change(&made, KeyTransition::Enable).expect("on");
    assert_eq!(house.verify(&made), Ok(()));
}

/// Threat 33: what has ended is brought back by nobody whose it was not to give.
#[test]
fn an_expired_key_is_brought_back_by_whoever_runs_the_api_alone() {
    let house = House::new();
    let account = house.shop("keyward");
    let lasting = house.create(&account, &key("name", "lasting", "full"));
    let ended = house.create(
        &account,
        &CreateKey {
            expires_in_days: Some(1),
            ..key("name", "ended", "read")
        },
    );
    let operator = |reach: &Reach| {
        let create = CreateOperator {
            name: "somebody".to_owned(),
            rights: vec!["keys.read".to_owned(), "keys.write".to_owned()],
            ..CreateOperator::default()
        };
        let issued = house.service.create_operator(&house.boss, reach, &create);
        Principal::from(issued.expect("an operator").record)
    };
    let theirs = operator(&Reach::Account(account.clone()));
    let ours = operator(&Reach::Keyspace("keyward".to_owned()));
    let link = CreatePortalLink {
        expires_in_seconds: Some(86_400),
        ..CreatePortalLink::default()
    };
    let link = house
        .service
        .create_portal_link(&house.boss, &account, &link)
        .expect("a link");
    let calling = Principal::Key(Box::new(CallingKey {
        keyspace: account.keyspace.clone(),
        digest: Digest::sha256_of(lasting.secret.expose().as_bytes()),
        record: lasting.record.clone(),
        rights: BTreeSet::from([Right::KeysRead, Right::KeysWrite]),
    }));
    let later = |caller: &Principal, end: Option<i64>| {
        let end = end.map(|days| rfc3339(house.service.now().saturating_add_millis(days * DAY)));
        let update = UpdateKey {
            expires_at: Some(end),
            ..UpdateKey::default()
        };
        house
            .service
            .update_key(caller, &account, &ended.id(), &update, None)
    };
    // Before it has ended, its end is theirs to choose.
    later(&theirs, Some(2)).expect("a key that they could make");
    later(&calling, Some(1)).expect("no more than itself");
    house.clock.pass(DAY);
    for caller in [&theirs, &Principal::from(link.record), &calling] {
        for end in [Some(1), None] {
            assert_eq!(code(later(caller, end)), Code::Expired);
        }
    }
    assert_eq!(house.verify(&ended), Err(Reason::Expired));
    // It can be named anew, and stays what it is.
    let renamed = UpdateKey {
        fields: [("name".to_owned(), Some("old".to_owned()))].into(),
        ..UpdateKey::default()
    };
    house
        .service
        .update_key(&theirs, &account, &ended.id(), &renamed, None)
        .expect("a name is no power");
    later(&ours, Some(1)).expect("by the API's owner");
    assert_eq!(house.verify(&ended), Ok(()));
}

#[test]
fn where_keys_end_for_good_no_later_end_brings_one_back() {
    let house = House::new();
    let toml = Profile::preset_toml("keyward").expect("a preset");
    let toml = toml.replace(
        "rotation_grace_days = 7",
        "rotation_grace_days = 7\nreversible = false",
    );
    let account = house.own_shop("final", &toml);
    let made = house.create(
        &account,
        &CreateKey {
            expires_in_days: Some(1),
            ..key("name", "CI", "read")
        },
    );
    let end = |days: i64| {
        Some(rfc3339(
            house.service.now().saturating_add_millis(days * DAY),
        ))
    };
    assert_eq!(update(&house, &made, end(2)), Ok(()));
    house.clock.pass(2 * DAY);
    assert_eq!(update(&house, &made, end(1)), Err(Code::Expired));
    assert_eq!(update(&house, &made, None), Err(Code::Expired));
}

#[test]
fn the_longest_life_holds_for_every_way_to_choose_an_end() {
    let house = House::new();
    let toml = Profile::preset_toml("keyward").expect("a preset");
    let toml = toml.replace(
        "rotation_grace_days = 7",
        "rotation_grace_days = 7\nmax_expires_in_days = 30",
    );
    let account = house.own_shop("strict", &toml);
    let named = |create: CreateKey| CreateKey {
        fields: key("name", "CI", "read").fields,
        level: Some("read".to_owned()),
        ..create
    };
    let at = |days: i64| rfc3339(house.service.now().saturating_add_millis(days * DAY));
    for create in [
        CreateKey::default(),
        CreateKey {
            expires_in_days: Some(31),
            ..CreateKey::default()
        },
        CreateKey {
            expires_at: Some(at(31)),
            ..CreateKey::default()
        },
    ] {
        let refused = house.try_create(&account, &named(create));
        assert_eq!(code(refused), Code::InvalidField);
    }
    let made = house.create(
        &account,
        &named(CreateKey {
            expires_at: Some(at(10)),
            ..CreateKey::default()
        }),
    );
    house.clock.pass(DAY);
    assert_eq!(update(&house, &made, None), Err(Code::InvalidField));
    assert_eq!(update(&house, &made, Some(at(30))), Err(Code::InvalidField));
    assert_eq!(update(&house, &made, Some(at(29))), Ok(()));
}
