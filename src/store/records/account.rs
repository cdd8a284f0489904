//! Accounts: tenants of a keyspace.

use crate::time::Timestamp;

/// One tenant inside a keyspace.
#[derive(Clone, Debug)]
pub struct Account {
    /// Chosen at creation, by the caller or by the server.
    pub id: String,
    /// A name for people.
    pub name: Option<String>,
    /// Whether its people and operators may have keys made (system row S5).
    pub keys_enabled: bool,
    /// How many uses a calendar month (UTC) are agreed; more are flagged, never blocked (S3, S4).
    pub monthly_uses: Option<u64>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Rises with every change.
    pub revision: u64,
}

/// What can be chosen of an account.
#[derive(Clone, Debug)]
pub struct AccountContent {
    /// A name for people.
    pub name: Option<String>,
    /// Whether keys may be made.
    pub keys_enabled: bool,
    /// How many uses a calendar month are agreed.
    pub monthly_uses: Option<u64>,
}

/// The address of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPath {
    /// The keyspace.
    pub keyspace: String,
    /// The account in it.
    pub account: String,
}
