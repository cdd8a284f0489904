//! Rates: the step against a naive token bucket, what no order of calls and clocks can gain, and the limiter under
//! threads (threat 42).
#![cfg(not(target_family = "wasm"))]

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use keyward::limit::{MemoryLimiter, Rate, RateState};
use keyward::time::Timestamp;
use proptest::prelude::*;

const NOON: i64 = 1_790_000_000_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).expect("between 1970 and the end of time")
}

/// Rates of every size, the extreme ones among them.
fn rate() -> impl Strategy<Value = Rate> {
    let window = prop_oneof![1..100_u32, 1..=2_678_400_u32, Just(2_678_400)];
    window.prop_flat_map(|window| {
        let most = u32::try_from(u64::from(window) * 1_000_000).unwrap_or(u32::MAX);
        let limit = prop_oneof![4 => 1..20_u32, 1 => 1..=most, 1 => Just(most)];
        limit.prop_map(move |limit| Rate::new(limit, window).expect("within the bounds"))
    })
}

/// Instants anywhere, the first and the last among them.
fn now() -> impl Strategy<Value = i64> {
    let last = Timestamp::MAX.as_millis();
    prop_oneof![Just(1), Just(NOON), Just(last), 1..=last]
}

/// Numbers that may have been kept as a state, those of about noon among them.
fn micros() -> impl Strategy<Value = i64> {
    let about_noon = NOON * 1_000..NOON * 1_000 + 4_000_000_000_000;
    prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), about_noon]
}

/// Costs that fit a rate and some that do not, as a part of its limit.
fn cost(rate: Rate, part: u32) -> u32 {
    u32::try_from(u64::from(rate.limit()) * u64::from(part) / 8).unwrap_or(u32::MAX)
}

/// In how many microseconds a rate gives one unit.
fn interval(rate: Rate) -> i128 {
    let window = i128::from(rate.window_seconds()) * 1_000_000;
    let limit = i128::from(rate.limit());
    (window + limit - 1) / limit
}

/// Calls one after another: the clock moved by so many milliseconds, and a cost.
fn calls(moves: std::ops::Range<i64>) -> impl Strategy<Value = Vec<(i64, u32)>> {
    prop::collection::vec((moves, prop_oneof![Just(1), 0..10_u32]), 1..60)
}

/// Performs calls; what was admitted, with its time.
fn admitted(rate: Rate, mut state: RateState, calls: &[(i64, u32)]) -> Vec<(i64, u32)> {
    let mut taken = Vec::new();
    for &(now, cost) in calls {
        let (outcome, next) = rate.step(state, cost, at(now));
        if outcome.admitted {
            taken.push((now, cost));
        }
        state = next;
    }
    taken
}

fn units(taken: &[(i64, u32)]) -> i128 {
    taken.iter().map(|&(_, cost)| i128::from(cost)).sum()
}

proptest! {
    #[test]
    fn agrees_with_a_token_bucket(rate in rate(), calls in calls(0..2_000)) {
        let (unit, capacity) = (interval(rate), interval(rate) * i128::from(rate.limit()));
        let (mut level, mut clock) = (capacity, NOON);
        let mut state = RateState::default();
        for (passed, part) in calls {
            clock += passed;
            level = capacity.min(level + i128::from(passed) * 1_000);
            let cost = cost(rate, part);
            let fits = i128::from(cost) * unit <= level;
            if fits {
                level -= i128::from(cost) * unit;
            }
            let (outcome, next) = rate.step(state, cost, at(clock));
            state = next;
            prop_assert_eq!(outcome.admitted, fits);
            prop_assert_eq!(i128::from(outcome.remaining), level / unit);
            prop_assert_eq!(i128::from(outcome.reset_millis), (capacity - level + 999) / 1_000);
        }
    }

    #[test]
    fn no_burst_is_larger_than_the_limit(
        rate in rate(),
        now in now(),
        parts in prop::collection::vec(0..10_u32, 1..60),
    ) {
        let calls: Vec<_> = parts.iter().map(|&part| (now, cost(rate, part))).collect();
        prop_assert!(units(&admitted(rate, RateState::default(), &calls)) <= i128::from(rate.limit()));
    }

    #[test]
    fn no_window_yields_more_than_the_limit_and_what_it_refills(
        rate in rate(),
        begin in now(),
        calls in calls(0..2_000),
    ) {
        let mut clock = begin.min(Timestamp::MAX.as_millis() - 200_000);
        let calls: Vec<_> = calls.into_iter().map(|(passed, part)| {
            clock += passed;
            (clock, cost(rate, part))
        }).collect();
        let taken = admitted(rate, RateState::default(), &calls);
        for first in 0..taken.len() {
            for last in first..taken.len() {
                let span = i128::from(taken[last].0 - taken[first].0) * 1_000;
                let most = i128::from(rate.limit()) + span / interval(rate);
                prop_assert!(units(&taken[first..=last]) <= most);
            }
        }
    }

    #[test]
    fn clocks_that_differ_by_up_to_a_window_gain_nothing(rate in rate(), calls in calls(0..120_000)) {
        // Each call reads some clock between noon and a window later, in no order.
        let window = i64::from(rate.window_seconds()) * 1_000;
        let some = |&(offset, part)| (NOON + offset % (window + 1), cost(rate, part));
        let calls: Vec<_> = calls.iter().map(some).collect();
        let taken = admitted(rate, RateState::default(), &calls);
        let first = taken.iter().map(|&(now, _)| now).min().unwrap_or(NOON);
        let last = taken.iter().map(|&(now, _)| now).max().unwrap_or(NOON);
        let most = i128::from(rate.limit()) + i128::from(last - first) * 1_000 / interval(rate);
        prop_assert!(units(&taken) <= most);
    }

    #[test]
    fn a_clock_set_back_grants_at_most_one_bucket(
        rate in rate(),
        before in calls(0..2_000),
        back in prop_oneof![0..10_000_i64, 0..1_700_000_000_000_i64],
        after in calls(0..2_000),
    ) {
        let mut clock = NOON;
        let advance = |clock: &mut i64, calls: Vec<(i64, u32)>| calls.into_iter().map(|(passed, part)| {
            *clock += passed;
            (*clock, cost(rate, part))
        }).collect::<Vec<_>>();
        let mut calls = advance(&mut clock, before);
        let passed_before = clock - NOON;
        clock -= back;
        let restart = clock;
        calls.extend(advance(&mut clock, after));
        let passed = i128::from(passed_before + clock - restart) * 1_000;
        let most = 2 * i128::from(rate.limit()) + passed / interval(rate);
        prop_assert!(units(&admitted(rate, RateState::default(), &calls)) <= most);
    }

    #[test]
    fn a_state_from_anywhere_is_worth_at_most_a_bucket_and_holds_for_two_windows_at_most(
        rate in rate(),
        micros in micros(),
        now in now(),
        parts in prop::collection::vec(0..10_u32, 1..60),
    ) {
        let state = RateState::from_micros(micros);
        let calls: Vec<_> = parts.iter().map(|&part| (now, cost(rate, part))).collect();
        prop_assert!(units(&admitted(rate, state, &calls)) <= i128::from(rate.limit()));
        let windows = i64::try_from(2 * interval(rate) * i128::from(rate.limit()) / 1_000 + 1).expect("62 days");
        if let Some(later) = Timestamp::from_millis(now + windows) {
            let (outcome, _) = rate.step(state, rate.limit(), later);
            let (sooner, _) = rate.step(state, rate.limit(), at(now));
            prop_assert!(outcome.admitted || sooner.admitted);
        }
    }

    #[test]
    fn says_exactly_when_to_come_back(rate in rate(), now in now(), taken in 1..9_u32, part in 1..9_u32) {
        let (_, state) = rate.step(RateState::default(), cost(rate, taken).max(1), at(now));
        let cost = cost(rate, part).max(1);
        let (outcome, kept) = rate.step(state, cost, at(now));
        let later = |millis: u64| Timestamp::from_millis(now.saturating_add(i64::try_from(millis).expect("31 days")));
        if !outcome.admitted {
            prop_assert_eq!(kept, state);
            prop_assert!(outcome.retry_after_millis > 0);
            if let Some(then) = later(outcome.retry_after_millis) {
                prop_assert!(rate.step(state, cost, then).0.admitted);
                prop_assert!(!rate.step(state, cost, at(then.as_millis() - 1)).0.admitted);
            }
        }
        if let Some(then) = later(outcome.reset_millis) {
            prop_assert_eq!(rate.step(kept, 0, then).0.remaining, rate.limit());
            prop_assert_eq!(rate.step(kept, 0, then).0.reset_millis, 0);
        }
    }

    #[test]
    fn a_cost_of_nothing_asks_and_one_above_the_limit_is_never_admitted(
        rate in rate(),
        micros in any::<i64>(),
        now in now(),
        above in any::<u32>(),
    ) {
        let state = RateState::from_micros(micros);
        let (asked, kept) = rate.step(state, 0, at(now));
        prop_assert!(asked.admitted);
        prop_assert_eq!(kept, state);
        if asked.remaining > 0 {
            prop_assert!(rate.step(state, asked.remaining, at(now)).0.admitted);
        }
        if asked.remaining < rate.limit() {
            prop_assert!(!rate.step(state, asked.remaining + 1, at(now)).0.admitted);
        }
        if let Some(above) = rate.limit().checked_add(1).map(|least| least.max(above)) {
            let (outcome, kept) = rate.step(state, above, at(now));
            prop_assert!(!outcome.admitted);
            prop_assert_eq!((outcome.retry_after_millis, kept), (0, state));
        }
    }
}

/// Lets 64 threads loose on one key at once, each asking `calls` times at what its clock says.
fn rush(limiter: &MemoryLimiter, rate: Rate, calls: i64, clock: impl Fn(i64) -> i64 + Sync) -> u32 {
    let (start, admitted) = (Barrier::new(64), AtomicU32::new(0));
    thread::scope(|scope| {
        for thread in 0..64 {
            let (start, admitted, clock) = (&start, &admitted, &clock);
            scope.spawn(move || {
                start.wait();
                for call in 0..calls {
                    let now = at(clock(thread + call));
                    if limiter.admit("key", rate, 1, now).admitted {
                        admitted.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    admitted.into_inner()
}

#[test]
fn sixty_four_threads_are_admitted_exactly_the_limit() {
    for limit in [1, 63, 1_000] {
        let rate = Rate::new(limit, 60).expect("a rate");
        assert_eq!(
            rush(&MemoryLimiter::default(), rate, 100, |_| NOON),
            limit,
            "64 threads asked 6,400 times at one instant"
        );
    }
}

#[test]
fn threads_whose_clocks_come_in_another_order_gain_nothing() {
    // Two seconds pass, a unit each 10 ms; clocks of neighbouring threads go forth and back by up to a second.
    let rate = Rate::new(100, 1).expect("a rate");
    let clock = |tick: i64| NOON + (tick * 7_919) % 1_000;
    let admitted = rush(&MemoryLimiter::default(), rate, 1_000, clock);
    assert!(
        (100..=199).contains(&admitted),
        "{admitted} admitted; a bucket of 100 and 99 more in 999 ms are the most"
    );
}

#[test]
fn keys_do_not_share_a_bucket() {
    let rate = Rate::new(1, 60).expect("a rate");
    let limiter = MemoryLimiter::default();
    for key in 0..1_000 {
        assert!(limiter.admit(&key.to_string(), rate, 1, at(NOON)).admitted);
    }
    for key in 0..1_000 {
        assert!(!limiter.admit(&key.to_string(), rate, 1, at(NOON)).admitted);
    }
}
