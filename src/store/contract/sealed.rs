//! Keys that are kept sealed.

use super::*;
use crate::store::{NewKey, Rotation};

both! {
    sealed_keys_are_shown_and_told_of,
    what_is_under_other_master_keys_is_sealed_anew,
    a_rotation_replaces_what_is_sealed,
}

fn sealed_key(of: &str, master: u8) -> NewKey {
    NewKey {
        secret: sealed_secret(of, master),
        ..new_key(of)
    }
}

fn sealed_keys_are_shown_and_told_of(store: &dyn Store) {
    stage(store);
    put(store, &path(10), sealed_key("10", 1), 10);
    put(store, &path(20), new_key("20"), 20);
    put(store, &path(30), sealed_key("30", 1), 30);
    put(store, &path_in("shop", "bolt", 40), sealed_key("40", 1), 40);
    let before = epoch(store, "shop");
    let acme = account("shop", "acme");
    let reveal = |ids: &[i64]| {
        let ids = ids.iter().map(|made| id(*made)).collect();
        store.reveal_keys(&acme, ids, act(50)).expect("an answer")
    };
    let asked = [30, 20, 10, 40, 30, 99];
    let expected = [
        (id(30), digest("30"), sealed("30", 1)),
        (id(10), digest("10"), sealed("10", 1)),
    ];
    let entries = store.audit_chain(0, 1000).expect("all").len();
    let looked = store.sealed_keys(&acme, &asked.map(id));
    assert_eq!(looked.expect("an answer"), expected);
    assert_eq!(
        store.audit_chain(0, 1000).expect("all").len(),
        entries,
        "to look is not to show"
    );
    let shown = reveal(&asked);
    assert_eq!(shown, expected);
    let entry = last_entry(store, "shop");
    assert_eq!(
        (&*entry.action, &*entry.target, entry.epoch),
        ("key.reveal", "acme", None)
    );
    assert_eq!(
        entry.details,
        format!(r#"{{"keys":["{}","{}"]}}"#, id(30), id(10))
    );
    reveal(&[10]);
    assert_eq!(last_entry(store, "shop").target, id(10).to_string());
    let entries = store.audit_chain(0, 1000).expect("all").len();
    assert_eq!(reveal(&[20, 40]), []);
    assert_eq!(
        store.audit_chain(0, 1000).expect("all").len(),
        entries,
        "nothing was shown"
    );
    assert_eq!(epoch(store, "shop"), before);
    for nowhere in [account("shop", "none"), account("none", "acme")] {
        let none = store
            .reveal_keys(&nowhere, vec![id(10)], act(51))
            .expect("an answer");
        assert_eq!(none, []);
    }
}

fn what_is_under_other_master_keys_is_sealed_anew(store: &dyn Store) {
    stage(store);
    for (made, master) in [(10, 1), (20, 2), (30, 3)] {
        put(
            store,
            &path(made),
            sealed_key(&made.to_string(), master),
            made,
        );
    }
    put(store, &path(40), new_key("40"), 40);
    put(
        store,
        &path_in("other", "acme", 50),
        sealed_key("50", 9),
        50,
    );
    let under_others = |limit| {
        let mut keys = store.sealed_under_others([2; 8], limit).expect("an answer");
        keys.sort_by_key(|(path, ..)| path.id);
        keys
    };
    assert_eq!(under_others(1).len(), 1);
    let keys = under_others(10);
    let ids: Vec<_> = keys.iter().map(|(path, ..)| path.id).collect();
    assert_eq!(ids, [id(10), id(30), id(50)]);
    let entries = store.audit_chain(0, 1000).expect("all").len();
    let before = epoch(store, "shop");
    for (path, digest, _) in keys {
        assert!(
            store
                .reseal(path, digest, sealed("new", 2))
                .expect("an answer")
        );
    }
    assert_eq!(under_others(10), []);
    let acme = account("shop", "acme");
    assert_eq!(store.audit_chain(0, 1000).expect("all").len(), entries);
    assert_eq!(
        (epoch(store, "shop"), read(store, &path(10)).revision),
        (before, 1)
    );
    let shown = store
        .reveal_keys(&acme, vec![id(10)], act(60))
        .expect("an answer");
    assert_eq!(shown, [(id(10), digest("10"), sealed("new", 2))]);
    // Not what has another secret by now, what is not sealed, or what is elsewhere.
    for (path, of) in [
        (path(10), "11"),
        (path(40), "40"),
        (path_in("shop", "bolt", 10), "10"),
        (path_in("other", "acme", 10), "10"),
    ] {
        assert!(
            !store
                .reseal(path, digest(of), sealed("x", 2))
                .expect("an answer")
        );
    }
}

fn a_rotation_replaces_what_is_sealed(store: &dyn Store) {
    stage(store);
    put(store, &path(10), sealed_key("10", 1), 10);
    let rotate = |secret| {
        let rotation = Rotation {
            secret,
            retiring: None,
        };
        let rotated = store.rotate_key(path(10), rotation, None, None, act(20));
        rotated.expect("active").expect("the key").is_sealed
    };
    let show = || {
        let acme = account("shop", "acme");
        store
            .reveal_keys(&acme, vec![id(10)], act(30))
            .expect("an answer")
    };
    assert!(rotate(sealed_secret("next", 1)));
    assert_eq!(show(), [(id(10), digest("next"), sealed("next", 1))]);
    assert!(!rotate(secret("last")));
    assert_eq!(show(), []);
    assert!(!read(store, &path(10)).is_sealed);
}
