//! Keyward's own keys: `<prefix>_<body><checksum>`.

use super::checksum::{self, checksum};
use super::parse_error::{Kind, ParseKeyError};
use super::{ParsedKey, Secret, base62};
use crate::env::Entropy;

/// 30 base62 digits carry 178 bits.
pub(super) const BODY_LENGTH: usize = 30;
pub(super) const SECRET_LENGTH: usize = BODY_LENGTH + checksum::LENGTH;
const MAX_PREFIX_LENGTH: usize = 20;

/// Whether keys can start with this: letters, digits and single underscores between them.
pub(super) fn is_prefix(prefix: &str) -> bool {
    prefix.len() <= MAX_PREFIX_LENGTH
        && prefix
            .as_bytes()
            .split(|&byte| byte == b'_')
            .all(|word| !word.is_empty() && word.iter().all(u8::is_ascii_alphanumeric))
}

pub(super) fn generate(prefix: &str, entropy: &dyn Entropy) -> Secret {
    let mut key = String::with_capacity(prefix.len() + 1 + SECRET_LENGTH);
    key.push_str(prefix);
    key.push('_');
    let start = key.len();
    base62::push_random(&mut key, BODY_LENGTH, entropy);
    let digits = checksum(&key.as_bytes()[start..]);
    key.extend(digits.map(char::from));
    Secret::new(key)
}

pub(super) fn parse<'a>(prefix: &str, key: &'a [u8]) -> Result<ParsedKey<'a>, ParseKeyError> {
    check(prefix, key)?;
    let start = prefix.len() + 1;
    // Prefix and digits are ASCII by now, so none of these can be empty-handed.
    let text = |part| std::str::from_utf8(part).unwrap_or_default();
    Ok(ParsedKey {
        prefix: Some(text(&key[..start - 1])),
        body: text(&key[start..start + BODY_LENGTH]),
        checksum: Some(text(&key[start + BODY_LENGTH..])),
        account: None,
    })
}

#[inline]
pub(super) fn check(prefix: &str, key: &[u8]) -> Result<(), ParseKeyError> {
    let secret = key
        .strip_prefix(prefix.as_bytes())
        .and_then(|rest| rest.strip_prefix(b"_"))
        .and_then(|rest| <&[u8; SECRET_LENGTH]>::try_from(rest).ok());
    match secret {
        Some(secret) if checksum::holds(secret) => Ok(()),
        _ => Err(mistake(prefix, key)),
    }
}

/// What is wrong with something that is no key.
#[cold]
fn mistake(prefix: &str, key: &[u8]) -> ParseKeyError {
    let start = prefix.len() + 1;
    let expected = prefix.as_bytes().iter().chain(b"_");
    if let Some(at) = key
        .iter()
        .zip(expected)
        .position(|(got, expected)| got != expected)
    {
        return ParseKeyError::new(Kind::Prefix, at);
    }
    if key.len() != start + SECRET_LENGTH {
        return ParseKeyError::new(Kind::Length, key.len().min(start + SECRET_LENGTH));
    }
    let is_digit = |byte: &u8| base62::VALUE[usize::from(*byte)] != base62::INVALID;
    match key[start..].iter().position(|byte| !is_digit(byte)) {
        Some(at) => ParseKeyError::new(Kind::Digit, start + at),
        None => ParseKeyError::new(Kind::Checksum, start + BODY_LENGTH),
    }
}

/// Prefix, first and last characters; `None` where that would be more than a quarter of the key.
pub(super) fn hint(prefix: &str, key: &str) -> Option<String> {
    let shown_prefix = prefix.len() + 1;
    let budget = (key.len() / 4).checked_sub(shown_prefix)?.min(8);
    let first = budget / 2;
    // One character alone tells keys apart best at the end, where the checksum stands.
    let last = budget - first;
    let first = key.get(..shown_prefix + first)?;
    let last = key.get(key.len() - last..)?;
    Some(format!("{first}…{last}"))
}

#[cfg(test)]
mod tests {
    use super::super::KeyFormat;
    use super::*;
    use crate::env::SystemEntropy;

    #[test]
    #[cfg_attr(miri, ignore = "too slow there")]
    fn a_generated_key_parses_and_every_changed_character_is_refused() {
        let format = KeyFormat::checksummed("em_live").expect("a good prefix");
        let key = format
            .generate(None, &SystemEntropy)
            .expect("needs no account");
        let key = key.expose().as_bytes();
        let parsed = format.parse(key).expect("its own key");
        assert_eq!(
            (
                parsed.prefix,
                parsed.body.len(),
                parsed.checksum.map(str::len)
            ),
            (Some("em_live"), 30, Some(6))
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
        let at = |key: &[u8]| parse("es", key).expect_err("not a key").at();
        assert_eq!(at(b""), 0);
        assert_eq!(at(b"ex_"), 1);
        assert_eq!(at(b"es_abc"), 6);
        assert_eq!(at("es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq1ſ".as_bytes()), 39);
        assert_eq!(at(b"es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq1-"), 38);
        assert_eq!(
            parse("es", b"es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18")
                .expect_err("typo")
                .code(),
            "bad_checksum"
        );
    }

    #[test]
    #[cfg_attr(miri, ignore = "too slow there")]
    fn digits_are_equally_likely() {
        let mut counts = [0u32; 256];
        for _ in 0..4_000 {
            generate("t", &SystemEntropy)
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
        // 61 degrees of freedom: 130 is passed by chance less than once in a million runs; plain `% 62` gives above
        // 500.
        assert!(chi_squared < 130.0, "{chi_squared}");
    }
}
