//! Whole decisions over given records (tests/vectors/decisions.json).

use keyward::key::Digest;
use keyward::time::Timestamp;
use keyward::verify::{Ask, Record, Request, Status, Verifier};
use serde::Deserialize;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::expectation::Expectation;
use crate::vector::{self, Fill, Number};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    /// What most cases take for the time.
    #[serde(rename = "now")]
    _now: i64,
    records: Vec<GivenRecord>,
    requests: Vec<RequestCase>,
    keys: Vec<KeyCase>,
    refused_records: Vec<Refused>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GivenRecord {
    id: String,
    digest: String,
    account: Option<String>,
    level: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    expires_at: Option<i64>,
    status: Option<String>,
    subject: Option<String>,
    meta: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestCase {
    name: String,
    authorization: Vec<String>,
    method: String,
    url: String,
    now: Number,
    expect: Expectation,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyCase {
    name: String,
    key: String,
    ask: Asked,
    now: Number,
    expect: Expectation,
}

/// Nothing, a scope, a method and a path, or a method and a route.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    scope: Option<String>,
    method: Option<String>,
    path: Option<String>,
    route: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    name: String,
    code: String,
    records: Vec<GivenRecord>,
}

impl GivenRecord {
    fn read(&self) -> Record {
        let mut record = Record::new(&self.id, self.digest.parse::<Digest>().expect(&self.id));
        if let Some(account) = &self.account {
            record = record.account(account);
        }
        if let Some(level) = &self.level {
            record = record.level(level);
        }
        record = self
            .scopes
            .iter()
            .fold(record, |record, scope| record.scope(scope));
        if let Some(at) = self.expires_at {
            record = record.expires_at(Timestamp::from_millis(at).expect("an instant"));
        }
        if let Some(subject) = &self.subject {
            record = record.subject(subject);
        }
        if let Some(meta) = &self.meta {
            record = record.meta(&meta.to_string());
        }
        record.status(match self.status.as_deref() {
            None | Some("active") => Status::Active,
            Some("disabled") => Status::Disabled,
            Some("deactivated") => Status::Deactivated,
            Some(other) => panic!("{}: status {other:?}", self.id),
        })
    }
}

fn vectors() -> Vectors {
    vector::read(include_str!("../vectors/decisions.json"))
}

fn verifier(records: &[GivenRecord]) -> Result<Verifier, keyward::error::Error> {
    Verifier::builder(vector::profile())
        .records(records.iter().map(GivenRecord::read))
        .build()
}

#[test]
fn requests() {
    let vectors = vectors();
    let verifier = verifier(&vectors.records).expect("good records");
    assert!(vectors.requests.len() >= 50, "{}", vectors.requests.len());
    for case in &vectors.requests {
        let values: Vec<_> = case
            .authorization
            .iter()
            .map(|value| Fill::bytes(None, value))
            .collect();
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        let request = Request {
            authorization: &values,
            method: case.method.as_bytes(),
            target: case.url.as_bytes(),
        };
        let now = case.now.instant();
        let decision = now.map(|now| verifier.verify(&request, now));
        let explanation = verifier.explain(&request, now);
        case.expect
            .check(&case.name, &verifier, decision, &explanation);
    }
}

#[test]
fn bare_keys() {
    let vectors = vectors();
    let verifier = verifier(&vectors.records).expect("good records");
    for case in &vectors.keys {
        let Asked {
            scope,
            method,
            path,
            route,
        } = &case.ask;
        let method = method.as_deref().unwrap_or_default().as_bytes();
        let ask = match (scope, path, route) {
            (None, None, None) => Ask::Alive,
            (Some(scope), None, None) => Ask::Scope(scope),
            (None, Some(path), None) => Ask::Call {
                method,
                path: path.as_bytes(),
            },
            (None, None, Some(route)) => {
                let handle = verifier.route(method, route.as_bytes());
                Ask::Route(handle.expect(&case.name))
            }
            _ => panic!("{}: asks for several things", case.name),
        };
        let (key, now) = (case.key.as_bytes(), case.now.instant());
        let decision = now.map(|now| verifier.verify_key(key, ask, now));
        let explanation = verifier.explain_key(key, ask, now);
        case.expect
            .check(&case.name, &verifier, decision, &explanation);
    }
}

#[test]
fn records_that_contradict_themselves_are_refused() {
    for case in vectors().refused_records {
        let error = verifier(&case.records).expect_err(&case.name);
        assert_eq!(error.code().as_str(), case.code, "{}: {error}", case.name);
    }
}
