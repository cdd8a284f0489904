//! `/verify` and `/explain`: the same answer by the published files and by the database, and never an old one.

use std::collections::BTreeMap;

use keyward::access::{Constraint, ConstraintValue};
use keyward::limit::Rate;
use keyward::service::{Code, CreateKey, KeyTransition, UpdateKey, Verified, VerifyAsk, rfc3339};
use keyward::verify::{Reason, Verdict};
use zeroize::Zeroizing;

use crate::house::{House, Made, SECOND, code, key};

fn call(method: &str, path: &str) -> VerifyAsk {
    VerifyAsk {
        method: Some(method.to_owned()),
        path: Some(path.to_owned()),
        ..VerifyAsk::default()
    }
}

fn about(dimension: &str, values: Vec<ConstraintValue>) -> VerifyAsk {
    VerifyAsk {
        context: BTreeMap::from([(dimension.to_owned(), values)]),
        ..call("POST", "/v2/emails")
    }
}

fn reason(verified: &Verified) -> Option<Reason> {
    match verified {
        Verified::Allowed(_) => None,
        Verified::Denied { reason, .. } => Some(*reason),
    }
}

fn sending(house: &House) -> Made {
    let account = house.shop("emailit");
    let only = Constraint::only([7]).expect("a value");
    let create = CreateKey {
        constraints: BTreeMap::from([("sending_domain_id".to_owned(), only)]),
        subject: Some("user 1".to_owned()),
        meta: Some(r#"{"plan":"pro"}"#.to_owned()),
        ..key("name", "CRM", "sending")
    };
    house.create(&account, &create)
}

/// What is asked, made anew each time, and why it is refused.
type Asked = (fn() -> VerifyAsk, Option<Reason>);

#[test]
fn files_and_database_say_the_same() {
    let house = House::new();
    let made = sending(&house);
    let asks: Vec<Asked> = vec![
        (VerifyAsk::default, None),
        (|| about("sending_domain_id", vec![7.into()]), None),
        (
            || about("sending_domain_id", vec![8.into()]),
            Some(Reason::ConstraintViolated),
        ),
        (
            || about("sending_domain_id", vec![7.into(), 8.into()]),
            Some(Reason::ConstraintViolated),
        ),
        (
            || about("sending_domain_id", Vec::new()),
            Some(Reason::ConstraintViolated),
        ),
        (
            || about("sending_domain_id", vec!["7".into()]),
            Some(Reason::ConstraintViolated),
        ),
        (
            || call("POST", "/v2/emails"),
            Some(Reason::ConstraintViolated),
        ),
        (
            || call("GET", "/v2/api-keys"),
            Some(Reason::InsufficientScope),
        ),
        (|| call("GET", "/v2//emails"), Some(Reason::MalformedPath)),
    ];
    for published in [false, true] {
        if published {
            house.publish("emailit");
        }
        for (ask, expected) in &asks {
            let verified = house.ask(&made, ask());
            assert_eq!(reason(&verified), *expected, "published: {published}");
            let Verified::Allowed(allowed) = verified else {
                continue;
            };
            assert_eq!(allowed.key_id, made.id());
            assert_eq!((&*allowed.account, &*allowed.level), ("acme", "sending"));
            assert_eq!(allowed.subject.as_deref(), Some("user 1"));
            assert_eq!(allowed.meta.as_deref(), Some(r#"{"plan":"pro"}"#));
            assert_eq!(allowed.scopes, ["emails.send"]);
            let only = Constraint::only([7]).expect("a value");
            assert_eq!(allowed.constraints["sending_domain_id"], only);
        }
        let service = &house.service;
        for (presented, expected) in [
            ("", Reason::MalformedKey),
            ("em_live_", Reason::MalformedKey),
            (
                "em_live_000000000000000000000000000000000000",
                Reason::BadChecksum,
            ),
        ] {
            let ask = VerifyAsk {
                key: Zeroizing::new(presented.as_bytes().to_vec()),
                ..VerifyAsk::default()
            };
            let verified = service
                .verify(&house.boss, "emailit", &ask)
                .expect("a good question");
            assert_eq!(reason(&verified), Some(expected), "{presented}");
        }
    }
}

#[test]
fn what_was_changed_counts_at_once() {
    let house = House::new();
    let made = sending(&house);
    house.publish("emailit");
    assert_eq!(house.verify(&made), Ok(()));
    house.change(&made, KeyTransition::Disable).expect("off");
    assert_eq!(house.verify(&made), Err(Reason::Disabled));
    house.publish("emailit");
    assert_eq!(house.verify(&made), Err(Reason::Disabled), "not `unknown`");
    house.change(&made, KeyTransition::Enable).expect("on");
    assert_eq!(house.verify(&made), Ok(()));
    house.publish("emailit");
    let update = UpdateKey {
        level: Some("full".to_owned()),
        ..UpdateKey::default()
    };
    let service = &house.service;
    service
        .update_key(&house.boss, &made.account, &made.id(), &update, None)
        .expect("more");
    let verified = house.ask(&made, call("GET", "/v2/api-keys"));
    assert_eq!(reason(&verified), None);
    house
        .change(&made, KeyTransition::Deactivate)
        .expect("for good");
    assert_eq!(house.verify(&made), Err(Reason::Deactivated));
    service
        .delete_key(&house.boss, &made.account, &made.id(), None)
        .expect("gone");
    assert_eq!(house.verify(&made), Err(Reason::UnknownKey));
}

/// The clock was ahead at the last change: a key that had ended by it lies in no file of this edition, and lives again
/// by the clock of now. The server says what every edge says.
#[test]
fn what_is_not_in_the_files_is_refused_by_the_server_too() {
    let house = House::new();
    let account = house.shop("emailit");
    let end = house.service.now().saturating_add_millis(30 * SECOND);
    let create = CreateKey {
        expires_at: Some(rfc3339(end)),
        ..key("name", "ended", "full")
    };
    let ended = house.create(&account, &create);
    house.clock.pass(60 * SECOND);
    let other = house.create(&account, &key("name", "other", "full"));
    house.clock.pass(-60 * SECOND);
    assert_eq!(house.verify(&ended), Ok(()), "there are no files yet");
    house.publish("emailit");
    assert_eq!(house.verify(&ended), Err(Reason::UnknownKey));
    assert_eq!(house.verify(&other), Ok(()));
    // What changes since has another edition, and counts at once.
    house.create(&account, &key("name", "third", "full"));
    assert_eq!(house.verify(&ended), Ok(()));
    house.publish("emailit");
    assert_eq!(house.verify(&ended), Ok(()));
}

#[test]
fn files_are_made_when_that_pays() {
    let house = House::new();
    let made = sending(&house);
    let is_published = || {
        let order = house
            .service
            .order_head(&house.boss, "emailit")
            .expect("a keyspace");
        house.service.shelved(&order).is_some()
    };
    house.service.refresh_verifiers().expect("nothing to do");
    assert!(!is_published());
    assert_eq!(house.verify(&made), Ok(()));
    house.service.refresh_verifiers().expect("files");
    assert!(is_published());
    assert_eq!(house.verify(&made), Ok(()));
}

#[test]
fn a_rate_is_kept_and_told() {
    let house = House::new();
    let account = house.shop("keyward");
    let create = CreateKey {
        rate: Some(Rate::new(2, 60).expect("a rate")),
        ..key("name", "CI", "read")
    };
    let made = house.create(&account, &create);
    let ask = |cost| {
        let ask = VerifyAsk {
            cost,
            ..VerifyAsk::default()
        };
        match house.ask(&made, ask) {
            Verified::Allowed(allowed) => Ok(allowed.rate.expect("it has one").remaining),
            Verified::Denied { reason, rate, .. } => {
                assert_eq!(reason, Reason::RateLimited);
                Err(rate.expect("it has one").retry_after_millis)
            }
        }
    };
    assert_eq!(ask(Some(0)), Ok(2), "asking takes nothing");
    assert_eq!(ask(None), Ok(1));
    house.publish("keyward");
    assert_eq!(ask(Some(2)), Err(30_000), "one bucket, whoever decides");
    assert_eq!(ask(None), Ok(0));
    assert_eq!(ask(None), Err(30_000));
    house.clock.pass(30 * SECOND);
    assert_eq!(ask(None), Ok(0));
    house.service.flush_uses().expect("written");
    let used = house.record(&made).last_used_at;
    assert_eq!(used, Some(house.service.now()));
}

#[test]
fn networks_are_held_against_the_client() {
    let house = House::new();
    let account = house.shop("keyward");
    let only = Constraint::only(["192.0.2.0/24"]).expect("a network");
    let create = CreateKey {
        constraints: BTreeMap::from([("ip".to_owned(), only.clone())]),
        ..key("name", "CI", "read")
    };
    let made = house.create(&account, &create);
    let from = |address: &str| {
        let ask = VerifyAsk {
            client_address: Some(address.to_owned()),
            ..VerifyAsk::default()
        };
        house.ask(&made, ask)
    };
    let Verified::Allowed(allowed) = from("192.0.2.9") else {
        panic!("it is within")
    };
    assert_eq!(allowed.constraints["ip"], only);
    let outside = Some(Reason::ConstraintViolated);
    assert_eq!(reason(&from("198.51.100.1")), outside);
    assert_eq!(house.verify(&made), Err(Reason::ConstraintViolated));
}

#[test]
fn an_explanation_names_what_decided_and_counts_as_no_use() {
    let house = House::new();
    let made = sending(&house);
    let service = &house.service;
    let explain = |ask: VerifyAsk| {
        let ask = VerifyAsk {
            key: made.presented(),
            ..ask
        };
        service
            .explain(&house.boss, "emailit", &ask)
            .expect("a good question")
    };
    let allowed = explain(about("sending_domain_id", vec![7.into()]));
    assert_eq!(allowed.verdict, Verdict::Allow);
    assert_eq!(allowed.key_id, Some(made.id()));
    assert_eq!(allowed.ordinal, None);
    let route = allowed.route.expect("a rule");
    assert_eq!((&*route.method, &*route.pattern), ("POST", "/v2/emails"));
    house.change(&made, KeyTransition::Disable).expect("off");
    let denied = explain(VerifyAsk::default());
    assert_eq!(
        (denied.verdict, denied.reason),
        (Verdict::Deny, Some("disabled"))
    );
    assert_eq!(service.flush_uses().expect("nothing"), 0);
}

#[test]
fn whoever_asks_needs_the_right() {
    let house = House::new();
    let made = sending(&house);
    let edge = house.edge("emailit");
    let ask = VerifyAsk {
        key: made.presented(),
        ..VerifyAsk::default()
    };
    let service = &house.service;
    assert_eq!(
        code(service.verify(&edge, "emailit", &ask)),
        Code::MissingRight
    );
    assert_eq!(code(service.verify(&edge, "other", &ask)), Code::NotFound);
    assert_eq!(
        code(service.verify(&house.boss, "other", &ask)),
        Code::NotFound
    );
}
