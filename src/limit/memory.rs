//! The states of many keys in the memory of one process.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

use super::rate::{Rate, RateOutcome, RateState};
use crate::time::Timestamp;

/// Below this many keys a shard is not worth its lock.
const MIN_KEYS_PER_SHARD: usize = 64;
const MAX_SHARDS: usize = 64;
/// A shard that overflows forgets a quarter of its keys, so that looking for them is rare.
const KEPT_OF_FOUR: usize = 3;

/// Counts what keys take, exactly, whatever the number of threads; each process for itself.
///
/// It remembers at most as many keys as it is told to. Full buckets are forgotten first, which changes nothing; when
/// that does not help, those that would be full soonest, which gives their keys a full bucket early. It never refuses a
/// key for want of room.
#[derive(Debug)]
pub struct MemoryLimiter {
    shards: Box<[Mutex<Shard>]>,
    /// Chooses the shard; random, so that nobody can choose ids that meet in one.
    hasher: RandomState,
}

impl MemoryLimiter {
    /// A limiter that remembers at most `max_keys` keys, and at least one; 150 bytes for each are a fair guess.
    pub fn new(max_keys: usize) -> Self {
        let shards = (max_keys / MIN_KEYS_PER_SHARD).clamp(1, MAX_SHARDS);
        let shard = || {
            Mutex::new(Shard {
                buckets: HashMap::new(),
                max_keys: (max_keys / shards).max(1),
            })
        };
        Self {
            shards: std::iter::repeat_with(shard).take(shards).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Takes `cost` units from the bucket of a key, as [`Rate::step`] does.
    pub fn admit(&self, key_id: &str, rate: Rate, cost: u32, now: Timestamp) -> RateOutcome {
        // The remainder is below the number of shards, whatever half of the hash a usize holds.
        #[expect(clippy::cast_possible_truncation, reason = "a hash is cut to an index")]
        let index = self.hasher.hash_one(key_id) as usize % self.shards.len();
        self.shards[index]
            .lock()
            // Nothing in a shard is ever half done: a step is computed first and stored last.
            .unwrap_or_else(PoisonError::into_inner)
            .admit(key_id, rate, cost, now)
    }
}

impl Default for MemoryLimiter {
    /// Remembers 100,000 keys.
    fn default() -> Self {
        Self::new(100_000)
    }
}

#[derive(Debug)]
struct Shard {
    buckets: HashMap<Box<str>, Bucket>,
    max_keys: usize,
}

#[derive(Debug)]
struct Bucket {
    rate: Rate,
    state: RateState,
}

impl Bucket {
    fn missing_micros(&self, now: Timestamp) -> i64 {
        self.rate.missing_micros(self.state, now)
    }
}

impl Shard {
    fn admit(&mut self, key_id: &str, rate: Rate, cost: u32, now: Timestamp) -> RateOutcome {
        if let Some(bucket) = self.buckets.get_mut(key_id) {
            let (outcome, state) = rate.step(bucket.state, cost, now);
            *bucket = Bucket { rate, state };
            return outcome;
        }
        let (outcome, state) = rate.step(RateState::default(), cost, now);
        // A bucket that is full, because nothing was taken, need not be kept.
        if state != RateState::default() {
            self.make_room(now);
            self.buckets.insert(key_id.into(), Bucket { rate, state });
        }
        outcome
    }

    /// Forgets the buckets that are nearest to full where there is no room for one more.
    fn make_room(&mut self, now: Timestamp) {
        if self.buckets.len() < self.max_keys {
            return;
        }
        self.buckets
            .retain(|_, bucket| bucket.missing_micros(now) > 0);
        let kept = self.max_keys * KEPT_OF_FOUR / 4;
        let Some(excess) = self.buckets.len().checked_sub(kept + 1) else {
            return;
        };
        let mut missing: Vec<_> = self
            .buckets
            .values()
            .map(|bucket| bucket.missing_micros(now))
            .collect();
        let (less, &mut last, _) = missing.select_nth_unstable(excess);
        let mut more = excess + 1 - less.iter().filter(|&&missing| missing < last).count();
        self.buckets.retain(|_, bucket| {
            let missing = bucket.missing_micros(now);
            let one_of_equals = missing == last && more > 0;
            more -= usize::from(one_of_equals);
            missing >= last && !one_of_equals
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000 + millis).expect("after 1970")
    }

    fn remembered(limiter: &MemoryLimiter) -> usize {
        let shards = limiter.shards.iter();
        shards
            .map(|shard| shard.lock().expect("no panic").buckets.len())
            .sum()
    }

    #[test]
    #[cfg_attr(miri, ignore = "too slow there")]
    fn never_more_keys_than_it_was_told() {
        let rate = Rate::new(1, 3_600).expect("a rate");
        for max_keys in [0, 1, 2, 63, 64, 1_000] {
            let limiter = MemoryLimiter::new(max_keys);
            for key in 0..5_000 {
                let outcome = limiter.admit(&format!("key {key}"), rate, 1, at(key));
                assert!(outcome.admitted, "no key is refused for want of room");
                assert!(remembered(&limiter) <= max_keys.max(1));
            }
        }
    }

    #[test]
    fn full_buckets_are_forgotten_first_then_those_nearest_to_full() {
        let rate = Rate::new(10, 10).expect("a rate");
        let limiter = MemoryLimiter::new(8);
        for (key, cost) in [
            ("a", 2),
            ("b", 3),
            ("c", 4),
            ("d", 5),
            ("e", 6),
            ("f", 7),
            ("g", 8),
            ("h", 10),
        ] {
            limiter.admit(key, rate, cost, at(0));
        }
        // After three seconds a and b are full, and their places are enough.
        limiter.admit("new", rate, 1, at(3_000));
        assert_eq!(remembered(&limiter), 7);
        limiter.admit("newer", rate, 1, at(3_000));
        // No bucket is full now. Of c, new and newer, which lack one unit each, two give way.
        limiter.admit("newest", rate, 9, at(3_000));
        assert_eq!(remembered(&limiter), 7);
        let asked =
            ["d", "e", "f", "g", "h"].map(|key| limiter.admit(key, rate, 0, at(3_000)).remaining);
        assert_eq!(asked, [8, 7, 6, 5, 3], "the emptier ones are remembered");
    }

    #[test]
    fn a_call_that_takes_nothing_is_not_remembered() {
        let rate = Rate::new(10, 10).expect("a rate");
        let limiter = MemoryLimiter::default();
        assert!(limiter.admit("a", rate, 0, at(0)).admitted);
        assert!(!limiter.admit("a", rate, 11, at(0)).admitted);
        assert_eq!(remembered(&limiter), 0);
    }
}
