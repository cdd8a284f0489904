//! What is published of a keyspace.

use rusqlite::{Connection, Row, params};

use crate::access::Constraint;
use crate::snapshot::LiveKey;
use crate::store::sqlite::columns::{constraints, digest, key_id, optional_instant, rate};
use crate::store::sqlite::errors::Read;
use crate::store::sqlite::keyspaces;
use crate::store::{Keyspace, StoreError};

/// The present secrets, in the order in which the keys lie: a million are read in one go, and not one by one.
pub(super) const PRESENT: &str =
    "SELECT k.id, k.scheme, k.digest, k.account, k.level, k.expires_at, k.subject, k.meta,
       k.constraints, k.rate_limit, k.rate_window
FROM keys AS k INDEXED BY sqlite_autoindex_keys_1
WHERE k.keyspace = ?1 AND k.state = 'active' AND (k.expires_at IS NULL OR k.expires_at > ?2)
ORDER BY k.id";

/// The secrets before rotations, for as long as they count.
pub(super) const RETIRING: &str = "SELECT k.id, r.scheme, r.digest, k.account, k.level,
       min(r.ends_at, coalesce(k.expires_at, r.ends_at)), k.subject, k.meta, k.constraints, k.rate_limit, k.rate_window
FROM retiring AS r INDEXED BY sqlite_autoindex_retiring_1 CROSS JOIN keys AS k
  ON k.keyspace = r.keyspace AND k.id = r.id
WHERE r.keyspace = ?1 AND r.ends_at > ?2 AND k.state = 'active' AND (k.expires_at IS NULL OR k.expires_at > ?2)
ORDER BY r.id";

pub(in crate::store::sqlite) fn all(
    db: &Connection,
    keyspace: &str,
    visit: &mut dyn FnMut(&Keyspace, &LiveKey<'_>),
) -> Result<Option<Keyspace>, StoreError> {
    let Some(keyspace) = keyspaces::one(db, keyspace)? else {
        return Ok(None);
    };
    for statement in [PRESENT, RETIRING] {
        let mut query = db.prepare_cached(statement).read()?;
        let mut rows = query
            .query(params![keyspace.id, keyspace.changed_at.as_millis()])
            .read()?;
        while let Some(row) = rows.next().read()? {
            visit_row(row, &mut |key| visit(&keyspace, key)).read()?;
        }
    }
    Ok(Some(keyspace))
}

fn visit_row(row: &Row<'_>, visit: &mut dyn FnMut(&LiveKey<'_>)) -> rusqlite::Result<()> {
    let digest = digest(row, 1)?;
    let constraints = constraints(row, 8)?;
    let constraints: Vec<(&str, Constraint)> = constraints
        .iter()
        .map(|(dimension, constraint)| (dimension.as_str(), constraint.clone()))
        .collect();
    visit(&LiveKey {
        id: key_id(row, 0)?,
        digest: &digest,
        account: row.get_ref(3)?.as_str()?,
        level: row.get_ref(4)?.as_str()?,
        expires_at: optional_instant(row, 5)?,
        subject: row.get_ref(6)?.as_str_or_null()?,
        meta: row.get_ref(7)?.as_str_or_null()?,
        constraints: &constraints,
        rate: rate(row, 9)?,
    });
    Ok(())
}
