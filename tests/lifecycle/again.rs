//! Requests that are sent again (`Idempotency-Key`): one key, and one answer.

use keyward::service::{Code, Created, KeyRecord, KeyTransition, Once, RotateKey, ServiceError};
use zeroize::Zeroizing;

use crate::house::{DAY, House, Made, code, key};

fn once(key: &str, credential: &str, content: u8) -> Once {
    Once {
        key: Zeroizing::new(key.as_bytes().to_vec()),
        credential: Zeroizing::new(credential.as_bytes().to_vec()),
        endpoint: "POST /keys".to_owned(),
        fingerprint: [content; 32],
        show_secret: true,
    }
}

/// Everything that an answer says.
fn said(created: &Created<KeyRecord>) -> (Option<&str>, String) {
    (
        created.secret.as_ref().map(keyward::key::Secret::expose),
        format!("{:?}", created.record),
    )
}

#[test]
fn the_same_request_gets_the_same_answer() {
    let house = House::new();
    let account = house.shop("keyward");
    let create = |name: &str, once: &Once| -> Result<Created<KeyRecord>, ServiceError> {
        let create = key("name", name, "read");
        let service = &house.service;
        service.create_key(&house.boss, &account, &create, Some(once))
    };
    let first = create("CRM", &once("1", "op", 1)).expect("a new key");
    assert!(!first.replayed);
    house.clock.pass(DAY - 1);
    // Whatever has become of it since.
    let id = first.record.id.to_string();
    let service = &house.service;
    service
        .change_key(&house.boss, &account, &id, KeyTransition::Disable, None)
        .expect("off");
    house.enable_keys(&account, false);
    let again = create("CRM", &once("1", "op", 1)).expect("the same answer");
    assert!(again.replayed);
    assert_eq!(said(&again), said(&first));
    let hidden = Once {
        show_secret: false,
        ..once("1", "op", 1)
    };
    let hidden = create("CRM", &hidden).expect("the same record");
    assert!(hidden.secret.is_none() && hidden.replayed);
    assert_eq!(said(&hidden).1, said(&first).1);

    let other = create("ERP", &once("1", "op", 2));
    assert_eq!(code(other), Code::IdempotencyMismatch);
    house.enable_keys(&account, true);
    for (name, another) in [
        ("A", once("2", "op", 1)),
        ("B", once("1", "another", 1)),
        (
            "C",
            Once {
                endpoint: "POST /elsewhere".to_owned(),
                ..once("1", "op", 1)
            },
        ),
    ] {
        let made = create(name, &another).expect("another request");
        assert!(!made.replayed, "{name}");
    }
    house.clock.pass(1);
    let next_day = create("D", &once("1", "op", 1)).expect("a new key");
    assert!(!next_day.replayed);
    assert_ne!(next_day.record.id, first.record.id);
}

#[test]
fn a_rotation_happens_once() {
    let house = House::new();
    let account = house.shop("keyward");
    let made = house.create(&account, &key("name", "CRM", "read"));
    let rotate = |seen| {
        let rotate = RotateKey {
            grace_seconds: Some(60),
            after_first_use: false,
        };
        let service = &house.service;
        let once = once("1", "op", 1);
        service.rotate_key(
            &house.boss,
            &account,
            &made.id(),
            &rotate,
            seen,
            Some(&once),
        )
    };
    // The revision that was seen is another by the second time, which is answered all the same.
    let seen = Some(made.record.revision);
    let first = rotate(seen).expect("a new secret");
    let again = rotate(seen).expect("the same answer");
    assert!(!first.replayed && again.replayed);
    assert_eq!(said(&again), said(&first));
    let new = Made::of(&account, again);
    assert_eq!((house.verify(&made), house.verify(&new)), (Ok(()), Ok(())));
    assert_eq!(house.record(&made).revision, first.record.revision);
}

#[test]
fn what_was_refused_is_not_remembered() {
    let house = House::new();
    let account = house.shop("emailit");
    house.create(&account, &key("name", "CRM", "full"));
    let again = once("1", "op", 1);
    let create = || {
        let create = key("name", "CRM", "full");
        let service = &house.service;
        service.create_key(&house.boss, &account, &create, Some(&again))
    };
    assert_eq!(code(create()), Code::AlreadyExists);
    let page = keyward::service::PageRequest::new(None, None).expect("a page");
    let keys = house
        .service
        .keys(
            &house.boss,
            "emailit",
            None,
            &keyward::service::KeyQuery::default(),
            &page,
        )
        .expect("a list");
    let id = keys.items[0].id.to_string();
    house
        .service
        .delete_key(&house.boss, &account, &id, None)
        .expect("gone");
    assert!(!create().expect("now it is free").replayed);
}

#[test]
fn twice_at_once_is_once() {
    let house = House::new();
    let account = house.shop("emailit");
    for round in 0..20 {
        let name = format!("CRM {round}");
        let answers = std::thread::scope(|scope| {
            let asks = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let once = once(&name, "op", 1);
                        let create = key("name", &name, "full");
                        let service = &house.service;
                        let created =
                            service.create_key(&house.boss, &account, &create, Some(&once));
                        let created = created.expect("an answer");
                        let (secret, record) = said(&created);
                        (secret.map(str::to_owned), record, created.replayed)
                    })
                })
                .collect::<Vec<_>>();
            let asks = asks.into_iter();
            asks.map(|ask| ask.join().expect("no panic"))
                .collect::<Vec<_>>()
        });
        assert_eq!(answers.iter().filter(|answer| !answer.2).count(), 1);
        for answer in &answers {
            assert_eq!((&answer.0, &answer.1), (&answers[0].0, &answers[0].1));
        }
    }
}
