//! On whose authority (threats 33 and 36): a caller who was let in, and is removed before the change.

use std::sync::atomic::{AtomicU32, Ordering};

use keyward::service::{
    AuditEntry, AuditQuery, Code, CreateOperator, KeyTransition, Once, PageRequest, Principal,
    Reach, RotateKey, UpdateKey,
};
use zeroize::Zeroizing;

use crate::house::{House, code, key};

/// An operator over the keyspace who manages keys.
fn manager(house: &House) -> Principal {
    let create = CreateOperator {
        name: "somebody".to_owned(),
        rights: vec![
            "keys.read".to_owned(),
            "keys.write".to_owned(),
            "keys.reveal".to_owned(),
        ],
        ..CreateOperator::default()
    };
    let reach = Reach::Keyspace("inboxfirst".to_owned());
    let issued = house.service.create_operator(&house.boss, &reach, &create);
    Principal::from(issued.expect("an operator").record)
}

fn remove(house: &House, caller: &Principal) {
    house
        .service
        .delete_operator(&house.boss, &caller.reach(), &caller.id())
        .expect("removed");
}

/// The newest audit entries of the keyspace that match.
fn entries(house: &House, query: &AuditQuery) -> Vec<AuditEntry> {
    let request = PageRequest::new(Some(100), None).expect("a part");
    let page = house
        .service
        .audit(&house.boss, "inboxfirst", None, query, &request);
    page.expect("a part").items
}

fn once(number: u8) -> Once {
    Once {
        key: Zeroizing::new(vec![number]),
        credential: Zeroizing::new(b"a credential".to_vec()),
        endpoint: "keys".to_owned(),
        fingerprint: [number; 32],
        show_secret: true,
    }
}

#[test]
fn whoever_was_removed_does_nothing_by_any_use_case() {
    let house = House::new();
    let account = house.shop("inboxfirst");
    let made = house.create(&account, &key("name", "first", "organization_admin"));
    let caller = manager(&house);
    let service = &house.service;
    let id = made.id();
    service.confirm(&caller).expect("still there");
    remove(&house, &caller);
    let before = entries(&house, &AuditQuery::default()).len();
    let other = key("name", "other", "organization_admin");
    let turn = |transition| service.change_key(&caller, &account, &id, transition, None);
    let renamed = UpdateKey {
        fields: [("name".to_owned(), Some("renamed".to_owned()))].into(),
        ..UpdateKey::default()
    };
    let rotate = RotateKey::default();
    for refused in [
        code(service.confirm(&caller)),
        code(service.create_key(&caller, &account, &other, None)),
        code(service.create_key(&caller, &account, &other, Some(&once(1)))),
        code(service.update_key(&caller, &account, &id, &renamed, None)),
        code(service.rotate_key(&caller, &account, &id, &rotate, None, None)),
        code(service.rotate_key(&caller, &account, &id, &rotate, None, Some(&once(2)))),
        code(turn(KeyTransition::Disable)),
        code(turn(KeyTransition::Deactivate)),
        code(service.reveal_key(&caller, &account, &id)),
        code(service.delete_key(&caller, &account, &id, None)),
    ] {
        assert_eq!(refused, Code::InvalidCredential);
    }
    assert_eq!(entries(&house, &AuditQuery::default()).len(), before);
    assert_eq!(house.verify(&made), Ok(()));
}

/// Many requests that were let in, and a removal in their midst: what the trail says of the removed ends with it.
#[test]
fn nothing_follows_on_the_removal() {
    let house = House::new();
    let account = house.shop("inboxfirst");
    for round in 0..10 {
        let caller = manager(&house);
        let made = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for thread in 0..6 {
                let (house, account, caller, made) = (&house, &account, &caller, &made);
                scope.spawn(move || {
                    for number in 0.. {
                        let name = format!("{round} {thread} {number}");
                        let create = key("name", &name, "organization_admin");
                        match house.service.create_key(caller, account, &create, None) {
                            Ok(_) => drop(made.fetch_add(1, Ordering::SeqCst)),
                            Err(error) => {
                                assert_eq!(error.code(), Code::InvalidCredential, "{error}");
                                break;
                            }
                        }
                    }
                });
            }
            while made.load(Ordering::SeqCst) < 6 {
                std::thread::yield_now();
            }
            remove(&house, &caller);
        });
        let by_them = AuditQuery {
            actor: Some(caller.id()),
            ..AuditQuery::default()
        };
        let removal = AuditQuery {
            target: Some(caller.id()),
            action: Some("operator.delete".to_owned()),
            ..AuditQuery::default()
        };
        let last = entries(&house, &by_them)[0].sequence;
        let removed = entries(&house, &removal)[0].sequence;
        assert!(last < removed, "{last} {removed}");
    }
}
