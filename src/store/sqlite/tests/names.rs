//! Parts of names, in segments and out of them.

use std::ops::{ControlFlow, Range};

use super::{look_into, number, open};
use crate::key::KeyId;
use crate::store::contract::{
    Directory, act, content, found, id, named, path, path_in, put, stage,
};
use crate::store::sqlite::errors::Read;
use crate::store::sqlite::{SqliteStore, keys, names};
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

/// What is looked at for a part of a name in an account.
fn looked_at(db: &rusqlite::Connection, account: Option<&str>, part: &str) -> Vec<i64> {
    let search = names::Search {
        keyspace: "shop",
        account,
        part,
        range: keys::Range {
            first: 0,
            last: i64::MAX,
        },
        order: Order::NewestFirst,
    };
    let mut met = Vec::new();
    names::each_with_part(db, search, &mut |id| {
        met.push(id);
        Ok(ControlFlow::Continue(()))
    })
    .expect("an answer");
    met
}

#[test]
fn a_search_in_an_account_looks_at_no_key_of_another() {
    let place = Directory::new();
    let (store, file) = open(&place);
    stage(&store);
    let mut of_bolt = Vec::new();
    for made in 1..=300 {
        // In segments, and among those that wait.
        let account = if made % 100 == 7 || made == 299 {
            "bolt"
        } else {
            "acme"
        };
        let path = path_in("shop", account, made);
        let name = format!("service {made}");
        put(&store, &path, named(&made.to_string(), &name), made);
        if account == "bolt" {
            of_bolt.push(id(made).get().cast_signed());
        }
    }
    of_bolt.reverse();
    let db = look_into(&file);
    assert_eq!(looked_at(&db, Some("bolt"), "service"), of_bolt);
    assert_eq!(looked_at(&db, Some("none"), "service"), [0; 0]);
    assert_eq!(
        looked_at(&db, Some("acme"), "service").len(),
        300 - of_bolt.len()
    );
    assert_eq!(looked_at(&db, None, "service").len(), 300);
}

#[test]
fn other_names_make_no_more_segments_than_names_fill() {
    let place = Directory::new();
    let (store, file) = open(&place);
    many(&store);
    let db = look_into(&file);
    // In one transaction each: there are many.
    let rename = |keys: Vec<i64>, rounds: Range<i64>| {
        let renamed = store.write(move |db| {
            for round in rounds {
                // There and back again: what a segment says may hold once more, and is over all the same.
                let word = if round % 2 == 0 { "service" } else { "dienst" };
                for made in &keys {
                    let index = KeyIndex {
                        name: format!("{word} {made}"),
                        ..KeyIndex::default()
                    };
                    let revision = round.cast_unsigned() + 1;
                    keys::update(
                        db,
                        &path(*made),
                        revision,
                        content("full"),
                        &index,
                        &act(400),
                    )?;
                }
            }
            Ok(())
        });
        renamed.expect("present");
    };
    let segments = || number(&db, "SELECT count(*) FROM name_segments");
    let mut most = 0;
    for round in 0..40 {
        rename((1..=300).collect(), round..round + 1);
        store.purge(0, act(500)).expect("an answer");
        most = most.max(segments());
    }
    // 300 names fill five segments, and a round of maintenance meets five more.
    assert!(most <= 4 * 5 + 5, "{most}");
    assert!(segments() >= 3);
    let all = number(&db, "SELECT count(DISTINCT id) FROM names_waiting");
    assert!(all < 300, "some are in segments");
    assert_eq!(found(&store, &with("dienst 15")).len(), 11);
    assert_eq!(found(&store, &with("service 15")), []);

    // One key alone makes none.
    let before = segments();
    rename(vec![7], 40..240);
    assert!(segments() <= before + 1, "{before} {}", segments());
    assert_eq!(found(&store, &with("dienst 7")).len(), 11);
}

/// As a step of the schema leaves them, and other rules.
fn all_wait(store: &SqliteStore) {
    let waiting = store.write(|db| {
        db.execute_batch(
            "DELETE FROM name_segments;
             DELETE FROM names_waiting;
             INSERT INTO names_waiting (keyspace, id, account, name, version)
             SELECT keyspace, id, account, name, name_version FROM keys WHERE name <> '' ORDER BY keyspace, id;
             UPDATE editions
             SET names_waiting = (SELECT count(*) FROM names_waiting AS w WHERE w.keyspace = editions.keyspace);",
        )
        .read()
    });
    waiting.expect("they wait");
}

#[test]
fn names_that_all_wait_are_found_and_make_one_segment_a_change() {
    let place = Directory::new();
    let (store, file) = open(&place);
    many(&store);
    all_wait(&store);
    let db = look_into(&file);
    let segments = || number(&db, "SELECT count(*) FROM name_segments");
    let waiting = || number(&db, "SELECT count(*) FROM names_waiting");
    let rare = || found(&store, &with("rare"));
    assert_eq!(
        (segments(), waiting(), rare()),
        (0, 300, [300, 150].map(id).into())
    );
    for (change, expected) in [(301, 1), (302, 2)] {
        let name = format!("new {change}");
        put(
            &store,
            &path(change),
            named(&change.to_string(), &name),
            change,
        );
        assert_eq!(segments(), expected, "no more at once");
        assert_eq!(
            found(&store, &with("new ")).len(),
            usize::try_from(expected).expect("few")
        );
        assert_eq!(rare(), [300, 150].map(id));
        assert_eq!(
            found(&store, &with("e 29")),
            [299, 298, 297, 296, 295, 294, 293, 292, 291, 290, 29].map(id)
        );
    }
    store.purge(0, act(500)).expect("an answer");
    assert_eq!((segments(), waiting()), (4, 302 - 4 * 64));
    let counted = "SELECT names_waiting FROM editions WHERE keyspace = 'shop'";
    assert_eq!(number(&db, counted), waiting());
    assert_eq!(rare(), [300, 150].map(id));
    assert_eq!(found(&store, &with("new ")), [302, 301].map(id));
    assert_eq!(found(&store, &with("9 é")).len(), 30);
}
