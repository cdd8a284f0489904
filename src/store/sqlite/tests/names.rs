//! Parts of names, in segments and out of them.

use super::{look_into, number, open};
use crate::key::KeyId;
use crate::store::contract::{Directory, act, content, found, id, named, path, put, stage};
use crate::store::{KeyFilter, KeyIndex, KeySlice, Order, Store};

fn with(part: &str) -> KeyFilter {
    KeyFilter {
        name_contains: Some(part.to_owned()),
        ..KeyFilter::default()
    }
}

/// 300 keys, made at 1 to 300, with their number in the name.
fn many(store: &dyn Store) {
    stage(store);
    for made in 1..=300 {
        let name = format!(
            "service {made} é{}",
            if made % 150 == 0 { " rare" } else { "" }
        );
        put(store, &path(made), named(&made.to_string(), &name), made);
    }
}

#[test]
fn what_is_in_segments_is_found_as_what_waits() {
    let place = Directory::new();
    let (store, file) = open(&place);
    many(&store);
    let db = look_into(&file);
    assert_eq!(number(&db, "SELECT count(*) FROM name_segments"), 4);
    assert_eq!(
        number(&db, "SELECT count(*) FROM names_waiting"),
        300 - 4 * 64
    );

    assert_eq!(found(&store, &with("rare")), [300, 150].map(id));
    assert_eq!(found(&store, &with("e 7 ")), [7].map(id));
    assert_eq!(found(&store, &with("rarest")), []);
    assert_eq!(found(&store, &with("9 é")).len(), 30);
    let pages = |order, part: &str| {
        let (mut all, mut after) = (Vec::<KeyId>::new(), None);
        loop {
            let slice = KeySlice {
                order,
                after,
                skip: 0,
                limit: 7,
            };
            let keys = store.keys("shop", &with(part), slice).expect("an answer");
            let ids: Vec<_> = keys.expect("shop").iter().map(|key| key.id).collect();
            after = ids.last().copied();
            all.extend(&ids);
            if ids.len() < 7 {
                return all;
            }
        }
    };
    for part in ["é", "s", "se", "12", "service 2", "1 é"] {
        let expected: Vec<_> = (1..=300)
            .filter(|made| format!("service {made} é").contains(part))
            .map(id)
            .collect();
        assert_eq!(pages(Order::OldestFirst, part), expected, "{part}");
        let mut newest = pages(Order::NewestFirst, part);
        newest.reverse();
        assert_eq!(newest, expected, "{part}");
        let count = store.count_keys("shop", &with(part)).expect("an answer");
        assert_eq!(count, Some(expected.len() as u64));
    }
}

#[test]
fn segments_of_keys_that_are_gone_go_too() {
    let place = Directory::new();
    let (store, file) = open(&place);
    many(&store);
    let rename = KeyIndex {
        name: "another".to_owned(),
        slots: Vec::new(),
    };
    store
        .update_key(path(150), 1, content("full"), rename, act(400))
        .expect("present");
    for made in (1..=256).filter(|made| made % 10 != 0) {
        store
            .delete_key(path(made), None, act(500))
            .expect("removed");
    }
    let db = look_into(&file);
    assert_eq!(number(&db, "SELECT count(*) FROM name_segments"), 4);
    for _ in 0..4 {
        store.purge(0, act(600)).expect("an answer");
    }
    // What is left of four is not enough for one.
    assert_eq!(number(&db, "SELECT count(*) FROM name_segments"), 1);
    assert_eq!(
        number(&db, "SELECT count(DISTINCT segment) FROM name_grams"),
        1
    );
    assert_eq!(found(&store, &with("rare")), [300].map(id));
    assert_eq!(found(&store, &with("another")), [150].map(id));
    assert_eq!(found(&store, &with("service 24")), [240].map(id));
    assert_eq!(found(&store, &with("service 17")), [170].map(id));
}
