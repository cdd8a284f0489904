//! A customer's word (threat 52): what an operator of one account, or a portal link, may do with the keys of the account that
//! whoever runs the API has made and limited.

use std::collections::BTreeMap;

use keyward::access::Constraint;
use keyward::limit::Rate;
use keyward::service::{
    AccountPath, Code, CreateKey, CreateOperator, CreatePortalLink, KeyRecord, KeyTransition,
    Principal, Reach, RotateKey, ServiceError, UpdateKey, rfc3339,
};

use crate::house::{DAY, House, Made, code, key};

/// An operator of the account, and whoever opened a portal link for it; of these levels.
fn customers(house: &House, account: &AccountPath, levels: Option<&[&str]>) -> [Principal; 2] {
    let levels = levels.map(|levels| levels.iter().map(|&level| level.to_owned()).collect());
    let create = CreateOperator {
        name: "their administrator".to_owned(),
        rights: vec!["keys.read".to_owned(), "keys.write".to_owned()],
        levels: Option::<Vec<String>>::clone(&levels),
        ..CreateOperator::default()
    };
    let reach = Reach::Account(account.clone());
    let operator = house.service.create_operator(&house.boss, &reach, &create);
    let create = CreatePortalLink {
        levels,
        ..CreatePortalLink::default()
    };
    let link = house
        .service
        .create_portal_link(&house.boss, account, &create);
    [operator, link].map(|issued| Principal::Operator(issued.expect("made").record))
}

fn networks(networks: &[&'static str]) -> BTreeMap<String, Constraint> {
    let only = Constraint::only(networks.iter().copied()).expect("networks");
    BTreeMap::from([("ip".to_owned(), only)])
}

fn level(level: &str) -> UpdateKey {
    UpdateKey {
        level: Some(level.to_owned()),
        ..UpdateKey::default()
    }
}

fn rate(limit: u32) -> Rate {
    Rate::new(limit, 60).expect("a rate")
}

/// A key that the API's owner has limited, and speaks of to its own backend.
fn limited(house: &House, name: &str) -> CreateKey {
    CreateKey {
        constraints: networks(&["10.0.0.0/8", "192.0.2.7"]),
        rate: Some(rate(10)),
        expires_at: Some(rfc3339(house.service.now().saturating_add_millis(30 * DAY))),
        subject: Some("user-7".to_owned()),
        meta: Some(r#"{"plan":"trial"}"#.to_owned()),
        ..key("name", name, "read")
    }
}

/// What somebody does with a key of the API's owner.
struct Case<'a> {
    house: &'a House,
    made: &'a Made,
    caller: &'a Principal,
}

impl Case<'_> {
    fn update(&self, update: &UpdateKey) -> Result<KeyRecord, ServiceError> {
        let Made { account, .. } = self.made;
        self.house
            .service
            .update_key(self.caller, account, &self.made.id(), update, None)
    }

    #[track_caller]
    fn refused(&self, field: &str, update: &UpdateKey) {
        let before = self.house.record(self.made);
        let error = self.update(update).map(|_| ()).expect_err(field);
        assert_eq!(error.code(), Code::StrongerThanMaker, "{field}: {error}");
        assert_eq!(error.fields()[0].field, field);
        let after = self.house.record(self.made);
        assert_eq!(format!("{after:?}"), format!("{before:?}"));
    }
}

#[test]
fn a_customer_loosens_no_key_of_the_apis_owner() {
    let house = House::new();
    let account = house.shop("keyward");
    for (number, caller) in customers(&house, &account, None).iter().enumerate() {
        let made = house.create(&account, &limited(&house, &format!("limited {number}")));
        let case = Case {
            house: &house,
            made: &made,
            caller,
        };
        let with = UpdateKey::default;
        let end = made.record.content.expires_at.expect("30 days");
        for constraints in [
            BTreeMap::new(),
            BTreeMap::from([("ip".to_owned(), Constraint::All)]),
            networks(&["10.0.0.0/8", "192.0.2.0/24"]),
            networks(&["0.0.0.0/0"]),
        ] {
            let wider = UpdateKey {
                constraints: Some(constraints),
                ..with()
            };
            case.refused("constraints.ip", &wider);
        }
        // It speaks for somebody, and would do so with another level.
        case.refused("level", &level("full"));
        for faster in [None, Some(rate(11)), Rate::new(10, 59).ok()] {
            let rate = Some(faster);
            case.refused("rate", &UpdateKey { rate, ..with() });
        }
        for later in [None, Some(rfc3339(end.saturating_add_millis(1)))] {
            let expires_at = Some(later);
            case.refused(
                "expires_at",
                &UpdateKey {
                    expires_at,
                    ..with()
                },
            );
        }
        for said in [None, Some("user-8".to_owned())] {
            let subject = Some(said);
            case.refused("subject", &UpdateKey { subject, ..with() });
        }
        for said in [None, Some("{}".to_owned())] {
            let meta = Some(said);
            case.refused("meta", &UpdateKey { meta, ..with() });
        }
        // Less is theirs to choose, and so is what is no limit: the name.
        let narrower = UpdateKey {
            fields: [("name".to_owned(), Some(format!("theirs {number}")))].into(),
            constraints: Some(networks(&["10.1.0.0/16"])),
            rate: Some(Some(rate(5))),
            expires_at: Some(Some(rfc3339(end.saturating_add_millis(-DAY)))),
            ..with()
        };
        let changed = case.update(&narrower).expect("less than it was");
        assert_eq!(changed.content.subject.as_deref(), Some("user-7"));
        let back = Some(rate(10));
        case.refused(
            "rate",
            &UpdateKey {
                rate: Some(back),
                ..with()
            },
        );
        // Switched off and on, and with another secret, it is what it was.
        let service = &house.service;
        let id = made.id();
        for transition in [KeyTransition::Disable, KeyTransition::Enable] {
            service
                .change_key(caller, &account, &id, transition, None)
                .expect("theirs to switch");
        }
        let rotate = RotateKey::default();
        let rotated = service
            .rotate_key(caller, &account, &id, &rotate, None, None)
            .expect("theirs to rotate");
        assert_eq!(rotated.record.content, changed.content);
    }
}

#[test]
fn a_customer_makes_keys_of_their_own_and_says_nothing_for_the_apis_owner() {
    let house = House::new();
    let toml = keyward::profile::Profile::preset_toml("keyward").expect("a preset");
    let toml = toml.replacen(
        "help = \"Looks at everything and changes nothing.\"",
        "rate = { limit = 100, window = 60 }",
        1,
    );
    let account = house.own_shop("rated", &toml);
    for (number, caller) in customers(&house, &account, None).iter().enumerate() {
        let named = |name: &str| key("name", &format!("{name} {number}"), "read");
        let make = |create: &CreateKey| {
            let service = &house.service;
            service.create_key(caller, &account, create, None)
        };
        for (field, create) in [
            (
                "subject",
                CreateKey {
                    subject: Some("user-7".to_owned()),
                    ..named("x")
                },
            ),
            (
                "meta",
                CreateKey {
                    meta: Some("{}".to_owned()),
                    ..named("x")
                },
            ),
            (
                "rate",
                CreateKey {
                    rate: Some(rate(101)),
                    ..named("x")
                },
            ),
        ] {
            let error = make(&create).map(|_| ()).expect_err(field);
            assert_eq!(error.code(), Code::StrongerThanMaker, "{error}");
            assert_eq!(error.fields()[0].field, field);
        }
        let create = CreateKey {
            constraints: networks(&["10.0.0.0/8"]),
            rate: Some(rate(100)),
            expires_in_days: Some(30),
            ..named("theirs")
        };
        let theirs = Made::of(&account, make(&create).expect("a key of theirs"));
        let case = Case {
            house: &house,
            made: &theirs,
            caller,
        };
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
        let case = Case {
            house: &house,
            made: &made,
            caller,
        };
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
        let case = Case {
            house: &house,
            made: &strong,
            caller,
        };
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

/// What a customer makes of a key's level is never a way to more than they could make: to take over a key that is stronger,
/// to keep what the API's owner said of it in another level, or to choose an end that is not theirs to choose.
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
        let named = key("name", &name, level);
        let create = CreateKey {
            fields: named.fields,
            level: named.level,
            ..create
        };
        house.create(&account, &create)
    };
    let with = CreateKey::default;
    for (number, caller) in customers(&house, &account, None).iter().enumerate() {
        for (what, create) in [
            (
                "subject",
                CreateKey {
                    subject: Some("user-7".to_owned()),
                    ..with()
                },
            ),
            (
                "meta",
                CreateKey {
                    meta: Some("{}".to_owned()),
                    ..with()
                },
            ),
        ] {
            let theirs = made(format!("{what} {number}"), "read", create);
            let case = Case {
                house: &house,
                made: &theirs,
                caller,
            };
            case.refused("level", &level("full"));
        }
        // A key without any of that is as one of theirs, whoever made it.
        let plain = made(format!("plain {number}"), "read", with());
        let case = Case {
            house: &house,
            made: &plain,
            caller,
        };
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
        let case = Case {
            house: &house,
            made: &strong,
            caller,
        };
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
    let toml = keyward::profile::Profile::preset_toml("keyward").expect("a preset");
    let toml = toml.replacen(
        "help = \"Looks at everything and changes nothing.\"",
        "rate = { limit = 100, window = 60 }",
        1,
    );
    let account = house.own_shop("rated", &toml);
    let create = |name: &str, level: &str, limit| CreateKey {
        rate: Some(rate(limit)),
        ..key("name", name, level)
    };
    // Above its own level's, and above that of the level that it would get.
    let granted = house.create(&account, &create("granted", "read", 1_000));
    let full = house.create(&account, &create("full", "full", 1_000));
    for caller in &customers(&house, &account, None) {
        for (made, other) in [(&granted, "full"), (&full, "read")] {
            let case = Case {
                house: &house,
                made,
                caller,
            };
            case.refused("level", &level(other));
        }
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
        let case = Case {
            house: &house,
            made: &made,
            caller,
        };
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
