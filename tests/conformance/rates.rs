//! Steps of rates (tests/vectors/rates.json).

use keyward::error::Code;
use keyward::limit::{Rate, RateOutcome, RateState};
use keyward::time::Timestamp;
use serde::Deserialize;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::given::GivenRate;
use crate::vector;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    steps: Vec<Step>,
    refused: Vec<GivenRate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    name: String,
    rate: GivenRate,
    state: i64,
    cost: u32,
    now: i64,
    expect: Expected,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expected {
    admitted: bool,
    remaining: u32,
    reset_millis: u64,
    retry_after_millis: u64,
    state: i64,
}

fn vectors() -> Vectors {
    vector::read(include_str!("../vectors/rates.json"))
}

#[test]
fn each_step_is_admitted_or_not() {
    let steps = vectors().steps;
    assert!(steps.len() >= 60, "{}", steps.len());
    for step in steps {
        let rate = Rate::new(step.rate.limit, step.rate.window).expect(&step.name);
        let now = Timestamp::from_millis(step.now).expect(&step.name);
        let (outcome, state) = rate.step(RateState::from_micros(step.state), step.cost, now);
        let expected = RateOutcome {
            admitted: step.expect.admitted,
            remaining: step.expect.remaining,
            reset_millis: step.expect.reset_millis,
            retry_after_millis: step.expect.retry_after_millis,
        };
        assert_eq!(
            (outcome, state.as_micros()),
            (expected, step.expect.state),
            "{}",
            step.name
        );
    }
}

#[test]
fn rates_that_are_none_are_refused() {
    for GivenRate { limit, window } in vectors().refused {
        let error = Rate::new(limit, window).expect_err("no rate");
        assert_eq!(error.code(), Code::InvalidArgument, "{limit} in {window} s");
    }
}
