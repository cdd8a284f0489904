//! What travels to the edge: a signed head, and the shard that it names (docs/format.md).

mod head;
mod shard;
mod signature;

pub use head::{Head, Keyring, ShardRef, SignedKeyring};
pub use shard::{LiveKey, ShardBuilder, Snapshot};
pub use signature::{PublicKey, SigningKey};
