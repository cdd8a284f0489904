//! Keys, digests and ids (tests/vectors/keys.json).

use keyward::error::Code;
use keyward::key::{Digest, KeyFormat, KeyId, Secret, checksum};
use serde::Deserialize;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::vector::{self, Fill};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    valid: Vec<Valid>,
    malformed_prefix: String,
    malformed: Vec<Malformed>,
    checksums: Vec<Checksum>,
    malformed_digests: Vec<String>,
    ids: Vec<Id>,
    malformed_ids: Vec<String>,
    malformed_prefixes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Valid {
    key: String,
    prefix: String,
    body: String,
    checksum: String,
    digest: String,
    hint: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Malformed {
    name: String,
    key: String,
    fill: Option<Fill>,
    code: String,
    at: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checksum {
    body: String,
    checksum: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Id {
    id: String,
    number: String,
}

fn vectors() -> Vectors {
    vector::read(include_str!("../vectors/keys.json"))
}

fn format(prefix: &str) -> KeyFormat {
    KeyFormat::checksummed(prefix).expect("a good prefix")
}

#[test]
fn valid_keys_are_read_digested_and_hinted() {
    let cases = vectors().valid;
    assert!(cases.len() >= 15, "{}", cases.len());
    for case in cases {
        let format = format(&case.prefix);
        let parsed = format.parse(case.key.as_bytes()).expect(&case.key);
        assert_eq!(
            (parsed.prefix, parsed.body, parsed.checksum),
            (&*case.prefix, &*case.body, &*case.checksum)
        );
        let digest = Digest::sha256_of(case.key.as_bytes());
        assert_eq!(digest.to_string(), case.digest);
        assert_eq!(case.digest.parse(), Ok(digest));
        assert_eq!(format.hint(&Secret::new(case.key)), case.hint);
    }
}

#[test]
fn malformed_keys_are_refused_with_code_and_place() {
    let Vectors {
        malformed,
        malformed_prefix,
        ..
    } = vectors();
    assert!(malformed.len() >= 50, "{}", malformed.len());
    let format = format(&malformed_prefix);
    for case in malformed {
        let key = Fill::text(case.fill.as_ref(), &case.key);
        let error = format.parse(key.as_bytes()).expect_err(&case.name);
        assert_eq!(
            (error.code(), error.at()),
            (&*case.code, case.at),
            "{}",
            case.name
        );
    }
}

#[test]
fn checksums_are_those_of_github_tokens() {
    for case in vectors().checksums {
        assert_eq!(
            checksum(case.body.as_bytes()),
            case.checksum.as_bytes(),
            "{}",
            case.body
        );
    }
}

#[test]
fn malformed_digests_are_refused() {
    for text in vectors().malformed_digests {
        let error = text.parse::<Digest>().expect_err(&text);
        assert_eq!(error.code(), Code::InvalidDigest, "{text:?}");
    }
}

#[test]
fn ids_are_numbers_of_53_bits() {
    let Vectors {
        ids, malformed_ids, ..
    } = vectors();
    for case in ids {
        let number = case.number.parse().expect("a number of 64 bits");
        let id = KeyId::from_u64(number).expect(&case.number);
        assert_eq!((id.to_string(), id.get()), (case.id.clone(), number));
        assert_eq!(case.id.parse(), Ok(id));
    }
    for text in malformed_ids {
        let error = text.parse::<KeyId>().expect_err(&text);
        assert_eq!(error.code(), Code::InvalidArgument, "{text:?}");
    }
    assert_eq!(KeyId::from_u64(1 << 53), None);
    assert_eq!(KeyId::from_u64(u64::MAX), None);
}

#[test]
fn malformed_prefixes_are_refused() {
    for prefix in vectors().malformed_prefixes {
        let error = KeyFormat::checksummed(&prefix).expect_err(&prefix);
        assert_eq!(error.code(), Code::InvalidProfile, "{prefix:?}");
    }
}
