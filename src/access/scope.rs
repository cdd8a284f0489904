//! Scopes by number, and the levels that grant them.

use crate::limit::Rate;

/// A profile names at most this many scopes, so that a set of them is two machine words.
pub const MAX_SCOPES: usize = 128;

/// A set of scopes, by their position in the profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeSet(u128);

impl ScopeSet {
    /// The set without any scope. It opens nothing.
    pub const EMPTY: Self = Self(0);

    /// The set whose bits are given, lowest first.
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// The bits, lowest first.
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// This set and one more scope; a position of [`MAX_SCOPES`] or above adds nothing.
    #[must_use]
    pub const fn with(self, scope: u16) -> Self {
        if (scope as usize) < MAX_SCOPES {
            Self(self.0 | 1 << scope)
        } else {
            self
        }
    }

    /// Whether the scope at this position is in the set.
    pub const fn contains(self, scope: u16) -> bool {
        // Two words rather than one shift of 128 bits, which is a call under wasm.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the two halves are taken apart"
        )]
        let half = if scope < 64 {
            self.0 as u64
        } else {
            (self.0 >> 64) as u64
        };
        (scope as usize) < MAX_SCOPES && half >> (scope & 63) & 1 == 1
    }

    /// What is in one of the two sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The positions in the set, ascending.
    pub fn iter(self) -> impl Iterator<Item = u16> {
        (0..128).filter(move |&scope| self.contains(scope))
    }
}

/// Whether a scope is one that a pattern stands for: segment by segment between the points, where `*` stands for
/// exactly one. `contacts.*` stands for `contacts.list`, neither for `contacts` nor for `contacts.lists.read`; a
/// pattern without `*` stands for itself.
pub fn matches_pattern(pattern: &str, scope: &str) -> bool {
    // As bytes: text is searched by four times the code.
    let is_point = |byte: &u8| *byte == b'.';
    let mut segments = scope.as_bytes().split(is_point);
    pattern.as_bytes().split(is_point).all(|expected| {
        segments
            .next()
            .is_some_and(|segment| segment == expected || expected == b"*" && !segment.is_empty())
    }) && segments.next().is_none()
}

/// Whether a pattern can be written so: at most 64 bytes, segments of `a-z`, `0-9`, `_` and `-`, or `*` in place of a
/// whole segment.
pub fn is_pattern_well_formed(pattern: &str) -> bool {
    let is_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    pattern.len() <= 64
        && pattern
            .split('.')
            .all(|segment| segment == "*" || !segment.is_empty() && segment.bytes().all(is_name))
}

/// A named set of scopes that is chosen when a key is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The id in code and HTTP, such as `events_and_contacts`.
    pub id: Box<str>,
    /// What people read, such as `Access to events and contacts`.
    pub title: Box<str>,
    /// A sentence that explains it; may be empty.
    pub help: Box<str>,
    /// What it grants.
    pub scopes: ScopeSet,
    /// Whether it opens every call, listed or not.
    pub everything: bool,
    /// How often its keys may be used, unless they say otherwise.
    pub rate: Option<Rate>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_segment() {
        for (pattern, scope) in [
            ("contacts", "contacts"),
            ("contacts.list", "contacts.list"),
            ("contacts.*", "contacts.list"),
            ("*", "contacts"),
            ("*.read", "contacts.read"),
            ("*.*", "contacts.read"),
            ("a.*.c", "a.b.c"),
        ] {
            assert!(is_pattern_well_formed(pattern), "{pattern}");
            assert!(matches_pattern(pattern, scope), "{pattern} {scope}");
        }
        for (pattern, scope) in [
            ("contacts.*", "contacts"),
            ("contacts.*", "contacts."),
            ("contacts.*", "contacts.lists.read"),
            ("contacts.*", "contact.list"),
            ("contacts", "contacts.list"),
            ("contacts.list", "contacts"),
            ("*", "contacts.read"),
            ("*", ""),
            ("*.*", "contacts"),
            ("a.*.c", "a.b.d"),
            ("con*", "contacts"),
            ("contacts.list", "contacts.*"),
        ] {
            assert!(!matches_pattern(pattern, scope), "{pattern} {scope}");
        }
    }

    #[test]
    fn patterns_that_look_like_more_are_refused() {
        let long = "a".repeat(65);
        for pattern in [
            "", ".", "a.", ".a", "a..b", "con*", "**", "a.**", "A", "a b", "{a}", &long,
        ] {
            assert!(!is_pattern_well_formed(pattern), "{pattern}");
        }
    }
}
