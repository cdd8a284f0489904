//! What a server answered, and how its members are read: leniently, so that an older program reads a newer server.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::cli::Failure;
use crate::key::Secret;

/// The body of an answer that says success.
pub(in crate::cli) struct Answer {
    text: Zeroizing<String>,
}

impl Answer {
    pub(super) fn new(text: Zeroizing<String>) -> Self {
        Self { text }
    }

    /// The whole answer, as it came.
    pub(in crate::cli) fn text(&self) -> &str {
        &self.text
    }

    /// The members of the answer, as they came: a secret among them is copied nowhere.
    pub(in crate::cli) fn members(&self) -> Result<BTreeMap<&str, &RawValue>, Failure> {
        serde_json::from_str(&self.text).map_err(|error| unexpected(&error))
    }

    /// The answer, or those of its members that are wanted.
    pub(in crate::cli) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.text).map_err(|error| unexpected(&error))
    }
}

/// The position of a mistake is told, never what stands there.
fn unexpected(error: &serde_json::Error) -> Failure {
    Failure::failed(format!(
        "the server's answer is not what this program expects ({:?} error, line {}, column {}); are both of the same version?",
        error.classify(),
        error.line(),
        error.column()
    ))
}

/// A JSON object with its members in the order in which the server sent them.
pub(in crate::cli) struct Item(Vec<(String, Value)>);

impl Item {
    pub(in crate::cli) fn members(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    pub(in crate::cli) fn member(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(member, _)| member == name);
        found.map(|(_, value)| value)
    }

    /// A member that is a text; empty where it is none.
    pub(in crate::cli) fn text(&self, name: &str) -> &str {
        let text = self.member(name).and_then(Value::as_str);
        text.unwrap_or_default()
    }

    /// The same without one of its members.
    pub(in crate::cli) fn without(&self, name: &str) -> Self {
        let others = self.0.iter().filter(|(member, _)| member != name);
        Self(others.cloned().collect())
    }

    /// The same without members that are null.
    pub(in crate::cli) fn filled(self) -> Self {
        let filled = self.0.into_iter().filter(|(_, value)| !value.is_null());
        Self(filled.collect())
    }

    /// What `raw` holds.
    pub(in crate::cli) fn read(raw: &RawValue) -> Result<Self, Failure> {
        serde_json::from_str(raw.get()).map_err(|error| {
            Failure::failed(format!("the server listed what is no record: {error}"))
        })
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Item;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Item(members))
            }
        }

        input.deserialize_map(Members)
    }
}

/// A key or token in the one answer that shows it.
pub(in crate::cli) struct Shown(pub(in crate::cli) Secret);

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        String::deserialize(input).map(|text| Self(Secret::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_may_be_unknown() {
        let item: Item =
            serde_json::from_str(r#"{"id":"k","b":1,"a":null,"c":{"x":[]}}"#).expect("well formed");
        let names: Vec<_> = item.members().map(|(name, _)| name).collect();
        assert_eq!(names, ["id", "b", "a", "c"]);
        assert_eq!(
            (item.text("id"), item.text("b"), item.text("z")),
            ("k", "", "")
        );
    }
}
