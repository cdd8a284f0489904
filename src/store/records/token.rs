//! Edge tokens.

use std::collections::BTreeSet;

use super::Right;
use crate::key::Digest;
use crate::time::Timestamp;

/// What an edge presents to the server. The token itself is not kept.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its public identifier.
    pub id: String,
    /// The only keyspace it concerns.
    pub keyspace: String,
    /// What it may do, and nothing else.
    pub rights: BTreeSet<Right>,
    /// A name for people.
    pub name: Option<String>,
    /// What may be shown of it.
    pub hint: String,
    /// When it last read a head or snapshot; to the minute.
    pub last_read_at: Option<Timestamp>,
    /// When it last reported usage; to the minute.
    pub last_reported_at: Option<Timestamp>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The operator who created it.
    pub created_by: String,
}

/// An edge token to be added.
pub struct NewToken {
    /// Its public identifier.
    pub id: String,
    /// What is stored instead of the token.
    pub digest: Digest,
    /// What it may do.
    pub rights: BTreeSet<Right>,
    /// A name for people.
    pub name: Option<String>,
    /// What may be shown of it.
    pub hint: String,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}
