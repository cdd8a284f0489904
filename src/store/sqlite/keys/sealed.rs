//! Keys that are kept sealed: shown again, and sealed anew.

use rusqlite::{Connection, Row, params};
use serde_json::json;

use crate::key::{Digest, KeyId};
use crate::store::sqlite::audit::{self, Entry};
use crate::store::sqlite::columns::{digest, key_id, number};
use crate::store::sqlite::errors::Read;
use crate::store::{AccountPath, Act, KeyPath, Sealed, StoreError};

/// Two ranges of one index, because what is unequal is found by none.
pub(super) const UNDER_OTHERS: &str =
    "SELECT scheme, digest, sealed_master, sealed, keyspace, account, id
     FROM keys INDEXED BY keys_by_master WHERE sealed_master < ?1
     UNION ALL
     SELECT scheme, digest, sealed_master, sealed, keyspace, account, id
     FROM keys INDEXED BY keys_by_master WHERE sealed_master > ?1
     LIMIT ?2";

/// Those of an account among `ids`, each once.
pub(in crate::store::sqlite) fn among(
    db: &Connection,
    account: &AccountPath,
    ids: &[KeyId],
) -> Result<Vec<(KeyId, Digest, Sealed)>, StoreError> {
    let mut query = db
        .prepare_cached(
            "SELECT scheme, digest, sealed_master, sealed FROM keys
             WHERE keyspace = ?1 AND account = ?2 AND id = ?3 AND sealed IS NOT NULL",
        )
        .read()?;
    let mut among: Vec<(KeyId, Digest, Sealed)> = Vec::with_capacity(ids.len());
    for (position, id) in ids.iter().enumerate() {
        if ids[..position].contains(id) {
            continue;
        }
        let found = query
            .query_row(
                params![account.keyspace, account.account, number(*id)],
                |row| Ok((digest(row, 0)?, sealed(row)?)),
            )
            .read_optional()?;
        among.extend(found.map(|(digest, sealed)| (*id, digest, sealed)));
    }
    Ok(among)
}

pub(in crate::store::sqlite) fn reveal(
    db: &Connection,
    account: &AccountPath,
    ids: &[KeyId],
    act: &Act,
) -> Result<Vec<(KeyId, Digest, Sealed)>, StoreError> {
    let revealed = among(db, account, ids)?;
    let names: Vec<_> = revealed.iter().map(|(id, ..)| id.to_string()).collect();
    let target = match &names[..] {
        [] => return Ok(revealed),
        [only] => only,
        _ => &account.account,
    };
    let entry = Entry {
        action: "key.reveal",
        account: Some(&account.account),
        target,
        details: json!({ "keys": names }),
    };
    audit::write(db, Some(&account.keyspace), None, act, entry)?;
    Ok(revealed)
}

pub(in crate::store::sqlite) fn under_others(
    db: &Connection,
    master: [u8; 8],
    limit: u32,
) -> Result<Vec<(KeyPath, Digest, Sealed)>, StoreError> {
    let mut query = db.prepare_cached(UNDER_OTHERS).read()?;
    let rows = query
        .query_map(params![master, limit], |row| {
            let account = AccountPath {
                keyspace: row.get(4)?,
                account: row.get(5)?,
            };
            let id = key_id(row, 6)?;
            Ok((KeyPath { account, id }, digest(row, 0)?, sealed(row)?))
        })
        .read()?;
    rows.collect::<rusqlite::Result<_>>().read()
}

pub(in crate::store::sqlite) fn reseal(
    db: &Connection,
    path: &KeyPath,
    digest: &Digest,
    sealed: &Sealed,
) -> Result<bool, StoreError> {
    let changed = db
        .prepare_cached(
            "UPDATE keys SET sealed_master = ?6, sealed = ?7
             WHERE keyspace = ?1 AND account = ?2 AND id = ?3 AND scheme = ?4 AND digest = ?5 AND sealed IS NOT NULL",
        )
        .read()?
        .execute(params![
            path.account.keyspace,
            path.account.account,
            number(path.id),
            digest.scheme().to_string(),
            digest.bytes(),
            sealed.master,
            sealed.bytes,
        ])
        .read()?;
    match changed {
        0 => Ok(false),
        1 => Ok(true),
        more => Err(StoreError::internal(format!(
            "the sealing of one key touched {more}"
        ))),
    }
}

fn sealed(row: &Row<'_>) -> rusqlite::Result<Sealed> {
    Ok(Sealed {
        master: row.get(2)?,
        bytes: row.get(3)?,
    })
}
