//! Properties of the core over random inputs, each held against a second, naive way to say the same.
#![cfg(not(target_family = "wasm"))]

mod decisions;
mod keys;
mod paths;
mod routes;
