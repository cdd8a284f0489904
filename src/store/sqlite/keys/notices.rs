//! What the owners of keys were told of their ends.

use rusqlite::{Connection, params};

use crate::store::sqlite::audit::{self, Entry};
use crate::store::sqlite::columns::{instant, key_id, number};
use crate::store::sqlite::errors::Read;
use crate::store::{AccountPath, Act, DueNotice, KeyPath, NoticeOutcome, NoticeSlice, StoreError};

/// Goes by an index that keys are not in of which there is nothing new to tell. Whether the address is another is seen
/// here, as the profile says which field it is in.
pub(super) const DUE: &str =
    "SELECT id, account, expires_at, json_extract(fields, ?2) AS recipient FROM keys INDEXED BY keys_by_notice
     WHERE keyspace = ?1 AND state = 'active' AND notice_is_open = 1
       AND (noticed_end IS NOT expires_at OR noticed_address IS NOT json_extract(fields, ?2))
       AND expires_at > ?3 AND expires_at <= ?4 AND (expires_at, id) > (?5, ?6) AND recipient IS NOT NULL
     ORDER BY expires_at, id LIMIT ?7";

pub(in crate::store::sqlite) fn due(
    db: &Connection,
    keyspace: &str,
    slice: &NoticeSlice,
) -> Result<Vec<DueNotice>, StoreError> {
    let (end, id) = slice
        .after
        .map_or((0, 0), |(end, id)| (end.as_millis(), number(id)));
    let values = params![
        keyspace,
        member(&slice.field),
        slice.now.as_millis(),
        slice.until.as_millis(),
        end,
        id,
        slice.limit,
    ];
    db.prepare_cached(DUE)
        .read()?
        .query_map(values, |row| {
            let account = AccountPath {
                keyspace: keyspace.to_owned(),
                account: row.get(1)?,
            };
            Ok(DueNotice {
                path: KeyPath {
                    account,
                    id: key_id(row, 0)?,
                },
                field: slice.field.clone(),
                ends_at: instant(row, 2)?,
                recipient: row.get(3)?,
            })
        })
        .read()?
        .collect::<rusqlite::Result<_>>()
        .read()
}

/// Where a field is among the fields. Names of fields hold no quotes.
fn member(field: &str) -> String {
    format!("$.\"{field}\"")
}

/// Marks the key, where it is still there. What was sent was sent either way.
pub(in crate::store::sqlite) fn note(
    db: &Connection,
    notice: &DueNotice,
    outcome: &NoticeOutcome,
    act: &Act,
) -> Result<(), StoreError> {
    let KeyPath { account, id } = &notice.path;
    db.prepare_cached(
        "UPDATE keys SET noticed_end = ?4, noticed_address = ?5,
                         notice_is_open = expires_at IS NOT ?4 OR json_extract(fields, ?6) IS NOT ?5
         WHERE keyspace = ?1 AND account = ?2 AND id = ?3",
    )
    .read()?
    .execute(params![
        account.keyspace,
        account.account,
        number(*id),
        notice.ends_at.as_millis(),
        notice.recipient,
        member(&notice.field),
    ])
    .read()?;
    let entry = Entry {
        action: "key.notice",
        account: Some(&account.account),
        target: &id.to_string(),
        details: notice.details(outcome),
    };
    audit::write(db, Some(&account.keyspace), None, act, entry)
}

/// Has it looked at again whether somebody is to be told, as the end or fields have changed.
pub(super) fn reopen(db: &Connection, path: &KeyPath) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE keys SET notice_is_open = 1 WHERE keyspace = ?1 AND id = ?2 AND notice_is_open = 0",
    )
    .read()?
    .execute(params![path.account.keyspace, number(path.id)])
    .read()
    .map(drop)
}
