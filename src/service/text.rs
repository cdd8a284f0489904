//! Texts that people read, as they are kept and compared: in NFC, without control characters and without what reorders
//! or hides what is around it.
//!
//! Two texts are one name where they [`fold`] alike: small and capital letters, ligatures, full-width letters and marks
//! of their own make no difference. Letters that only look alike do: a Cyrillic `а` is another letter, and a name of it
//! another name.

use std::borrow::Cow;

use caseless::Caseless as _;
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use crate::key::misplaced;

/// The most bytes of an e-mail address (RFC 5321, 4.5.3.1.3, without the angle brackets).
const MAX_EMAIL: usize = 254;
/// The most bytes before its `@`.
const MAX_LOCAL_PART: usize = 64;
/// The most bytes of a part of its domain.
const MAX_LABEL: usize = 63;

/// The text in NFC: how all texts are kept.
pub(super) fn normalise(text: &str) -> Cow<'_, str> {
    if is_nfc(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// What a text is compared by: equal for all that are read as the same. Never shown.
///
/// Unicode's compatibility caseless matching (D146) in NFKC, without characters that cannot be seen, without white
/// space around it, and with one space where there is white space inside.
pub(super) fn fold(text: &str) -> String {
    let folded: String = text
        .nfd()
        .default_case_fold()
        .nfkd()
        .default_case_fold()
        .filter(|&character| !is_ignorable(character))
        .nfkc()
        .collect();
    let words: Vec<_> = folded.split_whitespace().collect();
    words.join(" ")
}

/// Why `text` may not stand in a field of at most `max` characters (Unicode scalar values, in NFC), or `None` where it
/// may.
pub(super) fn objection(text: &str, max: usize) -> Option<String> {
    let length = normalise(text).chars().count();
    if length > max {
        return Some(format!("has {length} characters, and {max} is the most"));
    }
    if misplaced::holds_key(text) {
        return Some(misplaced::OBJECTION.to_owned());
    }
    if let Some(refused) = text.chars().position(is_refused) {
        return Some(format!(
            "character {} is a control, direction or invisible character, which is not allowed here",
            refused + 1
        ));
    }
    text.chars()
        .all(is_blank)
        .then(|| "is blank; leave it out, or say something".to_owned())
}

/// An e-mail address as it is kept, or why it is none. Quoted local parts, comments and
/// addresses in brackets are refused: what a mail header would need to quote could as well end one.
pub(super) fn email(text: &str) -> Result<String, String> {
    let address = normalise(text);
    if address.len() > MAX_EMAIL {
        return Err(format!(
            "has {} bytes, and {MAX_EMAIL} is the most of an e-mail address",
            address.len()
        ));
    }
    let no_address =
        || "is no e-mail address; write one such as name@example.org, and nothing else".to_owned();
    let (local, domain) = address.split_once('@').ok_or_else(no_address)?;
    let local_holds = local.len() <= MAX_LOCAL_PART
        && local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.chars().all(is_of_atom));
    let domain_holds = domain.split('.').all(is_label);
    if local_holds && domain_holds {
        Ok(address.into_owned())
    } else {
        Err(no_address())
    }
}

/// What an e-mail address is compared by. Servers may tell small and capital letters apart before the `@`; none that
/// people use do.
pub(super) fn fold_email(address: &str) -> String {
    fold(address)
}

/// The text on one line, harmless also where it was kept before there were rules: a space for each character that may
/// not stand in a field.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .map(|character| {
            if is_refused(character) {
                ' '
            } else {
                character
            }
        })
        .collect()
}

/// The characters of a local part without quotes (RFC 5322's atext, RFC 6532).
fn is_of_atom(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~".contains(character)
        || is_foreign(character)
}

fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|character| {
            character.is_ascii_alphanumeric() || character == '-' || is_foreign(character)
        })
}

/// Letters, digits and marks of other scripts, as they are and not as a variant of ASCII's, which would fold to it.
fn is_foreign(character: char) -> bool {
    !character.is_ascii()
        && (character.is_alphanumeric() || is_combining_mark(character))
        && !is_ignorable(character)
        && !std::iter::once(character)
            .nfkd()
            .any(|part| part.is_ascii_punctuation() || part.is_whitespace())
}

/// Control characters, line and paragraph separators, bidirectional controls (Unicode TR 9), and invisible characters
/// that join no letters. The zero-width joiners stay: Persian, Indic scripts and emoji are written with them.
const fn is_refused(character: char) -> bool {
    matches!(
        character,
        '\0'..='\x1f'
            | '\x7f'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e00ff}'
            | '\u{e01f0}'..='\u{e0fff}'
    )
}

/// What cannot be seen by itself: refused characters, joiners, variation selectors and the combining grapheme joiner
/// (Unicode's `Default_Ignorable_Code_Point`).
const fn is_ignorable(character: char) -> bool {
    is_refused(character) && !character.is_whitespace()
        || matches!(
            character,
            '\u{34f}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200c}'..='\u{200d}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{e0100}'..='\u{e01ef}'
        )
}

/// White space, what cannot be seen, and the pattern of Braille without a dot.
const fn is_blank(character: char) -> bool {
    character.is_whitespace() || is_ignorable(character) || character == '\u{2800}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_allowed() {
        for text in [
            "CRM",
            "Магазин №1",
            "می‌خواهم",
            "👩‍💻 laptop",
            "❤\u{fe0f}",
            "a\u{301}",
            " padded ",
            // A Cyrillic `а`: nothing is wrong with Cyrillic.
            "аdmin",
        ] {
            assert_eq!(objection(text, 20), None, "{text:?}");
        }
    }

    #[test]
    fn what_hides_or_reorders_is_not() {
        for text in [
            "a\0",
            "line\nbreak",
            "\u{202e}gpj.exe",
            "a\u{2066}b",
            "zero\u{200b}width",
            "soft\u{ad}hyphen",
            "\u{feff}x",
            "x\u{85}",
            "a\u{e0041}",
            "\u{fff9}a",
        ] {
            let why = objection(text, 20).unwrap_or_default();
            assert!(why.contains("control, direction or invisible"), "{text:?}");
        }
        let second = objection("a\u{202e}", 20).unwrap_or_default();
        assert!(second.starts_with("character 2 "), "{second}");
    }

    #[test]
    fn what_shows_nothing_is_blank() {
        for text in [
            "",
            " ",
            "\u{a0}\u{3000}",
            "\u{200d}",
            "\u{200d}\u{200c} \u{fe0f}",
            "\u{34f}",
            "\u{2800}",
        ] {
            let why = objection(text, 20).unwrap_or_default();
            assert!(why.contains("is blank"), "{text:?}");
        }
        for filler in ["\u{3164}", "\u{ffa0}", "\u{115f}", "\u{180e}", " \t"] {
            assert!(objection(filler, 20).is_some(), "{filler:?}");
        }
    }

    #[test]
    fn characters_are_counted_as_they_are_kept() {
        assert!(objection("ééé", 2).is_some_and(|why| why.contains("3 characters")));
        assert_eq!(objection("éé", 2), None, "characters, not bytes");
        assert_eq!(objection("e\u{301}e\u{301}", 2), None, "composed");
        assert!(objection("\u{958}", 1).is_some(), "NFC takes this apart");
    }

    #[test]
    fn texts_are_kept_in_nfc() {
        assert!(matches!(normalise("Café №1"), Cow::Borrowed(_)));
        assert_eq!(normalise("Cafe\u{301}"), "Café");
        assert_eq!(normalise("\u{212b}"), "\u{c5}", "ångström sign");
        assert_eq!(normalise("ﬁ"), "ﬁ", "compatibility characters stay");
    }

    #[test]
    fn one_name_in_many_spellings() {
        for (one, other) in [
            ("Admin", "ADMIN"),
            ("Café", "CAFE\u{301}"),
            ("oﬃce", "OFFICE"),
            ("ＡＤＭＩＮ１", "admin1"),
            ("Straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("ΟΔΟΣ", "οδος"),
            ("ΟΔΟσ", "οδοΣ"),
            ("ᾳ", "ΑΙ"),
            ("№ 1", "no 1"),
            ("  two \u{a0}\u{3000} words ", "Two Words"),
            ("ad\u{200d}min", "admin"),
            ("e\u{200d}\u{301}", "é"),
            ("❤\u{fe0f}", "❤"),
            ("Ａ\u{301}", "á"),
            ("ꭰ", "Ꭰ"),
        ] {
            assert_eq!(fold(one), fold(other), "{one:?} {other:?}");
            assert_eq!(fold(&normalise(one)), fold(one), "{one:?}");
        }
    }

    #[test]
    fn names_that_are_not_the_same() {
        for (one, other) in [
            ("admin", "аdmin"),
            ("e", "é"),
            ("a b", "ab"),
            // Turkish letters are letters of their own, in whatever language the rest is.
            ("ISPARTA", "ısparta"),
            ("İzmir", "izmir"),
            ("ö", "oe"),
            ("1", "l"),
        ] {
            assert_ne!(fold(one), fold(other), "{one:?} {other:?}");
        }
        assert_eq!(fold("İzmir"), fold("i\u{307}zmir"));
    }

    #[test]
    #[cfg_attr(miri, ignore = "too slow there")]
    fn folding_twice_changes_nothing() {
        let with_forms = ('\0'..='\u{1ffff}').chain('\u{2f800}'..='\u{2fa1f}');
        for character in with_forms {
            let once = fold(&format!("a{character}\u{345}B"));
            assert_eq!(fold(&once), once, "{character:?}");
        }
    }

    #[test]
    fn addresses_are_addresses() {
        for address in [
            "a@b",
            "Ada.Lovelace+keys@Example.org",
            "o'brien@example.org",
            "用户@例子.公司",
            "jürgen@bücher.example",
            "राम@उदाहरण.भारत",
        ] {
            assert_eq!(email(address), Ok(address.to_owned()), "{address}");
        }
        assert_eq!(email("e\u{301}@b"), Ok("é@b".to_owned()), "in NFC");
    }

    #[test]
    fn what_is_none_is_refused() {
        let long = format!("{}@b.example", "a".repeat(65));
        let longer = format!("a@{}b", format!("{}.", "b".repeat(63)).repeat(4));
        for address in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            " a@b",
            "a@b\n",
            "a@b\u{ff20}c",
            "a\u{ff20}b@c",
            "a@b\r\nBcc: c@d",
            "a\n@b",
            "a b@c",
            "\"a b\"@c",
            "Ada <a@b>",
            "a@b, c@d",
            "a@b;c@d",
            "a(comment)@b",
            ".a@b",
            "a.@b",
            "a..b@c",
            "a@.b",
            "a@b.",
            "a@b..c",
            "a@-b",
            "a@[192.0.2.1]",
            "a@b\0",
            "a\u{200d}@b",
            "a\u{202e}@b",
            "a@b\u{3002}c",
            &long,
            &longer,
        ] {
            assert!(email(address).is_err(), "{address:?}");
        }
    }

    #[test]
    fn an_address_in_many_spellings_is_one() {
        assert_eq!(
            fold_email("Ada@Example.ORG"),
            fold_email("ada@ｅxample.org")
        );
        assert_ne!(fold_email("ada@example.org"), fold_email("аda@example.org"));
    }
}
