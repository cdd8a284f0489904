//! Other rules for a keyspace that has keys.

use std::collections::BTreeSet;

use super::Reindex;
use crate::key::KeyId;

/// The keys of a keyspace, judged by other rules and found to have their places there. Those that are changed before
/// the rules are, are judged again in the transaction that changes them.
pub struct Judged {
    /// By which they are judged.
    pub(super) tell: Reindex,
    /// The last audit entry by then.
    pub(super) upto: i64,
    /// Those of which the store has to know something else by the other rules.
    pub(super) others: BTreeSet<KeyId>,
}
