//! A key's row, and what is made of it.

use rusqlite::Row;

use crate::store::sqlite::columns::{
    constraints, corrupt, count, instant, key_id, optional_instant, rate,
};
use crate::store::{KeyContent, KeyRecord, KeyState, Retiring};

/// The columns that [`key_record`] reads.
pub(super) const COLUMNS: &str = "k.id, k.account, k.hint, k.level, k.constraints, k.rate_limit, k.rate_window, k.fields,
    k.subject, k.meta, k.expires_at, k.state, k.state_since, k.sealed_master IS NOT NULL, k.created_at, k.created_by,
    k.updated_at, k.revision, k.enabled_at, k.rotated_at, k.last_used_at, r.hint, r.ends_at, r.ends_after_use";

/// What brings the secret before the last rotation beside the key.
pub(super) const RETIRING: &str =
    "LEFT JOIN retiring AS r ON r.keyspace = k.keyspace AND r.id = k.id";

pub(super) fn key_record(row: &Row<'_>) -> rusqlite::Result<KeyRecord> {
    let fields = row.get_ref(7)?.as_str()?;
    Ok(KeyRecord {
        id: key_id(row, 0)?,
        account: row.get(1)?,
        hint: row.get(2)?,
        content: KeyContent {
            level: row.get(3)?,
            constraints: constraints(row, 4)?,
            rate: rate(row, 5)?,
            fields: serde_json::from_str(fields)
                .map_err(|_| corrupt(7, "no JSON object of strings"))?,
            subject: row.get(8)?,
            meta: row.get(9)?,
            expires_at: optional_instant(row, 10)?,
        },
        state: state(row)?,
        is_sealed: row.get(13)?,
        created_at: instant(row, 14)?,
        created_by: row.get(15)?,
        updated_at: instant(row, 16)?,
        revision: count(row, 17)?,
        enabled_at: optional_instant(row, 18)?,
        rotated_at: optional_instant(row, 19)?,
        last_used_at: optional_instant(row, 20)?,
        retiring: retiring(row)?,
    })
}

fn state(row: &Row<'_>) -> rusqlite::Result<KeyState> {
    match row.get_ref(11)?.as_str()? {
        "active" => Ok(KeyState::Active),
        "disabled" => Ok(KeyState::Disabled {
            at: instant(row, 12)?,
        }),
        "deactivated" => Ok(KeyState::Deactivated {
            at: instant(row, 12)?,
        }),
        _ => Err(corrupt(11, "no state of a key")),
    }
}

fn retiring(row: &Row<'_>) -> rusqlite::Result<Option<Retiring>> {
    let Some(hint) = row.get(21)? else {
        return Ok(None);
    };
    Ok(Some(Retiring {
        hint,
        ends_at: instant(row, 22)?,
        ends_after_use: row.get(23)?,
    }))
}
