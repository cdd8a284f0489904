//! The rate of a key: so many units in so many seconds, as a pure step from one state to the next.
//!
//! The arithmetic is the generic cell rate algorithm in its virtual scheduling form (ITU-T I.371, annex A; also ATM
//! Forum TM 4.0, 4.4.4): one number a key, the *theoretical arrival time* at which its bucket is full again. A bucket
//! holds `limit` units and gains one each interval; there is no window that starts and lets twice the limit through.

use crate::error::{Code, Error};
use crate::time::Timestamp;

/// The longest window: 31 days.
const MAX_WINDOW_SECONDS: u32 = 2_678_400;
/// One unit a microsecond, the grain of [`RateState`].
const MAX_PER_SECOND: u64 = 1_000_000;
const MICROS_PER_SECOND: u64 = 1_000_000;
const MICROS_PER_MILLI: i64 = 1_000;

/// At most `limit` units at once, and `limit` more in each `window_seconds`, evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate {
    limit: u32,
    window_seconds: u32,
}

impl Rate {
    /// A rate. The window has 1 to 2,678,400 seconds (31 days), the limit is 1 to 1,000,000 for each of them.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] beyond these bounds. A limit of zero is none of a rate: switch the key off instead.
    pub fn new(limit: u32, window_seconds: u32) -> Result<Self, Error> {
        if window_seconds == 0 || window_seconds > MAX_WINDOW_SECONDS {
            return Err(Error::new(
                Code::InvalidArgument,
                "the window of a rate has 1 to 2678400 seconds (31 days)",
            ));
        }
        if limit == 0 || u64::from(limit) > u64::from(window_seconds) * MAX_PER_SECOND {
            return Err(Error::new(
                Code::InvalidArgument,
                "the limit of a rate is at least 1, and at most 1000000 for each second of its window",
            ));
        }
        Ok(Self {
            limit,
            window_seconds,
        })
    }

    /// How many units a full bucket holds.
    pub const fn limit(self) -> u32 {
        self.limit
    }

    /// In how many seconds an empty bucket is full again.
    pub const fn window_seconds(self) -> u32 {
        self.window_seconds
    }

    /// Takes `cost` units at `now` where the bucket holds them, and gives the state to keep, which is the one that came
    /// in unless something was taken.
    ///
    /// - A cost of 0 is always admitted and takes nothing: it asks how the bucket stands.
    /// - A cost above the limit is never admitted.
    /// - A clock that was set back by up to one window makes the key wait for as long: threads that read the clock and
    ///   come here in another order gain nothing. One that was set back further finds a state that cannot be of its
    ///   time, and begins anew with a full bucket, rather than to refuse the key until the old time comes round.
    pub fn step(self, state: RateState, cost: u32, now: Timestamp) -> (RateOutcome, RateState) {
        let interval = self.interval_micros();
        let missing = self.missing_micros(state, now);
        if cost > self.limit {
            return (self.outcome(false, missing, 0), state);
        }
        let wanted = missing + interval * i64::from(cost);
        let excess = wanted - interval * i64::from(self.limit);
        if cost == 0 {
            (self.outcome(true, missing, 0), state)
        } else if excess <= 0 {
            let full_at = micros(now) + wanted;
            (self.outcome(true, wanted, 0), RateState { full_at })
        } else {
            (self.outcome(false, missing, excess), state)
        }
    }

    /// What the bucket lacks of being full, as the time in which it gains that: at most two windows, as
    /// [`step`](Self::step) says.
    pub(super) fn missing_micros(self, state: RateState, now: Timestamp) -> i64 {
        let capacity = self.interval_micros() * i64::from(self.limit);
        match state.full_at.saturating_sub(micros(now)) {
            missing if missing > 2 * capacity => 0,
            missing => missing.max(0),
        }
    }

    /// How long one unit takes, rounded up, so that a window never yields more than the limit.
    fn interval_micros(self) -> i64 {
        let window = u64::from(self.window_seconds) * MICROS_PER_SECOND;
        // Below 2⁴²: the window has at most 31 days.
        window.div_ceil(u64::from(self.limit)).cast_signed()
    }

    /// What is told of a bucket that lacks `missing` microseconds of being full.
    fn outcome(self, admitted: bool, missing: i64, wait: i64) -> RateOutcome {
        let interval = self.interval_micros();
        let capacity = interval * i64::from(self.limit);
        let remaining = (capacity - missing).max(0) / interval;
        RateOutcome {
            admitted,
            remaining: u32::try_from(remaining).unwrap_or(self.limit),
            reset_millis: millis(missing),
            retry_after_millis: millis(wait),
        }
    }
}

/// How a key's bucket stands: the instant at which it is full again, in microseconds since 1970. The default is that of
/// a key that has taken nothing yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RateState {
    full_at: i64,
}

impl RateState {
    /// A state that was kept elsewhere. Any number will do: one that cannot be a state of its time counts as full.
    pub const fn from_micros(full_at: i64) -> Self {
        Self { full_at }
    }

    /// The state as a number, to keep it elsewhere. What a [`step`](Rate::step) gives is never negative unless it came
    /// in so, and JavaScript holds it exactly until the year 2255.
    pub const fn as_micros(self) -> i64 {
        self.full_at
    }
}

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RateOutcome {
    /// Whether the call may proceed.
    pub admitted: bool,
    /// How many whole units the bucket holds now.
    pub remaining: u32,
    /// In how many milliseconds, rounded up, the bucket is full again if nothing more is taken; 0 for a full one.
    pub reset_millis: u64,
    /// After how many milliseconds, rounded up, the same cost is admitted if nothing else is taken; 0 where it was
    /// admitted, and where no waiting helps because the cost is above the limit.
    pub retry_after_millis: u64,
}

/// At most 2⁵³ ms: with some windows added to it still below 2⁶³ µs, so that nothing here can overflow.
const fn micros(now: Timestamp) -> i64 {
    now.as_millis() * MICROS_PER_MILLI
}

/// Microseconds as milliseconds, rounded up.
fn millis(micros: i64) -> u64 {
    micros
        .max(0)
        .unsigned_abs()
        .div_ceil(MICROS_PER_MILLI.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_790_000_000_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("after 1970")
    }

    #[test]
    fn a_bucket_empties_and_fills() {
        let rate = Rate::new(3, 60).expect("a rate");
        let mut state = RateState::default();
        for remaining in [2, 1, 0] {
            let (outcome, next) = rate.step(state, 1, at(NOON));
            assert_eq!((outcome.admitted, outcome.remaining), (true, remaining));
            state = next;
        }
        let refused = RateOutcome {
            admitted: false,
            remaining: 0,
            reset_millis: 60_000,
            retry_after_millis: 20_000,
        };
        assert_eq!(rate.step(state, 1, at(NOON)), (refused, state));
        assert!(!rate.step(state, 1, at(NOON + 19_999)).0.admitted);
        assert!(rate.step(state, 1, at(NOON + 20_000)).0.admitted);
        assert!(!rate.step(state, 3, at(NOON + 59_999)).0.admitted);
        assert!(rate.step(state, 3, at(NOON + 60_000)).0.admitted);
    }

    #[test]
    fn bounds_of_a_rate() {
        for (limit, window) in [
            (0, 60),
            (1, 0),
            (1, 2_678_401),
            (1_000_001, 1),
            (2_000_001, 2),
        ] {
            let error = Rate::new(limit, window).expect_err("beyond the bounds");
            assert_eq!(error.code(), Code::InvalidArgument);
        }
        for (limit, window) in [
            (1, 1),
            (1_000_000, 1),
            (1, 2_678_400),
            (u32::MAX, 2_678_400),
        ] {
            assert!(Rate::new(limit, window).is_ok(), "{limit} in {window} s");
        }
    }
}
