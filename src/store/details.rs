//! What the audit trail tells of a change: the particulars before and after it, without secrets and digests. Instants
//! are milliseconds since 1970.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    Account, KeyContent, KeyRecord, KeyState, KeyspaceContent, Operator, OperatorKind, Reach,
    Retiring, Right, Token,
};
use crate::access::{Constraint, ConstraintValue};
use crate::key::Digest;
use crate::time::Timestamp;

/// Members of a JSON object.
pub(super) type Members = Map<String, Value>;

/// A thing that was not there before.
#[expect(
    clippy::needless_pass_by_value,
    reason = "what is described is done with"
)]
pub(super) fn created(after: Members) -> Value {
    json!({ "after": after })
}

/// A thing that is no longer there.
#[expect(clippy::needless_pass_by_value, reason = "as above")]
pub(super) fn deleted(before: Members) -> Value {
    json!({ "before": before })
}

/// The members that a change changed.
pub(super) fn changed(mut before: Members, mut after: Members) -> Value {
    before.retain(|name, value| after.get(name) != Some(&*value) || after.remove(name).is_none());
    json!({ "before": before, "after": after })
}

/// The rules of a keyspace: of a profile's text and of what is published of it, the digests.
pub(super) fn rules(content: &KeyspaceContent) -> Members {
    let text = content.profile_toml.as_deref();
    let text = text.map(|text| Digest::sha256_of(text.as_bytes()).to_string());
    members([
        ("profile", content.profile.as_str().into()),
        ("profile_toml", text.into()),
        ("profile_digest", content.profile_digest.to_string().into()),
        ("fresh_for_seconds", content.fresh_for_seconds.into()),
        ("valid_for_seconds", content.valid_for_seconds.into()),
    ])
}

/// All of a key that is told.
pub(super) fn key(key: &KeyRecord) -> Members {
    let mut members = content(&key.content);
    members.insert("status".to_owned(), key.state.as_str().into());
    members.insert("hint".to_owned(), key.hint.as_str().into());
    members
}

/// What was chosen of a key.
pub(super) fn content(content: &KeyContent) -> Members {
    let rate = content
        .rate
        .map(|rate| json!({ "limit": rate.limit(), "window_seconds": rate.window_seconds() }));
    // What is no JSON cannot come from this program, and the trail tells it all the same.
    let meta = content
        .meta
        .as_deref()
        .map(|meta| serde_json::from_str(meta).unwrap_or_else(|_| Value::String(meta.to_owned())));
    members([
        ("level", content.level.as_str().into()),
        ("constraints", constraints(&content.constraints)),
        ("rate", rate.unwrap_or_default()),
        ("fields", json!(content.fields)),
        ("subject", json!(content.subject)),
        ("meta", meta.unwrap_or_default()),
        ("expires_at", instant(content.expires_at)),
    ])
}

/// Constraints by dimension: `"all"`, or the list of values.
pub(super) fn constraints(constraints: &BTreeMap<String, Constraint>) -> Value {
    let members = constraints.iter().map(|(dimension, constraint)| {
        let value = match constraint {
            Constraint::All => "all".into(),
            Constraint::Only(values) => values.as_slice().iter().map(constraint_value).collect(),
        };
        (dimension.clone(), value)
    });
    Value::Object(members.collect())
}

fn constraint_value(value: &ConstraintValue) -> Value {
    match value {
        ConstraintValue::Integer(number) => (*number).into(),
        ConstraintValue::Text(text) => (**text).into(),
    }
}

/// A key's state alone.
pub(super) fn status(state: KeyState) -> Members {
    members([("status", state.as_str().into())])
}

/// What a rotation changes.
pub(super) fn secret(hint: &str, retiring: Option<&Retiring>) -> Members {
    let retiring = retiring.map(|retiring| {
        json!({
            "hint": retiring.hint,
            "ends_at": retiring.ends_at.as_millis(),
            "ends_after_use_ms": retiring.ends_after_use,
        })
    });
    members([
        ("hint", hint.into()),
        ("retiring", retiring.unwrap_or_default()),
    ])
}

/// What was chosen of an account.
pub(super) fn account(account: &Account) -> Members {
    members([
        ("name", json!(account.name)),
        ("keys_enabled", account.keys_enabled.into()),
        ("monthly_uses", json!(account.monthly_uses)),
    ])
}

/// An operator or portal link.
pub(super) fn operator(operator: &Operator) -> Members {
    let (keyspace, account) = reach_names(&operator.reach);
    members([
        ("name", operator.name.as_str().into()),
        ("hint", operator.hint.as_str().into()),
        ("keyspace", json!(keyspace)),
        ("account", json!(account)),
        ("rights", rights(&operator.rights)),
        ("levels", json!(operator.levels)),
        ("expires_at", instant(operator.expires_at)),
    ])
}

/// The levels that somebody may give, before and after some were taken away.
pub(super) fn narrowed(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Value {
    json!({ "before": { "levels": before }, "after": { "levels": after } })
}

/// An edge token.
pub(super) fn token(token: &Token) -> Members {
    members([
        ("name", json!(token.name)),
        ("hint", token.hint.as_str().into()),
        ("rights", rights(&token.rights)),
        ("expires_at", instant(token.expires_at)),
    ])
}

impl OperatorKind {
    /// The name of its making in the audit trail.
    pub(super) const fn created(self) -> &'static str {
        match self {
            Self::Operator => "operator.create",
            Self::PortalLink => "portal_link.create",
        }
    }

    /// That of another key for it.
    pub(super) const fn rotated(self) -> &'static str {
        match self {
            Self::Operator => "operator.rotate",
            Self::PortalLink => "portal_link.rotate",
        }
    }

    /// That of levels that it may give no more.
    pub(super) const fn narrowed(self) -> &'static str {
        match self {
            Self::Operator => "operator.narrow",
            Self::PortalLink => "portal_link.narrow",
        }
    }

    /// That of its end.
    pub(super) const fn deleted(self) -> &'static str {
        match self {
            Self::Operator => "operator.delete",
            Self::PortalLink => "portal_link.delete",
        }
    }
}

/// The keyspace and the account that a reach names.
pub(super) fn reach_names(reach: &Reach) -> (Option<&str>, Option<&str>) {
    match reach {
        Reach::Server => (None, None),
        Reach::Keyspace(keyspace) => (Some(keyspace), None),
        Reach::Account(path) => (Some(&path.keyspace), Some(&path.account)),
    }
}

fn rights<'a>(rights: impl IntoIterator<Item = &'a Right>) -> Value {
    rights.into_iter().map(|right| right.as_str()).collect()
}

fn instant(at: Option<Timestamp>) -> Value {
    json!(at.map(Timestamp::as_millis))
}

fn members<const N: usize>(members: [(&str, Value); N]) -> Members {
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
