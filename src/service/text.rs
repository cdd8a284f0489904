//! What may stand in a text that people read: no control characters, and none that reorder or hide what is around them.

/// Why `text` may not stand in a field of at most `max` characters (Unicode scalar values), or `None` where it may.
pub(super) fn objection(text: &str, max: usize) -> Option<String> {
    let length = text.chars().count();
    if length > max {
        return Some(format!("has {length} characters, and {max} is the most"));
    }
    if text.trim().is_empty() {
        return Some("is blank; leave it out, or say something".to_owned());
    }
    let refused = text.chars().position(is_refused)?;
    Some(format!(
        "character {} is a control, direction or invisible character, which is not allowed here",
        refused + 1
    ))
}

/// Control characters, line and paragraph separators, bidirectional controls (Unicode TR 9), and invisible characters
/// that join no letters. The zero-width joiners stay: Persian, Indic scripts and emoji are written with them.
const fn is_refused(character: char) -> bool {
    matches!(
        character,
        '\0'..='\x1f'
            | '\x7f'..='\u{9f}'
            | '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
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
            "a\u{301}",
            " padded ",
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
            "\u{feff}x",
            "x\u{85}",
        ] {
            assert!(objection(text, 20).is_some(), "{text:?}");
        }
        assert!(objection(" \t", 20).is_some());
        assert!(objection("ééé", 2).is_some_and(|why| why.contains("3 characters")));
        assert_eq!(objection("éé", 2), None, "characters, not bytes");
    }
}
