//! The search through what waits and through the segments, in the order of ids.

use std::collections::BinaryHeap;
use std::ops::ControlFlow;

use rusqlite::{Connection, params};

use super::{grams, segment};
use crate::store::sqlite::errors::Read;
use crate::store::sqlite::keys::Range;
use crate::store::{Order, StoreError};

/// Hands the ids in `range` of keys whose name may have this part to `visit`, in order and each once, until that has enough.
pub(in crate::store::sqlite) fn each_with_part(
    db: &Connection,
    keyspace: &str,
    part: &str,
    range: Range,
    order: Order,
    visit: &mut dyn FnMut(i64) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    let mut wanted = grams::of_part(part);
    // Whoever comes first in the list is the greatest here.
    let place = |id: i64| match order {
        Order::NewestFirst => id,
        Order::OldestFirst => -id,
    };
    let mut found = BinaryHeap::new();
    for id in waiting(db, keyspace, part, range)? {
        found.push(place(id));
    }
    let mut segments = segments(db, keyspace, range, order)?.into_iter().peekable();
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

fn waiting(
    db: &Connection,
    keyspace: &str,
    part: &str,
    range: Range,
) -> Result<Vec<i64>, StoreError> {
    let mut query = db
        .prepare_cached(
            "SELECT id FROM names_waiting
             WHERE keyspace = ?1 AND id BETWEEN ?2 AND ?3 AND instr(name, ?4) > 0",
        )
        .read()?;
    let ids = query
        .query_map(params![keyspace, range.first, range.last, part], |row| {
            row.get(0)
        })
        .read()?;
    ids.collect::<rusqlite::Result<_>>().read()
}

/// The segments that reach into `range`, with the end at which the list comes to them, in the order in which it does.
fn segments(
    db: &Connection,
    keyspace: &str,
    range: Range,
    order: Order,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut query = db
        .prepare_cached(match order {
            Order::NewestFirst => {
                "SELECT number, last_id FROM name_segments
                 WHERE keyspace = ?1 AND last_id >= ?2 AND first_id <= ?3 ORDER BY last_id DESC"
            }
            Order::OldestFirst => {
                "SELECT number, first_id FROM name_segments
                 WHERE keyspace = ?1 AND last_id >= ?2 AND first_id <= ?3 ORDER BY first_id"
            }
        })
        .read()?;
    let segments = query
        .query_map(params![keyspace, range.first, range.last], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .read()?;
    segments.collect::<rusqlite::Result<_>>().read()
}
