//! Whole decisions over given records (tests/vectors/decisions.json).

use std::collections::BTreeMap;

use keyward::error::{Code, Error};
use keyward::key::Pepper;
use keyward::verify::{Ask, Request, Verifier};
use serde::Deserialize;
use serde_json::Value as Json;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::expectation::Expectation;
use crate::given::{self, GivenRecord};
use crate::vector::{self, Number};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    /// What most cases take for the time.
    #[serde(rename = "now")]
    _now: i64,
    sets: Vec<Set>,
    refused_records: Vec<Refused>,
}

/// Records of one profile, and what is asked about them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    name: String,
    profile: String,
    #[serde(default)]
    peppers: BTreeMap<String, String>,
    records: Vec<GivenRecord>,
    requests: Vec<RequestCase>,
    keys: Vec<KeyCase>,
    #[serde(default)]
    refused_routes: Vec<RefusedRoute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RequestCase {
    name: String,
    #[serde(default)]
    authorization: Vec<String>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    method: String,
    url: String,
    #[serde(default)]
    context: BTreeMap<String, Json>,
    client_address: Option<String>,
    /// The error of an API that refuses to be asked so; this one denies.
    #[serde(rename = "throws")]
    _throws: Option<String>,
    now: Number,
    expect: Expectation,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeyCase {
    name: String,
    key: String,
    ask: Asked,
    #[serde(default)]
    context: BTreeMap<String, Json>,
    client_address: Option<String>,
    /// The error of an API that refuses to be asked so; this one denies.
    #[serde(rename = "throws")]
    _throws: Option<String>,
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

/// What cannot be looked up beforehand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefusedRoute {
    name: String,
    method: String,
    route: String,
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    name: String,
    code: String,
    profile: String,
    #[serde(default)]
    peppers: BTreeMap<String, String>,
    records: Vec<GivenRecord>,
}

fn vectors() -> Vectors {
    vector::read(include_str!("../vectors/decisions.json"))
}

fn verifier(
    profile: &str,
    peppers: &BTreeMap<String, String>,
    records: &[GivenRecord],
) -> Result<Verifier, Error> {
    let records = records
        .iter()
        .map(GivenRecord::read)
        .collect::<Result<Vec<_>, _>>()?;
    Verifier::builder(vector::profile(profile))
        .records(records)
        .peppers(given::peppers(peppers))
        .build()
}

impl Set {
    fn verifier(&self) -> Verifier {
        verifier(&self.profile, &self.peppers, &self.records).expect(&self.name)
    }

    fn place(&self, case: &str) -> String {
        format!("{}: {case}", self.name)
    }
}

#[test]
fn requests() {
    let mut run = 0;
    for set in vectors().sets {
        let verifier = set.verifier();
        for case in &set.requests {
            let headers = vector::headers(&case.authorization, &case.headers, None);
            let headers = vector::borrowed(&headers);
            given::context(&case.context, case.client_address.as_deref(), |context| {
                let request = Request {
                    headers: &headers,
                    method: case.method.as_bytes(),
                    target: case.url.as_bytes(),
                    context,
                };
                let now = case.now.instant();
                let decision = now.map(|now| verifier.verify(&request, now));
                let explanation = verifier.explain(&request, now);
                case.expect
                    .check(&set.place(&case.name), &verifier, decision, &explanation);
            });
            run += 1;
        }
    }
    assert!(run >= 290, "{run}");
}

#[test]
fn bare_keys() {
    let mut run = 0;
    for set in vectors().sets {
        let verifier = set.verifier();
        for case in &set.keys {
            let place = set.place(&case.name);
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
                    Ask::Route(handle.expect(&place))
                }
                _ => panic!("{place}: asks for several things"),
            };
            let (key, now) = (case.key.as_bytes(), case.now.instant());
            given::context(&case.context, case.client_address.as_deref(), |context| {
                let decision = now.map(|now| verifier.verify_key(key, ask, context, now));
                let explanation = verifier.explain_key(key, ask, context, now);
                case.expect.check(&place, &verifier, decision, &explanation);
            });
            run += 1;
        }
    }
    assert!(run >= 100, "{run}");
}

#[test]
fn routes_that_have_two_meanings_are_refused() {
    let mut run = 0;
    for set in vectors().sets {
        let verifier = set.verifier();
        for case in &set.refused_routes {
            let handle = verifier.route(case.method.as_bytes(), case.route.as_bytes());
            let error = handle.expect_err(&case.name);
            assert_eq!(error.code().as_str(), case.code, "{}: {error}", case.name);
            run += 1;
        }
    }
    assert!(run >= 14, "{run}");
}

#[test]
fn two_peppers_of_one_name_are_refused() {
    let pepper = |secret: &[u8; 16]| {
        Pepper::new("a".parse().expect("a good name"), secret).expect("long enough")
    };
    let error = Verifier::builder(vector::profile("esputnik"))
        .peppers([pepper(&[1; 16]), pepper(&[2; 16])])
        .build()
        .expect_err("which of the two?");
    assert_eq!(error.code(), Code::InvalidArgument);
}

#[test]
fn records_that_contradict_themselves_are_refused() {
    let cases = vectors().refused_records;
    assert!(cases.len() >= 70, "{}", cases.len());
    for case in cases {
        let error = verifier(&case.profile, &case.peppers, &case.records).expect_err(&case.name);
        assert_eq!(error.code().as_str(), case.code, "{}: {error}", case.name);
    }
}
