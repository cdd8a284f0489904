//! On whose authority: what was revoked, has ended or has become another thing changes nothing any more.

use std::collections::BTreeMap;

use super::*;
use crate::store::{
    Act, Authority, KeyAuthority, KeyContent, KeyIndex, KeyRecord, KeyTransition, NewKey,
    NewOperator, NewToken, Reach, RetiringPlan, Rotation, Store, StoreError, Use,
};

both! {
    nothing_is_done_on_no_authority,
    an_operators_key_counts_until_it_is_another,
    an_operator_counts_until_its_end,
    an_operator_rotates_its_own_key,
    a_token_counts_until_it_is_gone_or_over,
    a_key_counts_while_it_is_live,
    a_key_counts_as_what_it_was_let_in_as,
    a_secret_before_counts_until_it_ends,
    the_servers_own_always_counts,
}

fn by(authority: Authority, millis: i64) -> Act {
    Act {
        authority,
        ..act(millis)
    }
}

fn operator(revision: u64) -> Authority {
    Authority::Operator {
        id: "op_a".to_owned(),
        revision,
    }
}

fn token() -> Authority {
    Authority::Token {
        id: "tok_a".to_owned(),
    }
}

/// The key made so many milliseconds after the start, by the secret of that name, as it was then.
fn key(record: &KeyRecord, millis: i64, of: &str) -> Authority {
    Authority::Key(Box::new(KeyAuthority {
        path: path(millis),
        digest: digest(of),
        content: record.content.clone(),
    }))
}

/// Whether a change on this authority is made: one more account. What is asked without a change says the same.
#[track_caller]
fn counts(store: &dyn Store, authority: Authority, millis: i64) -> bool {
    let act = by(authority, millis);
    let asked = store.confirm(&act);
    let place = account("shop", &format!("new-{}", entries(store)));
    let made = store.insert_account(place, account_content(), act);
    match (asked, made) {
        (Ok(()), Ok(Some(_))) => true,
        (Err(asked), Err(refused)) => {
            assert!(
                asked.is_unauthorized() && refused.is_unauthorized(),
                "{refused}"
            );
            false
        }
        (asked, made) => panic!("{asked:?} {made:?}"),
    }
}

/// How many audit entries there are.
fn entries(store: &dyn Store) -> usize {
    store.audit_chain(0, u32::MAX).expect("an answer").len()
}

/// Every change that there is, on one authority.
#[expect(
    clippy::too_many_lines,
    reason = "a list, as long as there are changes"
)]
fn everything(store: &dyn Store, act: &Act) -> Vec<(&'static str, Result<(), StoreError>)> {
    let acme = account("shop", "acme");
    let one = || Use {
        id: id(1),
        count: 1,
        last: act.at,
        newest_used_at: None,
    };
    let rotation = Rotation {
        secret: secret("next"),
        retiring: None,
    };
    let turn = |transition| {
        let turned = store.change_key(path(1), transition, None, act.clone());
        turned.map(drop)
    };
    vec![
        (
            "insert_operator",
            store
                .insert_operator(new_operator("op_new", Reach::Server), act.clone())
                .map(drop),
        ),
        (
            "rotate_operator",
            store
                .rotate_operator("op_b", digest("b"), String::new(), act.clone())
                .map(drop),
        ),
        (
            "delete_operator",
            store.delete_operator("op_b", act.clone()).map(drop),
        ),
        (
            "insert_keyspace",
            store
                .insert_keyspace(new_keyspace("new"), act.clone())
                .map(drop),
        ),
        (
            "set_profile_digest",
            store.set_profile_digest("shop", &digest("other"), act.clone()),
        ),
        ("begin_epoch", store.begin_epoch("shop", act.clone())),
        (
            "insert_account",
            store
                .insert_account(account("shop", "new"), account_content(), act.clone())
                .map(drop),
        ),
        (
            "update_account",
            store
                .update_account(acme.clone(), 1, account_content(), act.clone())
                .map(drop),
        ),
        (
            "insert_key",
            store
                .insert_key(path(7), new_key("new"), Some(remember(1, 900)), act.clone())
                .map(drop),
        ),
        (
            "update_key",
            store
                .update_key(
                    path(1),
                    1,
                    content("events"),
                    KeyIndex::default(),
                    act.clone(),
                )
                .map(drop),
        ),
        ("disable", turn(KeyTransition::Disable)),
        ("enable", turn(KeyTransition::Enable)),
        ("deactivate", turn(KeyTransition::Deactivate)),
        (
            "rotate_key",
            store
                .rotate_key(path(1), rotation, None, None, act.clone())
                .map(drop),
        ),
        (
            "delete_key",
            store.delete_key(path(1), None, act.clone()).map(drop),
        ),
        (
            "reveal_keys",
            store.reveal_keys(&acme, vec![id(1)], act.clone()).map(drop),
        ),
        (
            "add_uses",
            store
                .add_uses("shop", Some([1; 32]), vec![one()], act.clone())
                .map(drop),
        ),
        (
            "disable_idle",
            store
                .disable_idle("shop", at(900), 9, act.clone())
                .map(drop),
        ),
        (
            "insert_token",
            store
                .insert_token("shop".to_owned(), new_token("tok_new"), act.clone())
                .map(drop),
        ),
        (
            "delete_token",
            store
                .delete_token("shop".to_owned(), "tok_b".to_owned(), act.clone())
                .map(drop),
        ),
    ]
}

fn nothing_is_done_on_no_authority(store: &dyn Store) {
    stage(store);
    let made = put(
        store,
        &path(1),
        NewKey {
            secret: sealed_secret("1", 1),
            ..new_key("1")
        },
        1,
    );
    for id in ["op_b", "op_c"] {
        store
            .insert_operator(new_operator(id, Reach::Server), act(1))
            .expect("new");
    }
    store
        .insert_token("shop".to_owned(), new_token("tok_b"), act(1))
        .expect("new");
    let before = entries(store);
    let stranger = key(&made, 1, "another secret");
    for authority in [operator(1), token(), stranger] {
        for (change, done) in everything(store, &by(authority.clone(), 50)) {
            let refused = done.expect_err(change);
            assert!(refused.is_unauthorized(), "{change}: {refused}");
        }
    }
    assert_eq!(entries(store), before);
    let key = read(store, &path(1));
    assert_eq!(format!("{key:?}"), format!("{made:?}"), "nor a use of it");
    assert!(
        store
            .remembered([1; 32], at(50))
            .expect("an answer")
            .is_none()
    );
    assert!(store.keyspace("new").expect("an answer").is_none());
    // None of them would have been refused otherwise, but what cannot follow on what was done before it.
    for (change, done) in everything(store, &act(51)) {
        let is_after_the_end = change == "rotate_key";
        assert_eq!(done.is_err(), is_after_the_end, "{change}: {done:?}");
    }
}

fn an_operators_key_counts_until_it_is_another(store: &dyn Store) {
    stage(store);
    assert!(!counts(store, operator(1), 1), "nobody yet");
    let new = new_operator("op_a", Reach::Keyspace("shop".to_owned()));
    store.insert_operator(new, act(2)).expect("new");
    assert!(counts(store, operator(1), 3));
    store
        .rotate_operator("op_a", digest("next"), String::new(), act(4))
        .expect("rotated");
    assert!(!counts(store, operator(1), 5), "the key before");
    assert!(counts(store, operator(2), 6));
    assert!(store.delete_operator("op_a", act(7)).expect("removed"));
    assert!(!counts(store, operator(2), 8));
}

fn an_operator_counts_until_its_end(store: &dyn Store) {
    stage(store);
    let new = NewOperator {
        expires_at: Some(at(1000)),
        ..new_operator("op_a", Reach::Server)
    };
    store.insert_operator(new, act(2)).expect("new");
    assert!(counts(store, operator(1), 999));
    assert!(!counts(store, operator(1), 1000));
}

fn an_operator_rotates_its_own_key(store: &dyn Store) {
    stage(store);
    let new = new_operator("op_a", Reach::Server);
    store.insert_operator(new, act(1)).expect("new");
    let rotate = |of: &str, revision, millis| {
        let act = by(operator(revision), millis);
        store.rotate_operator("op_a", digest(of), String::new(), act)
    };
    rotate("second", 1, 2).expect("by the first");
    let refused = rotate("third", 1, 3).expect_err("by the first once more");
    assert!(refused.is_unauthorized(), "{refused}");
    rotate("third", 2, 4).expect("by the second");
}

fn a_token_counts_until_it_is_gone_or_over(store: &dyn Store) {
    stage(store);
    let insert = |id: &str, expires_at| {
        let new = NewToken {
            expires_at,
            ..new_token(id)
        };
        store
            .insert_token("other".to_owned(), new, act(1))
            .expect("new");
    };
    insert("tok_a", Some(at(1000)));
    assert!(counts(store, token(), 999));
    assert!(!counts(store, token(), 1000));
    let delete = store.delete_token("other".to_owned(), "tok_a".to_owned(), act(3));
    assert!(delete.expect("removed"));
    assert!(!counts(store, token(), 4));
}

fn a_key_counts_while_it_is_live(store: &dyn Store) {
    stage(store);
    let ending = NewKey {
        content: KeyContent {
            expires_at: Some(at(1000)),
            ..content("full")
        },
        ..new_key("1")
    };
    let made = put(store, &path(1), ending, 1);
    let own = || key(&made, 1, "1");
    assert!(counts(store, own(), 999));
    assert!(!counts(store, own(), 1000), "expired");
    let elsewhere = Authority::Key(Box::new(KeyAuthority {
        path: path_in("shop", "bolt", 1),
        digest: digest("1"),
        content: made.content.clone(),
    }));
    assert!(!counts(store, elsewhere, 20), "another account's");
    let turn = |transition, millis| {
        store
            .change_key(path(1), transition, None, act(millis))
            .expect("turned");
    };
    turn(KeyTransition::Disable, 30);
    assert!(!counts(store, own(), 31));
    turn(KeyTransition::Enable, 32);
    assert!(counts(store, own(), 33));
    turn(KeyTransition::Deactivate, 34);
    assert!(!counts(store, own(), 35));
    store.delete_key(path(1), None, act(36)).expect("removed");
    assert!(!counts(store, own(), 37));
}

fn a_key_counts_as_what_it_was_let_in_as(store: &dyn Store) {
    stage(store);
    let made = make(store, 1);
    let update = |revision, content: KeyContent, millis| {
        let index = KeyIndex::default();
        store
            .update_key(path(1), revision, content, index, act(millis))
            .expect("changed");
    };
    let renamed = KeyContent {
        fields: BTreeMap::from([("name".to_owned(), "new".to_owned())]),
        ..content("full")
    };
    update(1, renamed, 2);
    assert!(counts(store, key(&made, 1, "1"), 3), "a name is no power");
    update(2, content("events"), 4);
    assert!(!counts(store, key(&made, 1, "1"), 5));
    assert!(counts(store, key(&read(store, &path(1)), 1, "1"), 6));
}

fn a_secret_before_counts_until_it_ends(store: &dyn Store) {
    stage(store);
    let made = make(store, 1);
    let rotate = |of: &str, ends_at: Option<i64>, millis| {
        let rotation = Rotation {
            secret: secret(of),
            retiring: ends_at.map(|end| RetiringPlan {
                ends_at: at(end),
                ends_after_use: None,
            }),
        };
        store
            .rotate_key(path(1), rotation, None, None, act(millis))
            .expect("rotated");
    };
    rotate("second", Some(1000), 2);
    assert!(counts(store, key(&made, 1, "1"), 999));
    assert!(!counts(store, key(&made, 1, "1"), 1000));
    assert!(counts(store, key(&made, 1, "second"), 1000));
    rotate("third", None, 3);
    assert!(!counts(store, key(&made, 1, "second"), 4));
    assert!(counts(store, key(&made, 1, "third"), 5));
}

fn the_servers_own_always_counts(store: &dyn Store) {
    stage(store);
    assert!(counts(store, Authority::Server, 1));
}
