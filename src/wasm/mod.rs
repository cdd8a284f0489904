//! What JavaScript sees: conversions, and nothing else.
//!
//! Strings come in through a scratch buffer that the engine owns, verdicts go out as numbers, and what a decision
//! carries stands in a block of memory that JavaScript reads. Only what is rare is built as objects: explanations and
//! parsed keys by serde-wasm-bindgen, tables that are read once by way of JSON. The package's TypeScript is the only
//! user of this surface.

mod engine;
mod functions;
mod grant;
mod info;
mod input;
mod json;
mod packed;
mod peppers;
mod records;

use serde::Serialize;
use wasm_bindgen::JsValue;

use json::Json;

/// What is thrown: the wrapper turns it into a `KeywardError`.
fn thrown(error: &crate::error::Error) -> JsValue {
    Json::to_js(|json| {
        json.key("code").text(error.code().as_str());
        json.key("message").text(error.message());
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
