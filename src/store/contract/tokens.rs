//! Edge tokens.

use super::*;
use crate::store::{NewToken, counting};

both! {
    tokens_belong_to_one_keyspace,
    taken_ids_and_digests_are_refused,
    the_last_minute_of_use_is_known,
    ended_tokens_stay_listed_for_a_while,
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
        let tokens = store.tokens(keyspace, None, 100).expect("an answer");
        tokens.map(|tokens| tokens.into_iter().map(|token| token.id).collect::<Vec<_>>())
    };
    let part = |after, limit| {
        let tokens = store.tokens("shop", after, limit).expect("an answer");
        let ids = tokens.expect("shop").into_iter().map(|token| token.id);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(part(None, 1), ["tok_a"]);
    assert_eq!(part(Some("tok_a"), 100), ["tok_b"]);
    assert_eq!(part(Some("tok_b"), 100), [""; 0]);
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

fn ended_tokens_stay_listed_for_a_while(store: &dyn Store) {
    stage(store);
    for (id, expires_at) in [("tok_a", Some(at(100))), ("tok_b", None)] {
        let new = NewToken {
            expires_at,
            ..new_token(id)
        };
        let made = store.insert_token("shop".to_owned(), new, act(1));
        let made = made.expect("new").expect("shop");
        assert_eq!(made.expires_at, expires_at);
        let found = store.token_by_digest(&digest(id)).expect("an answer");
        assert_eq!(found.expect("the token").expires_at, expires_at);
    }
    let known = |id| {
        let found = store.token_by_digest(&digest(id)).expect("an answer");
        found.is_some()
    };
    let last = 100 + counting::ENDED_TOKENS_LISTED_FOR;
    assert_eq!(store.purge(0, act(last - 1)).expect("an answer"), 0);
    assert!(known("tok_a"));
    assert_eq!(store.purge(0, act(last)).expect("an answer"), 1);
    assert!(!known("tok_a") && known("tok_b"));
}
