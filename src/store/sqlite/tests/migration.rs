//! Databases of earlier schemas come over with all that is in them.

mod management;
mod rows;

use std::path::Path;

use rusqlite::Connection;

use super::{look_into, number};
use crate::key::Digest;
use crate::store::contract::{Directory, account, act, at, id, make, path};
use crate::store::sqlite::SqliteStore;
use crate::store::{
    AuditFilter, KeyFilter, KeyState, OperatorKind, Reach, Right, Store, chain, check,
};

/// What the first schema held: a keyspace with keys in every state, a token, the first operator, audit entries.
fn write_schema_1(path: &Path) {
    let db = Connection::open(path).expect("a new file");
    db.execute_batch(include_str!("../migrations/0001_core.sql"))
        .expect("the schema");
    db.execute_batch("PRAGMA application_id = 0x4b575244; PRAGMA user_version = 1;")
        .expect("set");
    let start = at(0).as_millis();
    db.execute_batch(&format!(
        "INSERT INTO settings VALUES ('cursor_secret', x'{secret}');
         INSERT INTO operators VALUES ('op_1', 'first operator', x'{operator}', 'all', {start});
         INSERT INTO keyspaces VALUES ('shop', 'emailit', x'{operator}', 2, 17, {start}, 'ed25519:x', x'{secret}', x'00', 300,
                                       86400, {start});
         INSERT INTO accounts VALUES ('shop', 'acme', 'Acme', {start});
         INSERT INTO tokens VALUES ('shop', 'tok_1', x'{token}', 'snapshot.read', 'edge', 'kw_edge_…', {start}, 'op_1');
         INSERT INTO audit (at, actor, action, keyspace, account, target, epoch, details) VALUES
           ({start}, 'system', 'operator.create', NULL, NULL, 'op_1', NULL, '{{}}'),
           ({start}, 'op_1', 'keyspace.create', 'shop', NULL, 'shop', 1, '{{}}'),
           ({start}, 'op_1', 'key.create', 'shop', 'acme', 'key_1', 17, '{{\"level\":\"full\"}}');",
        secret = "07".repeat(32),
        operator = hex("operator"),
        token = hex("token"),
    ))
    .expect("rows");
    for (made, state, since, expires) in [
        (10, "active", "NULL", "NULL"),
        (20, "disabled", "1795292040000", "NULL"),
        (30, "deactivated", "1795292040001", "1795292040100"),
    ] {
        db.execute_batch(&format!(
            "INSERT INTO keys VALUES ('shop', {id}, 'acme', x'{digest}', 'hint {made}', 'full', '{{\"name\":\"n {made}\"}}',
               'user', '{{\"a\":1}}', '{state}', {since}, {created}, 'op_1', {created}, {expires}, {created})",
            id = id(made).get(),
            digest = hex(&made.to_string()),
            created = at(made).as_millis(),
        ))
        .expect("a key");
    }
}

fn hex(of: &str) -> String {
    let digest = Digest::sha256_of(of.as_bytes()).to_string();
    digest.trim_start_matches("sha256:").to_owned()
}

#[test]
fn all_of_schema_1_comes_over() {
    let place = Directory::new();
    let file = place.path().join("keyward.db");
    write_schema_1(&file);
    let store = SqliteStore::open(&file).expect("brought over");
    check(&file).expect("sound");
    let db = look_into(&file);
    assert_eq!(number(&db, "PRAGMA user_version"), 4);

    assert_eq!(store.cursor_secret([1; 32]).expect("a secret"), [7; 32]);
    let operator = store.operator_by_digest(&Digest::sha256_of(b"operator"));
    let operator = operator.expect("an answer").expect("the operator");
    assert_eq!(
        (operator.kind, operator.reach.clone()),
        (OperatorKind::Operator, Reach::Server)
    );
    assert_eq!(operator.rights, Right::ALL.into());
    assert!(
        store
            .delete_operator("op_1", act(1))
            .expect_err("the last")
            .is_last_operator()
    );

    let shop = store.keyspace("shop").expect("an answer").expect("shop");
    assert_eq!(
        (shop.edition.era, shop.edition.epoch),
        (2, 18),
        "published anew"
    );
    assert_eq!((shop.changed_at, shop.profile_toml), (at(0), None));
    let acme = store
        .account(&account("shop", "acme"))
        .expect("an answer")
        .expect("acme");
    assert_eq!(
        (acme.keys_enabled, acme.revision, acme.monthly_uses),
        (true, 1, None)
    );
    let token = store.token_by_digest(&Digest::sha256_of(b"token"));
    let token = token.expect("an answer").expect("the token");
    assert_eq!(
        (&*token.id, token.rights.len(), token.last_read_at),
        ("tok_1", 1, None)
    );
    assert_eq!(token.expires_at, None);

    for (made, state) in [
        (10, KeyState::Active),
        (20, KeyState::Disabled { at: at(0) }),
        (30, KeyState::Deactivated { at: at(1) }),
    ] {
        let digest = Digest::sha256_of(made.to_string().as_bytes());
        let found = store
            .key_by_digest("shop", &digest, at(0))
            .expect("an answer");
        let key = found.expect("the key").record;
        assert_eq!((key.id, key.state, key.revision), (id(made), state, 1));
        assert_eq!(key.content.fields["name"], format!("n {made}"));
        assert_eq!(key.content.meta.as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(
            (key.created_at, key.last_used_at),
            (at(made), Some(at(made)))
        );
        assert!(!key.is_sealed && key.content.constraints.is_empty() && key.content.rate.is_none());
    }
    assert_eq!(
        store
            .count_keys("shop", &KeyFilter::default())
            .expect("an answer"),
        Some(3)
    );

    // The old entries are chained, and new ones go on from there.
    make(&store, 40);
    store
        .change_key(
            path(10),
            crate::store::KeyTransition::Disable,
            None,
            act(50),
        )
        .expect("active");
    let entries = store.audit_chain(0, 100).expect("an answer");
    assert_eq!(entries.len(), 6);
    let mut previous = chain::START;
    for entry in &entries {
        assert_eq!(
            entry.hash,
            chain::link(&previous, entry),
            "{}",
            entry.action
        );
        previous = entry.hash;
    }
    let of_shop = store
        .audit("shop", &AuditFilter::default(), None, 100)
        .expect("an answer");
    assert_eq!(of_shop.expect("shop").len(), 5);
    assert_eq!((entries[3].epoch, entries[5].epoch), (Some(18), Some(20)));
}

#[test]
fn ids_of_another_time_are_found_by_their_creation() {
    let place = Directory::new();
    let file = place.path().join("keyward.db");
    write_schema_1(&file);
    let db = Connection::open(&file).expect("the file");
    db.execute_batch("UPDATE keys SET created_at = created_at - 5000")
        .expect("moved");
    drop(db);
    let store = SqliteStore::open(&file).expect("brought over");
    let filter = KeyFilter {
        created_before: Some(at(20 - 4999)),
        created_after: Some(at(20 - 5000)),
        ..KeyFilter::default()
    };
    assert_eq!(crate::store::contract::found(&store, &filter), [id(20)]);
}

#[test]
fn a_step_that_fails_changes_nothing() {
    let place = Directory::new();
    let file = place.path().join("keyward.db");
    write_schema_1(&file);
    let db = Connection::open(&file).expect("the file");
    db.execute_batch("CREATE TABLE retiring (x)")
        .expect("in the way");
    assert!(SqliteStore::open(&file).is_err());
    assert_eq!(number(&db, "PRAGMA user_version"), 1);
    assert_eq!(number(&db, "SELECT epoch FROM keyspaces"), 17);
}
