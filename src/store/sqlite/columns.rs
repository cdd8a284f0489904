//! Columns that hold more than SQLite's own types.

use rusqlite::{Row, types::Type};

use crate::key::{Digest, KeyId};
use crate::time::Timestamp;

/// The instant in a column.
pub(super) fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millis(row.get(column)?)
        .ok_or_else(|| corrupt(column, "an instant before 1970"))
}

/// The instant in a column that may be empty.
pub(super) fn optional_instant(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column)?
        .map(|_| instant(row, column))
        .transpose()
}

/// The digest in a column.
pub(super) fn digest(row: &Row<'_>, column: usize) -> rusqlite::Result<Digest> {
    row.get(column).map(Digest::from_sha256)
}

/// The key id in a column.
pub(super) fn key_id(row: &Row<'_>, column: usize) -> rusqlite::Result<KeyId> {
    let number = u64::try_from(row.get::<_, i64>(column)?).ok();
    number
        .and_then(KeyId::from_u64)
        .ok_or_else(|| corrupt(column, "no key id"))
}

/// What a column says that this version did not write.
pub(super) fn corrupt(column: usize, what: &'static str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Null, what.into())
}
