//! What comes back from the edges: how often keys were used, and when last.

use rusqlite::{Connection, params};

use super::columns::{count, key_id, number};
use super::errors::Read;
use super::{accounts, keys, keyspaces};
use crate::key::KeyId;
use crate::store::{
    AccountPath, Act, DayUse, KeyPath, KeyRecord, StoreError, UsageFilter, Use, counting,
};

pub(super) fn add(
    db: &Connection,
    keyspace: &str,
    batch: Option<[u8; 32]>,
    uses: &[Use],
    act: &Act,
) -> Result<Option<Vec<(KeyPath, KeyRecord)>>, StoreError> {
    let mut retired = Vec::new();
    if keyspaces::edition(db, keyspace)?.is_none() {
        return Ok(Some(retired));
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
            return Ok(None);
        }
    }
    for of_key in uses {
        retired.extend(add_one(db, keyspace, of_key, act)?);
    }
    Ok(Some(retired))
}

/// The key where its secret before the last rotation now ends earlier.
fn add_one(
    db: &Connection,
    keyspace: &str,
    of_key: &Use,
    act: &Act,
) -> Result<Option<(KeyPath, KeyRecord)>, StoreError> {
    let id = number(of_key.id);
    let account: Option<String> = db
        .prepare_cached("SELECT account FROM keys WHERE keyspace = ?1 AND id = ?2")
        .read()?
        .query_row(params![keyspace, id], |row| row.get(0))
        .read_optional()?;
    let Some(account) = account else {
        return Ok(None);
    };
    db.prepare_cached(
        "UPDATE keys SET last_used_at = ?3
         WHERE keyspace = ?1 AND id = ?2 AND (last_used_at IS NULL OR last_used_at < ?3)",
    )
    .read()?
    .execute(params![keyspace, id, of_key.last.as_millis()])
    .read()?;
    if of_key.count > 0 {
        let day = counting::day(of_key.last);
        let count = counting::held(of_key.count).cast_signed();
        let most = counting::MOST.cast_signed();
        db.prepare_cached(
            "INSERT INTO uses (keyspace, id, day, account, count) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (keyspace, id, day) DO UPDATE SET count = min(count + excluded.count, ?6)",
        )
        .read()?
        .execute(params![keyspace, id, day, account, count, most])
        .read()?;
        db.prepare_cached(
            "INSERT INTO account_uses (keyspace, account, day, count) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (keyspace, account, day) DO UPDATE SET count = min(count + excluded.count, ?5)",
        )
        .read()?
        .execute(params![keyspace, account, day, count, most])
        .read()?;
    }
    let Some(used) = of_key.newest_used_at else {
        return Ok(None);
    };
    let account = AccountPath {
        keyspace: keyspace.to_owned(),
        account,
    };
    let path = KeyPath {
        account,
        id: of_key.id,
    };
    let retired = keys::bring_forward(db, &path, used, act)?;
    Ok(retired.map(|record| (path, record)))
}

/// A part of the uses: at most `limit`, behind those of this day and key.
pub(super) fn page(
    db: &Connection,
    keyspace: &str,
    filter: &UsageFilter,
    after: Option<(u32, KeyId)>,
    limit: u32,
) -> Result<Option<Vec<DayUse>>, StoreError> {
    if !accounts::are_there(db, keyspace, filter.account.as_deref())? {
        return Ok(None);
    }
    // No id is below zero: a part that begins with the first day begins before all of them.
    let (day, id) = after
        .filter(|(day, _)| *day >= filter.first_day)
        .map_or((filter.first_day, -1), |(day, id)| (day, number(id)));
    let mut query = db.prepare_cached(statement(filter)).read()?;
    let rows = query
        .query_map(
            params![
                keyspace,
                day,
                id,
                filter.last_day,
                limit,
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

/// One statement for each way in: a key's own uses, an account's, all. Each begins where the part before ended.
pub(super) const fn statement(filter: &UsageFilter) -> &'static str {
    match (&filter.id, &filter.account) {
        (Some(_), _) => {
            "SELECT day, id, count FROM uses
             WHERE keyspace = ?1 AND id = ?7 AND day >= ?2 AND day <= ?4 AND (day, id) > (?2, ?3)
               AND (?6 IS NULL OR account = ?6) ORDER BY day LIMIT ?5"
        }
        (None, Some(_)) => {
            "SELECT day, id, count FROM uses INDEXED BY uses_by_account
             WHERE keyspace = ?1 AND account = ?6 AND (day, id) > (?2, ?3) AND day <= ?4 AND ?7 IS NULL
             ORDER BY day, id LIMIT ?5"
        }
        (None, None) => {
            "SELECT day, id, count FROM uses INDEXED BY uses_by_day
             WHERE keyspace = ?1 AND (day, id) > (?2, ?3) AND day <= ?4 AND ?6 IS NULL AND ?7 IS NULL
             ORDER BY day, id LIMIT ?5"
        }
    }
}

/// How often all keys of an account were used on these days.
pub(super) fn sum(
    db: &Connection,
    account: &AccountPath,
    first_day: u32,
    last_day: u32,
) -> Result<Option<u64>, StoreError> {
    if !accounts::are_there(db, &account.keyspace, Some(&account.account))? {
        return Ok(None);
    }
    db.prepare_cached(SUM)
        .read()?
        .query_row(
            params![account.keyspace, account.account, first_day, last_day],
            |row| count(row, 0),
        )
        .read()
        .map(|sum| Some(counting::held(sum)))
}

/// A row a day.
pub(super) const SUM: &str = "SELECT coalesce(sum(count), 0) FROM account_uses
     WHERE keyspace = ?1 AND account = ?2 AND day BETWEEN ?3 AND ?4";
