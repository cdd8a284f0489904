//! Keyspaces: what they consist of, and where they stand.

use rusqlite::{Connection, Row, params};
use serde_json::json;
use zeroize::Zeroizing;

use super::audit::{self, Entry};
use super::columns::{corrupt, digest, instant};
use super::errors::{Read, touched};
use super::{keys, operators};
use crate::key::Digest;
use crate::store::{
    Act, Edition, Keyspace, KeyspaceUpdate, NewKeyspace, Signing, StoreError, details,
};
use crate::time::Timestamp;

const SELECT: &str = "SELECT k.id, k.profile, k.profile_toml, 'sha256', k.profile_digest, e.era, e.epoch, e.changed_at,
       k.root_public, k.fresh_for_seconds, k.valid_for_seconds, k.created_at,
       k.revision
FROM keyspaces AS k JOIN editions AS e ON e.keyspace = k.id";

/// Where a new keyspace starts.
const FIRST: Edition = Edition { era: 1, epoch: 1 };

pub(super) fn insert(
    db: &Connection,
    new: &NewKeyspace,
    act: &Act,
) -> Result<Keyspace, StoreError> {
    db.execute(
        "INSERT INTO keyspaces (id, profile, profile_toml, profile_digest, root_public, signing_seed, keyring,
                                fresh_for_seconds, valid_for_seconds, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            new.id,
            new.profile,
            new.profile_toml,
            new.profile_digest.bytes(),
            new.root_public,
            *new.signing.seed,
            new.signing.keyring,
            new.fresh_for_seconds,
            new.valid_for_seconds,
            act.at.as_millis(),
        ],
    )
    .read()?;
    db.execute(
        "INSERT INTO editions (keyspace, era, epoch, changed_at) VALUES (?1, ?2, ?3, ?4)",
        params![
            new.id,
            FIRST.era,
            FIRST.epoch.cast_signed(),
            act.at.as_millis()
        ],
    )
    .read()?;
    let entry = Entry {
        action: "keyspace.create",
        account: None,
        target: &new.id,
        details: json!({ "after": {
            "profile": new.profile,
            "fresh_for_seconds": new.fresh_for_seconds,
            "valid_for_seconds": new.valid_for_seconds,
        } }),
    };
    audit::write(db, Some(&new.id), Some(FIRST.epoch), act, entry)?;
    one(db, &new.id)?
        .ok_or_else(|| StoreError::internal("a keyspace vanished while it was created"))
}

pub(super) fn all(db: &Connection) -> Result<Vec<Keyspace>, StoreError> {
    let mut query = db
        .prepare_cached(&format!("{SELECT} ORDER BY k.id"))
        .read()?;
    query
        .query_map([], keyspace)
        .read()?
        .collect::<rusqlite::Result<_>>()
        .read()
}

pub(super) fn one(db: &Connection, id: &str) -> Result<Option<Keyspace>, StoreError> {
    db.prepare_cached(&format!("{SELECT} WHERE k.id = ?1"))
        .read()?
        .query_row([id], keyspace)
        .read_optional()
}

pub(super) fn edition(db: &Connection, id: &str) -> Result<Option<Edition>, StoreError> {
    db.prepare_cached("SELECT era, epoch FROM editions WHERE keyspace = ?1")
        .read()?
        .query_row([id], |row| edition_at(row, 0))
        .read_optional()
}

pub(super) fn signing(db: &Connection, id: &str) -> Result<Option<Signing>, StoreError> {
    db.prepare_cached("SELECT signing_seed, keyring FROM keyspaces WHERE id = ?1")
        .read()?
        .query_row([id], |row| {
            Ok(Signing {
                seed: Zeroizing::new(row.get(0)?),
                keyring: row.get(1)?,
            })
        })
        .read_optional()
}

pub(super) fn update(
    db: &Connection,
    id: &str,
    revision: u64,
    update: KeyspaceUpdate,
    act: &Act,
) -> Result<Option<Keyspace>, StoreError> {
    let Some(before) = one(db, id)? else {
        return Ok(None);
    };
    if before.revision != revision {
        return Err(StoreError::stale());
    }
    let content = update.content;
    let changed = db
        .execute(
            "UPDATE keyspaces SET profile = ?3, profile_toml = ?4, profile_digest = ?5, fresh_for_seconds = ?6,
                                  valid_for_seconds = ?7, revision = revision + 1
             WHERE id = ?1 AND revision = ?2",
            params![
                id,
                revision.cast_signed(),
                content.profile,
                content.profile_toml,
                content.profile_digest.bytes(),
                content.fresh_for_seconds,
                content.valid_for_seconds,
            ],
        )
        .read()?;
    touched(1, changed)?;
    if let Some(judged) = update.judged {
        keys::reindex(db, id, judged, act.at)?;
    }
    let told = details::changed(details::rules(&before.content()), details::rules(&content));
    let entry = Entry {
        action: "keyspace.update",
        account: None,
        target: id,
        details: told,
    };
    audit::record(db, id, act, entry)?;
    operators::keep_to_levels(db, id, &update.levels, act)?;
    one(db, id)
}

/// Holds that what was made by the rules of this revision is still made by the rules that hold.
pub(super) fn must_be_ruled_by(
    db: &Connection,
    id: &str,
    rules: Option<u64>,
) -> Result<(), StoreError> {
    let Some(rules) = rules else { return Ok(()) };
    let revision: Option<i64> = db
        .prepare_cached("SELECT revision FROM keyspaces WHERE id = ?1")
        .read()?
        .query_row([id], |row| row.get(0))
        .read_optional()?;
    match revision {
        Some(revision) if revision.cast_unsigned() != rules => Err(StoreError::outdated()),
        _ => Ok(()),
    }
}

pub(super) fn set_profile_digest(
    db: &Connection,
    id: &str,
    digest: &Digest,
    act: &Act,
) -> Result<(), StoreError> {
    let Some(before) = one(db, id)? else {
        return Err(StoreError::internal(
            "a keyspace vanished while its profile was updated",
        ));
    };
    let changed = db
        .execute(
            "UPDATE keyspaces SET profile_digest = ?2 WHERE id = ?1",
            params![id, digest.bytes()],
        )
        .read()?;
    touched(1, changed)?;
    let entry = Entry {
        action: "keyspace.profile",
        account: None,
        target: id,
        details: json!({
            "before": { "profile_digest": before.profile_digest.to_string() },
            "after": { "profile_digest": digest.to_string() },
        }),
    };
    audit::record(db, id, act, entry)
}

pub(super) fn begin_epoch(db: &Connection, id: &str, act: &Act) -> Result<(), StoreError> {
    let entry = Entry {
        action: "keyspace.epoch",
        account: None,
        target: id,
        details: json!({ "why": "the clock was set back" }),
    };
    audit::record(db, id, act, entry)
}

/// Raises every epoch where a new version of this program publishes the same keys in other bytes. That is told as
/// having happened at the last change: what is live stays so.
pub(super) fn begin_epochs(db: &Connection) -> Result<(), StoreError> {
    let standing = db
        .prepare("SELECT keyspace, changed_at FROM editions ORDER BY keyspace")
        .read()?
        .query_map([], |row| Ok((row.get::<_, String>(0)?, instant(row, 1)?)))
        .read()?
        .collect::<rusqlite::Result<Vec<_>>>()
        .read()?;
    for (keyspace, changed_at) in standing {
        let entry = Entry {
            action: "keyspace.epoch",
            account: None,
            target: &keyspace,
            details: json!({ "why": "another version of the program" }),
        };
        audit::record(db, &keyspace, &Act::of_server(changed_at), entry)?;
    }
    Ok(())
}

/// Counts one more change of a keyspace and returns its new epoch. A clock that was ahead and is right again makes
/// `changed_at` earlier: what had ended by the wrong time is live again by the right one.
pub(super) fn raise_epoch(db: &Connection, id: &str, at: Timestamp) -> Result<u64, StoreError> {
    db.prepare_cached(
        "UPDATE editions SET epoch = epoch + 1, changed_at = ?2 WHERE keyspace = ?1 RETURNING epoch",
    )
    .read()?
    .query_row(params![id, at.as_millis()], |row| {
        row.get(0).map(i64::cast_unsigned)
    })
    .read()
}

fn keyspace(row: &Row<'_>) -> rusqlite::Result<Keyspace> {
    Ok(Keyspace {
        id: row.get(0)?,
        profile: row.get(1)?,
        profile_toml: row.get(2)?,
        profile_digest: digest(row, 3)?,
        edition: edition_at(row, 5)?,
        changed_at: instant(row, 7)?,
        root_public: row.get(8)?,
        fresh_for_seconds: row.get(9)?,
        valid_for_seconds: row.get(10)?,
        created_at: instant(row, 11)?,
        revision: row.get::<_, i64>(12)?.cast_unsigned(),
    })
}

fn edition_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Edition> {
    let epoch = u64::try_from(row.get::<_, i64>(column + 1)?)
        .map_err(|_| corrupt(column + 1, "a negative epoch"))?;
    Ok(Edition {
        era: row.get(column)?,
        epoch,
    })
}
