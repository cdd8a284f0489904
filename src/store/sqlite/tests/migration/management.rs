//! Databases of the second and the third schema, with the rows that the programs of then wrote.

use std::path::Path;

use super::rows::{DAY, MANY, write_schema_2};
use crate::key::Digest;
use crate::store::contract::{
    Directory, account, act, at, content, digest, found, id, lasting, make, named, path, placed,
    put, read, rotation,
};
use crate::store::sqlite::tests::{look_into, number};
use crate::store::sqlite::{SqliteStore, migrations};
use crate::store::{
    AuditFilter, DayUse, KeyFilter, KeyIndex, KeyState, KeyTransition, KeyspaceUpdate,
    NoticeOutcome, NoticeSlice, OperatorKind, Reach, Right, Store, UsageFilter, Use, chain, check,
};

fn with(part: &str) -> KeyFilter {
    KeyFilter {
        name_contains: Some(part.to_owned()),
        ..KeyFilter::default()
    }
}

fn all_is_there(store: &SqliteStore, file: &Path) {
    check(file).expect("sound");
    assert_eq!(number(&look_into(file), "PRAGMA user_version"), 4);
    assert_eq!(store.cursor_secret([1; 32]).expect("a secret"), [7; 32]);
    let shop = store.keyspace("shop").expect("an answer").expect("shop");
    assert_eq!(
        (shop.edition.era, shop.edition.epoch, shop.changed_at),
        (2, 17, at(0))
    );
    assert_eq!(shop.profile_toml.as_deref(), Some("id = \"mine\""));
    people_are_there(store);

    let acme = account("shop", "acme");
    let found_account = store.account(&acme).expect("an answer").expect("acme");
    assert_eq!(
        (found_account.monthly_uses, found_account.revision),
        (Some(100), 3)
    );
    for made in (1..=MANY).chain([100, 200, 300]) {
        let by_digest = store.key_by_digest("shop", &digest(&made.to_string()), at(400));
        let key = by_digest.expect("an answer").expect("the key").record;
        assert_eq!(
            (key.id, &*key.account, key.created_at),
            (id(made), "acme", at(made))
        );
    }
    assert_eq!(
        read(store, &path(100)).state,
        KeyState::Disabled { at: at(150) }
    );
    assert_eq!(
        read(store, &path(200)).state,
        KeyState::Deactivated { at: at(250) }
    );
    the_ending_key_is_there(store);

    // Whatever was in a segment, and what was waiting.
    assert_eq!(found(store, &with("service")).len(), 80);
    assert_eq!(found(store, &with("e 64")), [id(64)]);
    assert_eq!(
        found(store, &with("ervice 7")),
        [79, 78, 77, 76, 75, 74, 73, 72, 71, 70, 7].map(id)
    );
    assert_eq!(found(store, &with("over")), [id(200)]);

    let uses = |key: i64, day, count| DayUse {
        id: id(key),
        day,
        count,
    };
    let every = UsageFilter {
        account: Some("acme".to_owned()),
        id: None,
        first_day: 0,
        last_day: u32::MAX,
    };
    let listed = store.usage("shop", &every, None, 10).expect("an answer");
    assert_eq!(
        listed.expect("acme"),
        [uses(100, DAY - 40, 5), uses(100, DAY, 4), uses(300, DAY, 3)]
    );
    assert_eq!(store.used(&acme, DAY, DAY).expect("an answer"), Some(7));
    assert_eq!(store.used(&acme, 0, DAY).expect("an answer"), Some(12));
    let answer = store.remembered([9; 32], at(400)).expect("an answer");
    assert_eq!(answer.expect("remembered").sealed, [1, 2]);
    chain_is_whole(store);
}

fn people_are_there(store: &SqliteStore) {
    let operator = |of: &str| {
        let found = store.operator_by_digest(&digest(of)).expect("an answer");
        found.expect("the operator")
    };
    let first = operator("op_1");
    assert_eq!(
        (first.rights.clone(), first.reach.clone()),
        (Right::ALL.into(), Reach::Server)
    );
    let second = operator("op_2");
    assert_eq!(
        second.levels,
        Some(["events", "full"].map(str::to_owned).into())
    );
    assert_eq!((second.revision, second.rights.len()), (1, 2));
    let link = operator("prt_3");
    assert_eq!(link.kind, OperatorKind::PortalLink);
    assert_eq!(link.reach, Reach::Account(account("shop", "acme")));
    assert_eq!(link.expires_at, Some(at(900_000)));
    let token = store.token_by_digest(&digest("token")).expect("an answer");
    let token = token.expect("the token");
    assert_eq!(
        (token.rights.len(), token.last_read_at, token.expires_at),
        (2, Some(at(0)), None)
    );
}

fn the_ending_key_is_there(store: &SqliteStore) {
    let key = read(store, &path(300));
    assert_eq!(
        (key.revision, key.rotated_at, key.is_sealed),
        (2, Some(at(300)), true)
    );
    assert_eq!(key.content.constraints.len(), 1);
    assert_eq!(
        key.content
            .rate
            .map(|rate| (rate.limit(), rate.window_seconds())),
        Some((5, 60))
    );
    assert_eq!(
        (key.content.subject.as_deref(), key.content.meta.as_deref()),
        (Some("user"), Some(r#"{"a":1}"#))
    );
    let before = store.key_by_digest("shop", &digest("before"), at(400));
    assert!(before.expect("an answer").expect("it retires").is_retiring);
    let sealed = store.sealed_keys(&account("shop", "acme"), &[id(300)]);
    let sealed = sealed.expect("an answer").remove(0).2;
    assert_eq!((sealed.master, sealed.bytes), ([3; 8], vec![10, 11]));
    let due = store.due_notices("shop", &ends()).expect("an answer");
    let told: Vec<_> = due
        .iter()
        .map(|due| (due.path.id, &*due.recipient))
        .collect();
    assert_eq!(told, [(id(300), "a@b.example")]);
}

fn ends() -> NoticeSlice {
    NoticeSlice {
        field: "contact_email".to_owned(),
        now: at(400),
        until: at(6000),
        after: None,
        limit: 10,
    }
}

fn chain_is_whole(store: &SqliteStore) {
    let mut previous = chain::START;
    for entry in store.audit_chain(0, 1000).expect("an answer") {
        assert_eq!(
            entry.hash,
            chain::link(&previous, &entry),
            "{}",
            entry.action
        );
        previous = entry.hash;
    }
}

fn all_goes_on(store: &SqliteStore) {
    let held = store.insert_key(path(400), placed("400", &[lasting("held")]), None, act(400));
    assert_eq!(held.expect_err("as before").slot(), Some(("name", id(300))));
    make(store, 410);
    put(store, &path(420), named("420", "service new"), 420);
    let index = KeyIndex {
        name: "called otherwise".to_owned(),
        slots: Vec::new(),
    };
    let renamed = store.update_key(path(7), 1, content("full"), index, act(430));
    renamed.expect("changed").expect("there");
    let rotated = store.rotate_key(path(8), rotation("8 again"), None, None, act(440));
    rotated.expect("changed").expect("there");
    let on = store.change_key(path(100), KeyTransition::Enable, None, act(450));
    on.expect("changed").expect("there");
    store
        .delete_key(path(9), None, act(460))
        .expect("removed")
        .expect("there");
    let used = Use {
        id: id(10),
        count: 2,
        last: at(470),
        newest_used_at: Some(at(470)),
    };
    let again = store.add_uses("shop", Some([9; 32]), vec![used], act(470));
    assert!(again.expect("an answer").is_none(), "this report is known");
    store
        .add_uses("shop", None, vec![used], act(470))
        .expect("added");
    let used = store.used(&account("shop", "acme"), 0, u32::MAX);
    assert_eq!(used.expect("an answer"), Some(14));
    for due in store.due_notices("shop", &ends()).expect("an answer") {
        store
            .note_notice(due, NoticeOutcome::Sent, act(480))
            .expect("noted");
    }
    assert_eq!(store.due_notices("shop", &ends()).expect("an answer"), []);

    assert_eq!(found(store, &with("service")).len(), 79);
    assert_eq!(found(store, &with("otherwise")), [id(7)]);
    let shop = store.keyspace("shop").expect("an answer").expect("shop");
    let tell = |key: &crate::store::KeyRecord| {
        Some(KeyIndex {
            name: format!("by {}", key.hint),
            slots: Vec::new(),
        })
    };
    let judged = store.judge_keys("shop", Box::new(tell), at(490));
    let update = KeyspaceUpdate {
        content: shop.content(),
        judged: Some(judged.expect("fit")),
        levels: std::collections::BTreeSet::from(["full".to_owned()]),
    };
    let changed = store.update_keyspace("shop", shop.revision, update, act(490));
    changed.expect("changed").expect("shop");
    for _ in 0..3 {
        store.purge(0, act(500)).expect("an answer");
    }
    let filter = KeyFilter {
        name_contains: Some("by".to_owned()),
        account: Some("acme".to_owned()),
        ..KeyFilter::default()
    };
    assert_eq!(found(store, &filter).len(), 84);
    assert_eq!(found(store, &with("service")), []);
    let second = store.operator("op_2").expect("an answer").expect("op_2");
    assert_eq!(second.levels, Some(["full".to_owned()].into()));
    let of_key = AuditFilter {
        target: Some(id(300).to_string()),
        ..AuditFilter::default()
    };
    let entries = store.audit("shop", &of_key, None, 10).expect("an answer");
    assert_eq!(entries.expect("shop")[0].action, "key.notice");
    chain_is_whole(store);
}

#[test]
fn all_of_schema_2_comes_over() {
    let place = Directory::new();
    let file = place.path().join("keyward.db");
    drop(write_schema_2(&file));
    let store = SqliteStore::open(&file).expect("brought over");
    all_is_there(&store, &file);
    all_goes_on(&store);
    drop(store);
    check(&file).expect("sound");
}

/// What the Keyward of the third schema did with a database of the second: the names wait with their accounts, and uses
/// are summed up.
#[test]
fn all_of_schema_3_comes_over() {
    let place = Directory::new();
    let file = place.path().join("keyward.db");
    let mut db = write_schema_2(&file);
    migrations::up_to(&mut db, 3).expect("the third step");
    db.execute_batch(&format!(
        "UPDATE keyspaces SET revision = 4;
         UPDATE tokens SET expires_at = {end};
         UPDATE operators SET revision = 2 WHERE id = 'op_2';
         UPDATE keys SET name = 'third', name_version = 1 WHERE id = {renamed};
         UPDATE names_waiting SET name = 'third', version = 1 WHERE id = {renamed};",
        end = at(9000).as_millis(),
        renamed = id(5).get(),
    ))
    .expect("rows");
    drop(db);
    let store = SqliteStore::open(&file).expect("brought over");
    check(&file).expect("sound");
    let shop = store.keyspace("shop").expect("an answer").expect("shop");
    assert_eq!((shop.revision, shop.edition.epoch), (4, 17));
    let token = store.token_by_digest(&Digest::sha256_of(b"token"));
    assert_eq!(
        token.expect("an answer").expect("tok_1").expires_at,
        Some(at(9000))
    );
    let second = store.operator("op_2").expect("an answer").expect("op_2");
    assert_eq!(second.revision, 2);
    assert_eq!(found(&store, &with("third")), [id(5)]);
    assert_eq!(found(&store, &with("service")).len(), 79);
    the_ending_key_is_there(&store);
    chain_is_whole(&store);
    make(&store, 410);
    chain_is_whole(&store);
}

/// A statement that fails undoes its step, and no step before it: the Keyward of then goes on.
#[test]
fn a_step_that_fails_leaves_the_version_before() {
    for (in_the_way, version, insert) in [
        (
            "account_uses",
            2,
            "INSERT INTO names_waiting (keyspace, id, name) VALUES ('shop', {id}, 'x')",
        ),
        (
            "keys_by_notice",
            3,
            "INSERT INTO names_waiting (keyspace, id, account, name, version) VALUES ('shop', {id}, 'acme', 'x', 0)
             ON CONFLICT DO UPDATE SET name = 'x'",
        ),
    ] {
        let place = Directory::new();
        let file = place.path().join("keyward.db");
        let db = write_schema_2(&file);
        db.execute_batch(&format!("CREATE TABLE {in_the_way} (x)"))
            .expect("in the way");
        assert!(SqliteStore::open(&file).is_err());
        check(&file).expect("sound");
        assert_eq!(number(&db, "PRAGMA user_version"), version);
        let waiting = if version == 2 { MANY + 2 - 64 } else { MANY + 2 };
        assert_eq!(number(&db, "SELECT count(*) FROM names_waiting"), waiting);
        assert_eq!(number(&db, "SELECT names_waiting FROM editions"), waiting);
        db.execute_batch(&insert.replace("{id}", &id(300).get().to_string()))
            .expect("as then");
        db.execute_batch(&format!("DELETE FROM names_waiting WHERE name = 'x'; DROP TABLE {in_the_way}"))
            .expect("out of the way");
        drop(db);
        let store = SqliteStore::open(&file).expect("brought over");
        all_is_there(&store, &file);
    }
}

/// What a kill leaves on the disk in the midst of a step: pages in the log that belong to no commit.
#[test]
fn a_step_that_is_killed_leaves_the_version_before() {
    let place = Directory::new();
    let file = place.path().join("keyward.db");
    let db = write_schema_2(&file);
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA cache_size = 5; BEGIN IMMEDIATE;")
        .expect("a transaction");
    db.execute_batch(include_str!("../../migrations/0003_bounds.sql"))
        .expect("most of a step");
    let copy = place.path().join("killed.db");
    let log = |file: &Path| file.with_extension("db-wal");
    std::fs::copy(&file, &copy).expect("a copy");
    std::fs::copy(log(&file), log(&copy)).expect("a copy of the log");
    assert!(
        std::fs::metadata(log(&copy)).expect("a log").len() > 4096,
        "pages of the step"
    );
    drop(db);
    let db = look_into(&copy);
    assert_eq!(number(&db, "PRAGMA user_version"), 2);
    assert_eq!(number(&db, "SELECT count(*) FROM name_segments"), 1);
    drop(db);
    let store = SqliteStore::open(&copy).expect("brought over");
    all_is_there(&store, &copy);
    all_goes_on(&store);
}
