//! A store in memory: the same rules in the simplest words, for tests. What one backend does and the other does not is
//! found by the contract that both pass (`store::contract`).
//!
//! One lock holds everything. Each change asks all its questions before it touches anything, so that one that is
//! refused leaves nothing behind.

mod accounts;
mod audit;
mod authority;
mod keys;
mod keyspaces;
mod notices;
mod operations;
mod operators;
mod rules;
mod secrets;
mod slots;
mod tokens;
mod uses;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use self::keys::Key;
use super::{Account, Act, AuditEntry, Keyspace, Operator, Remembered, Signing, StoreError, Token};
use crate::key::{Digest, KeyId};
use crate::time::Timestamp;

/// The [`Store`](super::Store) in memory.
#[derive(Default)]
pub(super) struct MemoryStore(Mutex<State>);

/// Everything.
#[derive(Default)]
struct State {
    cursor_secret: Option<[u8; 32]>,
    operators: BTreeMap<String, (Operator, Digest)>,
    spaces: BTreeMap<String, Space>,
    remembered: BTreeMap<[u8; 32], (Remembered, Timestamp)>,
    audit: Vec<AuditEntry>,
}

/// A keyspace and all in it.
struct Space {
    keyspace: Keyspace,
    signing: Signing,
    accounts: BTreeMap<String, Account>,
    keys: BTreeMap<KeyId, Key>,
    tokens: BTreeMap<String, (Token, Digest)>,
    /// By day and key: the account, and how many.
    uses: BTreeMap<(u32, KeyId), (String, u64)>,
    batches: BTreeMap<[u8; 32], Timestamp>,
}

impl MemoryStore {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryStore {
    /// Everything, for an act whose authority counts.
    fn lock_for(&self, act: &Act) -> Result<MutexGuard<'_, State>, StoreError> {
        let state = self.lock();
        act.must_count(&*state)?;
        Ok(state)
    }
}

impl State {
    /// The keyspace where there is it and, where one is named, the account in it.
    fn space(&self, keyspace: &str, account: Option<&str>) -> Option<&Space> {
        let space = self.spaces.get(keyspace)?;
        account
            .is_none_or(|account| space.accounts.contains_key(account))
            .then_some(space)
    }

    /// A keyspace that was found before.
    fn space_mut(&mut self, keyspace: &str) -> Result<&mut Space, StoreError> {
        self.spaces
            .get_mut(keyspace)
            .ok_or_else(|| StoreError::internal("a keyspace vanished"))
    }
}
