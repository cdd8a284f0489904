//! What a restored database needs: to be found sound, and a new era for each keyspace.

use std::path::Path;

use rusqlite::{Connection, params};
use serde_json::json;

use super::audit::{self, Entry};
use super::errors::{Read, touched};
use super::{connection, keyspaces};
use crate::store::{Act, Keyspace, Signing, StoreError};

/// The first epoch of every era.
const FIRST_EPOCH: u64 = 1;

/// Reads the whole file at `path` and holds it against its own rules. Changes nothing.
pub(in crate::store) fn check(path: &Path) -> Result<(), StoreError> {
    let db = connection::open_for_reading(path)?;
    let found: String = db
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .read()?;
    if found != "ok" {
        return Err(StoreError::unusable(format!(
            "the database file {} is damaged: {found}",
            path.display()
        )));
    }
    let dangling: bool = db
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM pragma_foreign_key_check)",
            [],
            |row| row.get(0),
        )
        .read()?;
    if dangling {
        return Err(StoreError::unusable(format!(
            "the database file {} is damaged: rows refer to others that are missing",
            path.display()
        )));
    }
    Ok(())
}

pub(super) fn begin_era(
    db: &Connection,
    keyspace: &str,
    era: u32,
    signing: &Signing,
    act: &Act,
) -> Result<Option<Keyspace>, StoreError> {
    let Some(before) = keyspaces::one(db, keyspace)? else {
        return Ok(None);
    };
    if era <= before.edition.era {
        return Err(StoreError::internal(
            "a new era is later than the one before",
        ));
    }
    let signed = db
        .execute(
            "UPDATE keyspaces SET signing_seed = ?2, keyring = ?3 WHERE id = ?1",
            params![keyspace, *signing.seed, signing.keyring],
        )
        .read()?;
    touched(1, signed)?;
    let begun = db
        .execute(
            "UPDATE editions SET era = ?2, epoch = ?3, changed_at = ?4 WHERE keyspace = ?1",
            params![keyspace, era, FIRST_EPOCH.cast_signed(), act.at.as_millis()],
        )
        .read()?;
    touched(1, begun)?;
    let entry = Entry {
        action: "keyspace.era",
        account: None,
        target: keyspace,
        details: json!({
            "before": { "era": before.edition.era, "epoch": before.edition.epoch },
            "after": { "era": era, "epoch": FIRST_EPOCH },
        }),
    };
    audit::write(db, Some(keyspace), Some(FIRST_EPOCH), act, entry)?;
    keyspaces::one(db, keyspace)
}

pub(super) fn note_restore(
    db: &Connection,
    details: serde_json::Value,
    act: &Act,
) -> Result<(), StoreError> {
    let entry = Entry {
        action: "server.restore",
        account: None,
        target: "server",
        details,
    };
    audit::write(db, None, None, act, entry)
}
