//! Worlds and questions, as tests/differential/native.ts writes them.

use std::collections::BTreeMap;

use keyward::access::{Constraint, ConstraintValue, Context, Value};
use keyward::error::Error;
use keyward::key::Digest;
use keyward::limit::Rate;
use keyward::time::Timestamp;
use keyward::verify::{Ask, Decision, Record, Request, Status, Verifier};
use serde::Deserialize;
use serde_json::Value as Json;

/// What is decided against, and the questions.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct World {
    pub(crate) profile: GivenProfile,
    pub(crate) records: Vec<GivenRecord>,
    pub(crate) peppers: BTreeMap<String, String>,
    pub(crate) snapshot: Option<GivenSnapshot>,
    #[serde(default)]
    pub(crate) questions: Vec<Question>,
    #[serde(default)]
    pub(crate) keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum GivenProfile {
    Preset(String),
    Toml(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct GivenRecord {
    id: String,
    digests: Vec<GivenDigest>,
    rights: Rights,
    constraints: BTreeMap<String, Json>,
    expires_at: Option<i64>,
    status: GivenStatus,
    rate: Option<GivenRate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GivenDigest {
    digest: String,
    expires_at: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Rights {
    Level(String),
    Scopes(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum GivenStatus {
    Active,
    Disabled,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenRate {
    limit: u32,
    window: u32,
}

/// Head and shard in base64, the root's public key in hexadecimal.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivenSnapshot {
    pub(crate) head: String,
    pub(crate) shard: String,
    pub(crate) root: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Question {
    /// None for what JSON cannot say.
    pub(crate) now: Option<f64>,
    pub(crate) context: GivenContext,
    pub(crate) cost: Option<u32>,
    #[serde(flatten)]
    pub(crate) ask: Asked,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GivenContext {
    client_address: Option<String>,
    values: BTreeMap<String, Json>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", tag = "ask")]
pub(crate) enum Asked {
    Request(GivenRequest),
    Alive {
        key: String,
    },
    Call {
        key: String,
        method: String,
        path: String,
    },
    Route {
        key: String,
        method: String,
        pattern: String,
    },
    Scope {
        key: String,
        scope: String,
    },
}

#[derive(Deserialize)]
pub(crate) struct GivenRequest {
    /// One byte a character.
    headers: Vec<(String, String)>,
    method: String,
    target: String,
}

impl GivenRecord {
    /// The record, or what is wrong with it.
    pub(crate) fn read(&self) -> Result<Record, Error> {
        // A record of the library begins with a digest that has no end of its own.
        let (first, others): (Vec<_>, Vec<_>) = self
            .digests
            .iter()
            .partition(|digest| digest.expires_at.is_none());
        let mut first = first.into_iter();
        let digest = first.next().expect("a digest without an end");
        let mut record = Record::new(&self.id, digest.digest.parse()?);
        for GivenDigest { digest, expires_at } in first.chain(others) {
            record = record.digest(digest.parse::<Digest>()?, expires_at.map(instant));
        }
        record = match &self.rights {
            Rights::Level(level) => record.level(level),
            Rights::Scopes(scopes) => scopes
                .iter()
                .fold(record, |record, scope| record.scope(scope)),
        };
        for (dimension, given) in &self.constraints {
            record = record.constraint(dimension, constraint(given)?);
        }
        if let Some(GivenRate { limit, window }) = self.rate {
            record = record.rate(Rate::new(limit, window)?);
        }
        if let Some(at) = self.expires_at {
            record = record.expires_at(instant(at));
        }
        Ok(record.status(match self.status {
            GivenStatus::Active => Status::Active,
            GivenStatus::Disabled => Status::Disabled,
        }))
    }
}

fn instant(at: i64) -> Timestamp {
    Timestamp::from_millis(at).expect("an instant")
}

fn constraint(given: &Json) -> Result<Constraint, Error> {
    let value = |value: &Json| match value {
        Json::Number(number) => ConstraintValue::from(number.as_i64().expect("a whole number")),
        Json::String(text) => ConstraintValue::from(&**text),
        other => panic!("{other} is no value"),
    };
    match given {
        Json::String(all) if all == "all" => Ok(Constraint::All),
        Json::Array(list) => Constraint::only(list.iter().map(value)),
        other => panic!("{other} is neither \"all\" nor a list"),
    }
}

impl GivenContext {
    /// What the library takes for it.
    pub(crate) fn given<T>(&self, then: impl FnOnce(Context<'_>) -> T) -> T {
        let mut values = Vec::new();
        for (dimension, given) in &self.values {
            match given {
                Json::Array(list) if list.is_empty() => values.push((&**dimension, Value::Empty)),
                Json::Array(list) => {
                    values.extend(list.iter().map(|each| (&**dimension, value(each))));
                }
                one => values.push((&**dimension, value(one))),
            }
        }
        let address = self.client_address.as_deref();
        then(Context {
            // What is no address is none.
            client: address.and_then(|text| text.parse().ok()),
            values: &values,
        })
    }
}

fn value(given: &Json) -> Value<'_> {
    match given {
        Json::Number(number) => Value::Integer(number.as_i64().expect("a whole number")),
        Json::String(text) => Value::Text(text),
        other => panic!("{other} is no value"),
    }
}

impl Asked {
    /// The key, and what is asked of it; None for a request, an error for a route that has no handle.
    pub(crate) fn of_key(&self, verifier: &Verifier) -> Result<Option<(&str, Ask<'_>)>, Error> {
        Ok(Some(match self {
            Self::Request(_) => return Ok(None),
            Self::Alive { key } => (key, Ask::Alive),
            Self::Call { key, method, path } => {
                let (method, path) = (method.as_bytes(), path.as_bytes());
                (key, Ask::Call { method, path })
            }
            Self::Route {
                key,
                method,
                pattern,
            } => {
                let handle = verifier.route(method.as_bytes(), pattern.as_bytes())?;
                (key, Ask::Route(handle))
            }
            Self::Scope { key, scope } => (key, Ask::Scope(scope)),
        }))
    }
}

impl GivenRequest {
    /// The decision about it.
    pub(crate) fn decide<'a>(
        &self,
        verifier: &'a Verifier,
        context: Context<'_>,
        now: Timestamp,
    ) -> Decision<'a> {
        let byte = |byte| u8::try_from(byte).expect("a byte a character");
        let bytes = |text: &str| text.chars().map(byte).collect::<Vec<u8>>();
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (name, bytes(value)))
            .collect();
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (&***name, &**value))
            .collect();
        let request = Request {
            headers: &headers,
            method: self.method.as_bytes(),
            target: self.target.as_bytes(),
            context,
        };
        verifier.verify(&request, now)
    }
}
