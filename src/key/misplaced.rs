//! Keys where none should be: in names, notes, settings and whatever else people fill in by hand. Such a text is neither
//! stored nor repeated, in no answer and in no log.
//!
//! Keys with a checksum are found wherever they stand in a text, whatever their prefix, and so are keys that name their
//! account. Those without any form of their own cannot be told from other texts: therefore nothing that a caller sent is
//! repeated unless it is a [`plain_word`].

use super::checksummed::SECRET_LENGTH;
use super::{account_hex, base62, checksum};

/// The longest text that counts as a word: shorter than any key that anybody makes.
const MAX_WORD: usize = 32;
/// Names have a digit or two; what has many is rather a number or a key.
const MAX_DIGITS: usize = 4;

/// Whether a key stands in `text`: an API key, operator key, edge token or portal link.
pub(crate) fn holds_key(text: &str) -> bool {
    let is_digit = |byte: &u8| base62::VALUE[usize::from(*byte)] != base62::INVALID;
    let checksummed = text
        .as_bytes()
        .split(|byte| !is_digit(byte))
        .flat_map(|run| run.windows(SECRET_LENGTH))
        .filter_map(|window| <&[u8; SECRET_LENGTH]>::try_from(window).ok())
        .any(checksum::holds);
    checksummed || account_hex::is_within(text.as_bytes())
}

/// `text`, where it is the plain sort of word that members, settings and rights are called by, and short enough to be no
/// secret: only such a text may be repeated to whoever sent it.
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

/// What is said of a name that a caller sent and nothing here has: itself if it is a [`plain_word`], and otherwise that it is
/// left out.
pub(crate) fn shown(name: &str) -> &str {
    plain_word(name).unwrap_or("…")
}

/// What is said of a text that holds a key, wherever it would have been stored.
pub(crate) const OBJECTION: &str = "looks like a key, or holds one; keys are never stored as text. If it was a key, whoever can read what was sent has \
                             it: rotate it";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::SystemEntropy;
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
