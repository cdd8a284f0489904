//! What a key is: its shape, its secret, what is stored of it and what may be shown of it.

mod account_hex;
mod base62;
mod checksum;
mod checksummed;
mod digest;
mod format;
mod id;
#[cfg(all(feature = "server", not(target_family = "wasm")))]
pub(crate) mod misplaced;
mod opaque;
mod parse_error;
mod pepper;
mod secret;

pub use checksum::checksum;
pub use digest::{Digest, DigestScheme};
pub use format::{KeyFormat, MAX_KEY_LENGTH, ParsedKey};
pub use id::KeyId;
pub use parse_error::ParseKeyError;
pub use pepper::{Pepper, PepperId};
pub use secret::Secret;
