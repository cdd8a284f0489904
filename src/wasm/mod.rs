//! What JavaScript sees: conversions, and nothing else.
//!
//! Strings come in through a scratch buffer that the engine owns, verdicts go out as numbers, and what a decision
//! carries stands in a block of memory that JavaScript reads. Only what is rare (explanations, parsed keys) is built as
//! objects, by serde-wasm-bindgen. The package's TypeScript is the only user of this surface.

mod engine;
mod functions;
mod info;
mod records;

use serde::Serialize;
use wasm_bindgen::JsValue;

/// What is thrown: the wrapper turns it into a `KeywardError`.
#[derive(Serialize)]
struct Thrown<'a> {
    code: &'a str,
    message: &'a str,
}

fn thrown(error: &crate::error::Error) -> JsValue {
    to_js(&Thrown {
        code: error.code().as_str(),
        message: error.message(),
    })
}

/// Objects rather than `Map`s, numbers rather than `BigInt`s: nothing that goes out exceeds 2⁵³.
fn to_js(value: &impl Serialize) -> JsValue {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .unwrap_or(JsValue::NULL)
}

/// Numbers outward: epochs and times stay below 2⁵³.
#[expect(
    clippy::cast_precision_loss,
    reason = "all of them are below 2^53 by their types or by centuries"
)]
fn number(value: u64) -> f64 {
    value as f64
}
