//! What the tests act with: times, names, keyspaces and keys.

use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use crate::key::{Digest, KeyId};
use crate::store::{
    AccountContent, AccountPath, Act, AuditEntry, AuditFilter, Authority, FirstState, KeyContent,
    KeyFilter, KeyIndex, KeyPath, KeyRecord, KeySlice, NewKey, NewKeyspace, NewOperator, NewSecret,
    NewToken, OperatorKind, Order, Premise, Reach, Remember, Right, Rotation, Sealed, Signing,
    Slot, Store,
};
use crate::time::Timestamp;

/// 2026-11-22, on the full minute.
const START: i64 = 1_795_292_040_000;

/// So many milliseconds after the start of everything.
pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(START + millis).expect("far from both ends")
}

/// Something that `op_1` does so many milliseconds after the start.
pub(crate) fn act(millis: i64) -> Act {
    Act {
        actor: "op_1".to_owned(),
        at: at(millis),
        authority: Authority::Server,
        premise: Premise::default(),
    }
}

pub(crate) fn account(keyspace: &str, account: &str) -> AccountPath {
    AccountPath {
        keyspace: keyspace.to_owned(),
        account: account.to_owned(),
    }
}

/// The id of the key made so many milliseconds after the start.
pub(crate) fn id(millis: i64) -> KeyId {
    KeyId::first_at(at(millis))
}

/// The address of that key in `acme` of `shop`.
pub(crate) fn path(millis: i64) -> KeyPath {
    path_in("shop", "acme", millis)
}

pub(crate) fn path_in(keyspace: &str, of: &str, millis: i64) -> KeyPath {
    KeyPath {
        account: account(keyspace, of),
        id: id(millis),
    }
}

pub(crate) fn digest(of: &str) -> Digest {
    Digest::sha256_of(of.as_bytes())
}

pub(crate) fn content(level: &str) -> KeyContent {
    KeyContent {
        level: level.to_owned(),
        constraints: BTreeMap::new(),
        rate: None,
        fields: BTreeMap::new(),
        subject: None,
        meta: None,
        expires_at: None,
    }
}

pub(crate) fn secret(of: &str) -> NewSecret {
    NewSecret {
        digest: digest(of),
        hint: format!("…{of}"),
        sealed: None,
    }
}

pub(crate) fn sealed_secret(of: &str, master: u8) -> NewSecret {
    NewSecret {
        sealed: Some(sealed(of, master)),
        ..secret(of)
    }
}

pub(crate) fn sealed(of: &str, master: u8) -> Sealed {
    Sealed {
        master: [master; 8],
        bytes: format!("sealed {of}").into_bytes(),
    }
}

/// A key with this secret and no name.
pub(crate) fn new_key(of: &str) -> NewKey {
    NewKey {
        secret: secret(of),
        state: FirstState::Active,
        content: content("full"),
        index: KeyIndex::default(),
    }
}

/// A key with this secret and this name, which nothing else depends on.
pub(crate) fn named(of: &str, name: &str) -> NewKey {
    NewKey {
        index: KeyIndex {
            name: name.to_owned(),
            slots: Vec::new(),
        },
        ..new_key(of)
    }
}

/// A key with these places.
pub(crate) fn placed(of: &str, slots: &[Slot]) -> NewKey {
    NewKey {
        index: KeyIndex {
            name: String::new(),
            slots: slots.to_vec(),
        },
        ..new_key(of)
    }
}

/// This secret instead of the one before, which ends at once.
pub(crate) fn rotation(of: &str) -> Rotation {
    Rotation {
        secret: secret(of),
        retiring: None,
    }
}

/// A place that is held whatever happens.
pub(crate) fn lasting(value: &str) -> Slot {
    Slot {
        field: "name".to_owned(),
        value: value.to_owned(),
        while_active: false,
    }
}

/// A place that is held while the key is live.
pub(crate) fn while_active(value: &str) -> Slot {
    Slot {
        field: "contact_email".to_owned(),
        value: value.to_owned(),
        while_active: true,
    }
}

/// Keyspaces `shop`, with accounts `acme` and `bolt`, and `other`, with `acme`.
pub(crate) fn stage(store: &dyn Store) {
    for id in ["shop", "other"] {
        store
            .insert_keyspace(new_keyspace(id), act(0))
            .expect("a new keyspace");
    }
    for (keyspace, of) in [("shop", "acme"), ("shop", "bolt"), ("other", "acme")] {
        store
            .insert_account(account(keyspace, of), account_content(), act(0))
            .expect("a new account")
            .expect("in a keyspace");
    }
}

pub(crate) fn new_keyspace(id: &str) -> NewKeyspace {
    NewKeyspace {
        id: id.to_owned(),
        profile: "keyward".to_owned(),
        profile_toml: None,
        profile_digest: digest("profile"),
        root_public: "ed25519:root".to_owned(),
        signing: Signing {
            seed: Zeroizing::new([7; 32]),
            keyring: b"keyring".to_vec(),
        },
        fresh_for_seconds: 300,
        valid_for_seconds: 86_400,
    }
}

pub(crate) fn account_content() -> AccountContent {
    AccountContent {
        name: Some("Acme".to_owned()),
        keys_enabled: true,
        monthly_uses: None,
    }
}

/// An operator who may do everything there.
pub(crate) fn new_operator(id: &str, reach: Reach) -> NewOperator {
    NewOperator {
        id: id.to_owned(),
        kind: OperatorKind::Operator,
        name: format!("operator {id}"),
        digest: digest(id),
        hint: format!("kw_op_…{id}"),
        reach,
        rights: Right::ALL.into(),
        levels: None,
        expires_at: None,
    }
}

pub(crate) fn new_token(id: &str) -> NewToken {
    NewToken {
        id: id.to_owned(),
        digest: digest(id),
        rights: BTreeSet::from([Right::SnapshotRead]),
        name: None,
        hint: format!("kw_edge_…{id}"),
        expires_at: None,
    }
}

/// Remembers a request until so many milliseconds after the start; the answer is the record's hint.
pub(crate) fn remember(request: u8, until: i64) -> Remember {
    Remember {
        id: [request; 32],
        fingerprint: [request + 1; 32],
        until: at(until),
        seal: Box::new(|record: &KeyRecord| record.hint.clone().into_bytes()),
    }
}

/// Makes a key so many milliseconds after the start, whose secret is that number.
pub(crate) fn make(store: &dyn Store, millis: i64) -> KeyRecord {
    put(store, &path(millis), new_key(&millis.to_string()), millis)
}

/// Makes this key at this time.
#[track_caller]
pub(crate) fn put(store: &dyn Store, path: &KeyPath, new: NewKey, millis: i64) -> KeyRecord {
    store
        .insert_key(path.clone(), new, None, act(millis))
        .expect("nothing is in the way")
        .expect("there is the account")
}

/// The newest keys of `shop`.
pub(crate) const NEWEST: KeySlice = KeySlice {
    order: Order::NewestFirst,
    after: None,
    skip: 0,
    limit: 100,
};

/// The ids of what a filter finds in `shop`, newest first.
#[track_caller]
pub(crate) fn found(store: &dyn Store, filter: &KeyFilter) -> Vec<KeyId> {
    let keys = store.keys("shop", filter, NEWEST).expect("an answer");
    let ids: Vec<_> = keys.expect("found").iter().map(|key| key.id).collect();
    let count = store.count_keys("shop", filter).expect("an answer");
    assert_eq!(count, Some(ids.len() as u64), "as many are counted");
    ids
}

#[track_caller]
pub(crate) fn read(store: &dyn Store, path: &KeyPath) -> KeyRecord {
    store.key(path).expect("an answer").expect("the key")
}

#[track_caller]
pub(crate) fn epoch(store: &dyn Store, keyspace: &str) -> u64 {
    let edition = store.edition(keyspace).expect("an answer");
    edition.expect("the keyspace").epoch
}

/// The newest audit entry of a keyspace.
#[track_caller]
pub(crate) fn last_entry(store: &dyn Store, keyspace: &str) -> AuditEntry {
    let entries = store
        .audit(keyspace, &AuditFilter::default(), None, 1)
        .expect("an answer");
    let mut entries = entries.expect("the keyspace");
    entries.pop().expect("an entry")
}
