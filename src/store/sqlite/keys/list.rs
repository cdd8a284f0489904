//! Lists of keys: a part of them, or how many there are.
//!
//! First the ids are picked, from an index that mostly says all that was asked, then the rows of those are read.

use std::ops::ControlFlow;

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::filter::{Conditions, Range, part_of_name};
use super::path::{By, Path};
use super::record::{COLUMNS, RETIRING, key_record};
use crate::store::sqlite::columns::count as count_column;
use crate::store::sqlite::errors::Read;
use crate::store::sqlite::{accounts, names};
use crate::store::{KeyFilter, KeyRecord, KeySlice, Order, StoreError};

/// So many keys that grams have found are looked at one by one for a count; where there are more, all names are read,
/// or all of the account.
const FEW_FINDS: u64 = if cfg!(test) { 20 } else { 50_000 };

pub(in crate::store::sqlite) fn page(
    db: &Connection,
    keyspace: &str,
    filter: &KeyFilter,
    slice: KeySlice,
) -> Result<Option<Vec<KeyRecord>>, StoreError> {
    if !accounts::are_there(db, keyspace, filter.account.as_deref())? {
        return Ok(None);
    }
    let range = Range::of(db, keyspace, filter, Some(&slice))?;
    let ids = match Path::choose(db, keyspace, filter)? {
        Path::Grams => pick_by_grams(db, keyspace, filter, range, slice)?,
        path => pick(db, keyspace, filter, range, slice, path)?,
    };
    let mut query = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM keys AS k {RETIRING} WHERE k.keyspace = ?1 AND k.id = ?2"
        ))
        .read()?;
    ids.into_iter()
        .map(|id| query.query_row(params![keyspace, id], key_record))
        .collect::<rusqlite::Result<_>>()
        .read()
        .map(Some)
}

pub(in crate::store::sqlite) fn count(
    db: &Connection,
    keyspace: &str,
    filter: &KeyFilter,
) -> Result<Option<u64>, StoreError> {
    if !accounts::are_there(db, keyspace, filter.account.as_deref())? {
        return Ok(None);
    }
    let only_by_account = KeyFilter {
        account: filter.account.clone(),
        ..KeyFilter::default()
    };
    if *filter == only_by_account {
        return accounts::count_keys(db, keyspace, filter.account.as_deref()).map(Some);
    }
    let range = Range::of(db, keyspace, filter, None)?;
    let mut path = Path::choose(db, keyspace, filter)?;
    if path == Path::Grams {
        if let Some(found) = count_by_grams(db, keyspace, filter, range)? {
            return Ok(Some(found));
        }
        path = Path::Ordered(filter.account.as_ref().map_or(By::Name, |_| By::Account));
    }
    let (sql, values) =
        Conditions::of(keyspace, filter, range).select("count(*)", path, filter, "");
    db.prepare_cached(&sql)
        .read()?
        .query_row(params_from_iter(values), |row| count_column(row, 0))
        .read()
        .map(Some)
}

fn pick(
    db: &Connection,
    keyspace: &str,
    filter: &KeyFilter,
    range: Range,
    slice: KeySlice,
    path: Path,
) -> Result<Vec<i64>, StoreError> {
    let (sql, values) = picking(keyspace, filter, range, slice, path);
    let mut query = db.prepare_cached(&sql).read()?;
    let ids = query
        .query_map(params_from_iter(values), |row| row.get(0))
        .read()?;
    ids.collect::<rusqlite::Result<_>>().read()
}

/// The statement that picks the ids.
pub(super) fn picking(
    keyspace: &str,
    filter: &KeyFilter,
    range: Range,
    slice: KeySlice,
    path: Path,
) -> (String, Vec<Value>) {
    let direction = match slice.order {
        Order::NewestFirst => "DESC",
        Order::OldestFirst => "ASC",
    };
    let mut asked = Conditions::of(keyspace, filter, range);
    let limit = asked.bind(Value::Integer(slice.limit.into()));
    let skip = asked.bind(Value::Integer(
        i64::try_from(slice.skip).unwrap_or(i64::MAX),
    ));
    let tail = format!(" ORDER BY k.id {direction} LIMIT {limit} OFFSET {skip}");
    asked.select("k.id", path, filter, &tail)
}

fn pick_by_grams(
    db: &Connection,
    keyspace: &str,
    filter: &KeyFilter,
    range: Range,
    slice: KeySlice,
) -> Result<Vec<i64>, StoreError> {
    let (mut ids, mut skip) = (Vec::new(), slice.skip);
    let wanted = usize::try_from(slice.limit).unwrap_or(usize::MAX);
    find(
        db,
        keyspace,
        filter,
        range,
        slice.order,
        &mut |id, is_asked| {
            if is_asked && skip > 0 {
                skip -= 1;
            } else if is_asked {
                ids.push(id);
            }
            if ids.len() < wanted {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        },
    )?;
    ids.truncate(wanted);
    Ok(ids)
}

/// `None` where there are too many to look at each.
fn count_by_grams(
    db: &Connection,
    keyspace: &str,
    filter: &KeyFilter,
    range: Range,
) -> Result<Option<u64>, StoreError> {
    let (mut seen, mut found) = (0, 0);
    find(
        db,
        keyspace,
        filter,
        range,
        Order::NewestFirst,
        &mut |_, is_asked| {
            seen += 1;
            found += u64::from(is_asked);
            if seen <= FEW_FINDS {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        },
    )?;
    Ok((seen <= FEW_FINDS).then_some(found))
}

/// Hands over what the grams of a part of the name find, in order, and whether it is all that the filter asks: the key
/// may have another name by now, or be gone.
fn find(
    db: &Connection,
    keyspace: &str,
    filter: &KeyFilter,
    range: Range,
    order: Order,
    visit: &mut dyn FnMut(i64, bool) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let part = part_of_name(filter).unwrap_or_default();
    let mut asked = Conditions::of(keyspace, filter, range);
    let id_place = asked.bind(Value::Null);
    let (sql, values) = asked.select("1", Path::Grams, filter, &format!(" AND k.id = {id_place}"));
    let mut query = db.prepare_cached(&sql).read()?;
    for (place, value) in (1..).zip(&values) {
        query.raw_bind_parameter(place, value).read()?;
    }
    let search = names::Search {
        keyspace,
        account: filter.account.as_deref(),
        part,
        range,
        order,
    };
    names::each_with_part(db, search, &mut |id| {
        query.raw_bind_parameter(values.len(), id).read()?;
        let is_asked = query.raw_query().next().read()?.is_some();
        Ok(visit(id, is_asked))
    })
}
