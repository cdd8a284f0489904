//! What an API's owner may attach to a key: a small JSON object, kept and handed on as it was sent.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::json;
use crate::key::misplaced;

/// The most bytes of its text.
const MAX_LENGTH: usize = 1024;

/// Why `text` cannot be attached to a key, or `None` where it can.
pub(super) fn objection(text: &str) -> Option<String> {
    if text.len() > MAX_LENGTH {
        return Some(format!(
            "has {} bytes of JSON, and {MAX_LENGTH} is the most",
            text.len()
        ));
    }
    if !text.starts_with('{') {
        return Some("must be a JSON object".to_owned());
    }
    if misplaced::holds_key(text) {
        return Some(misplaced::OBJECTION.to_owned());
    }
    let read = serde_json::from_str::<Unambiguous>(text).and_then(|_| serde_json::from_str(text));
    match read {
        Ok(value) => has_key(&value).then(|| misplaced::OBJECTION.to_owned()),
        Err(error) => Some(json::mistake(&error)),
    }
}

/// Whether a key stands in a name or text in `value`, of which the JSON may have spelled any character as `\u…`.
fn has_key(value: &Value) -> bool {
    match value {
        Value::String(text) => misplaced::holds_key(text),
        Value::Array(list) => list.iter().any(has_key),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| misplaced::holds_key(name) || has_key(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Any JSON value in which no object has a member twice: readers differ in which of the two they take.
struct Unambiguous;

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unambiguous {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value::<Self>()?;
            if seen.contains(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            seen.insert(name);
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::SystemEntropy;
    use crate::key::KeyFormat;

    #[test]
    fn a_key_is_found_however_it_is_spelled() {
        let format = KeyFormat::checksummed("es").expect("a good prefix");
        let key = format.generate(None, &SystemEntropy).expect("a key");
        let key = key.expose();
        let escape = |byte: u8| format!("\\u{:04x}", u32::from(byte));
        let escaped = key.bytes().map(escape).collect::<Vec<_>>().concat();
        let (start, rest) = key.split_at(20);
        let once = format!(
            "{start}\\u{:04x}{}",
            u32::from(rest.as_bytes()[0]),
            &rest[1..]
        );
        for key in [key, &escaped, &once] {
            for text in [
                format!(r#"{{"k":"{key}"}}"#),
                format!(r#"{{"{key}":1}}"#),
                format!(r#"{{"a":[1,{{"b":["x","{key}"]}}]}}"#),
            ] {
                let said = objection(&text);
                assert_eq!(said.as_deref(), Some(misplaced::OBJECTION), "{text}");
            }
        }
    }

    #[test]
    fn small_unambiguous_objects_only() {
        for text in [
            "{}",
            r#"{"plan":"pro","limits":[1,2.5,null,true,{"a":{}}]}"#,
        ] {
            assert_eq!(objection(text), None, "{text}");
        }
        for text in [
            "[]",
            "1",
            r#""text""#,
            r#"{"a":1,"a":2}"#,
            r#"{"x":[{"a":1,"a":2}]}"#,
            r#"{"a":1"#,
            "{} {}",
        ] {
            assert!(objection(text).is_some(), "{text}");
        }
        let full = format!(r#"{{"a":"{}"}}"#, "x".repeat(MAX_LENGTH - 8));
        assert_eq!((full.len(), objection(&full)), (MAX_LENGTH, None));
        assert!(objection(&full.replacen('x', "xx", 1)).is_some());
    }
}
