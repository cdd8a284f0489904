//! Never stronger than the maker (threat 33), on every way by which a key gets power.

use std::collections::{BTreeMap, BTreeSet};

use keyward::access::Constraint;
use keyward::key::Digest;
use keyward::limit::Rate;
use keyward::service::{
    CallingKey, Code, CreateKey, CreateOperator, KeyTransition, Principal, Reach, Right, RotateKey,
    UpdateKey, rfc3339,
};

use crate::house::{DAY, House, Made, code, key};

fn calling(made: &Made) -> Principal {
    Principal::Key(Box::new(CallingKey {
        keyspace: made.account.keyspace.clone(),
        digest: Digest::sha256_of(made.secret.expose().as_bytes()),
        record: made.record.clone(),
        rights: BTreeSet::from([Right::KeysRead, Right::KeysWrite, Right::KeysReveal]),
    }))
}

/// A key that is limited in everything.
fn narrow(house: &House, name: &str) -> CreateKey {
    let networks = Constraint::only(["10.0.0.0/8", "192.0.2.7"]).expect("networks");
    CreateKey {
        constraints: BTreeMap::from([("ip".to_owned(), networks)]),
        rate: Some(Rate::new(10, 60).expect("a rate")),
        expires_at: Some(rfc3339(house.service.now().saturating_add_millis(30 * DAY))),
        ..key("name", name, "read")
    }
}

#[expect(clippy::too_many_lines, reason = "one dimension after the other")]
#[test]
fn a_key_makes_none_that_is_stronger() {
    let house = House::new();
    let account = house.shop("keyward");
    let maker = house.create(&account, &narrow(&house, "maker"));
    let caller = calling(&maker);
    let make = |create: &CreateKey| {
        let service = &house.service;
        service.create_key(&caller, &account, create, None)
    };
    make(&narrow(&house, "like")).expect("its like");
    let narrower = CreateKey {
        constraints: BTreeMap::from([(
            "ip".to_owned(),
            Constraint::only(["10.1.0.0/16"]).expect("a network"),
        )]),
        rate: Some(Rate::new(1, 60).expect("a rate")),
        ..narrow(&house, "narrower")
    };
    make(&narrower).expect("less than itself");

    let only = |networks: &[&'static str]| {
        let only = Constraint::only(networks.iter().copied()).expect("networks");
        BTreeMap::from([("ip".to_owned(), only)])
    };
    let like = || narrow(&house, "child");
    let end = house.service.now().saturating_add_millis(30 * DAY + 1);
    let mut more = vec![
        (
            "level",
            CreateKey {
                level: Some("full".to_owned()),
                ..like()
            },
        ),
        (
            "constraints.ip",
            CreateKey {
                constraints: BTreeMap::new(),
                ..like()
            },
        ),
        (
            "constraints.ip",
            CreateKey {
                constraints: BTreeMap::from([("ip".to_owned(), Constraint::All)]),
                ..like()
            },
        ),
        (
            "constraints.ip",
            CreateKey {
                constraints: only(&["10.0.0.0/8", "0.0.0.0/0"]),
                ..like()
            },
        ),
        (
            "constraints.ip",
            CreateKey {
                constraints: only(&["192.0.2.0/24"]),
                ..like()
            },
        ),
        (
            "expires_at",
            CreateKey {
                expires_at: None,
                ..like()
            },
        ),
        (
            "expires_at",
            CreateKey {
                expires_at: Some(rfc3339(end)),
                ..like()
            },
        ),
        (
            "rate",
            CreateKey {
                rate: None,
                ..like()
            },
        ),
        (
            "subject",
            CreateKey {
                subject: Some("somebody".to_owned()),
                ..like()
            },
        ),
        (
            "meta",
            CreateKey {
                meta: Some("{}".to_owned()),
                ..like()
            },
        ),
    ];
    for (limit, window) in [(11, 60), (10, 59), (11, 6_000)] {
        let rate = Rate::new(limit, window).expect("a rate");
        more.push((
            "rate",
            CreateKey {
                rate: Some(rate),
                ..like()
            },
        ));
    }
    for (field, create) in more {
        let error = make(&create).map(|_| ()).expect_err(field);
        assert_eq!(error.code(), Code::StrongerThanMaker, "{error}");
        assert_eq!(error.fields()[0].field, field);
    }
}

#[test]
fn a_key_gives_no_other_key_what_it_lacks() {
    let house = House::new();
    let account = house.shop("keyward");
    let maker = house.create(&account, &narrow(&house, "maker"));
    let strong = house.create(&account, &key("name", "strong", "full"));
    let like = house.create(&account, &narrow(&house, "like"));
    let caller = calling(&maker);
    let service = &house.service;
    let update = |made: &Made, update: UpdateKey| {
        service.update_key(&caller, &account, &made.id(), &update, None)
    };
    let renamed = UpdateKey {
        fields: [("name".to_owned(), Some("renamed".to_owned()))].into(),
        ..UpdateKey::default()
    };
    update(&strong, renamed).expect("a name is no power");
    for stronger in [
        UpdateKey {
            level: Some("full".to_owned()),
            ..UpdateKey::default()
        },
        UpdateKey {
            constraints: Some(BTreeMap::new()),
            ..UpdateKey::default()
        },
        UpdateKey {
            rate: Some(None),
            ..UpdateKey::default()
        },
        UpdateKey {
            expires_at: Some(None),
            ..UpdateKey::default()
        },
    ] {
        assert_eq!(
            code(update(&like, stronger.clone())),
            Code::StrongerThanMaker
        );
        // Its own limits are no more its own to lift.
        assert_eq!(code(update(&maker, stronger)), Code::StrongerThanMaker);
    }
    let rotate = |made: &Made| {
        let rotate = RotateKey::default();
        service.rotate_key(&caller, &account, &made.id(), &rotate, None, None)
    };
    assert_eq!(code(rotate(&strong)), Code::StrongerThanMaker);
    rotate(&like).expect("no more than itself");
    let turn = |made: &Made, transition| {
        service.change_key(&caller, &account, &made.id(), transition, None)
    };
    turn(&strong, KeyTransition::Disable).expect("less is always possible");
    assert_eq!(
        code(turn(&strong, KeyTransition::Enable)),
        Code::StrongerThanMaker
    );
    turn(&like, KeyTransition::Disable).expect("off");
    turn(&like, KeyTransition::Enable).expect("no more than itself");
}

#[test]
fn an_operator_gives_the_levels_that_it_was_given() {
    let house = House::new();
    let account = house.shop("keyward");
    let strong = house.create(&account, &key("name", "strong", "full"));
    let create = CreateOperator {
        name: "their administrator".to_owned(),
        rights: vec!["keys.read".to_owned(), "keys.write".to_owned()],
        levels: Some(vec!["read".to_owned()]),
        expires_at: None,
    };
    let service = &house.service;
    let issued = service
        .create_operator(&house.boss, &Reach::Account(account.clone()), &create)
        .expect("an operator");
    let caller = Principal::from(issued.record);
    let make = |level| service.create_key(&caller, &account, &key("name", "new", level), None);
    make("read").expect("its level");
    assert_eq!(code(make("full")), Code::StrongerThanMaker);
    let rotated = service.rotate_key(
        &caller,
        &account,
        &strong.id(),
        &RotateKey::default(),
        None,
        None,
    );
    assert_eq!(code(rotated), Code::StrongerThanMaker);
    let id = strong.id();
    let turn = |transition| service.change_key(&caller, &account, &id, transition, None);
    turn(KeyTransition::Disable).expect("less is always possible");
    assert_eq!(code(turn(KeyTransition::Enable)), Code::StrongerThanMaker);
}

#[test]
fn an_edge_makes_no_keys() {
    let house = House::new();
    let account = house.shop("keyward");
    let edge = house.edge("keyward");
    let made = house
        .service
        .create_key(&edge, &account, &key("name", "new", "read"), None);
    assert_eq!(code(made), Code::MissingRight);
}
