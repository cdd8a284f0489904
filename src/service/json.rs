//! What is wrong with a JSON text, in words that do not repeat it: a key in the wrong member would come back to its
//! sender and end in whatever log the answer is written to.

use serde_json::error::Category;

use crate::key::misplaced::{holds_key, plain_word};

/// What is wrong, by line and column, and what was expected there.
pub(crate) fn mistake(error: &serde_json::Error) -> String {
    let message = error.to_string();
    // Of a text that is no JSON, only what would have to stand there is told.
    if error.classify() != Category::Data {
        return message;
    }
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = message.strip_suffix(&place).unwrap_or(&message);
    let told = quiet(message);
    if holds_key(&told) {
        return format!("not what is taken here{place}");
    }
    told + &place
}

/// A message of serde's without what was sent. What was sent stands first in all of them, what was expected last.
fn quiet(message: &str) -> String {
    for what in ["unknown field", "unknown variant"] {
        let rest = message
            .strip_prefix(what)
            .and_then(|rest| rest.strip_prefix(" `"));
        let Some(rest) = rest else { continue };
        let end = rest
            .rfind("`, expected ")
            .or_else(|| rest.rfind("`, there are no "));
        let (name, expected) = rest.split_at(end.unwrap_or(rest.len()));
        let expected = expected.strip_prefix('`').unwrap_or_default();
        return match plain_word(name) {
            Some(name) => format!("{what} `{name}`{expected}"),
            None => format!("{what}{expected}"),
        };
    }
    for what in ["duplicate field", "missing field"] {
        let name = message.strip_prefix(what).and_then(|rest| {
            let name = rest.strip_prefix(" `")?;
            name.strip_suffix('`')
        });
        let Some(name) = name else { continue };
        return plain_word(name).map_or_else(|| what.to_owned(), |name| format!("{what} `{name}`"));
    }
    for what in ["invalid type", "invalid value"] {
        let rest = message
            .strip_prefix(what)
            .and_then(|rest| rest.strip_prefix(": "));
        let Some(rest) = rest else { continue };
        let (found, expected) = rest.split_at(rest.rfind(", expected ").unwrap_or(rest.len()));
        // `string "…"`, `integer `…``, `null`: the kind is a word of serde's, what was found stands in quotes.
        let kind = found
            .split(['`', '"'])
            .next()
            .unwrap_or_default()
            .trim_end();
        return format!("{what}: {kind}{expected}");
    }
    message.to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Taken {
        name: Option<String>,
        number: Option<u8>,
        flag: Option<bool>,
        words: Option<Vec<Word>>,
        numbers: Option<BTreeMap<String, u32>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        One,
        Two,
    }

    fn told(text: &str) -> String {
        let error = serde_json::from_str::<Taken>(text).expect_err(text);
        mistake(&error)
    }

    #[test]
    fn what_was_sent_is_not_repeated() {
        for secret in [
            "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ",
            "a \\\"quoted\\\" text, expected `nothing",
            "x`, expected one of `y`",
            "x`, there are no fields",
            "5e884898da28047151d0e56f8dc62927",
            "\u{202e}\\n",
        ] {
            for text in [
                format!(r#"{{"{secret}":1}}"#),
                format!(r#"{{"number":"{secret}"}}"#),
                format!(r#"{{"flag":"{secret}"}}"#),
                format!(r#"{{"words":["{secret}"]}}"#),
                format!(r#"{{"words":"{secret}"}}"#),
                format!(r#"{{"numbers":{{"{secret}":"{secret}"}}}}"#),
                format!(r#"{{"name":"{secret}","name":"{secret}"}}"#),
                format!(r#"{{"name":"{secret}"#),
                format!(r#"{{"name":{secret}}}"#),
                format!(r#"{{"name":"{secret}"}} {secret}"#),
            ] {
                let told = told(&text);
                for part in [
                    secret,
                    "zQWB",
                    "quoted",
                    "nothing",
                    "one of `y`",
                    "x`",
                    "5e88",
                ] {
                    assert!(!told.contains(part), "{text}: {told}");
                }
                assert!(told.contains(" at line 1 column "), "{told}");
            }
        }
    }

    #[test]
    fn what_was_expected_is_said() {
        for (text, expected) in [
            (
                r#"{"colour":1}"#,
                "unknown field `colour`, expected one of `name`, `number`, `flag`, `words`, `numbers` at line 1 column 9",
            ),
            (r#"{"COLOUR":1}"#, "unknown field, expected one of `name`"),
            (r#"{"number":"5"}"#, "invalid type: string, expected u8"),
            (r#"{"number":500}"#, "invalid value: integer, expected u8"),
            (
                r#"{"number":1.5}"#,
                "invalid type: floating point, expected u8",
            ),
            (r#"{"name":null,"name":null}"#, "duplicate field `name`"),
            (
                r#"{"words":["three"]}"#,
                "unknown variant `three`, expected `one` or `two`",
            ),
            (r#"{"words":[{}]}"#, "expected"),
            (r#"{"name":"#, "EOF while parsing"),
        ] {
            let told = told(text);
            assert!(told.contains(expected), "{text}: {told}");
        }
    }
}
