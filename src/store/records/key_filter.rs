//! Which keys are wanted, and which part of their list.

use crate::key::KeyId;
use crate::time::Timestamp;

/// Which keys of a keyspace are wanted. Members that are `None` are not asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFilter {
    /// Keys of this account.
    pub account: Option<String>,
    /// The whole name, folded.
    pub name: Option<String>,
    /// A part of the name, folded.
    pub name_contains: Option<String>,
    /// The state.
    pub status: Option<StatusFilter>,
    /// The level's id.
    pub level: Option<String>,
    /// The whole subject.
    pub subject: Option<String>,
    /// Created before this instant.
    pub created_before: Option<Timestamp>,
    /// Created at this instant or later.
    pub created_after: Option<Timestamp>,
    /// Last used before this instant, or never.
    pub used_before: Option<Timestamp>,
    /// Last used at this instant or later.
    pub used_after: Option<Timestamp>,
}

/// The state of keys that are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusFilter {
    /// Switched on and not expired at this instant.
    Active(Timestamp),
    /// Switched on and expired at this instant.
    Expired(Timestamp),
    /// Switched off.
    Disabled,
    /// Taken out of use for good.
    Deactivated,
}

/// Which part of a list of keys is wanted.
#[derive(Clone, Copy, Debug)]
pub struct KeySlice {
    /// By id, which is by age.
    pub order: Order,
    /// Keys behind this one, in that order.
    pub after: Option<KeyId>,
    /// How many to leave out from there.
    pub skip: u64,
    /// How many at most.
    pub limit: u32,
}

/// The order of a list of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Ids falling.
    NewestFirst,
    /// Ids rising.
    OldestFirst,
}
