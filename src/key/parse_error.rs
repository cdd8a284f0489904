//! Why a string is not a key: what is wrong with it, and where.

use std::fmt;

/// Why a string is not a key of this format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseKeyError {
    kind: Kind,
    at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Prefix,
    Length,
    Digit,
    Checksum,
    Base64,
    Account,
    Hexadecimal,
    Character,
}

impl ParseKeyError {
    pub(super) const fn new(kind: Kind, at: usize) -> Self {
        Self { kind, at }
    }

    /// `malformed_key` or `bad_checksum`.
    pub const fn code(&self) -> &'static str {
        if self.is_bad_checksum() {
            "bad_checksum"
        } else {
            "malformed_key"
        }
    }

    /// Whether the shape is right and only the checksum is not: most likely a typo.
    pub const fn is_bad_checksum(&self) -> bool {
        matches!(self.kind, Kind::Checksum)
    }

    /// Where it goes wrong: an offset in bytes into the key as it was presented.
    pub const fn at(&self) -> usize {
        self.at
    }
}

impl fmt::Display for ParseKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at;
        match self.kind {
            Kind::Prefix => write!(
                f,
                "the key does not start with this API's prefix (byte {at})"
            ),
            Kind::Length if at == 0 => f.write_str("the key is empty"),
            Kind::Length => write!(
                f,
                "the key is cut off or has something after its end (byte {at})"
            ),
            Kind::Digit => write!(f, "byte {at} is not a letter or digit of ASCII"),
            Kind::Checksum => {
                f.write_str("the checksum does not match: a character was mistyped or lost")
            }
            Kind::Base64 => write!(f, "byte {at} cannot stand there in base64"),
            Kind::Account => write!(
                f,
                "the key does not hold an account's number from 1 to 2^53 - 1 and a colon (byte {at})"
            ),
            Kind::Hexadecimal => write!(
                f,
                "what the key holds after the colon is not hexadecimal (byte {at})"
            ),
            Kind::Character => write!(f, "byte {at} is not a visible character of ASCII"),
        }
    }
}

impl std::error::Error for ParseKeyError {}
