//! Who may give which levels, where the rules of their keyspace change.

use std::collections::BTreeSet;

use super::*;
use crate::store::{
    Act, AuditFilter, Authority, KeyspaceUpdate, NewOperator, OperatorKind, Premise, Reach,
};

both! {
    levels_that_go_are_taken_from_those_who_may_give_them,
    an_operator_planned_by_other_rules_is_not_made,
}

/// Rules that have the level `full` alone, which was there before.
fn only_full(store: &dyn Store, revision: u64, millis: i64) {
    let shop = store.keyspace("shop").expect("an answer").expect("shop");
    let update = KeyspaceUpdate {
        content: shop.content(),
        judged: None,
        levels: BTreeSet::from(["full".to_owned()]),
    };
    let changed = store.update_keyspace("shop", revision, update, act(millis));
    changed.expect("changed").expect("shop");
}

fn giving(id: &str, reach: Reach, levels: &[&str]) -> NewOperator {
    let levels: BTreeSet<_> = levels.iter().map(|level| (*level).to_owned()).collect();
    NewOperator {
        levels: Some(levels),
        ..new_operator(id, reach)
    }
}

fn levels_that_go_are_taken_from_those_who_may_give_them(store: &dyn Store) {
    stage(store);
    let of_shop = || Reach::Keyspace("shop".to_owned());
    let of_acme = || Reach::Account(account("shop", "acme"));
    for new in [
        giving("op_a", of_shop(), &["events", "full"]),
        giving("op_b", of_acme(), &["events"]),
        giving("op_c", of_shop(), &["full"]),
        new_operator("op_d", of_shop()),
        giving("op_e", Reach::Keyspace("other".to_owned()), &["events"]),
        NewOperator {
            kind: OperatorKind::PortalLink,
            ..giving("prt_f", of_acme(), &["events", "full"])
        },
    ] {
        let made = store.insert_operator(new, act(1)).expect("new");
        made.expect("there");
    }
    let asked = |id: &str| {
        let found = store.operator(id).expect("an answer").expect("there");
        let by_key = store.operator_by_digest(&digest(id)).expect("an answer");
        assert_eq!(
            format!("{found:?}"),
            format!("{:?}", by_key.expect("there"))
        );
        let levels = found
            .levels
            .map(|levels| levels.into_iter().collect::<Vec<_>>().join(" "));
        (levels, found.revision)
    };
    let by_b = Act {
        actor: "op_b".to_owned(),
        authority: Authority::Operator {
            id: "op_b".to_owned(),
            revision: 1,
        },
        ..act(8)
    };
    store.confirm(&by_b).expect("it counts");
    only_full(store, 1, 7);
    let some = |levels: &str| Some(levels.to_owned());
    assert_eq!(asked("op_a"), (some("full"), 2));
    assert_eq!(asked("op_b"), (some(""), 2), "none is not all");
    assert_eq!(asked("op_c"), (some("full"), 1));
    assert_eq!(asked("op_d"), (None, 1));
    assert_eq!(asked("op_e"), (some("events"), 1));
    assert_eq!(asked("prt_f"), (some("full"), 2));
    let late = store
        .confirm(&by_b)
        .expect_err("by what it might give before");
    assert!(late.is_unauthorized());

    let entries = store.audit("shop", &AuditFilter::default(), None, 4);
    let entries = entries.expect("an answer").expect("shop");
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (&*entry.action, &*entry.target, entry.epoch.is_some()))
        .collect();
    assert_eq!(
        told,
        [
            ("portal_link.narrow", "prt_f", false),
            ("operator.narrow", "op_b", false),
            ("operator.narrow", "op_a", false),
            ("keyspace.update", "shop", true),
        ]
    );
    assert_eq!(
        entries[1].details,
        r#"{"after":{"levels":[]},"before":{"levels":["events"]}}"#
    );

    // What comes by the same name later is another level.
    only_full(store, 2, 9);
    assert_eq!(asked("op_b"), (some(""), 2));
}

/// Neither does it get a level that has gone in the meantime.
fn an_operator_planned_by_other_rules_is_not_made(store: &dyn Store) {
    stage(store);
    let by = |rules| Act {
        premise: Premise {
            rules: Some(rules),
            ..Premise::default()
        },
        ..act(3)
    };
    only_full(store, 1, 2);
    for reach in [
        Reach::Keyspace("shop".to_owned()),
        Reach::Account(account("shop", "acme")),
    ] {
        let insert = |rules| {
            let new = giving("op_a", reach.clone(), &["events"]);
            store.insert_operator(new, by(rules))
        };
        assert!(insert(1).expect_err("others by now").is_outdated());
        assert!(store.operator("op_a").expect("an answer").is_none());
        insert(2).expect("by the rules that hold").expect("there");
        store.delete_operator("op_a", act(4)).expect("removed");
    }
    let of_server = store.insert_operator(new_operator("op_b", Reach::Server), by(1));
    of_server.expect("no keyspace's rules").expect("made");
}
