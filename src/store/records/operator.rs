//! Operators and portal links.

use std::collections::BTreeSet;

use super::{AccountPath, Right};
use crate::key::Digest;
use crate::time::Timestamp;

/// What an operator's rights are over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// The whole server.
    Server,
    /// One keyspace.
    Keyspace(String),
    /// One account.
    Account(AccountPath),
}

/// What kind of operator it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OperatorKind {
    /// A person or program with an operator key.
    Operator,
    /// Whoever opened a portal link: a customer's administrator, for a while.
    PortalLink,
}

/// Who manages. The operator's key is not kept.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Its public identifier.
    pub id: String,
    /// What kind it is.
    pub kind: OperatorKind,
    /// A name for people.
    pub name: String,
    /// What may be shown of its key.
    pub hint: String,
    /// Which of its keys this is: 1 for the first, more with every rotation, and where levels are taken from it.
    pub revision: u64,
    /// What its rights are over.
    pub reach: Reach,
    /// What it may do there.
    pub rights: BTreeSet<Right>,
    /// The levels that keys may have which it makes; `None` is all of them.
    pub levels: Option<BTreeSet<String>>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The operator who created it, or `system`.
    pub created_by: String,
}

impl Operator {
    /// Whether it may do everything on the server, and for good.
    pub(in crate::store) fn may_do_everything(&self) -> bool {
        self.kind == OperatorKind::Operator
            && self.reach == Reach::Server
            && self.rights.len() == Right::ALL.len()
            && self.levels.is_none()
            && self.expires_at.is_none()
    }
}

/// An operator to be added.
pub struct NewOperator {
    /// Its public identifier.
    pub id: String,
    /// What kind it is.
    pub kind: OperatorKind,
    /// A name for people.
    pub name: String,
    /// What is stored instead of the operator's key.
    pub digest: Digest,
    /// What may be shown of it.
    pub hint: String,
    /// What its rights are over.
    pub reach: Reach,
    /// What it may do there; never empty.
    pub rights: BTreeSet<Right>,
    /// The levels that keys may have which it makes; `None` is all of them.
    pub levels: Option<BTreeSet<String>>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}
