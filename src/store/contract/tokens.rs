//! Edge tokens.

use super::*;
use crate::store::NewToken;

both! {
    tokens_belong_to_one_keyspace,
    taken_ids_and_digests_are_refused,
    the_last_minute_of_use_is_known,
}

fn tokens_belong_to_one_keyspace(store: &dyn Store) {
    stage(store);
    let insert =
        |keyspace: &str, id| store.insert_token(keyspace.to_owned(), new_token(id), act(1));
    let made = insert("shop", "tok_b").expect("new").expect("shop");
    insert("shop", "tok_a").expect("new").expect("shop");
    insert("other", "tok_c").expect("new").expect("other");
    assert!(insert("none", "tok_d").expect("an answer").is_none());

    let ids = |keyspace| {
        let tokens = store.tokens(keyspace).expect("an answer");
        tokens.map(|tokens| tokens.into_iter().map(|token| token.id).collect::<Vec<_>>())
    };
    assert_eq!(
        ids("shop"),
        Some(vec!["tok_a".to_owned(), "tok_b".to_owned()])
    );
    assert_eq!(ids("none"), None);
    let found = store.token_by_digest(&digest("tok_b")).expect("an answer");
    assert_eq!(
        format!("{:?}", found.expect("the token")),
        format!("{made:?}")
    );
    let delete =
        |keyspace: &str, id: &str| store.delete_token(keyspace.to_owned(), id.to_owned(), act(2));
    assert!(
        !delete("other", "tok_b").expect("an answer"),
        "not of this keyspace"
    );
    assert!(delete("shop", "tok_b").expect("an answer"));
    assert!(!delete("shop", "tok_b").expect("an answer"), "gone");
    assert!(
        store
            .token_by_digest(&digest("tok_b"))
            .expect("an answer")
            .is_none()
    );
}

fn taken_ids_and_digests_are_refused(store: &dyn Store) {
    stage(store);
    let insert = |keyspace: &str, new| store.insert_token(keyspace.to_owned(), new, act(1));
    insert("shop", new_token("tok_a")).expect("new");
    for keyspace in ["shop", "other"] {
        let same_id = NewToken {
            digest: digest("fresh"),
            ..new_token("tok_a")
        };
        assert!(insert(keyspace, same_id).expect_err("taken").is_exists());
        let same_digest = NewToken {
            digest: digest("tok_a"),
            ..new_token("tok_b")
        };
        assert!(
            insert(keyspace, same_digest)
                .expect_err("taken")
                .is_exists()
        );
    }
}

fn the_last_minute_of_use_is_known(store: &dyn Store) {
    stage(store);
    store
        .insert_token("shop".to_owned(), new_token("tok_a"), act(1))
        .expect("new");
    let before = epoch(store, "shop");
    let touch = |reported, millis| {
        store
            .touch_token("tok_a", reported, at(millis))
            .expect("touched");
        let token = store.token_by_digest(&digest("tok_a")).expect("an answer");
        let token = token.expect("the token");
        (token.last_read_at, token.last_reported_at)
    };
    let minute = |minutes: i64| Some(at(minutes * 60_000));
    assert_eq!(touch(false, 59_999), (minute(0), None));
    assert_eq!(touch(false, 60_000), (minute(1), None));
    assert_eq!(touch(true, 125_000), (minute(1), minute(2)));
    assert_eq!(touch(false, 10), (minute(1), minute(2)), "never back");
    store
        .touch_token("tok_none", true, at(1))
        .expect("nothing to do");
    assert_eq!(epoch(store, "shop"), before, "no change");
}
