//! Whether those who presented something may still do what they asked for.

use rusqlite::Connection;

use super::{keys, operators, tokens};
use crate::key::Digest;
use crate::store::authority::Knows;
use crate::store::{FoundKey, Operator, StoreError, Token};
use crate::time::Timestamp;

impl Knows for Connection {
    fn operator(&self, id: &str) -> Result<Option<Operator>, StoreError> {
        operators::one(self, id)
    }

    fn token(&self, id: &str) -> Result<Option<Token>, StoreError> {
        tokens::one(self, id)
    }

    fn key(
        &self,
        keyspace: &str,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<FoundKey>, StoreError> {
        keys::by_digest(self, keyspace, digest, now)
    }
}
