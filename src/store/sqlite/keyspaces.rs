//! Keyspaces and the accounts in them.

use rusqlite::{Connection, Row, params};
use serde_json::json;
use zeroize::Zeroizing;

use super::audit::{self, Entry};
use super::columns::{corrupt, digest, instant};
use super::errors::Read;
use crate::key::Digest;
use crate::store::{
    Account, AccountPath, Act, Edition, Keyspace, NewKeyspace, Signing, StoreError,
};
use crate::time::Timestamp;

const COLUMNS: &str =
    "id, profile, profile_digest, era, epoch, changed_at, root_public, fresh_for_seconds,
                       valid_for_seconds, created_at";

/// Where a new keyspace starts.
const FIRST: Edition = Edition { era: 1, epoch: 1 };

pub(super) fn insert(
    db: &Connection,
    new: &NewKeyspace,
    act: &Act,
) -> Result<Keyspace, StoreError> {
    db.execute(
        "INSERT INTO keyspaces (id, profile, profile_digest, era, epoch, changed_at, root_public, signing_seed, keyring,
                                fresh_for_seconds, valid_for_seconds, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?6)",
        params![
            new.id,
            new.profile,
            new.profile_digest.bytes(),
            FIRST.era,
            FIRST.epoch.cast_signed(),
            act.at.as_millis(),
            new.root_public,
            *new.signing.seed,
            new.signing.keyring,
            new.fresh_for_seconds,
            new.valid_for_seconds,
        ],
    )
    .read()?;
    let entry = Entry {
        action: "keyspace.create",
        account: None,
        target: &new.id,
        details: json!({
            "profile": new.profile,
            "fresh_for_seconds": new.fresh_for_seconds,
            "valid_for_seconds": new.valid_for_seconds,
        }),
    };
    audit::write(db, Some((&new.id, FIRST.epoch)), act, &entry)?;
    one(db, &new.id)?
        .ok_or_else(|| StoreError::internal("a keyspace vanished while it was created"))
}

pub(super) fn all(db: &Connection) -> Result<Vec<Keyspace>, StoreError> {
    let mut query = db
        .prepare_cached(&format!("SELECT {COLUMNS} FROM keyspaces ORDER BY id"))
        .read()?;
    query
        .query_map([], keyspace)
        .read()?
        .collect::<rusqlite::Result<_>>()
        .read()
}

pub(super) fn one(db: &Connection, id: &str) -> Result<Option<Keyspace>, StoreError> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM keyspaces WHERE id = ?1"))
        .read()?
        .query_row([id], keyspace)
        .read_optional()
}

pub(super) fn edition(db: &Connection, id: &str) -> Result<Option<Edition>, StoreError> {
    db.prepare_cached("SELECT era, epoch FROM keyspaces WHERE id = ?1")
        .read()?
        .query_row([id], |row| edition_at(row, 0))
        .read_optional()
}

pub(super) fn signing(db: &Connection, id: &str) -> Result<Option<Signing>, StoreError> {
    db.prepare_cached("SELECT signing_seed, keyring FROM keyspaces WHERE id = ?1")
        .read()?
        .query_row([id], |row| {
            Ok(Signing {
                seed: Zeroizing::new(row.get(0)?),
                keyring: row.get(1)?,
            })
        })
        .read_optional()
}

pub(super) fn set_profile_digest(
    db: &Connection,
    id: &str,
    digest: &Digest,
    act: &Act,
) -> Result<(), StoreError> {
    let changed = db
        .execute(
            "UPDATE keyspaces SET profile_digest = ?2 WHERE id = ?1",
            params![id, digest.bytes()],
        )
        .read()?;
    if changed != 1 {
        return Err(StoreError::internal(
            "a keyspace vanished while its profile was updated",
        ));
    }
    let details = json!({ "profile_digest": digest.to_string() });
    audit::record(
        db,
        id,
        act,
        &Entry {
            action: "keyspace.profile",
            account: None,
            target: id,
            details,
        },
    )
}

pub(super) fn begin_epoch(db: &Connection, id: &str, act: &Act) -> Result<(), StoreError> {
    let entry = Entry {
        action: "keyspace.epoch",
        account: None,
        target: id,
        details: json!({ "why": "the clock was set back" }),
    };
    audit::record(db, id, act, &entry)
}

/// Counts one more change of a keyspace and returns its new epoch. A clock that was ahead and is right again makes
/// `changed_at` earlier: what had ended by the wrong time is live again by the right one.
pub(super) fn raise_epoch(db: &Connection, id: &str, at: Timestamp) -> Result<u64, StoreError> {
    db.prepare_cached(
        "UPDATE keyspaces SET epoch = epoch + 1, changed_at = ?2 WHERE id = ?1 RETURNING epoch",
    )
    .read()?
    .query_row(params![id, at.as_millis()], |row| {
        row.get(0).map(i64::cast_unsigned)
    })
    .read()
}

pub(super) fn insert_account(
    db: &Connection,
    path: &AccountPath,
    name: Option<String>,
    act: &Act,
) -> Result<Option<Account>, StoreError> {
    if edition(db, &path.keyspace)?.is_none() {
        return Ok(None);
    }
    db.prepare_cached(
        "INSERT INTO accounts (keyspace, id, name, created_at) VALUES (?1, ?2, ?3, ?4)",
    )
    .read()?
    .execute(params![
        path.keyspace,
        path.account,
        name,
        act.at.as_millis()
    ])
    .read()?;
    let entry = Entry {
        action: "account.create",
        account: Some(&path.account),
        target: &path.account,
        details: json!({ "name": name }),
    };
    audit::record(db, &path.keyspace, act, &entry)?;
    Ok(Some(Account {
        id: path.account.clone(),
        name,
        created_at: act.at,
    }))
}

pub(super) fn has_account(db: &Connection, path: &AccountPath) -> Result<bool, StoreError> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM accounts WHERE keyspace = ?1 AND id = ?2)")
        .read()?
        .query_row([&path.keyspace, &path.account], |row| row.get(0))
        .read()
}

pub(super) fn accounts(
    db: &Connection,
    keyspace: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<Option<Vec<Account>>, StoreError> {
    if edition(db, keyspace)?.is_none() {
        return Ok(None);
    }
    let mut query = db
        .prepare_cached(
            "SELECT id, name, created_at FROM accounts WHERE keyspace = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        )
        .read()?;
    let rows = query
        .query_map(params![keyspace, after.unwrap_or_default(), limit], |row| {
            Ok(Account {
                id: row.get(0)?,
                name: row.get(1)?,
                created_at: instant(row, 2)?,
            })
        })
        .read()?;
    rows.collect::<rusqlite::Result<_>>().read().map(Some)
}

fn keyspace(row: &Row<'_>) -> rusqlite::Result<Keyspace> {
    Ok(Keyspace {
        id: row.get(0)?,
        profile: row.get(1)?,
        profile_digest: digest(row, 2)?,
        edition: edition_at(row, 3)?,
        changed_at: instant(row, 5)?,
        root_public: row.get(6)?,
        fresh_for_seconds: row.get(7)?,
        valid_for_seconds: row.get(8)?,
        created_at: instant(row, 9)?,
    })
}

fn edition_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Edition> {
    let epoch = u64::try_from(row.get::<_, i64>(column + 1)?)
        .map_err(|_| corrupt(column + 1, "a negative epoch"))?;
    Ok(Edition {
        era: row.get(column)?,
        epoch,
    })
}
