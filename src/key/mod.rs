//! What a key is: its shape, its secret, what is stored of it and what may be shown of it.

mod base62;
mod checksum;
mod digest;
mod format;
mod id;
mod secret;

pub use checksum::checksum;
pub use digest::{Digest, DigestScheme};
pub use format::{KeyFormat, MAX_KEY_LENGTH, ParseKeyError, ParsedKey};
pub use id::KeyId;
pub use secret::Secret;
