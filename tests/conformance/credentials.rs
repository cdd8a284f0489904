//! Values of `Authorization` (tests/vectors/credentials.json).

use keyward::request::{CredentialErrorKind, DecodeBuffer, Transport, extract};
use serde::Deserialize;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::vector::{self, Fill};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    transports: Vec<String>,
    authorization: Vec<String>,
    fill: Option<Fill>,
    key: Option<String>,
    reason: Option<String>,
    joined: Option<String>,
}

/// The key as bytes, or the reason why there is none.
fn read(transports: &[Transport], authorization: &[Vec<u8>]) -> Result<Vec<u8>, &'static str> {
    let values: Vec<&[u8]> = authorization.iter().map(Vec::as_slice).collect();
    let mut buffer = DecodeBuffer::default();
    match extract(transports, &values, &mut buffer) {
        Ok(credential) => {
            assert!(transports.contains(&credential.transport));
            Ok(credential.key.to_vec())
        }
        Err(error) => Err(match error.kind() {
            CredentialErrorKind::Missing => "missing_credential",
            CredentialErrorKind::Malformed => "malformed_credential",
            CredentialErrorKind::Ambiguous => "ambiguous_credential",
            _ => "a kind that these tests do not know",
        }),
    }
}

fn for_each_case(check: impl Fn(&Case, &[Transport], &[Vec<u8>])) {
    let Vectors { cases } = vector::read(include_str!("../vectors/credentials.json"));
    assert!(cases.len() >= 60, "{}", cases.len());
    for case in &cases {
        let transports: Vec<_> = case
            .transports
            .iter()
            .map(|name| Transport::from_name(name).expect(name))
            .collect();
        let values: Vec<_> = case
            .authorization
            .iter()
            .map(|value| Fill::bytes(case.fill.as_ref(), value))
            .collect();
        check(case, &transports, &values);
    }
}

impl Case {
    fn expected(&self) -> Result<Vec<u8>, &str> {
        match (&self.key, &self.reason) {
            (Some(key), None) => Ok(Fill::text(self.fill.as_ref(), key).into_bytes()),
            (None, Some(reason)) => Err(reason),
            _ => panic!("{}: a key or a reason", self.name),
        }
    }
}

#[test]
fn each_header_gives_its_key_or_its_reason() {
    for_each_case(|case, transports, values| {
        assert_eq!(read(transports, values), case.expected(), "{}", case.name);
    });
}

/// Hosts such as workerd hand several headers over as one.
#[test]
fn headers_that_a_host_has_joined_come_to_the_same() {
    for_each_case(|case, transports, values| {
        if values.is_empty() {
            return;
        }
        let joined = values.join(&b", "[..]);
        let expected = case.joined.as_deref().map_or(case.expected(), Err);
        assert_eq!(read(transports, &[joined]), expected, "{}", case.name);
    });
}

#[test]
fn without_transports_nothing_is_read() {
    for_each_case(|case, _, values| {
        assert!(read(&[], values).is_err(), "{}", case.name);
    });
}
