//! Many at once: exactly one wins, every time.

#![expect(clippy::single_match_else, reason = "one of many against all others")]

use std::sync::Barrier;

use super::*;
use crate::store::{KeyRecord, KeyState, KeyTransition, NewKey, Rotation, Store, StoreError, Use};

both! {
    one_of_many_gets_a_place,
    one_of_many_gets_a_secret,
    one_of_many_answers_a_request,
    one_of_many_changes_a_revision,
    rotating_against_deactivating,
    using_against_idle_disable,
}

/// So many do it at once.
const MANY: i64 = 12;

/// So often.
const ROUNDS: i64 = 8;

/// What `one` came to for each of many threads that begin together.
fn at_once<T: Send>(one: impl Fn(i64) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(usize::try_from(MANY).expect("few"));
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..MANY)
            .map(|number| {
                let (start, one) = (&start, &one);
                scope.spawn(move || {
                    start.wait();
                    one(number)
                })
            })
            .collect();
        let ends = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
        ends.map(|end| end.expect("no panic")).collect()
    })
}

/// The one that succeeded; `is_lost` holds for all others.
#[track_caller]
fn winner<T>(results: Vec<Result<T, StoreError>>, is_lost: impl Fn(&StoreError) -> bool) -> T {
    let mut won = Vec::new();
    for result in results {
        match result {
            Ok(value) => won.push(value),
            Err(error) => assert!(is_lost(&error), "{error}"),
        }
    }
    assert_eq!(won.len(), 1, "exactly one");
    won.remove(0)
}

fn insert(
    store: &dyn Store,
    millis: i64,
    new: NewKey,
    remember: Option<crate::store::Remember>,
) -> Result<KeyRecord, StoreError> {
    let made = store.insert_key(path(millis), new, remember, act(millis));
    made.map(|key| key.expect("there is the account"))
}

fn one_of_many_gets_a_place(store: &dyn Store) {
    stage(store);
    for round in 0..ROUNDS {
        let place = [while_active(&format!("{round}@b.example"))];
        let results = at_once(|number| {
            let millis = round * MANY + number + 1;
            insert(store, millis, placed(&millis.to_string(), &place), None)
        });
        let holders: Vec<_> = results
            .iter()
            .filter_map(|result| Some(result.as_ref().err()?.slot()?.1))
            .collect();
        let won = winner(results, |error| error.slot().is_some());
        assert!(holders.iter().all(|holder| *holder == won.id));
    }
}

fn one_of_many_gets_a_secret(store: &dyn Store) {
    stage(store);
    for round in 0..ROUNDS {
        let secret = format!("secret {round}");
        let results =
            at_once(|number| insert(store, round * MANY + number + 1, new_key(&secret), None));
        let won = winner(results, StoreError::is_exists);
        let found = store
            .key_by_digest("shop", &digest(&secret), at(9999))
            .expect("an answer");
        assert_eq!(found.expect("the key").record.id, won.id);
    }
}

fn one_of_many_answers_a_request(store: &dyn Store) {
    stage(store);
    for round in 0..ROUNDS {
        let request = u8::try_from(round).expect("few");
        let results = at_once(|number| {
            let millis = round * MANY + number + 1;
            let remember = Some(remember(request, 9999));
            insert(store, millis, new_key(&millis.to_string()), remember)
        });
        let won = winner(results, StoreError::is_remembered);
        let answer = store
            .remembered([request; 32], at(9998))
            .expect("an answer");
        assert_eq!(answer.expect("remembered").sealed, won.hint.as_bytes());
    }
}

fn one_of_many_changes_a_revision(store: &dyn Store) {
    stage(store);
    make(store, 1);
    for round in 1..=ROUNDS {
        let revision = round.unsigned_abs();
        let results = at_once(|number| {
            let content = content(&format!("level {number}"));
            let index = crate::store::KeyIndex::default();
            store.update_key(path(1), revision, content, index, act(round))
        });
        let won = winner(results, StoreError::is_stale).expect("the key");
        assert_eq!(read(store, &path(1)).content.level, won.content.level);
    }
}

fn rotating_against_deactivating(store: &dyn Store) {
    stage(store);
    for round in 1..=ROUNDS {
        make(store, round);
        let results = at_once(|number| match number {
            0 => {
                let change = KeyTransition::Deactivate;
                store.change_key(path(round), change, None, act(5000))
            }
            _ => {
                let rotation = Rotation {
                    secret: secret(&format!("{round} {number}")),
                    retiring: None,
                };
                store.rotate_key(path(round), rotation, None, None, act(5000))
            }
        });
        let mut rotated = 0;
        for (number, result) in results.into_iter().enumerate() {
            match result {
                Ok(_) if number > 0 => rotated += 1,
                Ok(_) => {}
                Err(error) => assert!(number > 0 && error.is_deactivated(), "{error}"),
            }
        }
        let key = read(store, &path(round));
        assert_eq!(key.state, KeyState::Deactivated { at: at(5000) });
        assert_eq!(key.revision, 2 + rotated, "every rotation came before");
        assert_eq!(last_entry(store, "shop").action, "key.deactivate");
    }
}

fn using_against_idle_disable(store: &dyn Store) {
    stage(store);
    for round in 1..=ROUNDS {
        make(store, round);
        let ends = at_once(|number| match number {
            0 => {
                let idle = store.disable_idle("shop", at(6000), 100, act(7000));
                !idle.expect("an answer").is_empty()
            }
            _ => {
                let used = Use {
                    id: id(round),
                    count: 1,
                    last: at(6000),
                    newest_used_at: Some(at(6000)),
                };
                store
                    .add_uses("shop", None, vec![used], act(7000))
                    .expect("added")
                    .is_some()
            }
        });
        let key = read(store, &path(round));
        assert_eq!(key.last_used_at, Some(at(6000)), "no use was lost");
        let is_disabled = key.state == KeyState::Disabled { at: at(7000) };
        assert_eq!(is_disabled, ends[0]);
        // Whoever was used in time is not disabled from then on.
        let idle = store
            .disable_idle("shop", at(6000), 100, act(7001))
            .expect("an answer");
        assert_eq!(idle, []);
        let uses = store
            .usage(
                "shop",
                &crate::store::UsageFilter {
                    account: None,
                    id: Some(id(round)),
                    first_day: 0,
                    last_day: u32::MAX,
                },
                None,
                100,
            )
            .expect("an answer")
            .expect("shop");
        assert_eq!(uses[0].count, u64::try_from(MANY - 1).expect("positive"));
    }
}
