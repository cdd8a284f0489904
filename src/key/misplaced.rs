//! Keys where none should be: in names, notes, settings and whatever else people fill in by hand. Such a text is
//! neither stored nor repeated, in no answer and in no log.
//!
//! Keys with a checksum are found wherever they stand in a text, whatever their prefix, and so are keys that name their
//! account. Those without any form of their own cannot be told from other texts: therefore nothing that a caller sent
//! is repeated unless it is a [`plain_word`].

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::checksummed::SECRET_LENGTH;
use super::{account_hex, base62, checksum};

/// The longest text that counts as a word: shorter than any key that anybody makes.
const MAX_WORD: usize = 32;
/// Names have a digit or two; what has many is rather a number or a key.
const MAX_DIGITS: usize = 4;

/// The fewest characters of base64 that are looked into: a key takes more.
const MIN_BASE64: usize = 40;

/// Reads whatever a run of base64 holds, also where it was cut out of a longer one.
static LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Whether a key stands in `text`: an API key, operator key, edge token or portal link; as it is, or within base64, as
/// in a Basic credential that was copied with its header.
pub(crate) fn holds_key(text: &str) -> bool {
    stands_in(text.as_bytes()) || is_in_base64(text.as_bytes())
}

/// Whether a key stands within base64 of either alphabet. It may begin anywhere in a run of such characters: words
/// before it are of the same ones.
fn is_in_base64(text: &[u8]) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    text.split(|&byte| !is_digit(byte))
        .filter(|run| run.len() >= MIN_BASE64)
        .any(|run| {
            let mut digits = Zeroizing::new(Vec::with_capacity(run.len()));
            digits.extend(run.iter().map(|byte| match byte {
                b'-' => b'+',
                b'_' => b'/',
                other => *other,
            }));
            (0..4).any(|start| {
                let digits = &digits[start..];
                // One character alone is no byte.
                let whole = digits.len() - usize::from(digits.len() % 4 == 1);
                let mut bytes = Zeroizing::new(vec![0; digits.len()]);
                LENIENT
                    .decode_slice(&digits[..whole], bytes.as_mut())
                    .is_ok_and(|length| stands_in(&bytes[..length]))
            })
        })
}

fn stands_in(text: &[u8]) -> bool {
    let is_digit = |byte: &u8| base62::VALUE[usize::from(*byte)] != base62::INVALID;
    let checksummed = text
        .split(|byte| !is_digit(byte))
        .flat_map(|run| run.windows(SECRET_LENGTH))
        .filter_map(|window| <&[u8; SECRET_LENGTH]>::try_from(window).ok())
        .any(checksum::holds);
    checksummed || account_hex::is_within(text)
}

/// `text`, where it is the plain sort of word that members, settings and rights are called by, and short enough to be
/// no secret: only such a text may be repeated to whoever sent it.
pub(crate) fn plain_word(text: &str) -> Option<&str> {
    let is_plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.-".contains(&byte);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_word = text.len() <= MAX_WORD
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(is_plain)
        && digits <= MAX_DIGITS;
    is_word.then_some(text)
}

/// What is said of a name that a caller sent and nothing here has: itself if it is a [`plain_word`], and otherwise that
/// it is left out.
pub(crate) fn shown(name: &str) -> &str {
    plain_word(name).unwrap_or("…")
}

/// What is said of a text that holds a key, wherever it would have been stored.
pub(crate) const OBJECTION: &str = "looks like a key, or holds one; keys are never stored as text. If it was a key, whoever can read what was sent has \
                             it: rotate it";

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;
    use crate::env::{Entropy as _, SystemEntropy};
    use crate::key::KeyFormat;

    #[test]
    fn keys_are_found_wherever_they_stand() {
        let checksummed = |prefix| KeyFormat::checksummed(prefix).expect("a good prefix");
        for format in [
            checksummed("es"),
            checksummed("em_live"),
            checksummed("kw_op"),
            checksummed("kw_edge"),
            KeyFormat::AccountHex,
        ] {
            for account in ["1", "31", "101", "9007199254740991"] {
                let key = format.generate(Some(account), &SystemEntropy);
                let key = key.expect("a key");
                let key = key.expose();
                for text in [
                    key.to_owned(),
                    format!("the key is {key}, keep it"),
                    format!("x{key}x"),
                    format!("{{\"note\":\"{key}\"}}"),
                    format!("Aa0{key}Zz9"),
                ] {
                    assert!(holds_key(&text), "{text}");
                    assert!(plain_word(&text).is_none(), "{text}");
                }
            }
        }
    }

    #[test]
    fn keys_are_found_within_base64() {
        let format = KeyFormat::checksummed("es").expect("a good prefix");
        for format in [format, KeyFormat::AccountHex] {
            for user in ["", "u:", "me:", "user:", "\u{fb}\u{ff}\u{3f}:"] {
                let key = format.generate(Some("101"), &SystemEntropy);
                let key = key.expect("a key");
                let pair = format!("{user}{}", key.expose());
                for pair in [format!("{pair}:"), pair] {
                    for (encoded, before) in [
                        (STANDARD.encode(&pair), ["Basic ", "x/yz+", "_"]),
                        (URL_SAFE_NO_PAD.encode(&pair), ["?key=", "abc", "-x"]),
                    ] {
                        assert!(holds_key(&encoded), "{pair}");
                        for before in before {
                            let text = format!("{before}{encoded}");
                            assert!(holds_key(&text), "{pair}: {text}");
                            assert!(holds_key(&format!("{text}A, see")), "{pair}: {text}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_only_long_holds_none() {
        let mut image = vec![0; 60_000];
        SystemEntropy.fill(&mut image);
        let claims = r#"{"sub":"8e03978e-40d5-43e8-bc93-6894a57f9324","iat":1763796000,"name":"AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDDEEEEEEEEEE"}"#;
        for text in [
            format!("data:image/png;base64,{}", STANDARD.encode(&image)),
            URL_SAFE_NO_PAD.encode(&image),
            format!(
                "{}.{}.{}",
                URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#),
                URL_SAFE_NO_PAD.encode(claims),
                URL_SAFE_NO_PAD.encode(&image[..32])
            ),
            "8e03978e-40d5-43e8-bc93-6894a57f9324/".repeat(20),
            "da39a3ee5e6b4b0d3255bfef95601890afd80709".repeat(8),
            "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC".to_owned(),
            STANDARD.encode("es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18"),
            "A".repeat(39) + "é" + &"M".repeat(500),
            "https://example.org/a/very/long/path/of/words-and_words/which/says/nothing/at/all"
                .to_owned(),
        ] {
            assert!(!holds_key(&text), "{} characters", text.len());
        }
    }

    #[test]
    fn what_people_write_holds_none() {
        for text in [
            "",
            "CRM",
            "Worker in Frankfurt",
            "8e03978e-40d5-43e8-bc93-6894a57f9324",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "key_0FkLm2x9Q",
            "es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18",
            "https://example.org/a/very/long/path/0123456789abcdefghijklmnopqrstuvwxyz",
            "MTAxOm5vIGtleSBidXQgYmFzZTY0IG9mIHNvbWV0aGluZyBlbHNlIHRoYXQgaXMgbG9uZw==",
            "№ 1 of a name with letters of other scripts: می‌خواهم",
        ] {
            assert!(!holds_key(text), "{text}");
        }
    }

    #[test]
    fn only_words_are_repeated() {
        for word in [
            "colour",
            "keys.read",
            "rate_limit",
            "x-request-id",
            "ipv6",
            "q4_26",
        ] {
            assert_eq!(plain_word(word), Some(word));
        }
        for other in [
            "",
            "Colour",
            "two words",
            "9lives",
            "5e884898da28047151d0e56f8dc62927",
            "a5e884898da28",
            "name\n",
            "naïve",
            "a_word_that_is_much_longer_than_any",
        ] {
            assert_eq!(plain_word(other), None, "{other}");
        }
    }
}
