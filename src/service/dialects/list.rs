//! Lists as dialects have them: oldest first, by number of page or from where a token points, with how many there are.

use super::{Calling, ShownKey};
use crate::key::KeyId;
use crate::service::cursor::List;
use crate::service::{Code, KeyQuery, Service, ServiceError};
use crate::store::{KeySlice, Order};

/// Which part of a list is wanted.
#[derive(Clone, Debug)]
pub enum DialectPart {
    /// The page of this number, from 0.
    Page {
        /// Its number.
        number: u32,
        /// How many items each page has.
        size: u32,
    },
    /// What follows on an earlier part.
    After {
        /// [`DialectList::next`] of that part.
        token: String,
        /// How many items at most.
        size: u32,
    },
}

/// A part of a list.
pub struct DialectList {
    /// The keys, by id.
    pub keys: Vec<ShownKey>,
    /// How many keys the whole list has.
    pub total: u64,
    /// From where to go on; `None` at the end.
    pub next: Option<String>,
}

impl Service {
    /// A part of the keys of the caller's account.
    pub fn dialect_keys(
        &self,
        calling: &Calling,
        query: &KeyQuery,
        part: &DialectPart,
    ) -> Result<DialectList, ServiceError> {
        let (keyspace, account) = (&calling.account.keyspace, &calling.account.account);
        let filter = format!("{query:?}");
        let list = List {
            of: "dialect keys",
            keyspace,
            account,
            filter: &filter,
        };
        let (after, skip, size) = match part {
            DialectPart::Page { number, size } => {
                (None, u64::from(*number) * u64::from(*size), *size)
            }
            DialectPart::After { token, size } => (Some(self.pointed_at(&list, token)?), 0, *size),
        };
        let slice = KeySlice {
            order: Order::OldestFirst,
            after,
            skip,
            limit: size.saturating_add(1),
        };
        let caller = &calling.principal;
        let mut keys = self.key_slice(caller, keyspace, Some(account), query, slice)?;
        let total = self.count_keys(caller, keyspace, Some(account), query)?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = keys.len() > size;
        keys.truncate(size);
        let end = keys.last().filter(|_| more);
        let next = end.map(|key| self.cursors.seal(&list, &key.id.to_string()));
        let mut secrets = self.dialect_secrets(calling, &keys)?;
        let keys = keys.into_iter().map(|key| {
            let secret = secrets.remove(&key.id);
            self.shown(calling, key, secret)
        });
        Ok(DialectList {
            keys: keys.collect(),
            total,
            next,
        })
    }

    fn pointed_at(&self, list: &List<'_>, token: &str) -> Result<KeyId, ServiceError> {
        let position = self.cursors.open(list, token).map_err(|_| {
            let message = "is no token of this list; take `next_page_token` of its last answer";
            ServiceError::about_field(Code::InvalidCursor, "page_token", message)
        })?;
        position.parse().map_err(ServiceError::internal)
    }
}
