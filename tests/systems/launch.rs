//! Runs the cases of a row as `tests/vectors/systems.json` has them.

use std::collections::BTreeMap;

use keyward::access::{Constraint, ConstraintValue, Context, Value};
use keyward::key::Digest;
use keyward::time::Timestamp;
use keyward::verify::{Decision, Record, Request, Status, Verifier};
use serde_json::Value as Json;

use crate::vector::{self, Case, Vectors};
use crate::{preset, vector::Record as GivenRecord};

/// Runs every case of a row; a row without cases is a mistake.
pub(crate) fn row(row: &str) {
    let vectors = vector::read();
    let mut verifiers = BTreeMap::new();
    let mut run = 0;
    for case in vectors.cases.iter().filter(|case| case.row == row) {
        let verifier = verifiers
            .entry(&*case.profile)
            .or_insert_with(|| verifier(&vectors, &case.profile));
        check(case, verifier);
        run += 1;
    }
    assert!(run >= 2, "{row}: {run} cases");
}

/// A verifier over all keys of a preset.
pub(crate) fn verifier(vectors: &Vectors, profile: &str) -> Verifier {
    let records = vectors.keys[profile]
        .iter()
        .filter_map(|key| key.record.as_ref())
        .map(record);
    Verifier::builder(preset::read(profile))
        .records(records)
        .build()
        .expect("good records")
}

fn record(given: &GivenRecord) -> Record {
    let digest = |text: &str| text.parse::<Digest>().expect("a digest");
    let instant = |at| Timestamp::from_millis(at).expect("an instant");
    let mut digests = given
        .digests
        .iter()
        .map(|given| (digest(&given.digest), given.expires_at.map(instant)));
    let first = match &given.digest {
        Some(text) => digest(text),
        None => digests.next().expect("a digest").0,
    };
    let mut record = Record::new(&given.id, first)
        .account(&given.account)
        .status(match given.status.as_deref() {
            None => Status::Active,
            Some("disabled") => Status::Disabled,
            Some(other) => panic!("status {other:?}"),
        });
    if let Some(level) = &given.level {
        record = record.level(level);
    }
    for scope in &given.scopes {
        record = record.scope(scope);
    }
    for (digest, ends) in digests {
        record = record.digest(digest, ends);
    }
    for (dimension, values) in &given.constraints {
        record = record.constraint(dimension, constraint(values));
    }
    if let Some(at) = given.expires_at {
        record = record.expires_at(instant(at));
    }
    if let Some(subject) = &given.subject {
        record = record.subject(subject);
    }
    record
}

fn constraint(values: &Json) -> Constraint {
    let value = |value: &Json| match value {
        Json::Number(number) => ConstraintValue::from(number.as_i64().expect("a whole number")),
        Json::String(text) => ConstraintValue::from(&**text),
        _ => panic!("{value} is no value"),
    };
    match values {
        Json::String(all) if all == "all" => Constraint::All,
        Json::Array(list) => Constraint::only(list.iter().map(value)).expect("not empty"),
        _ => panic!("{values} is neither \"all\" nor a list"),
    }
}

/// Decides the case; a list stands there once for each of its values, an empty one as such.
pub(crate) fn decide<'a>(case: &Case, verifier: &'a Verifier) -> Decision<'a> {
    let headers: Vec<(&str, &[u8])> = case
        .request
        .headers
        .iter()
        .map(|(name, value)| (&**name, value.as_bytes()))
        .collect();
    let mut values = Vec::new();
    for (dimension, given) in &case.context {
        match given {
            Json::Array(list) if list.is_empty() => values.push((&**dimension, Value::Empty)),
            Json::Array(list) => values.extend(list.iter().map(|each| (&**dimension, value(each)))),
            one => values.push((&**dimension, value(one))),
        }
    }
    let client = case.client_address.as_deref();
    let request = Request {
        headers: &headers,
        method: case.request.method.as_bytes(),
        target: case.request.url.as_bytes(),
        context: Context {
            client: client.map(|text| text.parse().expect("an address")),
            values: &values,
        },
    };
    let now = Timestamp::from_millis(case.now.unwrap_or(vector::NOW)).expect("an instant");
    verifier.verify(&request, now)
}

fn value(given: &Json) -> Value<'_> {
    match given {
        Json::Number(number) => Value::Integer(number.as_i64().expect("a whole number")),
        Json::String(text) => Value::Text(text),
        _ => panic!("{given} is no value"),
    }
}

fn check(case: &Case, verifier: &Verifier) {
    let (name, expect) = (&case.name, &case.expect);
    match decide(case, verifier) {
        Decision::Allow(grant) => {
            assert!(expect.allowed, "{name}: was allowed");
            let profile = verifier.profile();
            let scopes: Vec<_> = grant
                .scopes()
                .iter()
                .map(|scope| profile.scopes()[usize::from(scope)].id.to_string())
                .collect();
            assert_eq!(Some(grant.key_id()), expect.key_id, "{name}");
            assert_eq!(grant.level(), expect.level.as_deref(), "{name}");
            assert_eq!(scopes, expect.scopes.clone().unwrap_or_default(), "{name}");
        }
        Decision::Deny(denial) => {
            let got = (false, Some(denial.reason().as_str()), Some(denial.status()));
            let expected = (expect.allowed, expect.reason.as_deref(), expect.status);
            assert_eq!(got, expected, "{name}");
            assert_eq!(denial.note().is_some(), expect.noted, "{name}");
        }
    }
}
