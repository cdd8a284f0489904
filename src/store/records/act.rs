//! Who does something, when and on what premise.

use crate::store::authority::Authority;
use crate::time::Timestamp;

/// Who does something, and when: goes into the audit row of the change, which is made only while the authority counts.
#[derive(Clone, Debug)]
pub struct Act {
    /// The id of the operator or portal link, of the key that called a dialect, or `system` for what the server does by
    /// itself.
    pub actor: String,
    /// When it was asked for, before it waited for the changes ahead of it: its entry may be earlier than the one
    /// before by as long as that took, and a credential that ended in the meantime still counts.
    pub at: Timestamp,
    /// On whose authority.
    pub authority: Authority,
    /// What was found before, and must still be so.
    pub premise: Premise,
}

/// What it was decided by that something is done to a key, and must still be so in the transaction that does it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Premise {
    /// The revision of the keyspace by whose rules it was decided:
    /// [`StoreError::is_outdated`](crate::store::StoreError::is_outdated) where they are others by now.
    pub rules: Option<u64>,
    /// Whether it takes an account that may have keys made ([`Account::keys_enabled`](super::Account::keys_enabled)):
    /// [`StoreError::is_not_enabled`](crate::store::StoreError::is_not_enabled) where it may not.
    pub keys_enabled: bool,
}
