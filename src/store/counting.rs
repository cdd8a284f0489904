//! How uses are counted: by day, and never beyond what JavaScript holds exactly.

use crate::time::Timestamp;

/// The highest count.
pub(super) const MOST: u64 = (1 << 53) - 1;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// The day of an instant, in days since 1970, UTC.
pub(super) fn day(at: Timestamp) -> u32 {
    u32::try_from(at.as_millis() / DAY).unwrap_or(u32::MAX)
}

/// A count that can be kept.
pub(super) const fn held(count: u64) -> u64 {
    if count < MOST { count } else { MOST }
}

/// For how long the batches that were taken in are known.
pub(super) const BATCHES_KNOWN_FOR: i64 = 7 * DAY;

/// For how long edge tokens that have ended stay listed, so that people find out why an edge is refused.
pub(super) const ENDED_TOKENS_LISTED_FOR: i64 = 30 * DAY;

/// The grain of the times at which tokens were used.
const MINUTE: i64 = 60 * 1000;

/// The minute of an instant.
pub(super) fn minute(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis() / MINUTE * MINUTE).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_minutes_begin_where_they_begin() {
        let at = |millis| Timestamp::from_millis(millis).expect("positive");
        assert_eq!(day(at(1)), 0);
        assert_eq!(day(at(DAY - 1)), 0);
        assert_eq!(day(at(DAY)), 1);
        assert_eq!(day(Timestamp::MAX), 104_249_991);
        assert_eq!(minute(at(119_999)), at(60_000));
        assert_eq!(minute(at(59_999)), at(59_999), "there is no instant 0");
    }
}
