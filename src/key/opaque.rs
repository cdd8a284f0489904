//! Keys of no shape of their own: whatever another system handed out, as long as a header can carry it.

use super::parse_error::{Kind, ParseKeyError};
use super::{MAX_KEY_LENGTH, ParsedKey, Secret, base62};
use crate::env::Entropy;

/// 43 base62 digits carry 256 bits.
const GENERATED_LENGTH: usize = 43;

pub(super) fn generate(entropy: &dyn Entropy) -> Secret {
    let mut key = String::with_capacity(GENERATED_LENGTH);
    base62::push_random(&mut key, GENERATED_LENGTH, entropy);
    Secret::new(key)
}

pub(super) fn parse(key: &[u8]) -> Result<ParsedKey<'_>, ParseKeyError> {
    check(key)?;
    Ok(ParsedKey {
        prefix: None,
        // ASCII by now.
        body: std::str::from_utf8(key).unwrap_or_default(),
        checksum: None,
        account: None,
    })
}

pub(super) fn check(key: &[u8]) -> Result<(), ParseKeyError> {
    let beginning = &key[..key.len().min(MAX_KEY_LENGTH)];
    if let Some(at) = beginning.iter().position(|byte| !byte.is_ascii_graphic()) {
        return Err(ParseKeyError::new(Kind::Character, at));
    }
    if key.is_empty() || key.len() > MAX_KEY_LENGTH {
        return Err(ParseKeyError::new(Kind::Length, beginning.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::SystemEntropy;

    #[test]
    fn a_generated_key_is_43_letters_and_digits() {
        let key = generate(&SystemEntropy);
        let key = key.expose();
        assert_eq!(key.len(), 43);
        assert!(key.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let parsed = parse(key.as_bytes()).expect("its own key");
        assert_eq!(parsed.body, key);
        assert_eq!(
            (parsed.prefix, parsed.checksum, parsed.account),
            (None, None, None)
        );
    }

    #[test]
    fn one_to_256_visible_characters_are_a_key() {
        let place = |key: &[u8]| check(key).map_err(|error| (error.code(), error.at()));
        assert_eq!(place(b""), Err(("malformed_key", 0)));
        assert_eq!(place(b"!"), Ok(()));
        assert_eq!(place(&[b'~'; 256]), Ok(()));
        assert_eq!(place(&[b'~'; 257]), Err(("malformed_key", 256)));
        assert_eq!(place("schlüssel".as_bytes()), Err(("malformed_key", 4)));
        for byte in 0..=255u8 {
            let allowed = (0x21..=0x7e).contains(&byte);
            assert_eq!(
                place(&[b'k', byte, b'y']),
                if allowed {
                    Ok(())
                } else {
                    Err(("malformed_key", 1))
                },
                "{byte:#04x}"
            );
        }
    }
}
