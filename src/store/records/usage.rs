//! Uses of keys.

use crate::key::KeyId;
use crate::time::Timestamp;

/// Uses of one key, as they come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The key.
    pub id: KeyId,
    /// How many.
    pub count: u64,
    /// The last of them.
    pub last: Timestamp,
    /// When the present secret was last used, as far as is known. A use from before the last rotation was one of the
    /// secret that was present then, and says nothing of this one.
    pub newest_used_at: Option<Timestamp>,
}

/// How often a key was used on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayUse {
    /// The key.
    pub id: KeyId,
    /// Days since 1970, UTC.
    pub day: u32,
    /// How many uses.
    pub count: u64,
}

/// Whose uses are wanted, and on which days.
#[derive(Clone, Debug)]
pub struct UsageFilter {
    /// Keys of this account.
    pub account: Option<String>,
    /// This key.
    pub id: Option<KeyId>,
    /// From this day on, in days since 1970, UTC.
    pub first_day: u32,
    /// To this day, inclusive.
    pub last_day: u32,
}
