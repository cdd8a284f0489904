//! Scopes by number, and the levels that grant them.

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

    /// Whether nothing is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The positions in the set, ascending.
    pub fn iter(self) -> impl Iterator<Item = u16> {
        (0..128).filter(move |&scope| self.contains(scope))
    }
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
}
