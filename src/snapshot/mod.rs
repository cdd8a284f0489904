//! What travels to the edge: a signed head, and the shard that it names (docs/format.md).

mod head;
mod shard;
mod signature;

pub use head::{Head, Keyring, ShardRef, SignedKeyring};
#[cfg(not(target_family = "wasm"))]
pub use shard::open_own_shard;
pub use shard::{LiveKey, ShardBuilder, Snapshot};
pub use signature::{PublicKey, SigningKey};
