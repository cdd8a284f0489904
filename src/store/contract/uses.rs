//! Uses by day, and what is forgotten of them.

use super::*;
use crate::store::{DayUse, Reach, UsageFilter, Use};

both! {
    uses_are_counted_by_day,
    the_last_use_never_goes_back,
    a_batch_counts_once,
    uses_outlive_their_keys_until_they_are_purged,
    links_and_batches_are_purged,
}

const DAY: i64 = 86_400_000;

/// The day on which everything starts.
const FIRST: u32 = 20_778;

fn used(made: i64, millis: i64, count: u64) -> Use {
    Use {
        id: id(made),
        count,
        last: at(millis),
        newest_used_at: None,
    }
}

fn every() -> UsageFilter {
    UsageFilter {
        account: None,
        id: None,
        first_day: 0,
        last_day: u32::MAX,
    }
}

fn usage(store: &dyn Store, filter: &UsageFilter) -> Vec<(u32, i64, u64)> {
    let uses = store
        .usage("shop", filter)
        .expect("an answer")
        .expect("shop");
    let told = |DayUse { id, day, count }| (day - FIRST, made(id), count);
    uses.into_iter().map(told).collect()
}

/// When the key with this id was made.
fn made(id: crate::key::KeyId) -> i64 {
    id.made_at().as_millis() - at(0).as_millis()
}

fn uses_are_counted_by_day(store: &dyn Store) {
    stage(store);
    assert_eq!(at(0).as_millis() / DAY, i64::from(FIRST));
    make(store, 10);
    make(store, 20);
    put(store, &path_in("shop", "bolt", 30), new_key("30"), 30);
    let before = epoch(store, "shop");
    let add = |uses| {
        store
            .add_uses("shop", None, uses, act(3 * DAY))
            .expect("added")
    };
    assert!(add(vec![
        used(20, 50, 3),
        used(10, 60, 2),
        used(20, DAY, 4)
    ]));
    assert!(add(vec![
        used(20, DAY + 5, 1),
        used(30, 2 * DAY, 9),
        used(99, 70, 5)
    ]));
    assert!(add(vec![
        used(10, 61, u64::MAX),
        used(10, 62, u64::MAX),
        used(10, 63, 0)
    ]));
    let most: u64 = (1 << 53) - 1;
    let all = [(0, 10, most), (0, 20, 3), (1, 20, 5), (2, 30, 9)];
    assert_eq!(usage(store, &every()), all);
    let of_acme = UsageFilter {
        account: Some("acme".to_owned()),
        ..every()
    };
    assert_eq!(usage(store, &of_acme), all[..3]);
    let of_key = UsageFilter {
        id: Some(id(20)),
        ..of_acme.clone()
    };
    assert_eq!(usage(store, &of_key), all[1..3]);
    let of_foreign = UsageFilter {
        id: Some(id(30)),
        ..of_acme
    };
    assert_eq!(usage(store, &of_foreign), []);
    let of_days = UsageFilter {
        first_day: FIRST + 1,
        last_day: FIRST + 1,
        ..every()
    };
    assert_eq!(usage(store, &of_days), all[2..3]);
    assert_eq!(epoch(store, "shop"), before, "uses are no change");
    assert_eq!(read(store, &path(10)).revision, 1);
    let nowhere = UsageFilter {
        account: Some("none".to_owned()),
        ..every()
    };
    assert!(store.usage("shop", &nowhere).expect("an answer").is_none());
    assert!(store.usage("none", &every()).expect("an answer").is_none());
    assert!(
        store
            .add_uses("none", None, vec![used(10, 1, 1)], act(1))
            .expect("an answer")
    );
}

fn the_last_use_never_goes_back(store: &dyn Store) {
    stage(store);
    make(store, 10);
    for (last, kept) in [(500, 500), (400, 500), (501, 501)] {
        let uses = vec![used(10, last, 1)];
        store.add_uses("shop", None, uses, act(600)).expect("added");
        assert_eq!(read(store, &path(10)).last_used_at, Some(at(kept)));
    }
}

fn a_batch_counts_once(store: &dyn Store) {
    stage(store);
    make(store, 10);
    put(store, &path_in("other", "acme", 10), new_key("10"), 10);
    let add = |keyspace, batch, millis| {
        let uses = vec![used(10, millis, 1)];
        store
            .add_uses(keyspace, Some([batch; 32]), uses, act(1000))
            .expect("an answer")
    };
    assert!(add("shop", 1, 20));
    assert!(!add("shop", 1, 30), "known");
    assert!(add("shop", 2, 30));
    assert!(add("other", 1, 30), "of another keyspace");
    assert_eq!(usage(store, &every()), [(0, 10, 2)]);
    let other = store
        .usage("other", &every())
        .expect("an answer")
        .expect("other");
    assert_eq!(other[0].count, 1);
}

fn uses_outlive_their_keys_until_they_are_purged(store: &dyn Store) {
    stage(store);
    make(store, 10);
    let uses = vec![used(10, 20, 1), used(10, DAY, 2)];
    store.add_uses("shop", None, uses, act(DAY)).expect("added");
    store.delete_key(path(10), None, act(DAY)).expect("removed");
    assert_eq!(usage(store, &every()), [(0, 10, 1), (1, 10, 2)]);
    assert_eq!(store.purge(FIRST, act(DAY)).expect("an answer"), 0);
    assert_eq!(store.purge(FIRST + 1, act(DAY)).expect("an answer"), 1);
    assert_eq!(usage(store, &every()), [(1, 10, 2)]);
}

fn links_and_batches_are_purged(store: &dyn Store) {
    stage(store);
    for (id, kind, expires_at) in [
        (
            "prt_1",
            crate::store::OperatorKind::PortalLink,
            Some(at(100)),
        ),
        (
            "prt_2",
            crate::store::OperatorKind::PortalLink,
            Some(at(101)),
        ),
        ("op_1", crate::store::OperatorKind::Operator, Some(at(100))),
        ("op_2", crate::store::OperatorKind::Operator, None),
    ] {
        let new = crate::store::NewOperator {
            kind,
            expires_at,
            ..new_operator(id, Reach::Keyspace("shop".to_owned()))
        };
        store.insert_operator(new, act(1)).expect("new");
    }
    assert_eq!(store.purge(0, act(100)).expect("an answer"), 1);
    assert!(store.operator("prt_1").expect("an answer").is_none());
    assert!(
        store.operator("op_1").expect("an answer").is_some(),
        "people stay listed"
    );
    let known = |millis| {
        let added = store.add_uses("shop", Some([1; 32]), Vec::new(), act(millis));
        !added.expect("an answer")
    };
    assert!(!known(0));
    assert_eq!(store.purge(0, act(7 * DAY)).expect("an answer"), 1, "prt_2");
    assert!(known(7 * DAY));
    assert_eq!(store.purge(0, act(7 * DAY + 1)).expect("an answer"), 1);
    assert!(!known(7 * DAY + 1));
}
