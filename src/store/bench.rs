//! What benches/server looks at from inside: the plans of statements, and changes that are committed one by one.

use std::path::Path;

use super::{AccountPath, StoreError, sqlite};

pub use sqlite::{Planned, Statement, commit_at_most, make_in_haste};

/// What is run against the database file at `path` for each of the things that are asked most, and how. `account` must
/// have keys. Changes are rolled back; no server may work on the file.
pub fn plans(path: &Path, account: &AccountPath) -> Result<Vec<Planned>, StoreError> {
    sqlite::plans(path, account)
}
