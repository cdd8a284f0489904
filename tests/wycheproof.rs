//! Project Wycheproof's vectors: what an update of a dependency must not loosen.
//!
//! Those of Ed25519 go through the one call that checks snapshot signatures, `verify_strict`, which refuses more than
//! RFC 8032 asks for (keys and R of small order), none of which is among the valid vectors. Those of HMAC-SHA-256 go
//! through peppers.
#![cfg(not(target_family = "wasm"))]

use ed25519_dalek::{Signature, VerifyingKey};
use keyward::key::Pepper;
use wycheproof::TestResult;
use wycheproof::{eddsa, mac};

fn verifies(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (key.try_into(), Signature::from_slice(signature)) else {
        return false;
    };
    VerifyingKey::from_bytes(key).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

#[test]
fn all_ed25519_vectors() {
    let set =
        eddsa::TestSet::load(eddsa::TestName::Ed25519).expect("vectors that come with the crate");
    let mut valid = 0;
    let mut invalid = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            let verified = verifies(&group.key.pk, &test.msg, &test.sig);
            let expected = match test.result {
                TestResult::Valid => true,
                TestResult::Invalid => false,
                TestResult::Acceptable => panic!("vector {} decides nothing", test.tc_id),
            };
            assert_eq!(verified, expected, "{}: {}", test.tc_id, test.comment);
            if expected {
                valid += 1;
            } else {
                invalid += 1;
            }
        }
    }
    assert_eq!((valid, invalid), (88, 63));
}

/// A key of small order, under which anyone can make signatures that a lenient check accepts.
#[test]
fn a_key_of_small_order_verifies_nothing() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let mut signature = [0; 64];
    signature[0] = 1;
    let key = VerifyingKey::from_bytes(&neutral).expect("a point of the curve");
    let signature = Signature::from_bytes(&signature);
    let lenient = ed25519_dalek::Verifier::verify(&key, b"anything", &signature);
    assert!(lenient.is_ok(), "what strictness is for");
    assert!(key.verify_strict(b"anything", &signature).is_err());
}

#[test]
fn all_hmac_sha256_vectors() {
    let set =
        mac::TestSet::load(mac::TestName::HmacSha256).expect("vectors that come with the crate");
    let mut valid = 0;
    let mut invalid = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            let id = "wycheproof".parse().expect("a good name");
            let pepper = Pepper::new(id, &test.key).expect("no vector's key is too short for one");
            let digest = pepper.digest(&test.msg);
            // Some tags are the first half of a code.
            let fits = digest.bytes()[..group.tag_size / 8] == test.tag[..];
            let expected = match test.result {
                TestResult::Valid => true,
                TestResult::Invalid => false,
                TestResult::Acceptable => panic!("vector {} decides nothing", test.tc_id),
            };
            assert_eq!(fits, expected, "{}: {}", test.tc_id, test.comment);
            if expected {
                valid += 1;
            } else {
                invalid += 1;
            }
        }
    }
    assert_eq!((valid, invalid), (66, 108));
}
