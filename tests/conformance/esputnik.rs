//! The profile `esputnik` against the vendor's table of methods (tests/vectors/esputnik.json), which is written down
//! there from the vendor's document and not from the profile.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::access::Context;
use keyward::key::Digest;
use keyward::request::RequestPath;
use keyward::time::Timestamp;
use keyward::verify::{Ask, Decision, Reason, Record, Request, Verifier};
use serde::Deserialize;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::vector;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    base_path: String,
    versions: Vec<String>,
    levels: Vec<String>,
    groups: Vec<Group>,
    traps: Vec<Trap>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    #[serde(rename = "group")]
    number: u8,
    title: String,
    levels: Vec<String>,
    calls: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trap {
    why: String,
    call: String,
    levels: Vec<String>,
    reason: Option<String>,
}

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000).expect("after 1970");

/// A verifier with one key a level: any well-formed keys will do.
struct Keys {
    verifier: Verifier,
    keys: Vec<(String, String)>,
}

impl Keys {
    fn new(levels: &[String]) -> Self {
        let keys: Vec<_> = levels
            .iter()
            .enumerate()
            .map(|(index, level)| {
                let body = format!("{index:030}");
                let checksum = keyward::key::checksum(body.as_bytes());
                let checksum = std::str::from_utf8(&checksum).expect("ASCII");
                (level.clone(), format!("es_{body}{checksum}"))
            })
            .collect();
        let records = keys
            .iter()
            .map(|(level, key)| Record::new(level, Digest::sha256_of(key.as_bytes())).level(level));
        let verifier = Verifier::builder(vector::profile("esputnik"))
            .records(records)
            .build()
            .expect("good records");
        Self { verifier, keys }
    }

    /// Asks for a call with the key of each level, in the two ways that there are.
    fn ask(&self, method: &str, target: &str, check: impl Fn(&str, Option<Reason>)) {
        for (level, key) in &self.keys {
            let credential = STANDARD.encode(format!("anyone:{key}"));
            let value = format!("Basic {credential}");
            let request = Request {
                headers: &[("authorization", value.as_bytes())],
                method: method.as_bytes(),
                target: target.as_bytes(),
                context: Context::default(),
            };
            let decision = self.verifier.verify(&request, NOW);
            if let Decision::Allow(grant) = decision {
                assert_eq!(grant.level(), Some(&**level));
            }
            check(level, decision.reason());
            if target.starts_with('/') && !target.contains('?') {
                let call = Ask::Call {
                    method: method.as_bytes(),
                    path: target.as_bytes(),
                };
                let bare = self
                    .verifier
                    .verify_key(key.as_bytes(), call, Context::default(), NOW);
                assert_eq!(bare.reason(), decision.reason(), "{method} {target}");
            }
        }
    }
}

fn vectors() -> Vectors {
    vector::read(include_str!("../vectors/esputnik.json"))
}

fn split(call: &str) -> (&str, &str) {
    call.split_once(' ').expect("METHOD /path")
}

#[test]
fn all_51_methods_at_every_level_with_and_without_version() {
    let vectors = vectors();
    let keys = Keys::new(&vectors.levels);
    let mut asked = 0;
    for group in &vectors.groups {
        for call in &group.calls {
            let (method, path) = split(call);
            for version in &vectors.versions {
                let target = format!("{}{version}{path}", vectors.base_path);
                keys.ask(method, &target, |level, reason| {
                    let expected = if group.levels.iter().any(|opens| opens == level) {
                        None
                    } else {
                        Some(Reason::InsufficientScope)
                    };
                    let place = format!("group {} ({})", group.number, group.title);
                    assert_eq!(reason, expected, "{place}: {method} {target} as {level}");
                });
                asked += vectors.levels.len();
            }
        }
    }
    assert_eq!(asked, 51 * 3 * 3);
}

#[test]
fn every_call_is_listed_by_a_rule_of_its_own() {
    let profile = vector::profile("esputnik");
    let mut seen = BTreeSet::new();
    for call in vectors().groups.iter().flat_map(|group| &group.calls) {
        let (method, path) = split(call);
        let target = format!("/api{path}");
        let path = RequestPath::parse(target.as_bytes()).expect(call);
        let rule = profile.routes().find(method.as_bytes(), path);
        assert!(seen.insert(rule.expect(call)), "{call}");
    }
    assert_eq!(seen.len(), profile.routes().rules().len());
}

#[test]
fn traps_and_near_misses() {
    let vectors = vectors();
    assert!(vectors.traps.len() >= 100, "{}", vectors.traps.len());
    let keys = Keys::new(&vectors.levels);
    for trap in &vectors.traps {
        let (method, target) = split(&trap.call);
        let refusal = trap.reason.as_deref().unwrap_or("insufficient_scope");
        keys.ask(method, target, |level, reason| {
            let opens = trap.levels.iter().any(|opens| opens == level);
            let expected = if opens { None } else { Some(refusal) };
            let place = format!("{}: {} as {level}", trap.why, trap.call);
            assert_eq!(reason.map(Reason::as_str), expected, "{place}");
        });
    }
}
