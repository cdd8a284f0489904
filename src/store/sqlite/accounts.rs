//! Accounts: the tenants inside a keyspace.

use rusqlite::{Connection, Row, params};

use super::audit::{self, Entry};
use super::columns::{count, instant};
use super::errors::{Read, touched};
use super::keyspaces;
use crate::store::{Account, AccountContent, AccountPath, Act, Premise, StoreError, details};

const COLUMNS: &str = "id, name, keys_enabled, monthly_uses, created_at, revision";

pub(super) fn insert(
    db: &Connection,
    path: &AccountPath,
    content: AccountContent,
    act: &Act,
) -> Result<Option<Account>, StoreError> {
    if keyspaces::edition(db, &path.keyspace)?.is_none() {
        return Ok(None);
    }
    db.prepare_cached(
        "INSERT INTO accounts (keyspace, id, name, keys_enabled, monthly_uses, created_at, revision)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)",
    )
    .read()?
    .execute(params![
        path.keyspace,
        path.account,
        content.name,
        content.keys_enabled,
        content.monthly_uses.map(u64::cast_signed),
        act.at.as_millis(),
    ])
    .read()?;
    let account = Account {
        id: path.account.clone(),
        name: content.name,
        keys_enabled: content.keys_enabled,
        monthly_uses: content.monthly_uses,
        created_at: act.at,
        revision: 1,
    };
    let told = details::created(details::account(&account));
    record(db, path, act, "account.create", told)?;
    Ok(Some(account))
}

pub(super) fn update(
    db: &Connection,
    path: &AccountPath,
    revision: u64,
    content: AccountContent,
    act: &Act,
) -> Result<Option<Account>, StoreError> {
    let Some(before) = one(db, path)? else {
        return Ok(None);
    };
    if before.revision != revision {
        return Err(StoreError::stale());
    }
    let changed = db
        .prepare_cached(
            "UPDATE accounts SET name = ?4, keys_enabled = ?5, monthly_uses = ?6, revision = revision + 1
             WHERE keyspace = ?1 AND id = ?2 AND revision = ?3",
        )
        .read()?
        .execute(params![
            path.keyspace,
            path.account,
            revision.cast_signed(),
            content.name,
            content.keys_enabled,
            content.monthly_uses.map(u64::cast_signed),
        ])
        .read()?;
    touched(1, changed)?;
    let after = Account {
        name: content.name,
        keys_enabled: content.keys_enabled,
        monthly_uses: content.monthly_uses,
        revision: revision + 1,
        ..before.clone()
    };
    let told = details::changed(details::account(&before), details::account(&after));
    record(db, path, act, "account.update", told)?;
    Ok(Some(after))
}

pub(super) fn one(db: &Connection, path: &AccountPath) -> Result<Option<Account>, StoreError> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM accounts WHERE keyspace = ?1 AND id = ?2"
    ))
    .read()?
    .query_row([&path.keyspace, &path.account], account)
    .read_optional()
}

/// Holds that what was decided of a key of the account still follows from what is so.
pub(super) fn must_bear(
    db: &Connection,
    path: &AccountPath,
    premise: Premise,
) -> Result<(), StoreError> {
    keyspaces::must_be_ruled_by(db, &path.keyspace, premise.rules)?;
    if premise.keys_enabled && one(db, path)?.is_none_or(|account| !account.keys_enabled) {
        return Err(StoreError::not_enabled());
    }
    Ok(())
}

pub(super) fn exists(db: &Connection, keyspace: &str, id: &str) -> Result<bool, StoreError> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM accounts WHERE keyspace = ?1 AND id = ?2)")
        .read()?
        .query_row([keyspace, id], |row| row.get(0))
        .read()
}

/// Whether there is the keyspace and, where one is named, the account in it.
pub(super) fn are_there(
    db: &Connection,
    keyspace: &str,
    account: Option<&str>,
) -> Result<bool, StoreError> {
    match account {
        Some(account) => exists(db, keyspace, account),
        None => Ok(keyspaces::edition(db, keyspace)?.is_some()),
    }
}

/// Counts a key more or less in an account.
pub(super) fn count_key(db: &Connection, path: &AccountPath, more: i64) -> Result<(), StoreError> {
    let changed = db
        .prepare_cached("UPDATE accounts SET keys = keys + ?3 WHERE keyspace = ?1 AND id = ?2")
        .read()?
        .execute(params![path.keyspace, path.account, more])
        .read()?;
    touched(1, changed)
}

/// How many keys there are in an account, or in all of a keyspace.
pub(super) fn count_keys(
    db: &Connection,
    keyspace: &str,
    account: Option<&str>,
) -> Result<u64, StoreError> {
    let count = |row: &Row<'_>| count(row, 0);
    match account {
        Some(account) => db
            .prepare_cached("SELECT keys FROM accounts WHERE keyspace = ?1 AND id = ?2")
            .read()?
            .query_row([keyspace, account], count),
        None => db
            .prepare_cached("SELECT coalesce(sum(keys), 0) FROM accounts WHERE keyspace = ?1")
            .read()?
            .query_row([keyspace], count),
    }
    .read()
}

pub(super) fn page(
    db: &Connection,
    keyspace: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<Option<Vec<Account>>, StoreError> {
    if keyspaces::edition(db, keyspace)?.is_none() {
        return Ok(None);
    }
    let mut query = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM accounts WHERE keyspace = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
        ))
        .read()?;
    let rows = query
        .query_map(params![keyspace, after.unwrap_or_default(), limit], account)
        .read()?;
    rows.collect::<rusqlite::Result<_>>().read().map(Some)
}

fn record(
    db: &Connection,
    path: &AccountPath,
    act: &Act,
    action: &'static str,
    details: serde_json::Value,
) -> Result<(), StoreError> {
    let entry = Entry {
        action,
        account: Some(&path.account),
        target: &path.account,
        details,
    };
    audit::record(db, &path.keyspace, act, entry)
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: row.get(0)?,
        name: row.get(1)?,
        keys_enabled: row.get(2)?,
        monthly_uses: row
            .get::<_, Option<i64>>(3)?
            .map(|_| count(row, 3))
            .transpose()?,
        created_at: instant(row, 4)?,
        revision: count(row, 5)?,
    })
}
