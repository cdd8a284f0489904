//! Operators and portal links.

use std::collections::BTreeSet;

use super::*;
use crate::store::{NewOperator, OperatorKind, Reach, Right};

both! {
    operators_are_found_by_digest_id_and_reach,
    a_reach_that_is_not_there,
    taken_ids_and_digests_are_refused,
    another_key_for_an_operator,
    a_restored_operator_gets_later_keys_only,
    the_last_one_who_may_do_everything_stays,
    operators_make_no_epoch,
}

fn link(id: &str) -> NewOperator {
    NewOperator {
        kind: OperatorKind::PortalLink,
        rights: BTreeSet::from([Right::KeysRead, Right::KeysWrite]),
        levels: Some(BTreeSet::from(["events".to_owned()])),
        expires_at: Some(at(1000)),
        ..new_operator(id, Reach::Account(account("shop", "acme")))
    }
}

fn operators_are_found_by_digest_id_and_reach(store: &dyn Store) {
    stage(store);
    assert!(!store.has_operators().expect("an answer"));
    let acme = || Reach::Account(account("shop", "acme"));
    for new in [
        new_operator("op_b", Reach::Server),
        new_operator("op_a", Reach::Server),
        new_operator("op_c", Reach::Keyspace("shop".to_owned())),
        new_operator("op_d", acme()),
        link("prt_1"),
    ] {
        let (id, digest) = (new.id.clone(), new.digest);
        let made = store
            .insert_operator(new, act(3))
            .expect("new")
            .expect("there");
        let by_id = store
            .operator(&id)
            .expect("an answer")
            .expect("the operator");
        let by_digest = store.operator_by_digest(&digest).expect("an answer");
        let by_digest = by_digest.expect("the operator");
        assert_eq!(format!("{made:?}"), format!("{by_id:?}"));
        assert_eq!(format!("{made:?}"), format!("{by_digest:?}"));
        assert_eq!((made.created_at, &*made.created_by), (at(3), "op_1"));
    }
    assert!(store.has_operators().expect("an answer"));
    let with = |reach: Reach| {
        let part = |after, limit| {
            let operators = store.operators(&reach, after, limit).expect("an answer");
            let ids = operators.into_iter().map(|operator| operator.id);
            ids.collect::<Vec<_>>()
        };
        let all = part(None, 100);
        for (at, id) in all.iter().enumerate() {
            assert_eq!(part(Some(id), 100), all[at + 1..]);
            assert_eq!(part(None, u32::try_from(at).expect("few")), all[..at]);
        }
        all
    };
    assert_eq!(with(Reach::Server), ["op_a", "op_b"]);
    assert_eq!(with(Reach::Keyspace("shop".to_owned())), ["op_c"]);
    assert_eq!(with(acme()), ["op_d"], "links are no operators");
    assert_eq!(with(Reach::Account(account("shop", "bolt"))), [""; 0]);
    assert_eq!(with(Reach::Keyspace("other".to_owned())), [""; 0]);

    let link = store
        .operator("prt_1")
        .expect("an answer")
        .expect("the link");
    assert_eq!(link.levels, Some(BTreeSet::from(["events".to_owned()])));
    assert_eq!(
        link.rights,
        BTreeSet::from([Right::KeysRead, Right::KeysWrite])
    );
    assert_eq!(link.expires_at, Some(at(1000)));
    assert!(store.operator("op_x").expect("an answer").is_none());
    assert!(
        store
            .operator_by_digest(&digest("x"))
            .expect("an answer")
            .is_none()
    );
}

fn a_reach_that_is_not_there(store: &dyn Store) {
    stage(store);
    for reach in [
        Reach::Keyspace("none".to_owned()),
        Reach::Account(account("shop", "none")),
        Reach::Account(account("none", "acme")),
    ] {
        let none = store.insert_operator(new_operator("op_a", reach), act(1));
        assert!(none.expect("an answer").is_none());
    }
    assert!(!store.has_operators().expect("an answer"));
}

fn taken_ids_and_digests_are_refused(store: &dyn Store) {
    let insert = |new| store.insert_operator(new, act(1));
    insert(new_operator("op_a", Reach::Server)).expect("new");
    let same_id = NewOperator {
        digest: digest("fresh"),
        ..new_operator("op_a", Reach::Server)
    };
    assert!(insert(same_id).expect_err("taken").is_exists());
    let same_digest = NewOperator {
        digest: digest("op_a"),
        ..new_operator("op_b", Reach::Server)
    };
    assert!(insert(same_digest).expect_err("taken").is_exists());
    insert(new_operator("op_b", Reach::Server)).expect("new");
    let rotated = store.rotate_operator("op_b", digest("op_a"), String::new(), act(2));
    assert!(rotated.expect_err("taken").is_exists());
}

fn another_key_for_an_operator(store: &dyn Store) {
    let new = new_operator("op_a", Reach::Server);
    store.insert_operator(new, act(1)).expect("new");
    let hint = "kw_op_…new".to_owned();
    let rotated = store.rotate_operator("op_a", digest("new"), hint.clone(), act(2));
    assert_eq!(
        rotated.expect("an answer").expect("the operator").hint,
        hint
    );
    assert!(
        store
            .operator_by_digest(&digest("op_a"))
            .expect("an answer")
            .is_none()
    );
    let found = store.operator_by_digest(&digest("new")).expect("an answer");
    assert_eq!(found.expect("the operator").hint, hint);
    let none = store.rotate_operator("op_x", digest("x"), hint, act(3));
    assert!(none.expect("an answer").is_none());
}

fn a_restored_operator_gets_later_keys_only(store: &dyn Store) {
    stage(store);
    for id in ["op_a", "op_b"] {
        let new = new_operator(id, Reach::Server);
        let made = store.insert_operator(new, act(1)).expect("new");
        assert_eq!(made.expect("the operator").revision, 1);
    }
    let next = store.rotate_operator("op_a", digest("2"), "…2".to_owned(), act(2));
    assert_eq!(next.expect("an answer").expect("op_a").revision, 2);
    let restore = |id, key: &str, revision| {
        store
            .restore_operator_key(id, digest(key), format!("…{key}"), revision, act(3))
            .expect("an answer")
    };
    let present = |id| {
        let operator = store
            .operator(id)
            .expect("an answer")
            .expect("the operator");
        (operator.hint, operator.revision)
    };
    assert_eq!(restore("op_a", "1", 1), Some(false));
    assert_eq!(restore("op_a", "another 2", 2), Some(false));
    assert_eq!(present("op_a"), ("…2".to_owned(), 2));
    assert_eq!(restore("op_a", "7", 7), Some(true));
    assert_eq!(restore("op_a", "6", 6), Some(false), "superseded by 7");
    assert_eq!(present("op_a"), ("…7".to_owned(), 7));
    assert_eq!(restore("op_x", "8", 8), None);
    for (key, owner) in [("2", None), ("6", None), ("7", Some("op_a"))] {
        let found = store.operator_by_digest(&digest(key)).expect("an answer");
        assert_eq!(found.as_ref().map(|found| &*found.id), owner, "{key}");
    }
    let next = store.rotate_operator("op_a", digest("8"), "…8".to_owned(), act(4));
    assert_eq!(next.expect("an answer").expect("op_a").revision, 8);
    let other = store.operator("op_b").expect("an answer").expect("op_b");
    assert_eq!(
        (&*other.hint, other.revision),
        (&*new_operator("op_b", Reach::Server).hint, 1)
    );
}

fn the_last_one_who_may_do_everything_stays(store: &dyn Store) {
    stage(store);
    let fewer = NewOperator {
        rights: BTreeSet::from([Right::KeysRead]),
        ..new_operator("op_few", Reach::Server)
    };
    let for_a_while = NewOperator {
        expires_at: Some(at(99)),
        ..new_operator("op_while", Reach::Server)
    };
    let of_levels = NewOperator {
        levels: Some(BTreeSet::new()),
        ..new_operator("op_levels", Reach::Server)
    };
    let in_shop = new_operator("op_shop", Reach::Keyspace("shop".to_owned()));
    let first = new_operator("op_first", Reach::Server);
    for new in [first, fewer, for_a_while, of_levels, in_shop] {
        store.insert_operator(new, act(1)).expect("new");
    }
    let refused = store.delete_operator("op_first", act(2));
    assert!(refused.expect_err("the last").is_last_operator());
    let second = new_operator("op_second", Reach::Server);
    store.insert_operator(second, act(3)).expect("new");
    for id in ["op_first", "op_few", "op_while", "op_levels", "op_shop"] {
        assert!(
            store.delete_operator(id, act(4)).expect("not the last"),
            "{id}"
        );
        assert!(store.operator(id).expect("an answer").is_none());
    }
    let refused = store.delete_operator("op_second", act(5));
    assert!(refused.expect_err("the last").is_last_operator());
    assert!(!store.delete_operator("op_none", act(5)).expect("an answer"));
}

fn operators_make_no_epoch(store: &dyn Store) {
    stage(store);
    let before = epoch(store, "shop");
    store.insert_operator(link("prt_1"), act(1)).expect("new");
    let entry = last_entry(store, "shop");
    assert_eq!((&*entry.action, entry.epoch), ("portal_link.create", None));
    assert_eq!(entry.account.as_deref(), Some("acme"));
    store
        .rotate_operator("prt_1", digest("next"), "hint".to_owned(), act(2))
        .expect("rotated");
    assert!(store.delete_operator("prt_1", act(3)).expect("removed"));
    assert_eq!(last_entry(store, "shop").action, "portal_link.delete");
    assert_eq!(epoch(store, "shop"), before);
}
