//! Whether those who presented something may still do what they asked for.

use super::State;
use crate::key::Digest;
use crate::store::authority::Knows;
use crate::store::{FoundKey, Operator, StoreError, Token};
use crate::time::Timestamp;

impl Knows for State {
    fn operator(&self, id: &str) -> Result<Option<Operator>, StoreError> {
        Ok(self.operators.get(id).map(|(operator, _)| operator.clone()))
    }

    fn token(&self, id: &str) -> Result<Option<Token>, StoreError> {
        let mut spaces = self.spaces.values();
        Ok(spaces.find_map(|space| Some(space.tokens.get(id)?.0.clone())))
    }

    fn key(
        &self,
        keyspace: &str,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<FoundKey>, StoreError> {
        let space = self.spaces.get(keyspace);
        Ok(space.and_then(|space| space.key_by_digest(digest, now)))
    }
}
