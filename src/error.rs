//! The error of the pure core: a stable code for programs and a message for people.

use std::borrow::Cow;
use std::fmt;

/// What kind of mistake it was: the same word in Rust, HTTP and TypeScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// An argument that cannot mean anything.
    InvalidArgument,
    /// A digest that is not `scheme:value`.
    InvalidDigest,
    /// A key record that contradicts itself, its neighbours or its profile.
    InvalidRecord,
    /// A profile that is malformed or ambiguous.
    InvalidProfile,
    /// A head or shard that is not what it claims to be.
    InvalidSnapshot,
    /// A signature by no trusted key, or over other bytes.
    BadSignature,
    /// A digest that only a pepper can make, and the pepper is not here.
    MissingPepper,
    /// Files of another keyspace.
    WrongKeyspace,
    /// An epoch below the floor.
    Rollback,
    /// Two different contents, both signed as one epoch.
    EpochConflict,
    /// A head of the same content that was signed before the one in use.
    OlderHead,
}

impl Code {
    /// The code as it appears outside.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::InvalidDigest => "invalid_digest",
            Self::InvalidRecord => "invalid_record",
            Self::InvalidProfile => "invalid_profile",
            Self::InvalidSnapshot => "invalid_snapshot",
            Self::BadSignature => "bad_signature",
            Self::MissingPepper => "missing_pepper",
            Self::WrongKeyspace => "wrong_keyspace",
            Self::Rollback => "rollback",
            Self::EpochConflict => "epoch_conflict",
            Self::OlderHead => "older_head",
        }
    }
}

/// What was wrong, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    code: Code,
    message: Cow<'static, str>,
}

impl Error {
    pub(crate) fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The same error with the place put before its message.
    pub(crate) fn within(self, place: impl fmt::Display) -> Self {
        Self {
            code: self.code,
            message: format!("{place}: {}", self.message).into(),
        }
    }

    /// The stable code.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The message without the code.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
