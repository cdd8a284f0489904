//! What comes back from the edges: how often keys were used, and when last.

use rusqlite::{Connection, params};

use super::columns::{count, key_id, number};
use super::errors::Read;
use super::{accounts, keys, keyspaces};
use crate::store::{AccountPath, Act, DayUse, KeyPath, StoreError, UsageFilter, Use, counting};

pub(super) fn add(
    db: &Connection,
    keyspace: &str,
    batch: Option<[u8; 32]>,
    uses: &[Use],
    act: &Act,
) -> Result<bool, StoreError> {
    if keyspaces::edition(db, keyspace)?.is_none() {
        return Ok(true);
    }
    if let Some(batch) = batch {
        let added = db
            .prepare_cached(
                "INSERT INTO batches (keyspace, batch, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )
            .read()?
            .execute(params![keyspace, batch, act.at.as_millis()])
            .read()?;
        if added == 0 {
            return Ok(false);
        }
    }
    for of_key in uses {
        add_one(db, keyspace, of_key, act)?;
    }
    Ok(true)
}

fn add_one(db: &Connection, keyspace: &str, of_key: &Use, act: &Act) -> Result<(), StoreError> {
    let id = number(of_key.id);
    let account: Option<String> = db
        .prepare_cached("SELECT account FROM keys WHERE keyspace = ?1 AND id = ?2")
        .read()?
        .query_row(params![keyspace, id], |row| row.get(0))
        .read_optional()?;
    let Some(account) = account else {
        return Ok(());
    };
    db.prepare_cached(
        "UPDATE keys SET last_used_at = ?3
         WHERE keyspace = ?1 AND id = ?2 AND (last_used_at IS NULL OR last_used_at < ?3)",
    )
    .read()?
    .execute(params![keyspace, id, of_key.last.as_millis()])
    .read()?;
    if of_key.count > 0 {
        db.prepare_cached(
            "INSERT INTO uses (keyspace, id, day, account, count) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (keyspace, id, day) DO UPDATE SET count = min(count + excluded.count, ?6)",
        )
        .read()?
        .execute(params![
            keyspace,
            id,
            counting::day(of_key.last),
            account,
            counting::held(of_key.count).cast_signed(),
            counting::MOST.cast_signed(),
        ])
        .read()?;
    }
    if let Some(used) = of_key.newest_used_at {
        let account = AccountPath {
            keyspace: keyspace.to_owned(),
            account,
        };
        let path = KeyPath {
            account,
            id: of_key.id,
        };
        keys::bring_forward(db, &path, used, act)?;
    }
    Ok(())
}

pub(super) fn list(
    db: &Connection,
    keyspace: &str,
    filter: &UsageFilter,
) -> Result<Option<Vec<DayUse>>, StoreError> {
    if !accounts::are_there(db, keyspace, filter.account.as_deref())? {
        return Ok(None);
    }
    let mut query = db.prepare_cached(statement(filter)).read()?;
    let rows = query
        .query_map(
            params![
                keyspace,
                filter.first_day,
                filter.last_day,
                filter.account,
                filter.id.map(number)
            ],
            |row| {
                Ok(DayUse {
                    day: row.get(0)?,
                    id: key_id(row, 1)?,
                    count: count(row, 2)?,
                })
            },
        )
        .read()?;
    rows.collect::<rusqlite::Result<_>>().read().map(Some)
}

/// One statement for each way in: a key's own uses, an account's, all.
const fn statement(filter: &UsageFilter) -> &'static str {
    match (&filter.id, &filter.account) {
        (Some(_), _) => {
            "SELECT day, id, count FROM uses
             WHERE keyspace = ?1 AND id = ?5 AND day BETWEEN ?2 AND ?3 AND (?4 IS NULL OR account = ?4) ORDER BY day"
        }
        (None, Some(_)) => {
            "SELECT day, id, count FROM uses INDEXED BY uses_by_account
             WHERE keyspace = ?1 AND account = ?4 AND day BETWEEN ?2 AND ?3 AND ?5 IS NULL ORDER BY day, id"
        }
        (None, None) => {
            "SELECT day, id, count FROM uses INDEXED BY uses_by_day
             WHERE keyspace = ?1 AND day BETWEEN ?2 AND ?3 AND ?4 IS NULL AND ?5 IS NULL ORDER BY day, id"
        }
    }
}
