//! What is stored of a key: a digest that carries its scheme, as text `sha256:<64 lowercase hexadecimal digits>`.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::error::{Code, Error};

/// How a digest was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DigestScheme {
    /// SHA-256 of the whole key. Enough for keys of at least 160 random bits: there is nothing to guess.
    Sha256,
}

/// The digest of one key.
///
/// Equality takes the same time wherever two digests differ.
#[derive(Clone, Copy)]
pub struct Digest {
    scheme: DigestScheme,
    bytes: [u8; 32],
}

impl Digest {
    /// Digests a whole key.
    pub fn sha256_of(key: &[u8]) -> Self {
        Self {
            scheme: DigestScheme::Sha256,
            bytes: Sha256::digest(key).into(),
        }
    }

    /// A digest that was made elsewhere.
    pub const fn from_sha256(bytes: [u8; 32]) -> Self {
        Self {
            scheme: DigestScheme::Sha256,
            bytes,
        }
    }

    /// How it was made.
    pub const fn scheme(&self) -> DigestScheme {
        self.scheme
    }

    /// The 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.scheme == other.scheme && bool::from(self.bytes.ct_eq(&other.bytes))
    }
}

impl Eq for Digest {}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.bytes
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = |why: &'static str| Err(Error::new(Code::InvalidDigest, why));
        let Some(digits) = text.strip_prefix("sha256:") else {
            return invalid(
                "a digest starts with its scheme: `sha256:` and 64 lowercase hexadecimal digits",
            );
        };
        if digits.len() != 64 {
            return invalid("a sha256 digest has 64 lowercase hexadecimal digits after `sha256:`");
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            match (hex_value(pair[0]), hex_value(pair[1])) {
                (Some(high), Some(low)) => *byte = high << 4 | low,
                _ => return invalid("a sha256 digest is written in the digits 0-9 and a-f"),
            }
        }
        Ok(Self::from_sha256(bytes))
    }
}

const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let digest = Digest::sha256_of(b"abc");
        let text = digest.to_string();
        assert_eq!(
            text,
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(text.parse(), Ok(digest));
    }

    #[test]
    fn one_spelling_only() {
        let text = Digest::sha256_of(b"abc").to_string();
        for other in [
            text.to_uppercase(),
            text.replace("sha256:", ""),
            format!("{text}0"),
            text.replace('b', "B"),
        ] {
            assert!(other.parse::<Digest>().is_err(), "{other}");
        }
    }
}
