//! How much a key may do: its rate, as a pure step, and for native services a limiter that keeps the states in memory.

#[cfg(not(target_family = "wasm"))]
mod memory;
mod rate;

#[cfg(not(target_family = "wasm"))]
pub use memory::MemoryLimiter;
pub use rate::{Rate, RateOutcome, RateState};
