//! Numbers as JavaScript has them (threat 31): what it cannot hold exactly is refused, what it can comes back
//! unchanged.

use keyward::access::{Constraint, Context, Value};
use keyward::key::{Digest, KeyId};
use keyward::limit::{Rate, RateState};
use keyward::profile::Profile;
use keyward::time::Timestamp;
use keyward::verify::{Ask, Reason, Record, Verifier};
use proptest::prelude::*;

const KEY: &str = "mr_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";
const NOW: i64 = 1_790_000_000_000;
const MAX_SAFE: i64 = (1 << 53) - 1;

/// Numbers at the borders of 31, 32, 48, 53, 63 and 64 bits, and any others.
fn number() -> impl Strategy<Value = i64> {
    let border = prop::sample::select(vec![
        0,
        1 << 31,
        1 << 32,
        1 << 48,
        1 << 53,
        1 << 62,
        i64::MAX,
        i64::MIN,
    ]);
    prop_oneof![
        3 => (border, -3i64..4).prop_map(|(border, step)| border.wrapping_add(step)),
        1 => -MAX_SAFE - 2..MAX_SAFE + 2,
        1 => any::<i64>(),
    ]
    .prop_flat_map(|number| prop::sample::select(vec![number, number.wrapping_neg()]))
}

fn record() -> Record {
    Record::new("record", Digest::sha256_of(KEY.as_bytes())).level("sender")
}

fn verifier(record: Record) -> Result<Verifier, keyward::error::Error> {
    let profile = Profile::from_toml(include_str!("../vectors/mailroom.toml"));
    Verifier::builder(profile.expect("a good profile"))
        .record(record)
        .build()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn an_instant_is_one_that_javascript_holds(number in number(), fraction in 0.0f64..1.0) {
        let instant = Timestamp::from_millis(number);
        prop_assert_eq!(instant.is_some(), (1..=MAX_SAFE).contains(&number));
        #[expect(clippy::cast_precision_loss, reason = "what JavaScript does to it")]
        let double = number as f64;
        let whole = double.trunc();
        let expected = (1.0..=9_007_199_254_740_991.0).contains(&whole);
        prop_assert_eq!(Timestamp::from_js(double).is_some(), expected);
        if let Some(instant) = instant {
            prop_assert_eq!(Timestamp::from_js(double), Some(instant));
            if number < 1 << 44 {
                // Cut off, never rounded up: what has not ended is not over.
                prop_assert_eq!(Timestamp::from_js(double + fraction * 0.99), Some(instant));
            }
        }
    }

    #[test]
    fn any_double_gives_an_instant_or_none(bits in any::<u64>()) {
        let number = f64::from_bits(bits);
        let expected = (1.0..9_007_199_254_740_992.0).contains(&number);
        prop_assert_eq!(Timestamp::from_js(number).is_some(), expected, "{}", number);
    }

    #[test]
    fn an_id_is_a_number_of_53_bits(number in any::<u64>(), border in number()) {
        for number in [number, number >> 11, border.unsigned_abs()] {
            let id = KeyId::from_u64(number);
            prop_assert_eq!(id.is_some(), number <= MAX_SAFE.unsigned_abs());
            if let Some(id) = id {
                prop_assert_eq!(id.get(), number);
                prop_assert_eq!(id.to_string().parse(), Ok(id));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_number_is_within_itself_and_nothing_else(allowed in number(), said in number()) {
        let constraint = Constraint::only([allowed]).expect("a value");
        let verifier = verifier(record().constraint("domain", constraint));
        prop_assert_eq!(verifier.is_ok(), (-MAX_SAFE..=MAX_SAFE).contains(&allowed));
        let Ok(verifier) = verifier else {
            return Ok(());
        };
        for (said, within) in [(said, said == allowed), (allowed, true), (-allowed, allowed == 0)] {
            let context = Context { client: None, values: &[("domain", Value::Integer(said))] };
            let now = Timestamp::from_millis(NOW).expect("after 1970");
            let decision = verifier.verify_key(KEY.as_bytes(), Ask::Scope("mails.send"), context, now);
            let expected = if within { None } else { Some(Reason::ConstraintViolated) };
            prop_assert_eq!(decision.reason(), expected, "{} of {}", said, allowed);
        }
    }

    /// A record holds an end of 48 bits; further ones are refused rather than cut.
    #[test]
    fn an_end_is_kept_or_refused(end in number()) {
        let Some(end) = Timestamp::from_millis(end) else {
            return Ok(());
        };
        let verifier = verifier(record().expires_at(end));
        prop_assert_eq!(verifier.is_ok(), end.as_millis() < 1 << 48);
        let Ok(verifier) = verifier else {
            return Ok(());
        };
        for step in [-1, 0, 1] {
            let Some(now) = Timestamp::from_millis(end.as_millis() + step) else {
                continue;
            };
            let decision = verifier.verify_key(KEY.as_bytes(), Ask::Alive, Context::default(), now);
            let expected = if step < 0 { None } else { Some(Reason::Expired) };
            prop_assert_eq!(decision.reason(), expected);
            if let Some(grant) = decision.grant() {
                prop_assert_eq!(grant.expires_at(), Some(end));
            }
        }
    }

    /// What is kept of a rate between calls is a number that JavaScript holds, for as long as its clocks go.
    #[test]
    fn a_states_number_is_one_that_javascript_holds(
        limit in 1u32..10_000,
        window in 1u32..=2_678_400,
        state in number(),
        cost in 0u32..10,
        now in 1i64..9_000_000_000_000,
    ) {
        let rate = Rate::new(limit, window).expect("a good rate");
        let before = RateState::from_micros(state);
        let (outcome, after) = rate.step(before, cost, Timestamp::from_millis(now).expect("after 1970"));
        prop_assert!(outcome.remaining <= limit);
        if after != before {
            prop_assert!((1..=MAX_SAFE).contains(&after.as_micros()), "{:?}", after);
        } else if cost > 0 {
            prop_assert!(!outcome.admitted);
        }
    }
}
