//! Whose owner is to be told of a key's end, and what became of it.

use super::*;
use crate::store::{
    AuditFilter, DueNotice, KeyContent, KeyIndex, KeyState, KeyTransition, NoticeOutcome,
    NoticeSlice, Rotation,
};

both! {
    active_keys_that_end_soon_and_have_an_address_are_due,
    they_come_in_parts_the_nearest_end_first,
    what_was_told_is_not_due_until_the_end_or_the_address_is_another,
    another_owner_is_due_wherever_the_former_address_stands,
    an_owner_who_came_while_another_was_told_is_due,
    what_became_of_it_is_noted_also_of_a_key_that_has_gone,
}

/// A key with this end and this address.
fn ending(store: &dyn Store, made: i64, end: Option<i64>, address: Option<&str>) {
    let mut new = new_key(&made.to_string());
    new.content = ending_content(end, address);
    put(store, &path(made), new, made);
}

fn ending_content(end: Option<i64>, address: Option<&str>) -> KeyContent {
    let address = address.map(|address| ("contact_email".to_owned(), address.to_owned()));
    KeyContent {
        fields: address.into_iter().collect(),
        expires_at: end.map(at),
        ..content("full")
    }
}

/// Ends after 1000 and up to 2000.
fn slice() -> NoticeSlice {
    NoticeSlice {
        field: "contact_email".to_owned(),
        now: at(1000),
        until: at(2000),
        after: None,
        limit: 100,
    }
}

fn due(store: &dyn Store, slice: &NoticeSlice) -> Vec<DueNotice> {
    store.due_notices("shop", slice).expect("an answer")
}

fn due_ids(store: &dyn Store) -> Vec<crate::key::KeyId> {
    due(store, &slice())
        .iter()
        .map(|notice| notice.path.id)
        .collect()
}

fn notice(made: i64, end: i64, address: &str) -> DueNotice {
    DueNotice {
        path: path(made),
        field: "contact_email".to_owned(),
        ends_at: at(end),
        recipient: address.to_owned(),
    }
}

fn active_keys_that_end_soon_and_have_an_address_are_due(store: &dyn Store) {
    stage(store);
    ending(store, 10, Some(1000), Some("ended@example.org"));
    ending(store, 20, Some(1001), Some("soon@example.org"));
    ending(store, 30, Some(2000), Some("late@example.org"));
    ending(store, 40, Some(2001), Some("later@example.org"));
    ending(store, 50, None, Some("never@example.org"));
    ending(store, 60, Some(1500), None);
    ending(store, 70, Some(1500), Some("off@example.org"));
    ending(store, 80, Some(1500), Some("out@example.org"));
    for (made, transition) in [
        (70, KeyTransition::Disable),
        (80, KeyTransition::Deactivate),
    ] {
        store
            .change_key(path(made), transition, None, act(900))
            .expect("changed");
    }
    let found = due(store, &slice());
    let expected = [
        notice(20, 1001, "soon@example.org"),
        notice(30, 2000, "late@example.org"),
    ];
    assert_eq!(found, expected);
    let elsewhere = NoticeSlice {
        field: "owner".to_owned(),
        ..slice()
    };
    assert_eq!(due(store, &elsewhere), []);
    assert_eq!(store.due_notices("other", &slice()).expect("an answer"), []);
    assert_eq!(store.due_notices("none", &slice()).expect("an answer"), []);
    store
        .change_key(path(70), KeyTransition::Enable, None, act(950))
        .expect("changed");
    assert_eq!(due_ids(store), [id(20), id(70), id(30)]);
}

fn they_come_in_parts_the_nearest_end_first(store: &dyn Store) {
    stage(store);
    for (made, end) in [(10, 1500), (20, 1400), (30, 1500), (40, 1400)] {
        ending(store, made, Some(end), Some("a@example.org"));
    }
    let mut part = NoticeSlice {
        limit: 2,
        ..slice()
    };
    let mut parts = Vec::new();
    loop {
        let found = due(store, &part);
        let Some(last) = found.last() else { break };
        part.after = Some((last.ends_at, last.path.id));
        parts.push(
            found
                .iter()
                .map(|notice| notice.path.id)
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(parts, [[id(20), id(40)], [id(10), id(30)]]);
}

fn what_was_told_is_not_due_until_the_end_or_the_address_is_another(store: &dyn Store) {
    stage(store);
    ending(store, 10, Some(1500), Some("a@example.org"));
    ending(store, 20, Some(1600), Some("b@example.org"));
    let before = read(store, &path(10));
    let epoch_before = epoch(store, "shop");
    let tell = |end, address| {
        let told = notice(10, end, address);
        store
            .note_notice(told, NoticeOutcome::Sent, act(1000))
            .expect("noted");
    };
    tell(1500, "a@example.org");
    assert_eq!(due_ids(store), [id(20)]);
    let after = read(store, &path(10));
    assert_eq!(
        (after.revision, after.updated_at),
        (before.revision, before.updated_at)
    );
    assert_eq!(epoch(store, "shop"), epoch_before, "nothing is published");

    let update = |content: KeyContent| {
        let revision = read(store, &path(10)).revision;
        store
            .update_key(path(10), revision, content, KeyIndex::default(), act(1001))
            .expect("changed");
    };
    update(KeyContent {
        level: "events".to_owned(),
        ..ending_content(Some(1500), Some("a@example.org"))
    });
    store
        .rotate_key(
            path(10),
            Rotation {
                secret: secret("other"),
                retiring: None,
            },
            None,
            None,
            act(1002),
        )
        .expect("rotated");
    for transition in [KeyTransition::Disable, KeyTransition::Enable] {
        store
            .change_key(path(10), transition, None, act(1003))
            .expect("changed");
    }
    assert_eq!(due_ids(store), [id(20)], "its end is the same");

    update(ending_content(None, Some("a@example.org")));
    assert_eq!(due_ids(store), [id(20)], "none any more");
    update(ending_content(Some(1500), Some("a@example.org")));
    assert_eq!(due_ids(store), [id(20)], "the end that was told");
    update(ending_content(Some(1700), Some("a@example.org")));
    assert_eq!(due_ids(store), [id(20), id(10)], "another end");
    tell(1500, "a@example.org");
    assert_eq!(due_ids(store), [id(20), id(10)], "told of the end before");
    tell(1700, "a@example.org");
    assert_eq!(due_ids(store), [id(20)]);
    update(ending_content(Some(1700), Some("c@example.org")));
    assert_eq!(due_ids(store), [id(20), id(10)], "another owner");
    assert_eq!(read(store, &path(10)).state, KeyState::Active);
}

/// A key with this owner, and with this address in another field.
fn readdress(store: &dyn Store, made: i64, owner: &str, other: &str) {
    let revision = read(store, &path(made)).revision;
    let mut content = ending_content(Some(1500), Some(owner));
    content
        .fields
        .insert("second_email".to_owned(), other.to_owned());
    let updated = store.update_key(
        path(made),
        revision,
        content,
        KeyIndex::default(),
        act(1001),
    );
    updated.expect("changed");
}

fn tell(store: &dyn Store, made: i64, address: &str) {
    let told = notice(made, 1500, address);
    store
        .note_notice(told, NoticeOutcome::Sent, act(1000))
        .expect("noted");
}

fn another_owner_is_due_wherever_the_former_address_stands(store: &dyn Store) {
    stage(store);
    ending(store, 10, Some(1500), Some("a@example.org"));
    tell(store, 10, "a@example.org");
    assert_eq!(due_ids(store), []);
    readdress(store, 10, "a@example.org", "b@example.org");
    assert_eq!(due_ids(store), [], "the owner is the same");
    readdress(store, 10, "b@example.org", "a@example.org");
    let found = due(store, &slice());
    assert_eq!(found, [notice(10, 1500, "b@example.org")]);
    tell(store, 10, "b@example.org");
    assert_eq!(due_ids(store), []);
}

fn an_owner_who_came_while_another_was_told_is_due(store: &dyn Store) {
    stage(store);
    ending(store, 10, Some(1500), Some("a@example.org"));
    readdress(store, 10, "b@example.org", "a@example.org");
    tell(store, 10, "a@example.org");
    let found = due(store, &slice());
    assert_eq!(found, [notice(10, 1500, "b@example.org")]);
    readdress(store, 10, "a@example.org", "b@example.org");
    assert_eq!(due_ids(store), [], "back at the one who was told");
    tell(store, 10, "a@example.org");
    assert_eq!(due_ids(store), []);
}

fn what_became_of_it_is_noted_also_of_a_key_that_has_gone(store: &dyn Store) {
    stage(store);
    ending(store, 10, Some(1500), Some("a@example.org"));
    let refused = NoticeOutcome::Refused {
        reply: "550 5.1.1".to_owned(),
    };
    let told = notice(10, 1500, "a@example.org");
    store
        .note_notice(told.clone(), refused, act(1000))
        .expect("noted");
    assert_eq!(due_ids(store), [], "given up");
    let entry = last_entry(store, "shop");
    assert_eq!(
        (
            &*entry.action,
            &*entry.target,
            entry.account.as_deref(),
            entry.epoch
        ),
        ("key.notice", &*id(10).to_string(), Some("acme"), None)
    );
    let details: serde_json::Value = serde_json::from_str(&entry.details).expect("JSON");
    assert_eq!(
        details,
        serde_json::json!({
            "outcome": "refused",
            "recipient": "a@example.org",
            "expires_at": at(1500).as_millis(),
            "reply": "550 5.1.1",
        })
    );
    store
        .delete_key(path(10), None, act(1001))
        .expect("deleted");
    store
        .note_notice(told, NoticeOutcome::Sent, act(1002))
        .expect("noted");
    let filter = AuditFilter {
        action: Some("key.notice".to_owned()),
        ..AuditFilter::default()
    };
    let entries = store.audit("shop", &filter, None, 9).expect("an answer");
    assert_eq!(entries.map(|entries| entries.len()), Some(2));
}
