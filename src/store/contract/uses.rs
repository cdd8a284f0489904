//! Uses by day, and what is forgotten of them.

use super::*;
use crate::store::{DayUse, Reach, UsageFilter, Use};

both! {
    uses_are_counted_by_day,
    uses_come_in_parts,
    the_uses_of_an_account_are_summed,
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
        .usage("shop", filter, None, 100)
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
            .is_some()
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
    let part = |keyspace, filter| store.usage(keyspace, filter, None, 100).expect("an answer");
    assert!(part("shop", &nowhere).is_none());
    assert!(part("none", &every()).is_none());
    assert!(
        store
            .add_uses("none", None, vec![used(10, 1, 1)], act(1))
            .expect("an answer")
            .is_some()
    );
}

fn uses_come_in_parts(store: &dyn Store) {
    stage(store);
    make(store, 10);
    make(store, 20);
    put(store, &path_in("shop", "bolt", 30), new_key("30"), 30);
    for day in 0..4 {
        let uses = [10, 20, 30].map(|key| used(key, day * DAY + 50, 1));
        store
            .add_uses("shop", None, uses.to_vec(), act(4 * DAY))
            .expect("added");
    }
    let of_acme = UsageFilter {
        account: Some("acme".to_owned()),
        first_day: FIRST + 1,
        ..every()
    };
    let of_key = UsageFilter {
        id: Some(id(20)),
        last_day: FIRST + 2,
        ..every()
    };
    for filter in [every(), of_acme, of_key] {
        let all = usage(store, &filter);
        for limit in 1..4 {
            let (mut met, mut after) = (Vec::new(), None);
            loop {
                let part = store.usage("shop", &filter, after, limit);
                let part = part.expect("an answer").expect("shop");
                assert!(part.len() <= usize::try_from(limit).expect("small"));
                let Some(last) = part.last() else { break };
                after = Some((last.day, last.id));
                met.extend(
                    part.iter()
                        .map(|one| (one.day - FIRST, made(one.id), one.count)),
                );
            }
            assert_eq!(met, all, "{filter:?}");
        }
        // What lies before the first day is no place to go on from, and takes nothing away.
        let before = Some((FIRST - 1, id(20)));
        let part = store.usage("shop", &filter, before, 100);
        assert_eq!(part.expect("an answer").expect("shop").len(), all.len());
    }
}

fn the_uses_of_an_account_are_summed(store: &dyn Store) {
    stage(store);
    make(store, 10);
    make(store, 20);
    put(store, &path_in("shop", "bolt", 30), new_key("30"), 30);
    put(store, &path_in("other", "acme", 10), new_key("10"), 10);
    let add = |keyspace, uses| {
        store
            .add_uses(keyspace, None, uses, act(9 * DAY))
            .expect("added")
    };
    add(
        "shop",
        vec![used(10, 50, 3), used(20, 60, 4), used(30, 70, 100)],
    );
    add(
        "shop",
        vec![used(10, 80, 5), used(20, DAY, 6), used(10, 2 * DAY, 7)],
    );
    add("other", vec![used(10, 50, 1000)]);
    let sum = |of: &str, first, last| {
        store
            .used(&account("shop", of), FIRST + first, FIRST + last)
            .expect("an answer")
    };
    assert_eq!(sum("acme", 0, 0), Some(12));
    assert_eq!(sum("acme", 0, 1), Some(18));
    assert_eq!(sum("acme", 1, 9), Some(13));
    assert_eq!(sum("acme", 3, 9), Some(0));
    assert_eq!(sum("bolt", 0, 9), Some(100));
    assert_eq!(sum("none", 0, 9), None);
    store
        .delete_key(path(10), None, act(9 * DAY))
        .expect("removed");
    assert_eq!(sum("acme", 0, 9), Some(25), "what was used was used");
    assert_eq!(store.purge(FIRST + 1, act(9 * DAY)).expect("an answer"), 4);
    assert_eq!(sum("acme", 0, 9), Some(13));
    assert_eq!(sum("bolt", 0, 9), Some(0));
    let most: u64 = (1 << 53) - 1;
    add("shop", vec![used(20, 3 * DAY, u64::MAX)]);
    add("shop", vec![used(20, 3 * DAY, u64::MAX)]);
    assert_eq!(sum("acme", 3, 3), Some(most));
    assert_eq!(sum("acme", 0, 9), Some(most));
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
            .is_some()
    };
    assert!(add("shop", 1, 20));
    assert!(!add("shop", 1, 30), "known");
    assert!(add("shop", 2, 30));
    assert!(add("other", 1, 30), "of another keyspace");
    assert_eq!(usage(store, &every()), [(0, 10, 2)]);
    let other = store
        .usage("other", &every(), None, 100)
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
        added.expect("an answer").is_none()
    };
    assert!(!known(0));
    assert_eq!(store.purge(0, act(7 * DAY)).expect("an answer"), 1, "prt_2");
    assert!(known(7 * DAY));
    assert_eq!(store.purge(0, act(7 * DAY + 1)).expect("an answer"), 1);
    assert!(!known(7 * DAY + 1));
}
