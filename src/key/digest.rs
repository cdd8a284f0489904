//! What is stored of a key: a digest that carries its scheme, as text `sha256:<64 lowercase hexadecimal digits>` or
//! `hmac-sha256:<pepper's id>:<64 lowercase hexadecimal digits>`.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{Pepper, PepperId};
use crate::error::{Code, Error};

/// How a digest was made. As text `sha256` or `hmac-sha256:<pepper's id>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DigestScheme {
    /// SHA-256 of the whole key. Enough for keys of at least 160 random bits: there is nothing to guess.
    Sha256,
    /// HMAC-SHA-256 of the whole key under this pepper: for imported keys, which may be weaker.
    HmacSha256(PepperId),
}

impl DigestScheme {
    /// Digests a whole key; `invalid_argument` where the pepper is none of these.
    pub fn digest(self, key: &[u8], peppers: &[Pepper]) -> Result<Digest, Error> {
        match self {
            Self::Sha256 => Ok(Digest::sha256_of(key)),
            Self::HmacSha256(id) => peppers
                .iter()
                .find(|pepper| pepper.id() == id)
                .map(|pepper| pepper.digest(key))
                .ok_or_else(|| {
                    Error::new(
                        Code::InvalidArgument,
                        format!("pepper '{id}' is not among those given"),
                    )
                }),
        }
    }
}

impl fmt::Display for DigestScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256 => f.write_str("sha256"),
            Self::HmacSha256(id) => write!(f, "hmac-sha256:{id}"),
        }
    }
}

impl FromStr for DigestScheme {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "sha256" {
            return Ok(Self::Sha256);
        }
        let id = text.strip_prefix("hmac-sha256:").ok_or_else(|| {
            Error::new(
                Code::InvalidDigest,
                "a digest starts with its scheme: `sha256:` or `hmac-sha256:<pepper id>:`",
            )
        })?;
        id.parse()
            .map(Self::HmacSha256)
            .map_err(|error: Error| Error::new(Code::InvalidDigest, error.message().to_owned()))
    }
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
        Self::from_sha256(Sha256::digest(key).into())
    }

    /// A digest that was made elsewhere.
    pub const fn new(scheme: DigestScheme, bytes: [u8; 32]) -> Self {
        Self { scheme, bytes }
    }

    /// A SHA-256 digest that was made elsewhere.
    pub const fn from_sha256(bytes: [u8; 32]) -> Self {
        Self::new(DigestScheme::Sha256, bytes)
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
        write!(f, "{}:", self.scheme)?;
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
        let invalid = |why: &'static str| Error::new(Code::InvalidDigest, why);
        let (scheme, digits) = text.rsplit_once(':').unwrap_or_default();
        let scheme = scheme.parse()?;
        if digits.len() != 64 {
            return Err(invalid(
                "a digest has 64 lowercase hexadecimal digits after its scheme",
            ));
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            *byte = hex_value(pair[0])
                .zip(hex_value(pair[1]))
                .map(|(high, low)| high << 4 | low)
                .ok_or_else(|| invalid("a digest is written in the digits 0-9 and a-f"))?;
        }
        Ok(Self::new(scheme, bytes))
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

    const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn pepper(id: &str) -> Pepper {
        let id = id.parse().expect("a good id");
        Pepper::new(id, &[7; 32]).expect("32 bytes")
    }

    #[test]
    fn text_and_back() {
        let digest = Digest::sha256_of(b"abc");
        assert_eq!(digest.to_string(), ABC);
        assert_eq!(ABC.parse(), Ok(digest));
        let peppered = pepper("blue_2").digest(b"abc");
        let text = peppered.to_string();
        assert!(text.starts_with("hmac-sha256:blue_2:"), "{text}");
        assert_eq!(text.len(), 19 + 64);
        assert_eq!(text.parse(), Ok(peppered));
    }

    #[test]
    fn one_spelling_only() {
        for text in [ABC.to_owned(), pepper("a").digest(b"abc").to_string()] {
            let (scheme, digits) = text.rsplit_once(':').expect("a scheme");
            for other in [
                String::new(),
                digits.to_owned(),
                scheme.to_owned(),
                text.to_uppercase(),
                text.replacen('a', "A", 1),
                text.replace('b', "B"),
                text.replacen(':', "::", 1),
                format!("{text}0"),
                format!("{text}:"),
                format!(" {text}"),
                format!("{scheme}: {digits}"),
                format!("{scheme}:{}", &digits[1..]),
                format!("{scheme}:+{}", &digits[1..]),
                format!("sha256:a:{digits}"),
                format!("sha1:{digits}"),
                format!("hmac-sha256:{digits}"),
                format!("hmac-sha256::{digits}"),
                format!("hmac-sha256:A:{digits}"),
                format!("hmac-sha256:a:b:{digits}"),
                format!("hmac-sha256:0123456789abcdefg:{digits}"),
            ] {
                let error = other.parse::<Digest>().expect_err(&other);
                assert_eq!(error.code(), Code::InvalidDigest, "{other}");
            }
        }
    }

    #[test]
    fn digests_of_two_schemes_differ() {
        let digest = Digest::sha256_of(b"abc");
        let scheme = pepper("a").digest(b"abc").scheme();
        assert!(digest != Digest::new(scheme, *digest.bytes()));
    }

    #[test]
    fn a_scheme_finds_its_pepper_or_says_which_is_missing() {
        let peppers = [pepper("a"), pepper("b")];
        for scheme in ["sha256", "hmac-sha256:b"] {
            let scheme: DigestScheme = scheme.parse().expect(scheme);
            let digest = scheme.digest(b"abc", &peppers).expect("all there");
            assert_eq!(digest.scheme(), scheme);
        }
        let missing = pepper("c").digest(b"abc").scheme();
        let error = missing.digest(b"abc", &peppers).expect_err("no c");
        assert_eq!(error.code(), Code::InvalidArgument);
        assert!(error.message().contains("'c'"), "{error}");
    }
}
