//! What the keys of a keyspace look like: one of three formats.

use super::parse_error::ParseKeyError;
use super::{Secret, account_hex, checksummed, opaque};
use crate::env::Entropy;
use crate::error::{Code, Error};

/// No key is longer, whatever its format: 256 bytes.
pub const MAX_KEY_LENGTH: usize = 256;

/// What the keys of a keyspace look like.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFormat {
    /// `<prefix>_`, 30 random base62 digits, and six that check them.
    Checksummed {
        /// What stands before the underscore in front of the body, such as `es` or `kw_live`.
        prefix: Box<str>,
    },
    /// Standard base64 of `<account's number>:<40 hexadecimal digits>`, padded and canonical (system row `I30`).
    AccountHex,
    /// 1 to 256 visible characters of ASCII, for keys that were made elsewhere.
    Opaque,
}

/// The parts of a well-formed key, borrowed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedKey<'a> {
    /// What a checksummed key starts with, without the underscore.
    pub prefix: Option<&'a str>,
    /// The random part of a checksummed key; the whole key in the other formats.
    pub body: &'a str,
    /// The six digits that check the body of a checksummed key.
    pub checksum: Option<&'a str>,
    /// The account's number in a key of the format `account_hex`: 1 to 2⁵³ − 1.
    pub account: Option<u64>,
}

impl KeyFormat {
    /// Keyward's own format with this prefix: letters, digits and single underscores, 1 to 20 characters.
    pub fn checksummed(prefix: &str) -> Result<Self, Error> {
        if !checksummed::is_prefix(prefix) {
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

    /// The word for it in profiles: `checksummed`, `account_hex` or `opaque`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Checksummed { .. } => "checksummed",
            Self::AccountHex => "account_hex",
            Self::Opaque => "opaque",
        }
    }

    /// What the keys start with, without the underscore; only checksummed keys have it.
    pub const fn prefix(&self) -> Option<&str> {
        match self {
            Self::Checksummed { prefix } => Some(prefix),
            Self::AccountHex | Self::Opaque => None,
        }
    }

    /// Whether a typo is told from a key that does not exist.
    pub const fn has_checksum(&self) -> bool {
        matches!(self, Self::Checksummed { .. })
    }

    /// Makes a new key of at least 160 random bits: 178 (checksummed), 160 (`account_hex`) or 256 (opaque).
    ///
    /// `account_hex` needs the account, as an integer from 1 to 2⁵³ − 1 without leading zeros, or gives
    /// `invalid_argument`. The other formats succeed whatever the account is.
    pub fn generate(&self, account: Option<&str>, entropy: &dyn Entropy) -> Result<Secret, Error> {
        match self {
            Self::Checksummed { prefix } => Ok(checksummed::generate(prefix, entropy)),
            Self::AccountHex => account_hex::generate(account, entropy),
            Self::Opaque => Ok(opaque::generate(entropy)),
        }
    }

    /// Reads a key, or says where it goes wrong.
    pub fn parse<'a>(&self, key: &'a [u8]) -> Result<ParsedKey<'a>, ParseKeyError> {
        match self {
            Self::Checksummed { prefix } => checksummed::parse(prefix, key),
            Self::AccountHex => account_hex::parse(key),
            Self::Opaque => opaque::parse(key),
        }
    }

    /// Whether this is a key by its shape and, where it has one, its checksum. One pass, no hashing, no allocation.
    pub fn check(&self, key: &[u8]) -> Result<(), ParseKeyError> {
        match self {
            Self::Checksummed { prefix } => checksummed::check(prefix, key),
            Self::AccountHex => account_hex::read(key).map(drop),
            Self::Opaque => opaque::check(key),
        }
    }

    /// What may be shown of a key after its creation: prefix, first and last characters, at most a quarter of the key.
    /// Of a key without a prefix these are the last characters, eight at most.
    ///
    /// A key too short to show anything of gives `…`.
    pub fn hint(&self, key: &Secret) -> String {
        let key = key.expose();
        let hint = match self {
            Self::Checksummed { prefix } => checksummed::hint(prefix, key),
            Self::AccountHex | Self::Opaque => key
                .get(key.len() - (key.len() / 4).min(8)..)
                .map(|last| format!("…{last}")),
        };
        hint.unwrap_or_else(|| "…".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::SystemEntropy;

    #[test]
    fn a_hint_shows_at_most_a_quarter() {
        let checksummed = |prefix| KeyFormat::checksummed(prefix).expect("a good prefix");
        for (format, start) in [
            (checksummed("es"), "es_"),
            (checksummed("em_live"), "em_live_"),
            (KeyFormat::AccountHex, "…"),
            (KeyFormat::Opaque, "…"),
        ] {
            let key = format.generate(Some("31"), &SystemEntropy).expect("a key");
            let hint = format.hint(&key);
            let shown: Vec<&str> = hint.split('…').collect();
            assert!(hint.starts_with(start) && shown.len() == 2, "{hint}");
            assert!(shown.concat().len() * 4 <= key.expose().len(), "{hint}");
            assert!(
                key.expose().ends_with(shown[1]) && !shown[1].is_empty(),
                "{hint}"
            );
        }
    }

    #[test]
    fn hints_of_imported_keys_are_short() {
        let hint = |key: &str| KeyFormat::Opaque.hint(&Secret::new(key.to_owned()));
        assert_eq!(hint("abc"), "…");
        assert_eq!(hint("abcd"), "…d");
        assert_eq!(hint("abcdefghijk"), "…jk");
        assert_eq!(hint(&"0123456789".repeat(25)), "…23456789");
        // No key, and still no panic inside a character.
        assert_eq!(hint("aaaaa€"), "…");
    }

    #[test]
    fn no_format_takes_the_keys_of_another_for_its_own() {
        let checksummed = KeyFormat::checksummed("es").expect("a good prefix");
        let of = |format: &KeyFormat| format.generate(Some("31"), &SystemEntropy).expect("a key");
        for (format, key) in [
            (&checksummed, of(&KeyFormat::AccountHex)),
            (&checksummed, of(&KeyFormat::Opaque)),
            (&KeyFormat::AccountHex, of(&checksummed)),
            (&KeyFormat::AccountHex, of(&KeyFormat::Opaque)),
        ] {
            let key = key.expose().as_bytes();
            assert!(format.check(key).is_err(), "{}", format.as_str());
            assert_eq!(format.check(key).err(), format.parse(key).err());
        }
    }

    #[test]
    fn prefix_and_checksum_go_together() {
        let checksummed = KeyFormat::checksummed("kw_live").expect("a good prefix");
        assert_eq!(checksummed.prefix(), Some("kw_live"));
        for format in [checksummed, KeyFormat::AccountHex, KeyFormat::Opaque] {
            assert_eq!(format.prefix().is_some(), format.has_checksum());
            let key = format.generate(Some("1"), &SystemEntropy).expect("a key");
            let parsed = format.parse(key.expose().as_bytes()).expect("its own key");
            assert_eq!(parsed.prefix, format.prefix());
            assert_eq!(parsed.checksum.is_some(), format.has_checksum());
            assert_eq!(parsed.account.is_some(), format.as_str() == "account_hex");
        }
    }
}
