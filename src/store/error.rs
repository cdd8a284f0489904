//! What can go wrong between a use case and its database.

use std::fmt;

use crate::key::KeyId;

/// Why an operation did not happen. Nothing of it was kept.
#[derive(Clone, Debug)]
pub struct StoreError {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Exists,
    Slot { field: String, holder: KeyId },
    Stale,
    Outdated,
    NotEnabled,
    Unfit,
    Remembered,
    LastOperator,
    Unauthorized,
    Deactivated,
    Busy,
    Full,
    Unavailable(String),
    Unusable(String),
    Internal(String),
}

impl StoreError {
    /// A uniqueness rule of the database was violated.
    pub(super) const fn exists() -> Self {
        Self { kind: Kind::Exists }
    }

    /// Another key holds a place that this one needs.
    pub(super) const fn slot_taken(field: String, holder: KeyId) -> Self {
        Self {
            kind: Kind::Slot { field, holder },
        }
    }

    pub(super) const fn stale() -> Self {
        Self { kind: Kind::Stale }
    }

    /// The rules of the keyspace are others than those by which this was made.
    pub(super) const fn outdated() -> Self {
        Self {
            kind: Kind::Outdated,
        }
    }

    /// The account may have no keys made.
    pub(super) const fn not_enabled() -> Self {
        Self {
            kind: Kind::NotEnabled,
        }
    }

    /// The new rules of a keyspace have no place for a key.
    pub(super) const fn unfit() -> Self {
        Self { kind: Kind::Unfit }
    }

    pub(super) const fn remembered() -> Self {
        Self {
            kind: Kind::Remembered,
        }
    }

    pub(super) const fn last_operator() -> Self {
        Self {
            kind: Kind::LastOperator,
        }
    }

    /// On whose authority it was to be done, is nobody any more.
    pub(super) const fn unauthorized() -> Self {
        Self {
            kind: Kind::Unauthorized,
        }
    }

    pub(super) const fn deactivated() -> Self {
        Self {
            kind: Kind::Deactivated,
        }
    }

    pub(super) const fn busy() -> Self {
        Self { kind: Kind::Busy }
    }

    /// There is no space left on the disk.
    pub(super) const fn full() -> Self {
        Self { kind: Kind::Full }
    }

    pub(super) fn unavailable(why: impl fmt::Display) -> Self {
        Self {
            kind: Kind::Unavailable(why.to_string()),
        }
    }

    pub(super) fn unusable(why: impl Into<String>) -> Self {
        Self {
            kind: Kind::Unusable(why.into()),
        }
    }

    pub(super) fn internal(what: impl Into<String>) -> Self {
        Self {
            kind: Kind::Internal(what.into()),
        }
    }

    /// Whether an id, name or digest is taken.
    pub const fn is_exists(&self) -> bool {
        matches!(self.kind, Kind::Exists)
    }

    /// The field whose value another key of the account holds, and that key.
    pub fn slot(&self) -> Option<(&str, KeyId)> {
        match &self.kind {
            Kind::Slot { field, holder } => Some((field, *holder)),
            _ => None,
        }
    }

    /// Whether the record has changed since it was read.
    pub const fn is_stale(&self) -> bool {
        matches!(self.kind, Kind::Stale)
    }

    /// Whether the rules of the keyspace have changed since a key was held against them.
    pub const fn is_outdated(&self) -> bool {
        matches!(self.kind, Kind::Outdated)
    }

    /// Whether the account may have no keys made.
    pub const fn is_not_enabled(&self) -> bool {
        matches!(self.kind, Kind::NotEnabled)
    }

    /// Whether there are keys for which the new rules of their keyspace have no place.
    pub const fn is_unfit(&self) -> bool {
        matches!(self.kind, Kind::Unfit)
    }

    /// Whether a request with the same idempotency key was answered before.
    pub const fn is_remembered(&self) -> bool {
        matches!(self.kind, Kind::Remembered)
    }

    /// Whether nobody would be left who may do everything.
    pub const fn is_last_operator(&self) -> bool {
        matches!(self.kind, Kind::LastOperator)
    }

    /// Whether the credential was revoked or has ended since it was presented.
    pub const fn is_unauthorized(&self) -> bool {
        matches!(self.kind, Kind::Unauthorized)
    }

    /// Whether the key was deactivated, from which nothing leads back.
    pub const fn is_deactivated(&self) -> bool {
        matches!(self.kind, Kind::Deactivated)
    }

    /// Whether there was no space left on the disk.
    pub(super) const fn is_full(&self) -> bool {
        matches!(self.kind, Kind::Full)
    }

    /// Whether the database is locked or has too much to do, and otherwise well.
    pub const fn is_busy(&self) -> bool {
        matches!(self.kind, Kind::Busy)
    }

    /// Whether trying again later may help: the database is locked, full, out of reach, or has too much to do.
    pub const fn is_unavailable(&self) -> bool {
        matches!(self.kind, Kind::Busy | Kind::Full | Kind::Unavailable(_))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Exists => f.write_str("the name is taken"),
            Kind::Slot { field, holder } => {
                write!(
                    f,
                    "{field}: the key {holder} of the account has this already"
                )
            }
            Kind::Stale => f.write_str("the record has changed in the meantime"),
            Kind::Outdated => f.write_str("the keyspace has got other rules in the meantime"),
            Kind::NotEnabled => f.write_str("the account may have no keys made"),
            Kind::Unfit => f.write_str("there are keys that these rules have no place for"),
            Kind::Remembered => {
                f.write_str("a request with this idempotency key was answered before")
            }
            Kind::LastOperator => {
                f.write_str("this is the last operator who may do everything on the server")
            }
            Kind::Unauthorized => f.write_str("the credential was revoked or has ended"),
            Kind::Deactivated => f.write_str("the key is deactivated, which is final"),
            Kind::Busy => f.write_str("the database has too much to do or is locked"),
            Kind::Full => f.write_str("there is no space left on the disk"),
            Kind::Unavailable(why) => write!(f, "the database does not answer: {why}"),
            Kind::Unusable(why) => f.write_str(why),
            Kind::Internal(what) => write!(
                f,
                "the database holds or answered what it should not: {what}"
            ),
        }
    }
}

impl std::error::Error for StoreError {}
