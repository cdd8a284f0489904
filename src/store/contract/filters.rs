//! Which keys a filter finds, and in which order and parts they come.

use super::*;
use crate::key::KeyId;
use crate::store::{
    KeyContent, KeyFilter, KeyIndex, KeySlice, KeyTransition, NewKey, Order, StatusFilter, Use,
};

both! {
    each_member_asks_its_own,
    members_ask_together,
    parts_of_a_list_join_without_a_gap,
    what_is_not_there_is_none,
    parts_of_names_follow_the_name,
}

/// Ten keys of `acme`, made at 10, 20, … 100, and one of `bolt`, made at 15.
fn ten(store: &dyn Store) {
    stage(store);
    let names = [
        "billing",
        "billing sync",
        "crm",
        "crm export",
        "",
        "Ünï",
        "aab",
        "aaab",
        "b",
        "billing",
    ];
    for (number, name) in (1..).zip(names) {
        let made = number * 10;
        let new = NewKey {
            content: KeyContent {
                subject: (number % 2 == 0).then(|| format!("user {}", number % 4)),
                expires_at: (number % 3 == 0).then(|| at(made + 500)),
                ..content(if number <= 5 { "full" } else { "events" })
            },
            ..named(&made.to_string(), name)
        };
        put(store, &path(made), new, made);
    }
    put(
        store,
        &path_in("shop", "bolt", 15),
        named("15", "billing"),
        15,
    );
    for (made, transition) in [
        (20, KeyTransition::Disable),
        (40, KeyTransition::Deactivate),
    ] {
        store
            .change_key(path(made), transition, None, act(200))
            .expect("active");
    }
    let uses = [(10, 300), (30, 400), (60, 500)].map(|(made, used)| Use {
        id: id(made),
        count: 1,
        last: at(used),
        newest_used_at: Some(at(used)),
    });
    store
        .add_uses("shop", None, uses.to_vec(), act(500))
        .expect("added");
}

#[track_caller]
fn finds<const N: usize>(store: &dyn Store, filter: &KeyFilter, made: [i64; N]) {
    let ids: Vec<KeyId> = made.into_iter().map(id).collect();
    assert_eq!(found(store, filter), ids, "{filter:?}");
}

fn name_with(part: &str) -> KeyFilter {
    KeyFilter {
        name_contains: Some(part.to_owned()),
        ..KeyFilter::default()
    }
}

#[expect(clippy::too_many_lines, reason = "a member after the other")]
fn each_member_asks_its_own(store: &dyn Store) {
    ten(store);
    let all = KeyFilter::default;
    let some = |text: &str| Some(text.to_owned());
    finds(store, &all(), [100, 90, 80, 70, 60, 50, 40, 30, 20, 15, 10]);
    finds(
        store,
        &KeyFilter {
            account: some("bolt"),
            ..all()
        },
        [15],
    );
    finds(
        store,
        &KeyFilter {
            name: some("billing"),
            ..all()
        },
        [100, 15, 10],
    );
    finds(
        store,
        &KeyFilter {
            name: some("bill"),
            ..all()
        },
        [],
    );
    finds(
        store,
        &KeyFilter {
            name: some(""),
            ..all()
        },
        [50],
    );
    finds(
        store,
        &KeyFilter {
            level: some("events"),
            ..all()
        },
        [100, 90, 80, 70, 60],
    );
    finds(
        store,
        &KeyFilter {
            subject: some("user 2"),
            ..all()
        },
        [100, 60, 20],
    );
    finds(
        store,
        &KeyFilter {
            created_before: Some(at(20)),
            ..all()
        },
        [15, 10],
    );
    finds(
        store,
        &KeyFilter {
            created_after: Some(at(90)),
            ..all()
        },
        [100, 90],
    );
    finds(
        store,
        &KeyFilter {
            used_after: Some(at(400)),
            ..all()
        },
        [60, 30],
    );
    finds(
        store,
        &KeyFilter {
            used_before: Some(at(400)),
            ..all()
        },
        [100, 90, 80, 70, 50, 40, 20, 15, 10],
    );
    let status = |status| KeyFilter {
        status: Some(status),
        ..all()
    };
    finds(store, &status(StatusFilter::Disabled), [20]);
    finds(store, &status(StatusFilter::Deactivated), [40]);
    finds(store, &status(StatusFilter::Expired(at(560))), [60, 30]);
    finds(store, &status(StatusFilter::Expired(at(559))), [30]);
    finds(
        store,
        &status(StatusFilter::Active(at(560))),
        [100, 90, 80, 70, 50, 15, 10],
    );
    for (part, made) in [
        ("b", &[100, 90, 80, 70, 20, 15, 10][..]),
        ("ll", &[100, 20, 15, 10]),
        ("crm", &[40, 30]),
        ("billing s", &[20]),
        ("aab", &[80, 70]),
        ("aaab", &[80]),
        ("ü", &[]),
        ("Ü", &[60]),
        ("ï", &[60]),
        ("g syn", &[20]),
        ("%", &[]),
        ("zzz", &[]),
    ] {
        let ids: Vec<KeyId> = made.iter().map(|made| id(*made)).collect();
        assert_eq!(found(store, &name_with(part)), ids, "{part}");
    }
    finds(
        store,
        &name_with(""),
        [100, 90, 80, 70, 60, 50, 40, 30, 20, 15, 10],
    );
}

fn members_ask_together(store: &dyn Store) {
    ten(store);
    let some = |text: &str| Some(text.to_owned());
    let billing = KeyFilter {
        account: some("acme"),
        name: some("billing"),
        ..KeyFilter::default()
    };
    finds(store, &billing, [100, 10]);
    let billing = KeyFilter {
        account: some("acme"),
        ..name_with("billing")
    };
    finds(store, &billing, [100, 20, 10]);
    let billing = KeyFilter {
        status: Some(StatusFilter::Disabled),
        ..billing
    };
    finds(store, &billing, [20]);
    let used = KeyFilter {
        used_after: Some(at(300)),
        used_before: Some(at(500)),
        ..KeyFilter::default()
    };
    finds(store, &used, [30, 10]);
    let used = KeyFilter {
        level: some("full"),
        created_after: Some(at(20)),
        ..used
    };
    finds(store, &used, [30]);
    let everything = KeyFilter {
        account: some("acme"),
        name: some("Ünï"),
        name_contains: some("n"),
        status: Some(StatusFilter::Active(at(559))),
        level: some("events"),
        subject: some("user 2"),
        created_before: Some(at(61)),
        created_after: Some(at(60)),
        used_before: Some(at(501)),
        used_after: Some(at(500)),
    };
    finds(store, &everything, [60]);
    let elsewhere = KeyFilter {
        account: some("bolt"),
        ..everything
    };
    finds(store, &elsewhere, []);
}

fn parts_of_a_list_join_without_a_gap(store: &dyn Store) {
    ten(store);
    let filters = [
        KeyFilter::default(),
        name_with("b"),
        KeyFilter {
            account: Some("acme".to_owned()),
            used_before: Some(at(400)),
            ..KeyFilter::default()
        },
        KeyFilter {
            created_after: Some(at(30)),
            created_before: Some(at(80)),
            ..KeyFilter::default()
        },
    ];
    for filter in &filters {
        let newest = found(store, filter);
        for order in [Order::NewestFirst, Order::OldestFirst] {
            let mut all = newest.clone();
            if order == Order::OldestFirst {
                all.reverse();
            }
            let part = |after, skip, limit| {
                let slice = KeySlice {
                    order,
                    after,
                    skip,
                    limit,
                };
                let keys = store.keys("shop", filter, slice).expect("an answer");
                let keys = keys.expect("shop").into_iter();
                keys.map(|key| key.id).collect::<Vec<_>>()
            };
            let (mut joined, mut after) = (Vec::<KeyId>::new(), None);
            loop {
                let ids = part(after, 0, 3);
                joined.extend(&ids);
                after = ids.last().copied();
                if ids.len() < 3 {
                    break;
                }
            }
            assert_eq!(joined, all, "{filter:?} {order:?}");
            for skip in 0..=all.len() {
                let rest = &all[skip..];
                assert_eq!(part(None, skip as u64, 2)[..], rest[..rest.len().min(2)]);
            }
            assert_eq!(part(Some(all[0]), 1, 1)[..], all[2..3], "from there on");
            assert!(part(None, u64::MAX, 5).is_empty());
            assert!(part(None, 0, 0).is_empty());
        }
    }
}

fn what_is_not_there_is_none(store: &dyn Store) {
    stage(store);
    let in_account = KeyFilter {
        account: Some("none".to_owned()),
        ..KeyFilter::default()
    };
    for (keyspace, filter) in [("none", KeyFilter::default()), ("shop", in_account)] {
        assert!(
            store
                .keys(keyspace, &filter, NEWEST)
                .expect("an answer")
                .is_none()
        );
        assert!(
            store
                .count_keys(keyspace, &filter)
                .expect("an answer")
                .is_none()
        );
    }
    finds(store, &KeyFilter::default(), []);
}

fn parts_of_names_follow_the_name(store: &dyn Store) {
    stage(store);
    put(store, &path(10), named("10", "old name"), 10);
    put(store, &path(20), named("20", "old shoe"), 20);
    let rename = |made: i64, revision, name: &str| {
        let index = KeyIndex {
            name: name.to_owned(),
            slots: Vec::new(),
        };
        store
            .update_key(path(made), revision, content("full"), index, act(30))
            .expect("present");
    };
    rename(10, 1, "new name");
    finds(store, &name_with("old"), [20]);
    finds(store, &name_with("name"), [10]);
    rename(10, 2, "");
    finds(store, &name_with("name"), []);
    rename(10, 3, "old name");
    finds(store, &name_with("old"), [20, 10]);
    store.delete_key(path(20), None, act(40)).expect("removed");
    finds(store, &name_with("old"), [10]);
}
