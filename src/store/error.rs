//! What can go wrong between a use case and its database.

use std::fmt;

/// Why an operation did not happen. Nothing of it was kept.
#[derive(Clone, Debug)]
pub struct StoreError {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Exists,
    Deactivated,
    Busy,
    Unavailable(String),
    Unusable(String),
    Internal(String),
}

impl StoreError {
    /// A uniqueness rule of the database was violated.
    pub(super) const fn exists() -> Self {
        Self { kind: Kind::Exists }
    }

    pub(super) const fn deactivated() -> Self {
        Self {
            kind: Kind::Deactivated,
        }
    }

    pub(super) const fn busy() -> Self {
        Self { kind: Kind::Busy }
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

    /// Whether the key was deactivated, from which nothing leads back.
    pub const fn is_deactivated(&self) -> bool {
        matches!(self.kind, Kind::Deactivated)
    }

    /// Whether trying again later may help: the database is locked, full, out of reach, or has too much to do.
    pub const fn is_unavailable(&self) -> bool {
        matches!(self.kind, Kind::Busy | Kind::Unavailable(_))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Exists => f.write_str("the name is taken"),
            Kind::Deactivated => f.write_str("the key is deactivated, which is final"),
            Kind::Busy => f.write_str("the database has too much to do or is locked"),
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
