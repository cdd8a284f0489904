//! A database of the second schema, with the rows that the program of then wrote.

use std::path::Path;

use rusqlite::Connection;

use super::hex;
use crate::key::KeyId;
use crate::store::contract::{at, id};
use crate::store::sqlite::{audit, connection, migrations};

/// The day on which everything happens.
pub(super) const DAY: u32 = 20_779;

/// How many keys are called `service` and a number, made at 1 and so on.
pub(super) const MANY: i64 = 80;

/// A database as the Keyward of the second schema left it.
pub(super) fn write_schema_2(path: &Path) -> Connection {
    let mut db = connection::open_for_writing(path).expect("a new file");
    migrations::up_to(&mut db, 2).expect("two steps");
    db.execute_batch(&format!(
        "INSERT INTO settings VALUES ('cursor_secret', x'{secret}'), ('tidied_segment', x'0000000000000000');
         INSERT INTO keyspaces (id, profile, profile_digest, root_public, signing_seed, keyring, fresh_for_seconds,
                                valid_for_seconds, created_at, profile_toml)
         VALUES ('shop', 'mine', x'{secret}', 'ed25519:x', x'{secret}', x'00', 300, 86400, {start}, 'id = \"mine\"');
         INSERT INTO editions VALUES ('shop', 2, 17, {start}, 0, {MANY} + 2 - 64);
         INSERT INTO accounts VALUES ('shop', 'acme', 'Acme', {start}, 1, 100, 3, {MANY} + 3),
                                     ('shop', 'bolt', NULL, {start}, 0, NULL, 1, 0);
         INSERT INTO operators VALUES
           ('op_1', 'operator', 'first operator', 'sha256', x'{op_1}', '', NULL, NULL, 'all', NULL, NULL, {start}, 'system'),
           ('op_2', 'operator', 'of the shop', 'sha256', x'{op_2}', 'kw_op_…', 'shop', NULL, 'keys.read keys.write',
            '[\"events\",\"full\"]', NULL, {start}, 'op_1'),
           ('prt_3', 'portal_link', 'portal link', 'sha256', x'{prt_3}', 'kw_portal_…', 'shop', 'acme', 'keys.read', NULL,
            {start} + 900000, {start}, 'op_2');
         INSERT INTO tokens (keyspace, id, digest, rights, name, hint, created_at, created_by, last_read_at)
         VALUES ('shop', 'tok_1', x'{token}', 'snapshot.read usage.write', 'edge', 'kw_edge_…', {start}, 'op_1', {start});
         INSERT INTO remembered VALUES (x'{request}', x'{secret}', x'0102', {start} + 86400000);
         INSERT INTO batches VALUES ('shop', x'{request}', {start});",
        start = at(0).as_millis(),
        secret = "07".repeat(32),
        request = "09".repeat(32),
        op_1 = hex("op_1"),
        op_2 = hex("op_2"),
        prt_3 = hex("prt_3"),
        token = hex("token"),
    ))
    .expect("rows");
    for made in 1..=MANY {
        write_key(
            &db,
            made,
            &format!("service {made}"),
            "'active', NULL",
            "NULL",
        );
    }
    write_key(
        &db,
        100,
        "off",
        &format!("'disabled', {}", at(150).as_millis()),
        "NULL",
    );
    write_key(
        &db,
        200,
        "over",
        &format!("'deactivated', {}", at(250).as_millis()),
        "NULL",
    );
    let end = (at(0).as_millis() + 5000).to_string();
    write_key(&db, 300, "", "'active', NULL", &end);
    db.execute_batch(&format!(
        "UPDATE keys SET fields = '{{\"contact_email\":\"a@b.example\"}}', constraints = '{{\"ip\":[\"192.0.2.0/24\"]}}',
                         rate_limit = 5, rate_window = 60, subject = 'user', meta = '{{\"a\":1}}', sealed_master = x'{master}',
                         sealed = x'0a0b', rotated_at = created_at, revision = 2
         WHERE id = {ending};
         INSERT INTO digests VALUES ('shop', x'{before}', {ending}, 1);
         INSERT INTO retiring VALUES ('shop', {ending}, 'sha256', x'{before}', '…before', {end}, 60000);
         INSERT INTO key_slots VALUES ('shop', {ending}, 'name', 'held', 'acme', 0, 1),
                                      ('shop', {ending}, 'contact_email', 'a@b.example', 'acme', 1, 1),
                                      ('shop', {off}, 'contact_email', 'off@b.example', 'acme', 1, 0);
         INSERT INTO uses VALUES ('shop', {ending}, {DAY}, 'acme', 3), ('shop', {off}, {DAY}, 'acme', 4),
                                 ('shop', {off}, {DAY} - 40, 'acme', 5);",
        master = "03".repeat(8),
        before = hex("before"),
        ending = id(300).get(),
        off = id(100).get(),
    ))
    .expect("rows of keys");
    // The first 64 names make a segment, the others wait.
    let ids: String = (1..=64).map(|made| little_endian(id(made))).collect();
    db.execute_batch(&format!(
        "INSERT INTO name_segments VALUES (1, 'shop', {first}, {last}, x'{ids}');
         INSERT INTO name_grams VALUES (1, 116, x'0000');
         INSERT INTO names_waiting SELECT keyspace, id, name FROM keys WHERE name <> '' AND id > {last};",
        first = id(1).get(),
        last = id(64).get(),
    ))
    .expect("names");
    for (action, target, epoch) in [
        ("operator.create", "op_1", "NULL"),
        ("keyspace.create", "shop", "1"),
        ("key.create", "key_1", "17"),
    ] {
        let keyspace = if epoch == "NULL" { "NULL" } else { "'shop'" };
        db.execute_batch(&format!(
            "INSERT INTO audit (at, actor, action, keyspace, account, target, epoch, details)
             VALUES ({start}, 'op_1', '{action}', {keyspace}, NULL, '{target}', {epoch}, '{{}}')",
            start = at(0).as_millis(),
        ))
        .expect("an entry");
    }
    audit::chain_all(&db).expect("a chain");
    db
}

fn write_key(db: &Connection, made: i64, name: &str, state: &str, expires_at: &str) {
    db.execute_batch(&format!(
        "INSERT INTO keys (keyspace, id, account, name, scheme, digest, hint, level, constraints, fields, state, state_since,
                           created_at, created_by, updated_at, revision, expires_at)
         VALUES ('shop', {id}, 'acme', '{name}', 'sha256', x'{digest}', '…{made}', 'full', '{{}}', '{{\"name\":\"{name}\"}}',
                 {state}, {at}, 'op_1', {at}, 1, {expires_at});
         INSERT INTO digests VALUES ('shop', x'{digest}', {id}, 0);",
        id = id(made).get(),
        at = at(made).as_millis(),
        digest = hex(&made.to_string()),
    ))
    .expect("a key");
}

fn little_endian(id: KeyId) -> String {
    format!("{:016x}", id.get().swap_bytes())
}
