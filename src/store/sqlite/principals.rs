//! Who may call the server: operators and edge tokens, both known by the digest of what they present.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, params};
use serde_json::json;

use super::audit::{self, Entry};
use super::columns::{corrupt, instant};
use super::errors::Read;
use super::keyspaces;
use crate::key::Digest;
use crate::store::{
    Act, NewOperator, NewToken, Operator, OperatorRights, Right, StoreError, Token,
};

const TOKEN_COLUMNS: &str = "id, keyspace, rights, name, hint, created_at, created_by";

pub(super) fn cursor_secret(db: &Connection, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
    db.execute(
        "INSERT INTO settings (name, value) VALUES ('cursor_secret', ?1) ON CONFLICT DO NOTHING",
        [fresh],
    )
    .read()?;
    db.query_row(
        "SELECT value FROM settings WHERE name = 'cursor_secret'",
        [],
        |row| row.get(0),
    )
    .read()
}

pub(super) fn has_operators(db: &Connection) -> Result<bool, StoreError> {
    db.query_row("SELECT EXISTS (SELECT 1 FROM operators)", [], |row| {
        row.get(0)
    })
    .read()
}

pub(super) fn insert_operator(
    db: &Connection,
    new: &NewOperator,
    act: &Act,
) -> Result<Operator, StoreError> {
    let OperatorRights::All = new.rights;
    db.execute(
        "INSERT INTO operators (id, name, digest, rights, created_at) VALUES (?1, ?2, ?3, 'all', ?4)",
        params![new.id, new.name, new.digest.bytes(), act.at.as_millis()],
    )
    .read()?;
    let details = json!({ "name": new.name, "rights": "all" });
    let entry = Entry {
        action: "operator.create",
        account: None,
        target: &new.id,
        details,
    };
    audit::write(db, None, act, &entry)?;
    Ok(Operator {
        id: new.id.clone(),
        rights: new.rights,
    })
}

pub(super) fn operator_by_digest(
    db: &Connection,
    digest: &Digest,
) -> Result<Option<Operator>, StoreError> {
    db.prepare_cached("SELECT id FROM operators WHERE digest = ?1 AND rights = 'all'")
        .read()?
        .query_row([digest.bytes()], |row| {
            Ok(Operator {
                id: row.get(0)?,
                rights: OperatorRights::All,
            })
        })
        .read_optional()
}

pub(super) fn insert_token(
    db: &Connection,
    keyspace: String,
    new: NewToken,
    act: &Act,
) -> Result<Option<Token>, StoreError> {
    if keyspaces::edition(db, &keyspace)?.is_none() {
        return Ok(None);
    }
    let rights = new
        .rights
        .iter()
        .map(|right| right.as_str())
        .collect::<Vec<_>>();
    db.execute(
        "INSERT INTO tokens (keyspace, id, digest, rights, name, hint, created_at, created_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            keyspace,
            new.id,
            new.digest.bytes(),
            rights.join(" "),
            new.name,
            new.hint,
            act.at.as_millis(),
            act.actor,
        ],
    )
    .read()?;
    let details = json!({ "rights": rights, "name": new.name, "hint": new.hint });
    let entry = Entry {
        action: "token.create",
        account: None,
        target: &new.id,
        details,
    };
    audit::record(db, &keyspace, act, &entry)?;
    Ok(Some(Token {
        id: new.id,
        keyspace,
        rights: new.rights,
        name: new.name,
        hint: new.hint,
        created_at: act.at,
        created_by: act.actor.clone(),
    }))
}

pub(super) fn tokens(db: &Connection, keyspace: &str) -> Result<Option<Vec<Token>>, StoreError> {
    if keyspaces::edition(db, keyspace)?.is_none() {
        return Ok(None);
    }
    let mut query = db
        .prepare_cached(&format!(
            "SELECT {TOKEN_COLUMNS} FROM tokens WHERE keyspace = ?1 ORDER BY id"
        ))
        .read()?;
    query
        .query_map([keyspace], token)
        .read()?
        .collect::<rusqlite::Result<_>>()
        .read()
        .map(Some)
}

pub(super) fn token_by_digest(
    db: &Connection,
    digest: &Digest,
) -> Result<Option<Token>, StoreError> {
    db.prepare_cached(&format!(
        "SELECT {TOKEN_COLUMNS} FROM tokens WHERE digest = ?1"
    ))
    .read()?
    .query_row([digest.bytes()], token)
    .read_optional()
}

pub(super) fn delete_token(
    db: &Connection,
    keyspace: &str,
    id: &str,
    act: &Act,
) -> Result<bool, StoreError> {
    let changed = db
        .execute(
            "DELETE FROM tokens WHERE keyspace = ?1 AND id = ?2",
            [keyspace, id],
        )
        .read()?;
    if changed == 0 {
        return Ok(false);
    }
    let entry = Entry {
        action: "token.delete",
        account: None,
        target: id,
        details: json!({}),
    };
    audit::record(db, keyspace, act, &entry)?;
    Ok(true)
}

fn token(row: &Row<'_>) -> rusqlite::Result<Token> {
    let rights = row.get_ref(2)?.as_str()?;
    let rights: Option<BTreeSet<Right>> = rights.split(' ').map(Right::parse).collect();
    Ok(Token {
        id: row.get(0)?,
        keyspace: row.get(1)?,
        rights: rights.ok_or_else(|| corrupt(2, "a right of no kind"))?,
        name: row.get(3)?,
        hint: row.get(4)?,
        created_at: instant(row, 5)?,
        created_by: row.get(6)?,
    })
}
