//! Keys that name their account: standard base64 of `<integer>:<40 hexadecimal digits>` (system row `I30`), so that the
//! whole key is a ready-made Basic credential.

use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError, DecodeSliceError, Engine as _};
use zeroize::Zeroizing;

use super::parse_error::{Kind, ParseKeyError};
use super::{ParsedKey, Secret};
use crate::env::Entropy;
use crate::error::{Code, Error};

/// The largest whole number up to which JavaScript holds all exactly.
const MAX_ACCOUNT: u64 = (1 << 53) - 1;
const MAX_ACCOUNT_DIGITS: usize = 16;

/// 40 hexadecimal digits carry 160 bits.
const SECRET_DIGITS: usize = 40;
const MAX_CONTENT_LENGTH: usize = MAX_ACCOUNT_DIGITS + 1 + SECRET_DIGITS;
const MAX_LENGTH: usize = MAX_CONTENT_LENGTH.div_ceil(3) * 4;

pub(super) fn generate(account: Option<&str>, entropy: &dyn Entropy) -> Result<Secret, Error> {
    let account = account
        .filter(|account| account_number(account.as_bytes()).is_some())
        .ok_or_else(|| {
            Error::new(
                Code::InvalidArgument,
                "keys of format account_hex hold their account as a number: give it as an integer from 1 to 2^53 - 1 without leading zeros",
            )
        })?;
    let mut random = Zeroizing::new([0; SECRET_DIGITS / 2]);
    entropy.fill(random.as_mut());
    let mut content = Zeroizing::new(String::with_capacity(MAX_CONTENT_LENGTH));
    content.push_str(account);
    content.push(':');
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    content.extend(
        random
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]),
    );
    // Not straight into a string, by which a copy would stay on the stack.
    let mut text = Zeroizing::new([0; MAX_LENGTH]);
    let Ok(length) = STANDARD.encode_slice(content.as_bytes(), text.as_mut()) else {
        unreachable!("76 characters of base64 hold 57 bytes");
    };
    let mut key = String::with_capacity(length);
    key.extend(text[..length].iter().copied().map(char::from));
    Ok(Secret::new(key))
}

pub(super) fn parse(key: &[u8]) -> Result<ParsedKey<'_>, ParseKeyError> {
    let account = read(key)?;
    Ok(ParsedKey {
        prefix: None,
        // Base64 is ASCII.
        body: std::str::from_utf8(key).unwrap_or_default(),
        checksum: None,
        account: Some(account),
    })
}

/// The account's number in a key. Only one text is the key of a number and its digits.
pub(super) fn read(key: &[u8]) -> Result<u64, ParseKeyError> {
    if key.len() > MAX_LENGTH {
        return Err(ParseKeyError::new(Kind::Length, MAX_LENGTH));
    }
    let mut content = Zeroizing::new([0; MAX_CONTENT_LENGTH]);
    match STANDARD.decode_slice(key, content.as_mut()) {
        Ok(length) => read_content(&content[..length]).map_err(|(kind, at)| {
            let at = if at == length {
                key.len()
            } else {
                // The character in which that byte begins.
                at * 4 / 3
            };
            ParseKeyError::new(kind, at)
        }),
        Err(DecodeSliceError::DecodeError(
            DecodeError::InvalidByte(at, _) | DecodeError::InvalidLastSymbol { offset: at, .. },
        )) => Err(ParseKeyError::new(Kind::Base64, at)),
        // Cut off, if only in its padding.
        Err(_) => Err(ParseKeyError::new(Kind::Length, key.len())),
    }
}

/// Whether a key stands anywhere in `text`. Its first character stands for the first digit of a number.
#[cfg(all(feature = "server", not(target_family = "wasm")))]
pub(super) fn is_within(text: &[u8]) -> bool {
    const SHORTEST: usize = (1 + 1 + SECRET_DIGITS).div_ceil(3) * 4;
    let starts = text.iter().enumerate();
    let starts = starts.filter(|(_, byte)| b"MNO".contains(byte));
    starts.into_iter().any(|(start, _)| {
        let rest = &text[start..];
        (SHORTEST..=MAX_LENGTH)
            .step_by(4)
            .any(|length| rest.get(..length).is_some_and(|key| read(key).is_ok()))
    })
}

/// The number, or what is wrong at which byte.
fn read_content(content: &[u8]) -> Result<u64, (Kind, usize)> {
    if content.is_empty() {
        return Err((Kind::Length, 0));
    }
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    let colon = content.iter().take_while(is_digit).count();
    let account = account_number(&content[..colon]).ok_or((Kind::Account, 0))?;
    let start = colon + 1;
    let secret = match content.get(colon) {
        Some(b':') => &content[start..],
        Some(_) => return Err((Kind::Account, colon)),
        None => return Err((Kind::Length, colon)),
    };
    if let Some(at) = secret.iter().position(|byte| !byte.is_ascii_hexdigit()) {
        return Err((Kind::Hexadecimal, start + at));
    }
    if secret.len() != SECRET_DIGITS {
        return Err((Kind::Length, start + secret.len().min(SECRET_DIGITS)));
    }
    Ok(account)
}

/// A whole number from 1 to 2⁵³ − 1 in its one spelling.
fn account_number(digits: &[u8]) -> Option<u64> {
    if digits.len() > MAX_ACCOUNT_DIGITS || digits.first() == Some(&b'0') {
        return None;
    }
    let mut number = 0u64;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = number * 10 + u64::from(digit - b'0');
    }
    (1..=MAX_ACCOUNT).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::SystemEntropy;
    use crate::key::Digest;

    const HEX: &str = "0123456789abcdef0123456789abcdef01234567";

    fn key_of(content: &str) -> String {
        STANDARD.encode(content)
    }

    fn place(key: &str) -> Result<u64, (&'static str, usize)> {
        read(key.as_bytes()).map_err(|error| (error.code(), error.at()))
    }

    #[test]
    fn a_generated_key_names_its_account() {
        for account in ["1", "42", "987", "123456789012345", "9007199254740991"] {
            let key = generate(Some(account), &SystemEntropy).expect("a good number");
            let parsed = parse(key.expose().as_bytes()).expect("its own key");
            assert_eq!(parsed.account, account.parse().ok());
            assert_eq!(
                (parsed.prefix, parsed.body, parsed.checksum),
                (None, key.expose(), None)
            );
            let content = STANDARD.decode(key.expose()).expect("base64");
            let (number, secret) = content.split_at(account.len());
            assert_eq!(number, account.as_bytes());
            assert_eq!((secret[0], secret.len()), (b':', 41));
            assert!(!secret.iter().any(u8::is_ascii_uppercase));
        }
    }

    #[test]
    fn only_whole_numbers_in_one_spelling_are_accounts() {
        for account in [
            "",
            "0",
            "01",
            "-1",
            "+1",
            " 1",
            "1 ",
            "1.0",
            "1e3",
            "acme",
            "٣",
            "9007199254740992",
            "99999999999999999999",
        ] {
            let error = generate(Some(account), &SystemEntropy).expect_err(account);
            assert_eq!(error.code(), Code::InvalidArgument);
            assert!(
                place(&key_of(&format!("{account}:{HEX}"))).is_err(),
                "{account}"
            );
        }
        let error = generate(None, &SystemEntropy).expect_err("no account");
        assert_eq!(error.code(), Code::InvalidArgument);
    }

    #[test]
    #[cfg_attr(miri, ignore = "too slow there")]
    fn every_changed_character_is_refused_or_makes_another_key() {
        for account in ["7", "31", "5150"] {
            let key = key_of(&format!("{account}:{HEX}"));
            let (mut refused, mut accepted) = (0, 0);
            for at in 0..key.len() {
                for byte in (0..=255).filter(|&byte| byte != key.as_bytes()[at]) {
                    let mut changed = key.clone().into_bytes();
                    changed[at] = byte;
                    if read(&changed).is_err() {
                        refused += 1;
                        continue;
                    }
                    accepted += 1;
                    assert!(Digest::sha256_of(&changed) != Digest::sha256_of(key.as_bytes()));
                    // No second spelling of the same content.
                    let content = STANDARD.decode(&changed).expect("base64");
                    assert_eq!(STANDARD.encode(&content).as_bytes(), changed);
                }
                assert!(read(&key.as_bytes()[..at]).is_err(), "cut at {at}");
            }
            assert!(refused > accepted && accepted > 0, "{refused}, {accepted}");
        }
    }

    #[test]
    fn imported_keys_may_have_uppercase_digits() {
        let (lower, upper) = (format!("8:{HEX}"), format!("8:{}", HEX.to_uppercase()));
        assert_eq!(place(&key_of(&lower)), Ok(8));
        assert_eq!(place(&key_of(&upper)), Ok(8));
        // Bits of no meaning in the last digit, padding left out, and the other alphabet.
        let key = key_of(&format!("31:{HEX}"));
        assert!(key.ends_with("Nw=="), "{key}");
        for other in [
            key.replace("Nw==", "Nx=="),
            key.replace("==", ""),
            key.replace("==", "="),
            format!("{key}="),
            format!("{key}\n"),
            format!(" {key}"),
        ] {
            assert!(place(&other).is_err(), "{other}");
        }
    }

    #[test]
    fn errors_say_where() {
        let malformed = |at| Err(("malformed_key", at));
        assert_eq!(place(""), malformed(0));
        assert_eq!(place("-"), malformed(0));
        assert_eq!(place("MTpmZm-v"), malformed(6));
        assert_eq!(place(&"A".repeat(200)), malformed(76));
        assert_eq!(place(&key_of(&format!("01:{HEX}"))), malformed(0));
        assert_eq!(place(&key_of(&format!("12-{HEX}"))), malformed(2));
        assert_eq!(place(&key_of("12")), malformed(4));
        assert_eq!(place(&key_of("12:g")), malformed(4));
        let short = key_of(&format!("1:{}", &HEX[1..]));
        assert_eq!(place(&short), malformed(short.len()));
        assert_eq!(place(&key_of(&format!("1:{HEX}0"))), malformed(56));
    }
}
