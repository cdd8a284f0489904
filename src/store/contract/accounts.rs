//! Accounts.

use super::*;
use crate::store::{AccountContent, Act, KeyIndex, KeyTransition, Premise};

both! {
    an_account_is_made_and_found_in_its_keyspace_alone,
    lists_go_on_behind_the_last_one,
    changes_need_the_present_revision,
    what_takes_an_account_with_keys_is_not_done_without,
}

fn an_account_is_made_and_found_in_its_keyspace_alone(store: &dyn Store) {
    stage(store);
    let content = AccountContent {
        name: None,
        keys_enabled: false,
        monthly_uses: Some(50_000),
    };
    let made = store.insert_account(account("shop", "new"), content, act(7));
    let made = made.expect("new").expect("shop");
    assert_eq!((&*made.id, made.revision), ("new", 1));
    let found = store.account(&account("shop", "new")).expect("an answer");
    let found = found.expect("the account");
    assert_eq!(format!("{found:?}"), format!("{made:?}"));
    assert_eq!(
        (found.keys_enabled, found.monthly_uses),
        (false, Some(50_000))
    );
    assert!(
        store
            .account(&account("other", "new"))
            .expect("an answer")
            .is_none()
    );
    assert!(
        store
            .account(&account("none", "new"))
            .expect("an answer")
            .is_none()
    );

    let again = store.insert_account(account("shop", "new"), account_content(), act(8));
    assert!(again.expect_err("taken").is_exists());
    let elsewhere = store.insert_account(account("other", "new"), account_content(), act(8));
    assert!(elsewhere.expect("free there").is_some());
    let nowhere = store.insert_account(account("none", "new"), account_content(), act(8));
    assert!(nowhere.expect("an answer").is_none());
}

fn lists_go_on_behind_the_last_one(store: &dyn Store) {
    stage(store);
    let ids = |after, limit| {
        let accounts = store.accounts("shop", after, limit).expect("an answer");
        let accounts = accounts.expect("shop").into_iter();
        accounts.map(|account| account.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(None, 9), ["acme", "bolt"]);
    assert_eq!(ids(None, 1), ["acme"]);
    assert_eq!(ids(Some("acme"), 9), ["bolt"]);
    assert_eq!(ids(Some("bolt"), 9), [""; 0]);
    assert!(
        store
            .accounts("none", None, 9)
            .expect("an answer")
            .is_none()
    );
}

fn changes_need_the_present_revision(store: &dyn Store) {
    stage(store);
    let before = epoch(store, "shop");
    let off = |name: &str| AccountContent {
        name: Some(name.to_owned()),
        keys_enabled: false,
        monthly_uses: None,
    };
    let acme = || account("shop", "acme");
    let changed = store.update_account(acme(), 1, off("A"), act(1));
    let changed = changed.expect("present").expect("the account");
    assert_eq!((changed.revision, changed.keys_enabled), (2, false));
    assert_eq!(epoch(store, "shop"), before + 1);
    let entry = last_entry(store, "shop");
    assert_eq!(entry.action, "account.update");
    assert_eq!(
        entry.details,
        r#"{"after":{"keys_enabled":false,"name":"A"},"before":{"keys_enabled":true,"name":"Acme"}}"#
    );

    let stale = store.update_account(acme(), 1, off("B"), act(2));
    assert!(stale.expect_err("stale").is_stale());
    assert_eq!(epoch(store, "shop"), before + 1, "nothing was kept of it");
    let same = store
        .account(&acme())
        .expect("an answer")
        .expect("the account");
    assert_eq!(same.name.as_deref(), Some("A"));
    let untouched = store.account(&account("other", "acme")).expect("an answer");
    assert_eq!(untouched.expect("the account").revision, 1);
    let none = store.update_account(account("shop", "none"), 1, off("B"), act(2));
    assert!(none.expect("an answer").is_none());
}

/// What was decided while the account might have keys made, and comes when it may not (system row S5).
fn what_takes_an_account_with_keys_is_not_done_without(store: &dyn Store) {
    stage(store);
    make(store, 1);
    let off = store.change_key(path(1), KeyTransition::Disable, None, act(2));
    off.expect("off");
    let turn = |revision, keys_enabled, millis| {
        let content = AccountContent {
            keys_enabled,
            ..account_content()
        };
        let turned = store.update_account(account("shop", "acme"), revision, content, act(millis));
        turned.expect("turned").expect("acme");
    };
    let by = |millis| Act {
        premise: Premise {
            keys_enabled: true,
            ..Premise::default()
        },
        ..act(millis)
    };
    let all = |millis| {
        let revision = store.key(&path(1)).expect("an answer").expect("1").revision;
        let next = format!("k{millis}");
        let (index, turn) = (KeyIndex::default(), KeyTransition::Enable);
        [
            store.insert_key(path(millis), new_key(&next), None, by(millis)),
            store.update_key(path(1), revision, content("read"), index, by(millis)),
            store.rotate_key(
                path(1),
                rotation(&format!("{next}+")),
                None,
                None,
                by(millis),
            ),
            store.change_key(path(1), turn, None, by(millis)),
        ]
    };
    turn(1, false, 3);
    let before = epoch(store, "shop");
    for refused in all(4) {
        assert!(refused.expect_err("no keys").is_not_enabled());
    }
    assert_eq!(epoch(store, "shop"), before, "nothing was kept of it");
    // Not asked of the account of another keyspace, nor for what takes no such account.
    let there = path_in("other", "acme", 5);
    let made = store.insert_key(there, new_key("there"), None, by(5));
    made.expect("may have keys").expect("acme");
    let on = store.change_key(path(1), KeyTransition::Enable, None, act(6));
    on.expect("not asked").expect("1");
    let off = store.change_key(path(1), KeyTransition::Disable, None, act(7));
    off.expect("off").expect("1");
    turn(2, true, 8);
    for done in all(9) {
        done.expect("may have keys").expect("acme");
    }
}
