//! Edge tokens: each belongs to one keyspace.

use rusqlite::{Connection, Row, params};

use super::audit::{self, Entry};
use super::columns::{instant, optional_instant};
use super::errors::{Read, touched};
use super::{keyspaces, operators};
use crate::key::Digest;
use crate::store::{Act, NewToken, StoreError, Token, details};
use crate::time::Timestamp;

const COLUMNS: &str = "id, keyspace, rights, name, hint, last_read_at, last_reported_at, created_at, created_by, expires_at";

pub(super) fn insert(
    db: &Connection,
    keyspace: String,
    new: NewToken,
    act: &Act,
) -> Result<Option<Token>, StoreError> {
    if keyspaces::edition(db, &keyspace)?.is_none() {
        return Ok(None);
    }
    let rights: Vec<_> = new.rights.iter().map(|right| right.as_str()).collect();
    db.execute(
        "INSERT INTO tokens (keyspace, id, scheme, digest, rights, name, hint, created_at, created_by, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            keyspace,
            new.id,
            new.digest.scheme().to_string(),
            new.digest.bytes(),
            rights.join(" "),
            new.name,
            new.hint,
            act.at.as_millis(),
            act.actor,
            new.expires_at.map(Timestamp::as_millis),
        ],
    )
    .read()?;
    let token = Token {
        id: new.id,
        keyspace,
        rights: new.rights,
        name: new.name,
        hint: new.hint,
        last_read_at: None,
        last_reported_at: None,
        expires_at: new.expires_at,
        created_at: act.at,
        created_by: act.actor.clone(),
    };
    let entry = Entry {
        action: "token.create",
        account: None,
        target: &token.id,
        details: details::created(details::token(&token)),
    };
    audit::record(db, &token.keyspace, act, entry)?;
    Ok(Some(token))
}

pub(super) fn page(
    db: &Connection,
    keyspace: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<Option<Vec<Token>>, StoreError> {
    if keyspaces::edition(db, keyspace)?.is_none() {
        return Ok(None);
    }
    let mut query = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM tokens WHERE keyspace = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
        ))
        .read()?;
    query
        .query_map(params![keyspace, after.unwrap_or_default(), limit], token)
        .read()?
        .collect::<rusqlite::Result<_>>()
        .read()
        .map(Some)
}

pub(super) fn by_digest(db: &Connection, digest: &Digest) -> Result<Option<Token>, StoreError> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM tokens WHERE digest = ?1 AND scheme = ?2"
    ))
    .read()?
    .query_row(params![digest.bytes(), digest.scheme().to_string()], token)
    .read_optional()
}

pub(super) fn one(db: &Connection, id: &str) -> Result<Option<Token>, StoreError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM tokens WHERE id = ?1"))
        .read()?
        .query_row([id], token)
        .read_optional()
}

pub(super) fn delete(
    db: &Connection,
    keyspace: &str,
    id: &str,
    act: &Act,
) -> Result<bool, StoreError> {
    let before = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM tokens WHERE keyspace = ?1 AND id = ?2"
        ))
        .read()?
        .query_row([keyspace, id], token)
        .read_optional()?;
    let Some(before) = before else {
        return Ok(false);
    };
    let changed = db
        .execute(
            "DELETE FROM tokens WHERE keyspace = ?1 AND id = ?2",
            [keyspace, id],
        )
        .read()?;
    touched(1, changed)?;
    let told = details::token(&before);
    let entry = Entry {
        action: "token.delete",
        account: None,
        target: id,
        details: details::deleted(told),
    };
    audit::record(db, keyspace, act, entry)?;
    Ok(true)
}

/// Whether `touch` would change anything: asked of a reader, so that edges that come every second do not keep the
/// writer busy.
pub(super) fn is_touchable(
    db: &Connection,
    id: &str,
    reported: bool,
    minute: Timestamp,
) -> Result<bool, StoreError> {
    db.prepare_cached(if reported {
        "SELECT coalesce(last_reported_at, 0) < ?2 FROM tokens WHERE id = ?1"
    } else {
        "SELECT coalesce(last_read_at, 0) < ?2 FROM tokens WHERE id = ?1"
    })
    .read()?
    .query_row(params![id, minute.as_millis()], |row| row.get(0))
    .read_optional()
    .map(|is_later| is_later.unwrap_or(false))
}

pub(super) fn touch(
    db: &Connection,
    id: &str,
    reported: bool,
    minute: Timestamp,
) -> Result<(), StoreError> {
    db.prepare_cached(if reported {
        "UPDATE tokens SET last_reported_at = ?2 WHERE id = ?1 AND coalesce(last_reported_at, 0) < ?2"
    } else {
        "UPDATE tokens SET last_read_at = ?2 WHERE id = ?1 AND coalesce(last_read_at, 0) < ?2"
    })
    .read()?
    .execute(params![id, minute.as_millis()])
    .read()
    .map(drop)
}

fn token(row: &Row<'_>) -> rusqlite::Result<Token> {
    Ok(Token {
        id: row.get(0)?,
        keyspace: row.get(1)?,
        rights: operators::rights(row, 2)?,
        name: row.get(3)?,
        hint: row.get(4)?,
        last_read_at: optional_instant(row, 5)?,
        last_reported_at: optional_instant(row, 6)?,
        created_at: instant(row, 7)?,
        created_by: row.get(8)?,
        expires_at: optional_instant(row, 9)?,
    })
}
