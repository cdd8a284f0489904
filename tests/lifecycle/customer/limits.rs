//! What the API's owner said of a key stays, or becomes less.

use std::collections::BTreeMap;

use keyward::access::Constraint;
use keyward::limit::Rate;
use keyward::service::{KeyTransition, RotateKey, UpdateKey, rfc3339};

use super::{Case, customers, level, limited, networks, rate};
use crate::house::{DAY, House};

#[test]
fn a_customer_loosens_no_key_of_the_apis_owner() {
    let house = House::new();
    let account = house.shop("keyward");
    for (number, caller) in customers(&house, &account, None).iter().enumerate() {
        let made = house.create(&account, &limited(&house, &format!("limited {number}")));
        let case = Case::of(&house, &made, caller);
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
