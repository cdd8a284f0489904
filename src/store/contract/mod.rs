//! What every backend has to do: one suite that all of them pass.
//!
//! A test is a function of a store, and `both!` runs it on each backend. What is not said here in words is found by
//! `differential`, which does the same at random to both and wants the same answers.

mod accounts;
mod audit;
mod authority;
mod differential;
mod filters;
mod idle;
mod keys;
mod keyspaces;
mod levels;
mod live;
mod notices;
mod operators;
mod place;
mod races;
mod remembered;
mod rotation;
mod rules;
mod sealed;
mod slots;
mod stage;
mod tokens;
mod uses;

pub(super) use place::Directory;
pub(super) use stage::*;

use super::Store;
use super::memory::MemoryStore;

/// Runs `test` on a new store in memory.
pub(super) fn on_memory(test: impl FnOnce(&dyn Store)) {
    test(&MemoryStore::default());
}

/// Runs `test` on a new database file.
pub(super) fn on_sqlite(test: impl FnOnce(&dyn Store)) {
    let place = Directory::new();
    let store = super::open(&place.path().join(super::FILE_NAME)).expect("a new database");
    test(&*store);
}

/// Makes a test of each function, for each backend.
macro_rules! both {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[test]
            fn $name() {
                crate::store::contract::on_memory(super::$name);
            })*
        }

        mod sqlite {
            $(#[test]
            fn $name() {
                crate::store::contract::on_sqlite(super::$name);
            })*
        }
    };
}
use both;
