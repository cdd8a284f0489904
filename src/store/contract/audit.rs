//! The audit trail: one chain for the server, read by keyspace.

use super::*;
use crate::store::{AuditEntry, AuditFilter, KeyTransition, Reach, chain};

both! {
    every_entry_is_linked_to_the_one_before,
    filters_and_parts,
    details_are_objects,
}

fn some_changes(store: &dyn Store) {
    stage(store);
    make(store, 10);
    put(store, &path_in("shop", "bolt", 20), new_key("20"), 20);
    put(store, &path_in("other", "acme", 30), new_key("30"), 30);
    let by = |actor: &str, millis| crate::store::Act {
        actor: actor.to_owned(),
        ..act(millis)
    };
    store
        .change_key(path(10), KeyTransition::Disable, None, by("op_2", 40))
        .expect("active");
    store
        .insert_operator(new_operator("op_3", Reach::Server), by("system", 50))
        .expect("new");
}

fn every_entry_is_linked_to_the_one_before(store: &dyn Store) {
    some_changes(store);
    let entries = store.audit_chain(0, 1000).expect("all");
    assert_eq!(entries.len(), 10);
    let mut previous = chain::START;
    for (sequence, entry) in (1..).zip(&entries) {
        assert_eq!(entry.sequence, sequence);
        assert_eq!(entry.hash, chain::link(&previous, entry));
        previous = entry.hash;
    }
    let rest = store.audit_chain(7, 2).expect("a part");
    let rest: Vec<_> = rest.iter().map(|entry| entry.sequence).collect();
    assert_eq!(rest, [8, 9]);
    let server = entries.last().expect("entries");
    assert_eq!(
        (&*server.actor, &server.keyspace, server.epoch),
        ("system", &None, None)
    );
}

fn told(entries: &[AuditEntry]) -> Vec<(i64, &str)> {
    entries
        .iter()
        .map(|entry| (entry.sequence, &*entry.action))
        .collect()
}

fn filters_and_parts(store: &dyn Store) {
    some_changes(store);
    let page = |filter: &AuditFilter, before, limit| {
        let entries = store
            .audit("shop", filter, before, limit)
            .expect("an answer");
        entries.expect("shop")
    };
    let all = AuditFilter::default;
    let (created, disabled) = ("key.create", "key.disable");
    let everything = page(&all(), None, 100);
    assert_eq!(everything.len(), 6);
    assert_eq!(told(&page(&all(), None, 2)), [(9, disabled), (7, created)]);
    assert_eq!(told(&page(&all(), Some(7), 1)), [(6, created)]);
    let some = |text: &str| Some(text.to_owned());
    let of = AuditFilter {
        account: some("bolt"),
        ..all()
    };
    assert_eq!(
        told(&page(&of, None, 9)),
        [(7, created), (4, "account.create")]
    );
    let of = AuditFilter {
        target: Some(id(10).to_string()),
        ..all()
    };
    assert_eq!(told(&page(&of, None, 9)), [(9, disabled), (6, created)]);
    assert_eq!(told(&page(&of, Some(9), 9)), [(6, created)]);
    let of = AuditFilter {
        actor: some("op_2"),
        ..all()
    };
    assert_eq!(told(&page(&of, None, 9)), [(9, disabled)]);
    let of = AuditFilter {
        action: some(created),
        ..all()
    };
    assert_eq!(told(&page(&of, None, 9)), [(7, created), (6, created)]);
    let of = AuditFilter {
        account: some("acme"),
        target: Some(id(10).to_string()),
        actor: some("op_1"),
        action: some(created),
    };
    assert_eq!(told(&page(&of, None, 9)), [(6, created)]);
    let of = AuditFilter {
        account: some("bolt"),
        ..of
    };
    assert_eq!(told(&page(&of, None, 9)), []);
    assert!(
        store
            .audit("none", &all(), None, 9)
            .expect("an answer")
            .is_none()
    );
}

fn details_are_objects(store: &dyn Store) {
    some_changes(store);
    for entry in store.audit_chain(0, 1000).expect("all") {
        let told: serde_json::Value = serde_json::from_str(&entry.details).expect("JSON");
        assert!(told.is_object(), "{}", entry.details);
    }
}
