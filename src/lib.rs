//! The API keys of an API: made and managed by a server, verified wherever its requests are answered.
//!
//! This crate is both halves. The **pure core** decides whether the key in a request is genuine, alive and allowed to
//! do what the request asks; it takes time and bytes as arguments, does no input or output, and is compiled twice:
//! natively and, by wasm-pack, into the npm package `keyward`. The **management core** (feature `server`, native only)
//! creates and revokes keys, keeps them in `SQLite`, and publishes them as signed snapshots.
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`mod@time`], [`mod@error`] | the instant and the error that every room shares |
//! | [`mod@env`] | the only places that read a clock or draw random bytes |
//! | [`key`] | what a key is: format, checksum, secret, digest, hint, id |
//! | [`limit`] | how much: the rate of a key, as a pure step |
//! | [`request`] | how a key arrives: the credential, the path as it was sent, the client's network |
//! | [`access`] | what a key may do: scopes, levels, route rules, constraints |
//! | [`profile`] | the rules of one published API, as data |
//! | [`verify`] | the decision, and its explanation |
//! | [`snapshot`] | what travels to the edge: signed head, shard |
//! | [`mod@tower`] | a layer for native services over the same verifier |
//! | `wasm` | the surface that JavaScript sees; conversions and nothing else |
//! | `service`, `store`, `http`, `cli` | the management core, outward from use cases to the command line |
//!
//! A room uses only rooms above it in this table; `tests/layering.rs` holds that.
//!
//! ```
//! use keyward::access::Context;
//! use keyward::env::SystemEntropy;
//! use keyward::key::Digest;
//! use keyward::profile::Profile;
//! use keyward::time::Timestamp;
//! use keyward::verify::{Ask, Decision, Record, Verifier};
//!
//! let profile = Profile::preset("esputnik").expect("a preset of this crate");
//! let key = profile.key_format().generate(None, &SystemEntropy)?;
//! let record = Record::new("first", Digest::sha256_of(key.expose().as_bytes())).level("events");
//! let verifier = Verifier::builder(profile).record(record).build()?;
//!
//! let now = Timestamp::from_millis(1_790_000_000_000).expect("after 1970");
//! let call = Ask::Call { method: b"POST", path: b"/api/v1/event" };
//! assert!(matches!(verifier.verify_key(key.expose().as_bytes(), call, Context::default(), now), Decision::Allow(_)));
//! # Ok::<(), keyward::error::Error>(())
//! ```

pub mod access;
pub mod env;
pub mod error;
pub mod key;
pub mod limit;
pub mod profile;
pub mod request;
pub mod snapshot;
pub mod time;
#[cfg(not(target_family = "wasm"))]
pub mod tower;
pub mod verify;

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod wasm;

#[cfg(all(feature = "server", not(target_family = "wasm")))]
pub mod cli;
#[cfg(all(feature = "server", not(target_family = "wasm")))]
pub mod http;
#[cfg(all(feature = "server", not(target_family = "wasm")))]
pub mod service;
#[cfg(all(feature = "server", not(target_family = "wasm")))]
pub mod store;
