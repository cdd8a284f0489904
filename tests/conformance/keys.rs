//! Keys, digests and ids (tests/vectors/keys.json).

use keyward::error::{Code, Error};
use keyward::key::{Digest, DigestScheme, KeyFormat, KeyId, Pepper, Secret, checksum};
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
    account_hex: Whole,
    opaque: Whole,
    checksums: Vec<Checksum>,
    hmac: Vec<Peppered>,
    malformed_peppers: Vec<MalformedPepper>,
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
    /// Absent where any place will do.
    at: Option<usize>,
}

/// A format whose keys have no parts to show.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    valid: Vec<ValidWhole>,
    malformed: Vec<Malformed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ValidWhole {
    key: String,
    fill: Option<Fill>,
    account: Option<u64>,
    digest: String,
    hint: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Peppered {
    pepper: String,
    secret: String,
    fill: Option<Fill>,
    key: String,
    digest: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MalformedPepper {
    name: String,
    pepper: String,
    secret: String,
    fill: Option<Fill>,
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
            (Some(&*case.prefix), &*case.body, Some(&*case.checksum))
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
    are_refused(&format(&malformed_prefix), &malformed);
}

fn are_refused(format: &KeyFormat, cases: &[Malformed]) {
    for case in cases {
        let key = Fill::text(case.fill.as_ref(), &case.key);
        let error = format.parse(key.as_bytes()).expect_err(&case.name);
        assert_eq!(error.code(), case.code, "{}", case.name);
        let at = case.at.unwrap_or_else(|| error.at());
        assert_eq!((error.at(), at <= key.len()), (at, true), "{}", case.name);
        assert_eq!(format.check(key.as_bytes()), Err(error), "{}", case.name);
    }
}

#[test]
fn keys_that_name_their_account() {
    let Whole { valid, malformed } = vectors().account_hex;
    assert!(valid.len() >= 8, "{}", valid.len());
    assert!(malformed.len() >= 30, "{}", malformed.len());
    are_read_whole(&KeyFormat::AccountHex, valid);
    are_refused(&KeyFormat::AccountHex, &malformed);
}

#[test]
fn keys_that_were_made_elsewhere() {
    let Whole { valid, malformed } = vectors().opaque;
    assert!(valid.len() >= 8, "{}", valid.len());
    assert!(malformed.len() >= 15, "{}", malformed.len());
    are_read_whole(&KeyFormat::Opaque, valid);
    are_refused(&KeyFormat::Opaque, &malformed);
}

fn are_read_whole(format: &KeyFormat, cases: Vec<ValidWhole>) {
    for case in cases {
        let key = Fill::text(case.fill.as_ref(), &case.key);
        let parsed = format.parse(key.as_bytes()).expect(&key);
        assert_eq!((parsed.body, parsed.account), (&*key, case.account));
        assert_eq!((parsed.prefix, parsed.checksum), (None, None));
        assert_eq!(
            Digest::sha256_of(key.as_bytes()).to_string(),
            case.digest,
            "{key}"
        );
        assert_eq!(format.hint(&Secret::new(key)), case.hint);
    }
}

#[test]
fn digests_under_a_pepper() {
    let cases = vectors().hmac;
    assert!(cases.len() >= 8, "{}", cases.len());
    for case in cases {
        let secret = Fill::text(case.fill.as_ref(), &case.secret);
        let pepper = pepper(&case.pepper, &secret).expect(&case.pepper);
        let digest = pepper.digest(case.key.as_bytes());
        assert_eq!(digest.to_string(), case.digest, "{}", case.key);
        assert_eq!(case.digest.parse(), Ok(digest));
        assert_eq!(digest.scheme(), DigestScheme::HmacSha256(pepper.id()));
        let by_scheme = digest.scheme().digest(case.key.as_bytes(), &[pepper]);
        assert_eq!(by_scheme, Ok(digest));
    }
}

#[test]
fn peppers_that_are_none_are_refused() {
    for case in vectors().malformed_peppers {
        let secret = Fill::text(case.fill.as_ref(), &case.secret);
        let error = pepper(&case.pepper, &secret).expect_err(&case.name);
        assert_eq!(error.code(), Code::InvalidArgument, "{}", case.name);
    }
}

fn pepper(name: &str, secret: &str) -> Result<Pepper, Error> {
    Pepper::new(name.parse()?, secret.as_bytes())
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
