//! The words in which the owner of a key is told of its end: texts with places to fill in, such as `{hint}`.

/// The word for the subject.
pub(crate) const SUBJECT: &str = "notice_subject";
/// The word for the text.
pub(crate) const TEXT: &str = "notice_text";

/// Both.
pub(super) const WORDS: [&str; 2] = [SUBJECT, TEXT];

/// What can be filled in besides the profile's fields, before which these count.
pub(super) const PLACES: [&str; 7] = ["title", "id", "hint", "level", "expires_at", "days", "url"];

/// The text with what `value` says in each place; where it says nothing, the place stays as it is. What is filled in is
/// not looked through again. Braces around anything but a name are braces.
pub(crate) fn fill(text: &str, value: &mut dyn FnMut(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let place = behind.split_once('}').filter(|(name, _)| is_name(name));
        rest = if let Some((name, after)) = place {
            match value(name) {
                Some(value) => filled.push_str(&value),
                None => filled.extend(["{", name, "}"]),
            }
            after
        } else {
            filled.push('{');
            behind
        };
    }
    filled.push_str(rest);
    filled
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_once_and_all_else_stays() {
        let mut asked = Vec::new();
        let filled = fill("{a}{b} {A} {} {a {{b}} {c}", &mut |place| {
            asked.push(place.to_owned());
            match place {
                "a" => Some("{b}".to_owned()),
                "b" => Some("2".to_owned()),
                _ => None,
            }
        });
        assert_eq!(filled, "{b}2 {A} {} {a {2} {c}");
        assert_eq!(asked, ["a", "b", "b", "c"]);
    }
}
