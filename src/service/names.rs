//! The ids that callers may choose, and those the server makes.

use super::Service;
use crate::key::{KeyId, misplaced};
use crate::time::Timestamp;

/// How often a freshly made id may be taken already before that is a fault: one in 8,192 is within a millisecond.
pub(super) const ATTEMPTS: usize = 4;

const MAX_LENGTH: usize = 64;

/// Why `id` is no id of a keyspace, or `None` where it is one.
pub(super) fn keyspace_objection(id: &str) -> Option<&'static str> {
    if misplaced::holds_key(id) {
        return Some(misplaced::OBJECTION);
    }
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    (!is_id(id, allowed))
        .then_some("use 1 to 64 of a-z, 0-9, `-` and `_`, starting with a letter or digit")
}

/// Why `id` is no id of an account, or `None` where it is one.
pub(super) fn account_objection(id: &str) -> Option<&'static str> {
    if misplaced::holds_key(id) {
        return Some(misplaced::OBJECTION);
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (!is_id(id, allowed)).then_some(
        "use 1 to 64 of A-Z, a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit",
    )
}

/// Starting with a letter or digit also keeps the path segments `.` and `..` out.
fn is_id(id: &str, allowed: impl Fn(u8) -> bool) -> bool {
    (1..=MAX_LENGTH).contains(&id.len())
        && id.as_bytes()[0].is_ascii_alphanumeric()
        && id.bytes().all(allowed)
}

impl Service {
    /// A new id such as `tok_0Fq3…`: the arithmetic of key ids under another name.
    pub(super) fn new_id(&self, prefix: &str, now: Timestamp) -> String {
        let id = KeyId::generate(now, &*self.entropy).to_string();
        let digits = id.split_once('_').map_or(&*id, |(_, digits)| digits);
        format!("{prefix}_{digits}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_path_segments_without_surprises() {
        for id in ["shop", "a", "0-1_x", &"k".repeat(64)] {
            assert_eq!(keyspace_objection(id), None, "{id}");
        }
        for id in ["", "Shop", "-a", "a b", "a/b", "é", ".", &"k".repeat(65)] {
            assert!(keyspace_objection(id).is_some(), "{id}");
        }
        assert_eq!(account_objection("Acme.Ltd-1"), None);
        for id in [".", "..", "a%2e", "a@b"] {
            assert!(account_objection(id).is_some(), "{id}");
        }
    }
}
