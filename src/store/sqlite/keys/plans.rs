//! The statements of lists, for the test that looks at their plans.

use rusqlite::Connection;

use super::filter::Range;
use super::path::Path;
use super::{idle, list, live, notices, sealed};
use crate::store::{KeyFilter, KeySlice};

/// The way that a filter goes.
pub(in crate::store::sqlite) fn path(db: &Connection, keyspace: &str, filter: &KeyFilter) -> Path {
    Path::choose(db, keyspace, filter).expect("an answer")
}

/// The statement that picks a page.
pub(in crate::store::sqlite) fn of_page(
    db: &Connection,
    keyspace: &str,
    filter: &KeyFilter,
    slice: KeySlice,
) -> String {
    let range = Range::of(db, keyspace, filter, Some(&slice)).expect("an answer");
    let path = path(db, keyspace, filter);
    list::picking(keyspace, filter, range, slice, path).0
}

/// Statements that do not depend on what is asked.
pub(in crate::store::sqlite) const fn others() -> [(&'static str, &'static str); 5] {
    [
        ("live keys", live::PRESENT),
        ("live keys that retire", live::RETIRING),
        ("idle keys", idle::IDLE),
        ("keys whose owners are to be told", notices::DUE),
        ("keys under other master keys", sealed::UNDER_OTHERS),
    ]
}
