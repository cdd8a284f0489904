//! The shape of a key: `<prefix>_<body><checksum>`.

use std::fmt;

use super::checksum::{self, checksum};
use super::{Secret, base62};
use crate::env::Entropy;
use crate::error::{Code, Error};

/// No key is longer, whatever its format: 256 bytes.
pub const MAX_KEY_LENGTH: usize = 256;

/// 30 base62 digits carry 178 bits.
pub(super) const BODY_LENGTH: usize = 30;
pub(super) const SECRET_LENGTH: usize = BODY_LENGTH + checksum::LENGTH;
const MAX_PREFIX_LENGTH: usize = 20;

/// What the keys of a keyspace look like.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFormat {
    /// `<prefix>_`, 30 random base62 digits, and six that check them.
    Checksummed {
        /// What stands before the underscore in front of the body, such as `es` or `kw_live`.
        prefix: Box<str>,
    },
}

/// The parts of a well-formed key, borrowed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedKey<'a> {
    /// What the key starts with, without the underscore.
    pub prefix: &'a str,
    /// The random part.
    pub body: &'a str,
    /// The six digits that check the body.
    pub checksum: &'a str,
}

/// Why a string is not a key of this format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseKeyError {
    kind: Kind,
    at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Prefix,
    Length,
    Digit,
    Checksum,
}

impl ParseKeyError {
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

    /// Where it goes wrong: an offset in bytes.
    pub const fn at(&self) -> usize {
        self.at
    }
}

impl fmt::Display for ParseKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Prefix => write!(
                f,
                "the key does not start with this API's prefix (byte {})",
                self.at
            ),
            Kind::Length if self.at == 0 => f.write_str("the key is empty"),
            Kind::Length => write!(
                f,
                "the key is cut off or has something after its end (byte {})",
                self.at
            ),
            Kind::Digit => write!(f, "byte {} is not a letter or digit of ASCII", self.at),
            Kind::Checksum => {
                f.write_str("the checksum does not match: a character was mistyped or lost")
            }
        }
    }
}

impl std::error::Error for ParseKeyError {}

impl KeyFormat {
    /// Keyward's own format with this prefix: letters, digits and single underscores, 1 to 20 characters.
    pub fn checksummed(prefix: &str) -> Result<Self, Error> {
        let words_are_well_formed = prefix
            .split('_')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        if prefix.len() > MAX_PREFIX_LENGTH || !words_are_well_formed {
            return Err(Error::new(
                Code::InvalidProfile,
                format!(
                    "key prefix '{prefix}': use ASCII letters and digits, words joined by `_`, 20 characters at most"
                ),
            ));
        }
        Ok(Self::Checksummed {
            prefix: prefix.into(),
        })
    }

    /// What the keys start with, without the underscore.
    pub fn prefix(&self) -> &str {
        let Self::Checksummed { prefix } = self;
        prefix
    }

    /// Makes a new key from 178 random bits, each digit as likely as any other.
    pub fn generate(&self, entropy: &dyn Entropy) -> Secret {
        let prefix = self.prefix();
        let mut key = String::with_capacity(prefix.len() + 1 + SECRET_LENGTH);
        key.push_str(prefix);
        key.push('_');
        let start = key.len();
        let mut random = zeroize::Zeroizing::new([0; 48]);
        while key.len() < start + BODY_LENGTH {
            entropy.fill(random.as_mut());
            // 248 = 4 × 62: the bytes above would make the first digits likelier.
            let digits = random
                .iter()
                .filter(|&&byte| byte < 248)
                .map(|byte| base62::ALPHABET[usize::from(byte % 62)]);
            key.extend(digits.take(start + BODY_LENGTH - key.len()).map(char::from));
        }
        let digits = checksum(&key.as_bytes()[start..]);
        key.extend(digits.map(char::from));
        Secret::new(key)
    }

    /// Reads a key, or says where it goes wrong.
    pub fn parse<'a>(&self, key: &'a [u8]) -> Result<ParsedKey<'a>, ParseKeyError> {
        self.check(key)?;
        let start = self.prefix().len() + 1;
        // Prefix and digits are ASCII by now, so none of these can be empty-handed.
        let text = |part| std::str::from_utf8(part).unwrap_or_default();
        Ok(ParsedKey {
            prefix: text(&key[..start - 1]),
            body: text(&key[start..start + BODY_LENGTH]),
            checksum: text(&key[start + BODY_LENGTH..]),
        })
    }

    /// Whether this is a key by its shape and checksum. One pass, no hashing, no allocation.
    pub fn check(&self, key: &[u8]) -> Result<(), ParseKeyError> {
        let secret = key
            .strip_prefix(self.prefix().as_bytes())
            .and_then(|rest| rest.strip_prefix(b"_"))
            .and_then(|rest| <&[u8; SECRET_LENGTH]>::try_from(rest).ok());
        match secret {
            Some(secret) if checksum::holds(secret) => Ok(()),
            _ => Err(self.mistake(key)),
        }
    }

    /// What is wrong with something that is no key.
    #[cold]
    fn mistake(&self, key: &[u8]) -> ParseKeyError {
        let prefix = self.prefix().as_bytes();
        let start = prefix.len() + 1;
        let expected = prefix.iter().chain(b"_");
        if let Some(at) = key
            .iter()
            .zip(expected)
            .position(|(got, expected)| got != expected)
        {
            return ParseKeyError {
                kind: Kind::Prefix,
                at,
            };
        }
        if key.len() != start + SECRET_LENGTH {
            let at = key.len().min(start + SECRET_LENGTH);
            return ParseKeyError {
                kind: Kind::Length,
                at,
            };
        }
        let is_digit = |byte: &u8| base62::VALUE[usize::from(*byte)] != base62::INVALID;
        match key[start..].iter().position(|byte| !is_digit(byte)) {
            Some(at) => ParseKeyError {
                kind: Kind::Digit,
                at: start + at,
            },
            None => ParseKeyError {
                kind: Kind::Checksum,
                at: start + BODY_LENGTH,
            },
        }
    }

    /// What may be shown of a key after its creation: prefix, first and last characters, at most a quarter of the key.
    ///
    /// A key too short to show anything of gives `…`.
    pub fn hint(&self, key: &Secret) -> String {
        let key = key.expose();
        let shown_prefix = self.prefix().len() + 1;
        let Some(budget) = (key.len() / 4).checked_sub(shown_prefix) else {
            return "…".to_owned();
        };
        let first = budget.min(8) / 2;
        // One character alone tells keys apart best at the end, where the checksum stands.
        let last = budget.min(8) - first;
        let shown = key
            .get(..shown_prefix + first)
            .zip(key.get(key.len() - last..));
        shown.map_or_else(|| "…".to_owned(), |(first, last)| format!("{first}…{last}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::SystemEntropy;

    #[test]
    fn a_generated_key_parses_and_every_changed_character_is_refused() {
        let format = KeyFormat::checksummed("em_live").expect("a good prefix");
        let key = format.generate(&SystemEntropy);
        let key = key.expose().as_bytes();
        let parsed = format.parse(key).expect("its own key");
        assert_eq!(
            (parsed.prefix, parsed.body.len(), parsed.checksum.len()),
            ("em_live", 30, 6)
        );
        for at in 0..key.len() {
            for byte in 0..=255 {
                if byte != key[at] {
                    let mut changed = key.to_vec();
                    changed[at] = byte;
                    assert!(format.parse(&changed).is_err(), "byte {at} as {byte}");
                }
            }
            assert!(format.parse(&key[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn errors_say_where() {
        let format = KeyFormat::checksummed("es").expect("a good prefix");
        let at = |key: &[u8]| format.parse(key).expect_err("not a key").at();
        assert_eq!(at(b""), 0);
        assert_eq!(at(b"ex_"), 1);
        assert_eq!(at(b"es_abc"), 6);
        assert_eq!(at("es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq1ſ".as_bytes()), 39);
        assert_eq!(at(b"es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq1-"), 38);
        assert_eq!(
            format
                .parse(b"es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18")
                .expect_err("typo")
                .code(),
            "bad_checksum"
        );
    }

    #[test]
    fn a_hint_shows_at_most_a_quarter() {
        for prefix in ["es", "em_live", "kw_live"] {
            let format = KeyFormat::checksummed(prefix).expect("a good prefix");
            let key = format.generate(&SystemEntropy);
            let hint = format.hint(&key);
            let shown = hint.chars().filter(|&shown| shown != '…').count();
            assert!(
                shown * 4 <= key.expose().len() && hint.starts_with(prefix),
                "{hint}"
            );
        }
    }

    #[test]
    fn digits_are_equally_likely() {
        let format = KeyFormat::checksummed("t").expect("a good prefix");
        let mut counts = [0u32; 256];
        for _ in 0..4_000 {
            format
                .generate(&SystemEntropy)
                .expose()
                .bytes()
                .skip(2)
                .take(30)
                .for_each(|byte| counts[usize::from(byte)] += 1);
        }
        let expected = 4_000.0 * 30.0 / 62.0;
        let chi_squared: f64 = base62::ALPHABET
            .iter()
            .map(|&digit| (f64::from(counts[usize::from(digit)]) - expected).powi(2) / expected)
            .sum();
        // 61 degrees of freedom: 130 is passed by chance less than once in a million runs; plain `% 62` gives above 500.
        assert!(chi_squared < 130.0, "{chi_squared}");
    }
}
