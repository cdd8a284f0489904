//! What is published of a keyspace.

use rusqlite::{Connection, Row, params};

use crate::access::Constraint;
use crate::snapshot::LiveKey;
use crate::store::sqlite::columns::{constraints, digest, key_id, optional_instant, rate};
use crate::store::sqlite::errors::Read;
use crate::store::sqlite::keyspaces;
use crate::store::{Keyspace, StoreError};

/// A key that is being rotated comes twice: with the secret before for as long as that counts.
pub(super) const LIVE: &str =
    "SELECT k.id, iif(d.is_retiring, r.scheme, k.scheme), d.digest, k.account, k.level,
       iif(d.is_retiring, min(r.ends_at, coalesce(k.expires_at, r.ends_at)), k.expires_at),
       k.subject, k.meta, k.constraints, k.rate_limit, k.rate_window
FROM digests AS d
CROSS JOIN keys AS k ON k.keyspace = d.keyspace AND k.id = d.id
LEFT JOIN retiring AS r ON d.is_retiring AND r.keyspace = d.keyspace AND r.id = d.id
WHERE d.keyspace = ?1 AND k.state = 'active' AND (k.expires_at IS NULL OR k.expires_at > ?2)
  AND (d.is_retiring = 0 OR r.ends_at > ?2)
ORDER BY d.digest";

pub(in crate::store::sqlite) fn all(
    db: &Connection,
    keyspace: &str,
    visit: &mut dyn FnMut(&Keyspace, &LiveKey<'_>),
) -> Result<Option<Keyspace>, StoreError> {
    let Some(keyspace) = keyspaces::one(db, keyspace)? else {
        return Ok(None);
    };
    let mut query = db.prepare_cached(LIVE).read()?;
    let mut rows = query
        .query(params![keyspace.id, keyspace.changed_at.as_millis()])
        .read()?;
    while let Some(row) = rows.next().read()? {
        visit_row(row, &mut |key| visit(&keyspace, key)).read()?;
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
