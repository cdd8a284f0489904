//! On whose authority a change is made. That is asked again in the transaction that makes it: between the credential
//! and the change lies whatever time a body takes to arrive, and what was revoked meanwhile changes nothing any more.

use super::error::StoreError;
use super::records::{Act, FoundKey, KeyContent, KeyPath, Operator, Premise, Token};
use super::state::KeyState;
use crate::key::Digest;
use crate::time::Timestamp;

/// Whose word a change is, and what must still be so for it to count.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Authority {
    /// The server's own: nobody takes it away.
    Server,
    /// That of an operator or portal link, by one of its keys. Its rights are fixed when it is made: with fewer levels
    /// it has another revision.
    Operator {
        /// Its id.
        id: String,
        /// Which of its keys was presented ([`Operator::revision`]).
        revision: u64,
    },
    /// That of an edge token, whose rights are fixed as well.
    Token {
        /// Its id.
        id: String,
    },
    /// That of a customer's key, which makes nothing stronger than itself.
    Key(Box<KeyAuthority>),
}

/// What must still be so of a key that manages keys.
#[derive(Clone, Debug)]
pub struct KeyAuthority {
    /// Which key.
    pub path: KeyPath,
    /// The digest of what was presented: the key's present secret, or one that still counts.
    pub digest: Digest,
    /// What the key could do when it was let in.
    pub content: KeyContent,
}

/// What a backend knows of those who present something, in the state that a change finds.
pub(super) trait Knows {
    /// The operator or portal link with this id.
    fn operator(&self, id: &str) -> Result<Option<Operator>, StoreError>;

    /// The edge token with this id.
    fn token(&self, id: &str) -> Result<Option<Token>, StoreError>;

    /// The key of a keyspace whose present secret, or a retiring one at `now`, has this digest.
    fn key(
        &self,
        keyspace: &str,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<FoundKey>, StoreError>;
}

impl Act {
    /// Something that the server does by itself.
    pub fn of_server(at: Timestamp) -> Self {
        Self {
            actor: "system".to_owned(),
            at,
            authority: Authority::Server,
            premise: Premise::default(),
        }
    }

    /// Refuses what is done on an authority that is gone or over by [`Act::at`].
    pub(super) fn must_count(&self, knows: &impl Knows) -> Result<(), StoreError> {
        let lasts = |end: Option<Timestamp>| end.is_none_or(|end| self.at < end);
        let counts = match &self.authority {
            Authority::Server => true,
            Authority::Operator { id, revision } => {
                let found = knows.operator(id)?;
                found.is_some_and(|it| it.revision == *revision && lasts(it.expires_at))
            }
            Authority::Token { id } => {
                let found = knows.token(id)?;
                found.is_some_and(|it| lasts(it.expires_at))
            }
            Authority::Key(key) => {
                let keyspace = &key.path.account.keyspace;
                let found = knows.key(keyspace, &key.digest, self.at)?;
                found.is_some_and(|it| lasts(it.record.content.expires_at) && key.is_still(&it))
            }
        };
        if counts {
            Ok(())
        } else {
            Err(StoreError::unauthorized())
        }
    }
}

impl KeyAuthority {
    fn is_still(&self, found: &FoundKey) -> bool {
        let record = &found.record;
        record.id == self.path.id
            && record.account == self.path.account.account
            && record.state == KeyState::Active
            && record.content.is_as_strong_as(&self.content)
    }
}
