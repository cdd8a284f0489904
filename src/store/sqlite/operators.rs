//! Operators and portal links: known by the digest of what they present.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, params};
use serde_json::json;

use super::accounts;
use super::audit::{self, Entry};
use super::columns::{corrupt, count, instant, optional_instant};
use super::errors::{Read, touched};
use super::keyspaces;
use crate::key::Digest;
use crate::store::{
    AccountPath, Act, NewOperator, Operator, OperatorKind, Reach, Right, StoreError, details,
};
use crate::time::Timestamp;

const COLUMNS: &str = "id, kind, name, hint, keyspace, account, rights, levels, expires_at, created_at, created_by, revision";

/// Every right, also those that later versions add: what the operator of the whole server has who has all of them.
const ALL: &str = "all";

pub(super) fn are_there(db: &Connection) -> Result<bool, StoreError> {
    db.query_row("SELECT EXISTS (SELECT 1 FROM operators)", [], |row| {
        row.get(0)
    })
    .read()
}

pub(super) fn insert(
    db: &Connection,
    new: NewOperator,
    act: &Act,
) -> Result<Option<Operator>, StoreError> {
    let (keyspace, account) = details::reach_names(&new.reach);
    if let Some(keyspace) = keyspace
        && !accounts::are_there(db, keyspace, account)?
    {
        return Ok(None);
    }
    if let Some(keyspace) = keyspace {
        keyspaces::must_be_ruled_by(db, keyspace, act.premise.rules)?;
    }
    db.prepare_cached(
        "INSERT INTO operators (id, kind, name, scheme, digest, hint, keyspace, account, rights, levels, expires_at,
                                created_at, created_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )
    .read()?
    .execute(params![
        new.id,
        kind_name(new.kind),
        new.name,
        new.digest.scheme().to_string(),
        new.digest.bytes(),
        new.hint,
        keyspace,
        account,
        rights_text(&new),
        new.levels.as_ref().map(|levels| json!(levels).to_string()),
        new.expires_at.map(Timestamp::as_millis),
        act.at.as_millis(),
        act.actor,
    ])
    .read()?;
    let operator = Operator {
        id: new.id,
        kind: new.kind,
        name: new.name,
        hint: new.hint,
        revision: 1,
        reach: new.reach,
        rights: new.rights,
        levels: new.levels,
        expires_at: new.expires_at,
        created_at: act.at,
        created_by: act.actor.clone(),
    };
    let told = details::created(details::operator(&operator));
    record(db, &operator, act, operator.kind.created(), told)?;
    Ok(Some(operator))
}

pub(super) fn by_digest(db: &Connection, digest: &Digest) -> Result<Option<Operator>, StoreError> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM operators WHERE digest = ?1 AND scheme = ?2"
    ))
    .read()?
    .query_row(
        params![digest.bytes(), digest.scheme().to_string()],
        operator,
    )
    .read_optional()
}

pub(super) fn with_reach(
    db: &Connection,
    reach: &Reach,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<Operator>, StoreError> {
    let (keyspace, account) = details::reach_names(reach);
    let mut query = db.prepare_cached(&listing()).read()?;
    let values = params![keyspace, account, after.unwrap_or_default(), limit];
    let rows = query.query_map(values, operator).read()?;
    rows.collect::<rusqlite::Result<_>>().read()
}

/// The statement of a list.
pub(super) fn listing() -> String {
    format!(
        "SELECT {COLUMNS} FROM operators INDEXED BY operators_by_reach
         WHERE keyspace IS ?1 AND account IS ?2 AND kind = 'operator' AND id > ?3 ORDER BY id LIMIT ?4"
    )
}

pub(super) fn one(db: &Connection, id: &str) -> Result<Option<Operator>, StoreError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM operators WHERE id = ?1"))
        .read()?
        .query_row([id], operator)
        .read_optional()
}

pub(super) fn rotate(
    db: &Connection,
    id: &str,
    digest: &Digest,
    hint: String,
    act: &Act,
) -> Result<Option<Operator>, StoreError> {
    let Some(operator) = one(db, id)? else {
        return Ok(None);
    };
    let revision = operator.revision + 1;
    give_key(db, operator, digest, hint, revision, act).map(Some)
}

pub(super) fn restore_key(
    db: &Connection,
    id: &str,
    digest: &Digest,
    hint: String,
    revision: u64,
    act: &Act,
) -> Result<Option<bool>, StoreError> {
    let Some(operator) = one(db, id)? else {
        return Ok(None);
    };
    if operator.revision >= revision {
        return Ok(Some(false));
    }
    give_key(db, operator, digest, hint, revision, act)?;
    Ok(Some(true))
}

fn give_key(
    db: &Connection,
    mut operator: Operator,
    digest: &Digest,
    hint: String,
    revision: u64,
    act: &Act,
) -> Result<Operator, StoreError> {
    let changed = db
        .execute(
            "UPDATE operators SET scheme = ?2, digest = ?3, hint = ?4, revision = ?5 WHERE id = ?1",
            params![
                operator.id,
                digest.scheme().to_string(),
                digest.bytes(),
                hint,
                revision.cast_signed()
            ],
        )
        .read()?;
    touched(1, changed)?;
    let told = json!({ "before": { "hint": operator.hint }, "after": { "hint": hint } });
    operator.hint = hint;
    operator.revision = revision;
    record(db, &operator, act, operator.kind.rotated(), told)?;
    Ok(operator)
}

/// Takes from everybody in a keyspace who may give certain levels those that are not among these. Whoever is left with
/// none gives none.
pub(super) fn keep_to_levels(
    db: &Connection,
    keyspace: &str,
    levels: &BTreeSet<String>,
    act: &Act,
) -> Result<(), StoreError> {
    let listing = db
        .prepare_cached(&of_certain_levels())
        .read()?
        .query_map([keyspace], operator)
        .read()?
        .collect::<rusqlite::Result<Vec<_>>>()
        .read()?;
    for operator in listing {
        let before = operator.levels.as_ref().unwrap_or(levels);
        let after: BTreeSet<_> = before.intersection(levels).cloned().collect();
        if after == *before {
            continue;
        }
        let changed = db
            .prepare_cached(
                "UPDATE operators SET levels = ?2, revision = revision + 1 WHERE id = ?1",
            )
            .read()?
            .execute(params![operator.id, json!(after).to_string()])
            .read()?;
        touched(1, changed)?;
        let told = details::narrowed(before, &after);
        record(db, &operator, act, operator.kind.narrowed(), told)?;
    }
    Ok(())
}

/// The statement for all in a keyspace who may give certain levels.
pub(super) fn of_certain_levels() -> String {
    format!(
        "SELECT {COLUMNS} FROM operators INDEXED BY operators_by_reach
         WHERE keyspace = ?1 AND levels IS NOT NULL ORDER BY account, kind, id"
    )
}

pub(super) fn delete(db: &Connection, id: &str, act: &Act) -> Result<bool, StoreError> {
    let Some(operator) = one(db, id)? else {
        return Ok(false);
    };
    if operator.may_do_everything() {
        let others = db
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM operators WHERE keyspace IS NULL AND kind = 'operator' AND id <> ?1"
            ))
            .read()?
            .query_map([id], self::operator)
            .read()?
            .collect::<rusqlite::Result<Vec<_>>>()
            .read()?;
        if !others.iter().any(Operator::may_do_everything) {
            return Err(StoreError::last_operator());
        }
    }
    let changed = db
        .execute("DELETE FROM operators WHERE id = ?1", [id])
        .read()?;
    touched(1, changed)?;
    let told = details::deleted(details::operator(&operator));
    record(db, &operator, act, operator.kind.deleted(), told)?;
    Ok(true)
}

/// Operators publish nothing: no new epoch.
fn record(
    db: &Connection,
    operator: &Operator,
    act: &Act,
    action: &'static str,
    details: serde_json::Value,
) -> Result<(), StoreError> {
    let (keyspace, account) = details::reach_names(&operator.reach);
    let entry = Entry {
        action,
        account,
        target: &operator.id,
        details,
    };
    audit::write(db, keyspace, None, act, entry)
}

const fn kind_name(kind: OperatorKind) -> &'static str {
    match kind {
        OperatorKind::Operator => "operator",
        OperatorKind::PortalLink => "portal_link",
    }
}

fn rights_text(new: &NewOperator) -> String {
    let is_all = new.rights.len() == Right::ALL.len();
    if is_all && (new.kind, &new.reach) == (OperatorKind::Operator, &Reach::Server) {
        return ALL.to_owned();
    }
    let names: Vec<_> = new.rights.iter().map(|right| right.as_str()).collect();
    names.join(" ")
}

/// The rights that a column names.
pub(super) fn rights(row: &Row<'_>, column: usize) -> rusqlite::Result<BTreeSet<Right>> {
    match row.get_ref(column)?.as_str()? {
        ALL => Ok(Right::ALL.into()),
        names => names
            .split(' ')
            .map(Right::parse)
            .collect::<Option<_>>()
            .ok_or_else(|| corrupt(column, "a right of no kind")),
    }
}

fn operator(row: &Row<'_>) -> rusqlite::Result<Operator> {
    let levels: Option<String> = row.get(7)?;
    Ok(Operator {
        id: row.get(0)?,
        kind: match row.get_ref(1)?.as_str()? {
            "operator" => OperatorKind::Operator,
            "portal_link" => OperatorKind::PortalLink,
            _ => return Err(corrupt(1, "an operator of no kind")),
        },
        name: row.get(2)?,
        hint: row.get(3)?,
        reach: match (row.get(4)?, row.get(5)?) {
            (None, None) => Reach::Server,
            (Some(keyspace), None) => Reach::Keyspace(keyspace),
            (Some(keyspace), Some(account)) => Reach::Account(AccountPath { keyspace, account }),
            (None, Some(_)) => return Err(corrupt(5, "an account without a keyspace")),
        },
        rights: rights(row, 6)?,
        levels: levels
            .map(|levels| serde_json::from_str(&levels))
            .transpose()
            .map_err(|_| corrupt(7, "no JSON array of levels"))?,
        expires_at: optional_instant(row, 8)?,
        created_at: instant(row, 9)?,
        created_by: row.get(10)?,
        revision: count(row, 11)?,
    })
}
