//! What is published: a function of the epoch.

use std::collections::BTreeMap;

use super::*;
use crate::access::{Constraint, Context};
use crate::env::SystemEntropy;
use crate::key::{Digest, Secret};
use crate::limit::Rate;
use crate::profile::Profile;
use crate::snapshot::{ShardBuilder, open_own_shard};
use crate::store::{KeyContent, KeyTransition, NewKey, NewSecret, RetiringPlan, Rotation};
use crate::verify::{Ask, Decision, Reason};

both! {
    live_is_what_was_at_the_last_change,
    all_of_a_key_is_handed_over,
    a_key_in_rotation_comes_twice_and_both_open,
}

fn digests(store: &dyn Store) -> Vec<Digest> {
    let mut digests = Vec::new();
    store
        .live_keys("shop", &mut |_, key| digests.push(*key.digest))
        .expect("an answer");
    digests
}

fn expiring(of: &str, millis: i64) -> NewKey {
    NewKey {
        content: KeyContent {
            expires_at: Some(at(millis)),
            ..content("full")
        },
        ..new_key(of)
    }
}

fn live_is_what_was_at_the_last_change(store: &dyn Store) {
    stage(store);
    for made in [10, 20, 30] {
        make(store, made);
    }
    put(store, &path(40), expiring("40", 100), 40);
    put(store, &path_in("other", "acme", 50), new_key("50"), 50);
    store
        .change_key(path(20), KeyTransition::Disable, None, act(60))
        .expect("active");
    store
        .change_key(path(30), KeyTransition::Deactivate, None, act(61))
        .expect("active");
    let expected = [digest("10"), digest("40")];
    assert_eq!(digests(store), expected, "by id");
    store.begin_epoch("shop", act(99)).expect("begun");
    assert_eq!(digests(store), expected);
    store.begin_epoch("shop", act(100)).expect("begun");
    assert_eq!(digests(store), [digest("10")], "expired at the last change");
    store.begin_epoch("shop", act(99)).expect("begun");
    assert_eq!(digests(store), expected, "by the clock that was right");

    let mut seen = None;
    let keyspace = store.live_keys("shop", &mut |keyspace, _| seen = Some(keyspace.edition));
    let keyspace = keyspace.expect("an answer").expect("shop");
    assert_eq!(seen, Some(keyspace.edition));
    let none = store.live_keys("none", &mut |_, _| panic!("no keys"));
    assert!(none.expect("an answer").is_none());
}

fn all_of_a_key_is_handed_over(store: &dyn Store) {
    stage(store);
    let new = NewKey {
        content: KeyContent {
            constraints: BTreeMap::from([
                ("a".to_owned(), Constraint::All),
                ("b".to_owned(), Constraint::only([7, 8]).expect("not empty")),
            ]),
            rate: Some(Rate::new(5, 60).expect("a rate")),
            subject: Some("user".to_owned()),
            meta: Some("{}".to_owned()),
            expires_at: Some(at(100)),
            ..content("events")
        },
        ..named("10", "not published")
    };
    put(store, &path(10), new, 10);
    let mut told = Vec::new();
    store
        .live_keys("shop", &mut |_, key| {
            told.push(format!(
                "{:?}",
                (key.id, key.account, key.level, key.expires_at)
            ));
            told.push(format!("{:?}", (key.subject, key.meta, key.rate)));
            told.push(format!("{:?}", key.constraints));
        })
        .expect("an answer");
    assert_eq!(
        told[0],
        format!("{:?}", (id(10), "acme", "events", Some(at(100))))
    );
    let rate = Rate::new(5, 60).expect("a rate");
    assert_eq!(
        told[1],
        format!("{:?}", (Some("user"), Some("{}"), Some(rate)))
    );
    assert!(
        told[2].contains("Integer(8)") && told[2].starts_with("[(\"a\", All)"),
        "{}",
        told[2]
    );
}

fn a_key_in_rotation_comes_twice_and_both_open(store: &dyn Store) {
    stage(store);
    let profile = Profile::preset("keyward").expect("a preset");
    let level = profile.levels()[0].id.to_string();
    let [before, after, ending] = [(); 3].map(|()| {
        let format = profile.key_format();
        format
            .generate(Some("acme"), &SystemEntropy)
            .expect("a key")
    });
    let of = |key: &Secret| Digest::sha256_of(key.expose().as_bytes());
    let mut new = expiring("x", 1000);
    new.secret.digest = of(&before);
    new.content.level = level;
    put(store, &path(10), new, 10);
    let rotate = |to: &Secret, ends_at, millis| {
        let rotation = Rotation {
            secret: NewSecret {
                digest: of(to),
                ..secret("x")
            },
            retiring: Some(RetiringPlan {
                ends_at: at(ends_at),
                ends_after_use: None,
            }),
        };
        let rotated = store.rotate_key(path(10), rotation, None, None, act(millis));
        rotated.expect("active").expect("the key");
    };
    rotate(&after, 500, 20);

    let mut builder = None;
    let keyspace = store.live_keys("shop", &mut |keyspace, key| {
        let edition = keyspace.edition;
        builder
            .get_or_insert_with(|| ShardBuilder::new(edition.era, edition.epoch, profile.clone()))
            .key(key)
            .expect("it can be published");
    });
    let edition = keyspace.expect("an answer").expect("shop").edition;
    let shard = builder.expect("keys").finish().expect("a shard");
    let verifier = open_own_shard(shard, edition.era, edition.epoch, Vec::new()).expect("sound");
    let said = |key: &Secret, millis| {
        let key = key.expose().as_bytes();
        match verifier.verify_key(key, Ask::Alive, Context::default(), at(millis)) {
            Decision::Allow(grant) => Ok((grant.key_id(), grant.expires_at())),
            Decision::Deny(denial) => Err(denial.reason()),
        }
    };
    let key_id = id(10).to_string();
    assert_eq!(said(&before, 499), Ok((key_id.clone(), Some(at(500)))));
    assert_eq!(said(&before, 500), Err(Reason::Expired));
    assert_eq!(said(&after, 999), Ok((key_id, Some(at(1000)))));
    assert_eq!(said(&after, 1000), Err(Reason::Expired));
    assert_eq!(said(&ending, 20), Err(Reason::UnknownKey));

    // The key's own end comes first.
    rotate(&ending, 5000, 600);
    let mut ends = BTreeMap::new();
    store
        .live_keys("shop", &mut |_, key| {
            ends.insert(*key.digest.bytes(), key.expires_at);
        })
        .expect("an answer");
    let both = [&after, &ending].map(|key| (*of(key).bytes(), Some(at(1000))));
    assert_eq!(ends, BTreeMap::from(both));
}
