//! Records and contexts as the vectors write them: as the npm package takes them (tests/vectors/README.md).

use std::collections::BTreeMap;
use std::net::IpAddr;

use keyward::access::{Constraint, ConstraintValue, Context, Value};
use keyward::error::Error;
use keyward::key::{Digest, Pepper};
use keyward::limit::Rate;
use keyward::time::Timestamp;
use keyward::verify::{Record, Status};
use serde::Deserialize;
use serde_json::Value as Json;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct GivenRecord {
    id: String,
    digest: Option<String>,
    #[serde(default)]
    digests: Vec<GivenDigest>,
    account: Option<String>,
    level: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    constraints: BTreeMap<String, Json>,
    rate: Option<GivenRate>,
    expires_at: Option<i64>,
    status: Option<String>,
    subject: Option<String>,
    meta: Option<Json>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum GivenDigest {
    Lasting(String),
    #[serde(rename_all = "camelCase")]
    Ending {
        digest: String,
        expires_at: i64,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivenRate {
    pub(crate) limit: u32,
    pub(crate) window: u32,
}

impl GivenRecord {
    /// The record, or what is wrong with it already.
    pub(crate) fn read(&self) -> Result<Record, Error> {
        // A record of this library begins with a digest that has no end of its own.
        let given = |given: &GivenDigest| match given {
            GivenDigest::Lasting(digest) => (digest.clone(), None),
            GivenDigest::Ending { digest, expires_at } => (digest.clone(), Some(*expires_at)),
        };
        let mut digests: Vec<_> = self.digests.iter().map(given).collect();
        digests.extend(self.digest.iter().map(|digest| (digest.clone(), None)));
        digests.sort_by_key(|(_, ends)| ends.is_some());
        let mut digests = digests.into_iter();
        let (first, ends) = digests.next().expect(&self.id);
        assert_eq!(ends, None, "{}: one digest without an end", self.id);
        let mut record = Record::new(&self.id, first.parse::<Digest>()?);
        for (digest, ends) in digests {
            record = record.digest(digest.parse()?, ends.map(instant));
        }
        if let Some(account) = &self.account {
            record = record.account(account);
        }
        if let Some(level) = &self.level {
            record = record.level(level);
        }
        for scope in &self.scopes {
            record = record.scope(scope);
        }
        for (dimension, given) in &self.constraints {
            record = record.constraint(dimension, constraint(given)?);
        }
        if let Some(rate) = &self.rate {
            record = record.rate(Rate::new(rate.limit, rate.window)?);
        }
        if let Some(at) = self.expires_at {
            record = record.expires_at(instant(at));
        }
        if let Some(subject) = &self.subject {
            record = record.subject(subject);
        }
        if let Some(meta) = &self.meta {
            record = record.meta(&meta.to_string());
        }
        Ok(record.status(match self.status.as_deref() {
            None | Some("active") => Status::Active,
            Some("disabled") => Status::Disabled,
            Some("deactivated") => Status::Deactivated,
            Some(other) => panic!("{}: status {other:?}", self.id),
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
        _ => panic!("{value} is no value"),
    };
    match given {
        Json::String(all) if all == "all" => Ok(Constraint::All),
        Json::Array(list) => Constraint::only(list.iter().map(value)),
        _ => panic!("{given} is neither \"all\" nor a list"),
    }
}

/// Secrets by the names of their peppers.
pub(crate) fn peppers(given: &BTreeMap<String, String>) -> Vec<Pepper> {
    let pepper = |(name, secret): (&String, &String)| {
        Pepper::new(name.parse().expect(name), secret.as_bytes()).expect(name)
    };
    given.iter().map(pepper).collect()
}

/// What a call is about: by dimension a value or a list of them, and where the client calls from.
pub(crate) fn context<T>(
    given: &BTreeMap<String, Json>,
    client: Option<&str>,
    then: impl FnOnce(Context<'_>) -> T,
) -> T {
    let mut values = Vec::new();
    for (dimension, given) in given {
        match given {
            Json::Array(list) if list.is_empty() => values.push((&**dimension, Value::Empty)),
            Json::Array(list) => values.extend(list.iter().map(|each| (&**dimension, value(each)))),
            one => values.push((&**dimension, value(one))),
        }
    }
    then(Context {
        // What is no address is none.
        client: client.and_then(|text| text.parse::<IpAddr>().ok()),
        values: &values,
    })
}

fn value(given: &Json) -> Value<'_> {
    match given {
        Json::Number(number) => Value::Integer(number.as_i64().expect("a whole number")),
        Json::String(text) => Value::Text(text),
        _ => panic!("{given} is no value"),
    }
}
