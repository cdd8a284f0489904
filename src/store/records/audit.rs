//! The audit trail.

use crate::time::Timestamp;

/// One line of the audit trail.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Rises with every entry.
    pub sequence: i64,
    /// When it was asked for ([`Act::at`](super::Act::at)).
    pub at: Timestamp,
    /// Who: the id of an operator, or `system`.
    pub actor: String,
    /// What, such as `key.create`.
    pub action: String,
    /// The account it concerned, if one.
    pub account: Option<String>,
    /// The id of what was changed.
    pub target: String,
    /// The keyspace it concerned; `None` for the server's own affairs.
    pub keyspace: Option<String>,
    /// The epoch that the change made, where it made one.
    pub epoch: Option<u64>,
    /// Particulars, as a JSON object without secrets: `before` and `after` where something was changed.
    pub details: String,
    /// SHA-256 over the hash of the entry before and this entry (docs/operating.md).
    pub hash: [u8; 32],
}

/// Which audit entries are wanted. Members that are `None` are not asked about.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Of this account.
    pub account: Option<String>,
    /// About this key, operator, token or account.
    pub target: Option<String>,
    /// By this actor.
    pub actor: Option<String>,
    /// Of this kind, such as `key.create`.
    pub action: Option<String>,
}
