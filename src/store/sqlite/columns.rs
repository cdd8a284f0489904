//! Columns that hold more than SQLite's own types.

use std::collections::BTreeMap;
use std::fmt;

use rusqlite::{Row, types::Type};
use serde_json::Value;

use crate::access::{Constraint, ConstraintValue};
use crate::key::{Digest, KeyId};
use crate::limit::Rate;
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

/// The digest in two columns, its scheme and its bytes.
pub(super) fn digest(row: &Row<'_>, scheme: usize) -> rusqlite::Result<Digest> {
    let kind = row.get_ref(scheme)?.as_str()?.parse();
    let kind = kind.map_err(|_| corrupt(scheme, "no scheme of a digest"))?;
    Ok(Digest::new(kind, row.get(scheme + 1)?))
}

/// The key id in a column.
pub(super) fn key_id(row: &Row<'_>, column: usize) -> rusqlite::Result<KeyId> {
    let number = u64::try_from(row.get::<_, i64>(column)?).ok();
    number
        .and_then(KeyId::from_u64)
        .ok_or_else(|| corrupt(column, "no key id"))
}

/// A key id as it stands in a column.
pub(super) const fn number(id: KeyId) -> i64 {
    id.get().cast_signed()
}

/// The number in a column that is never negative.
pub(super) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| corrupt(column, "a negative number"))
}

/// The rate in two columns, limit and window, that may be empty.
pub(super) fn rate(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Rate>> {
    let (Some(limit), Some(window)) = (row.get(column)?, row.get(column + 1)?) else {
        return Ok(None);
    };
    Rate::new(limit, window)
        .map(Some)
        .map_err(|_| corrupt(column, "no rate"))
}

/// The constraints in a column, a JSON object as `details::constraints` makes it.
pub(super) fn constraints(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<BTreeMap<String, Constraint>> {
    let text = row.get_ref(column)?.as_str()?;
    if text == "{}" {
        return Ok(BTreeMap::new());
    }
    let members: BTreeMap<String, Value> =
        serde_json::from_str(text).map_err(|_| corrupt(column, "no JSON object"))?;
    members
        .into_iter()
        .map(|(dimension, value)| Some((dimension, constraint(value)?)))
        .collect::<Option<_>>()
        .ok_or_else(|| corrupt(column, "no constraint"))
}

fn constraint(value: Value) -> Option<Constraint> {
    match value {
        Value::String(all) if all == "all" => Some(Constraint::All),
        Value::Array(values) => {
            let values: Option<Vec<ConstraintValue>> = values
                .iter()
                .map(|value| match value {
                    Value::String(text) => Some(text.as_str().into()),
                    number => number.as_i64().map(Into::into),
                })
                .collect();
            // What is an empty list is no constraint, and never all.
            Constraint::only(values?).ok()
        }
        _ => None,
    }
}

/// What a column says that this version did not write.
pub(super) fn corrupt(column: usize, what: impl fmt::Display) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Null, what.to_string().into())
}
