//! Headers that hold a credential, or nearly one (tests/vectors/credentials.json).

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
    #[serde(default)]
    authorization: Vec<String>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    fill: Option<Fill>,
    key: Option<String>,
    reason: Option<String>,
    joined: Option<String>,
}

type Headers<'a> = Vec<(&'a str, Vec<u8>)>;

/// The key as bytes, or the reason why there is none.
fn read(transports: &[Transport], headers: &Headers<'_>) -> Result<Vec<u8>, &'static str> {
    let mut buffer = DecodeBuffer::default();
    match extract(transports, &vector::borrowed(headers), &mut buffer) {
        Ok(credential) => {
            assert!(transports.contains(credential.transport));
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

fn for_each_case(check: impl Fn(&Case, &[Transport], &Headers<'_>)) {
    let Vectors { cases } = vector::read(include_str!("../vectors/credentials.json"));
    assert!(cases.len() >= 220, "{}", cases.len());
    for case in &cases {
        let transports: Vec<_> = case
            .transports
            .iter()
            .map(|name| Transport::from_name(name).expect(name))
            .collect();
        let headers = vector::headers(&case.authorization, &case.headers, case.fill.as_ref());
        check(case, &transports, &headers);
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
    for_each_case(|case, transports, headers| {
        assert_eq!(read(transports, headers), case.expected(), "{}", case.name);
    });
}

/// Hosts such as workerd hand several headers of one name over as one.
#[test]
fn headers_that_a_host_has_joined_come_to_the_same() {
    for_each_case(|case, transports, headers| {
        let mut joined: Headers<'_> = Vec::new();
        for (name, value) in headers {
            let same = |(known, _): &&mut (&str, Vec<u8>)| known.eq_ignore_ascii_case(name);
            match joined.iter_mut().find(same) {
                Some((_, values)) => values.extend([b", ", &**value].concat()),
                None => joined.push((name, value.clone())),
            }
        }
        let expected = case.joined.as_deref().map_or(case.expected(), Err);
        assert_eq!(read(transports, &joined), expected, "{}", case.name);
    });
}

#[test]
fn the_order_of_headers_and_the_case_of_their_names_mean_nothing() {
    for_each_case(|case, transports, headers| {
        let mut turned = headers.clone();
        turned.reverse();
        assert_eq!(read(transports, &turned), case.expected(), "{}", case.name);
        for change in [str::to_ascii_lowercase, str::to_ascii_uppercase] {
            let names: Vec<_> = headers.iter().map(|(name, _)| change(name)).collect();
            let renamed = names.iter().zip(headers);
            let renamed = renamed.map(|(name, (_, value))| (&**name, value.clone()));
            let renamed = renamed.collect();
            assert_eq!(read(transports, &renamed), case.expected(), "{}", case.name);
        }
    });
}

/// A name that a transport has not, that begins like one, or that is one with something around it.
#[test]
fn other_headers_are_passed_over() {
    let others = [
        "",
        "cookie",
        "proxy-authorization",
        "authorization ",
        "authorizatio",
        "x-authorization",
        "x-api-key2",
        "x-api_key",
        "x-forwarded-authorization",
    ];
    for_each_case(|case, transports, headers| {
        let mut more = headers.clone();
        for other in others {
            more.insert(
                0,
                (
                    other,
                    b"Bearer es_T61e8CjwUJySfhFzNiyW33BW311b6l3AZ1OR".to_vec(),
                ),
            );
            more.push((other, b"a, b".to_vec()));
        }
        assert_eq!(read(transports, &more), case.expected(), "{}", case.name);
    });
}

#[test]
fn without_transports_nothing_is_read() {
    for_each_case(|case, _, headers| {
        assert!(read(&[], headers).is_err(), "{}", case.name);
    });
}
