//! Whom the matrix is about: an account, another one beside it, one in another keyspace, and one that never was.

use super::callers::{Caller, Reach};
use super::{ALL, Kind, Operation, Server, Value, json, text};

/// An account, with one of everything in it and in its keyspace.
pub(super) struct Tenant {
    pub(super) keyspace: String,
    pub(super) account: String,
    /// A key as it is presented.
    pub(super) key: String,
    key_id: String,
    operator: String,
    keyspace_operator: String,
    server_operator: String,
    link: String,
    token: String,
    /// What only this account knows.
    words: Vec<String>,
    /// What only its keyspace knows.
    keyspace_words: Vec<String>,
}

impl Tenant {
    /// The id of what an operation is about.
    pub(super) fn id(&self, kind: Option<Kind>) -> String {
        match kind {
            None => String::new(),
            Some(Kind::Key) => self.key_id.clone(),
            Some(Kind::Operator) => self.operator.clone(),
            Some(Kind::Link) => self.link.clone(),
            Some(Kind::Token) => self.token.clone(),
        }
    }
}

/// A server with all of them.
pub(super) struct World {
    pub(super) server: Server,
    pub(super) own: Tenant,
    pub(super) sibling: Tenant,
    pub(super) foreign: Tenant,
    pub(super) none: Tenant,
}
