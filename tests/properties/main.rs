//! Properties of the core over random inputs, each held against a second, naive way to say the same.
#![cfg(not(target_family = "wasm"))]

mod decisions;
mod keys;
mod limits;
mod numbers;
mod paths;
mod routes;
