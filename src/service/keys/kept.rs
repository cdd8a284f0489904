//! An answer as bytes, to be sealed and given again: the secret, and the record as it was then.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::access::{Constraint, ConstraintValue};
use crate::key::{KeyId, Secret};
use crate::limit::Rate;
use crate::store::{KeyContent, KeyRecord, KeyState, Retiring};
use crate::time::Timestamp;

/// The length of the secret in two bytes, the secret, and the record as JSON. In one piece of memory from the start, so
/// that no copy of the secret is left where it grew.
pub(super) fn write(secret: &[u8], record: &KeyRecord) -> Zeroizing<Vec<u8>> {
    let json = serde_json::to_vec(&Kept::from(record)).expect("texts, numbers and lists of them");
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 + secret.len() + json.len()));
    let length = u16::try_from(secret.len()).expect("no key has more than 256 bytes");
    bytes.extend(length.to_le_bytes());
    bytes.extend_from_slice(secret);
    bytes.extend_from_slice(&json);
    bytes
}

pub(super) fn read(bytes: &[u8]) -> Option<(Secret, KeyRecord)> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let (secret, json) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    let secret = Secret::new(std::str::from_utf8(secret).ok()?.to_owned());
    let kept: Kept = serde_json::from_slice(json).ok()?;
    Some((secret, kept.into_record()?))
}

/// A record as it is written. It lives for a day; a version that does not understand it says so.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    id: u64,
    account: String,
    level: String,
    constraints: BTreeMap<String, Option<Vec<Value>>>,
    rate: Option<(u32, u32)>,
    fields: BTreeMap<String, String>,
    subject: Option<String>,
    meta: Option<String>,
    expires_at: Option<i64>,
    state: State,
    hint: String,
    is_sealed: bool,
    created_at: i64,
    created_by: String,
    updated_at: i64,
    revision: u64,
    enabled_at: Option<i64>,
    rotated_at: Option<i64>,
    /// Hint, end, and how long after the first use of the new one.
    retiring: Option<(String, i64, Option<i64>)>,
    last_used_at: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Value {
    Integer(i64),
    Text(String),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum State {
    Active,
    Disabled(i64),
    Deactivated(i64),
}

const fn millis(at: Option<Timestamp>) -> Option<i64> {
    match at {
        Some(at) => Some(at.as_millis()),
        None => None,
    }
}

impl From<&KeyRecord> for Kept {
    fn from(record: &KeyRecord) -> Self {
        let content = &record.content;
        let values = |constraint: &Constraint| match constraint {
            Constraint::All => None,
            Constraint::Only(values) => Some(values.as_slice().iter().map(Value::from).collect()),
        };
        let constraints = content.constraints.iter();
        Self {
            id: record.id.get(),
            account: record.account.clone(),
            level: content.level.clone(),
            constraints: constraints
                .map(|(name, constraint)| (name.clone(), values(constraint)))
                .collect(),
            rate: content
                .rate
                .map(|rate| (rate.limit(), rate.window_seconds())),
            fields: content.fields.clone(),
            subject: content.subject.clone(),
            meta: content.meta.clone(),
            expires_at: millis(content.expires_at),
            state: match record.state {
                KeyState::Active => State::Active,
                KeyState::Disabled { at } => State::Disabled(at.as_millis()),
                KeyState::Deactivated { at } => State::Deactivated(at.as_millis()),
            },
            hint: record.hint.clone(),
            is_sealed: record.is_sealed,
            created_at: record.created_at.as_millis(),
            created_by: record.created_by.clone(),
            updated_at: record.updated_at.as_millis(),
            revision: record.revision,
            enabled_at: millis(record.enabled_at),
            rotated_at: millis(record.rotated_at),
            retiring: record.retiring.as_ref().map(|retiring| {
                (
                    retiring.hint.clone(),
                    retiring.ends_at.as_millis(),
                    retiring.ends_after_use,
                )
            }),
            last_used_at: millis(record.last_used_at),
        }
    }
}

impl Kept {
    /// `None` where a value is none that was written.
    fn into_record(self) -> Option<KeyRecord> {
        let at = Timestamp::from_millis;
        let maybe = |millis: Option<i64>| match millis {
            Some(millis) => at(millis).map(Some),
            None => Some(None),
        };
        let constraint = |values: Option<Vec<Value>>| match values {
            None => Some(Constraint::All),
            Some(values) => Constraint::only(values.into_iter().map(ConstraintValue::from)).ok(),
        };
        let constraints = self.constraints.into_iter();
        let constraints = constraints
            .map(|(name, values)| Some((name, constraint(values)?)))
            .collect::<Option<_>>()?;
        let rate = match self.rate {
            Some((limit, window)) => Some(Rate::new(limit, window).ok()?),
            None => None,
        };
        let retiring = match self.retiring {
            Some((hint, ends_at, ends_after_use)) => Some(Retiring {
                hint,
                ends_at: at(ends_at)?,
                ends_after_use,
            }),
            None => None,
        };
        Some(KeyRecord {
            id: KeyId::from_u64(self.id)?,
            account: self.account,
            content: KeyContent {
                level: self.level,
                constraints,
                rate,
                fields: self.fields,
                subject: self.subject,
                meta: self.meta,
                expires_at: maybe(self.expires_at)?,
            },
            state: match self.state {
                State::Active => KeyState::Active,
                State::Disabled(millis) => KeyState::Disabled { at: at(millis)? },
                State::Deactivated(millis) => KeyState::Deactivated { at: at(millis)? },
            },
            hint: self.hint,
            is_sealed: self.is_sealed,
            created_at: at(self.created_at)?,
            created_by: self.created_by,
            updated_at: at(self.updated_at)?,
            revision: self.revision,
            enabled_at: maybe(self.enabled_at)?,
            rotated_at: maybe(self.rotated_at)?,
            retiring,
            last_used_at: maybe(self.last_used_at)?,
        })
    }
}

impl From<&ConstraintValue> for Value {
    fn from(value: &ConstraintValue) -> Self {
        match value {
            ConstraintValue::Integer(number) => Self::Integer(*number),
            ConstraintValue::Text(text) => Self::Text(text.to_string()),
        }
    }
}

impl From<Value> for ConstraintValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Integer(number) => Self::Integer(number),
            Value::Text(text) => Self::Text(text.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("positive")
    }

    #[test]
    fn a_record_comes_back_as_it_was() {
        let record = KeyRecord {
            id: KeyId::from_u64(7).expect("small"),
            account: "acme".to_owned(),
            content: KeyContent {
                level: "read".to_owned(),
                constraints: BTreeMap::from([
                    ("a".to_owned(), Constraint::All),
                    ("b".to_owned(), Constraint::only([-7, 8]).expect("values")),
                    (
                        "c".to_owned(),
                        Constraint::only(["x", "8"]).expect("values"),
                    ),
                ]),
                rate: Some(Rate::new(3, 60).expect("a rate")),
                fields: BTreeMap::from([("name".to_owned(), "Straße".to_owned())]),
                subject: Some("u1".to_owned()),
                meta: Some(r#"{"a":[1]}"#.to_owned()),
                expires_at: Some(at(9)),
            },
            state: KeyState::Disabled { at: at(5) },
            hint: "kw…".to_owned(),
            is_sealed: true,
            created_at: at(1),
            created_by: "op_1".to_owned(),
            updated_at: at(2),
            revision: 3,
            enabled_at: Some(at(4)),
            rotated_at: Some(at(6)),
            retiring: Some(Retiring {
                hint: "old…".to_owned(),
                ends_at: at(8),
                ends_after_use: Some(0),
            }),
            last_used_at: None,
        };
        let bytes = write(b"kw_live_secret", &record);
        let (secret, back) = read(&bytes).expect("written here");
        assert_eq!(secret.expose(), "kw_live_secret");
        assert_eq!(format!("{back:?}"), format!("{record:?}"));
        assert!(read(&bytes[..bytes.len() - 1]).is_none());
        assert!(read(&[]).is_none());
    }
}
