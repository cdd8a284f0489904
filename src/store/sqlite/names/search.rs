//! The search through what waits and through the segments, in the order of ids.

use std::collections::BinaryHeap;
use std::ops::ControlFlow;

use rusqlite::{Connection, params};

use super::grams::{self, Gram};
use super::segment;
use crate::store::sqlite::errors::Read;
use crate::store::sqlite::keys::Range;
use crate::store::{Order, StoreError};

/// What is looked for.
#[derive(Clone, Copy)]
pub(in crate::store::sqlite) struct Search<'a> {
    pub(in crate::store::sqlite) keyspace: &'a str,
    /// Keys of this account only.
    pub(in crate::store::sqlite) account: Option<&'a str>,
    /// The part of the name.
    pub(in crate::store::sqlite) part: &'a str,
    pub(in crate::store::sqlite) range: Range,
    pub(in crate::store::sqlite) order: Order,
}

/// The segments in which an account has keys.
pub(in crate::store::sqlite) const OF_ACCOUNT: &str =
    "SELECT s.number, s.first_id, s.last_id
     FROM name_grams AS g INDEXED BY name_grams_of_accounts CROSS JOIN name_segments AS s ON s.number = g.segment
     WHERE g.gram = ?4 AND g.gram < 0 AND s.keyspace = ?1 AND s.last_id >= ?2 AND s.first_id <= ?3";

/// The segments of a keyspace.
const OF_KEYSPACE: &str = "SELECT number, first_id, last_id FROM name_segments
     WHERE keyspace = ?1 AND last_id >= ?2 AND first_id <= ?3 AND ?4 IS NULL";

/// Hands the ids of keys whose name may have the part to `visit`, in order and each once, until that has enough.
pub(in crate::store::sqlite) fn each_with_part(
    db: &Connection,
    search: Search<'_>,
    visit: &mut dyn FnMut(i64) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    let Search {
        keyspace,
        account,
        part,
        range,
        order,
    } = search;
    let account = account.map(|account| grams::of_account(keyspace, account));
    let mut wanted: Vec<_> = account.into_iter().chain(grams::of_part(part)).collect();
    // Whoever comes first in the list is the greatest here.
    let place = |id: i64| match order {
        Order::NewestFirst => id,
        Order::OldestFirst => -id,
    };
    let mut found = BinaryHeap::new();
    for id in waiting(db, search)? {
        found.push(place(id));
    }
    let mut segments = segments(db, search, account)?.into_iter().peekable();
    let mut last = None;
    loop {
        // A segment is opened as soon as one of its keys could be the next.
        while let Some((number, _)) =
            segments.next_if(|(_, start)| found.peek().is_none_or(|next| place(*start) >= *next))
        {
            segment::find(db, number, &mut wanted, &mut |id| {
                if (range.first..=range.last).contains(&id) {
                    found.push(place(id));
                }
            })?;
        }
        let Some(next) = found.pop() else {
            return Ok(());
        };
        // A key that got another name is in two places.
        if last == Some(next) {
            continue;
        }
        last = Some(next);
        if visit(next.abs())?.is_break() {
            return Ok(());
        }
    }
}

fn waiting(db: &Connection, search: Search<'_>) -> Result<Vec<i64>, StoreError> {
    let Search {
        keyspace,
        account,
        part,
        range,
        ..
    } = search;
    let mut query = db
        .prepare_cached(
            "SELECT id FROM names_waiting
             WHERE keyspace = ?1 AND id BETWEEN ?2 AND ?3 AND (?5 IS NULL OR account = ?5) AND instr(name, ?4) > 0",
        )
        .read()?;
    let values = params![keyspace, range.first, range.last, part, account];
    let ids = query.query_map(values, |row| row.get(0)).read()?;
    ids.collect::<rusqlite::Result<_>>().read()
}

/// The segments that reach into the range, with the end at which the list comes to them, in the order in which it does.
fn segments(
    db: &Connection,
    search: Search<'_>,
    account: Option<Gram>,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let Search {
        keyspace,
        range,
        order,
        ..
    } = search;
    let mut query = db
        .prepare_cached(account.map_or(OF_KEYSPACE, |_| OF_ACCOUNT))
        .read()?;
    let values = params![keyspace, range.first, range.last, account];
    let segments = query
        .query_map(values, |row| {
            let start = match order {
                Order::NewestFirst => 2,
                Order::OldestFirst => 1,
            };
            Ok((row.get(0)?, row.get(start)?))
        })
        .read()?;
    let mut segments = segments
        .collect::<rusqlite::Result<Vec<(i64, i64)>>>()
        .read()?;
    segments.sort_unstable_by_key(|(_, start)| match order {
        Order::NewestFirst => -start,
        Order::OldestFirst => *start,
    });
    Ok(segments)
}
