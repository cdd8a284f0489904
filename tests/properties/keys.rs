//! Keys: what was made is read and found again, and nothing near it is.

use std::cell::RefCell;

use keyward::access::Context;
use keyward::env::Entropy;
use keyward::key::{Digest, KeyFormat, KeyId, checksum};
use keyward::profile::Profile;
use keyward::snapshot::{LiveKey, ShardBuilder};
use keyward::time::Timestamp;
use keyward::verify::{Ask, Reason, Record, Verifier};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000).expect("after 1970");

/// Hands out the bytes of a test case, then zeros.
struct Given(RefCell<Vec<u8>>);

impl Entropy for Given {
    fn fill(&self, bytes: &mut [u8]) {
        let mut given = self.0.borrow_mut();
        for byte in bytes {
            *byte = given.pop().unwrap_or(0);
        }
    }
}

fn format() -> impl Strategy<Value = KeyFormat> {
    "[A-Za-z0-9]{1,6}(_[A-Za-z0-9]{1,6}){0,2}"
        .prop_map(|prefix| KeyFormat::checksummed(&prefix).expect("a good prefix"))
}

/// A key of the profile `esputnik`, told by a number.
fn numbered(number: u64) -> String {
    let body = format!("{number:030}");
    let digits = checksum(body.as_bytes());
    format!("es_{body}{}", std::str::from_utf8(&digits).expect("ASCII"))
}

fn profile() -> Profile {
    Profile::preset("esputnik").expect("a preset")
}

proptest! {
    #[test]
    fn a_generated_key_reads_back(format in format(), random in prop::collection::vec(any::<u8>(), 0..200)) {
        let key = format.generate(None, &Given(RefCell::new(random))).expect("needs no account");
        let parsed = format.parse(key.expose().as_bytes()).expect("its own key");
        prop_assert_eq!(parsed.prefix, format.prefix());
        let digits = parsed.checksum.expect("checksummed");
        prop_assert_eq!(checksum(parsed.body.as_bytes()), digits.as_bytes());
        prop_assert_eq!(
            format!("{}_{}{digits}", parsed.prefix.expect("checksummed"), parsed.body),
            key.expose()
        );
        let hint = format.hint(&key);
        let shown = hint.chars().filter(|&shown| shown != '…').count();
        prop_assert!(shown * 4 <= key.expose().len(), "{}", hint);
    }

    #[test]
    fn no_edit_of_a_key_is_a_key(
        format in format(),
        random in prop::collection::vec(any::<u8>(), 48),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let key = format.generate(None, &Given(RefCell::new(random))).expect("needs no account");
        let key = key.expose().as_bytes();
        let at = at.index(key.len());
        let mut edits = vec![key[..at].to_vec(), key[at + 1..].to_vec()];
        let mut replaced = key.to_vec();
        replaced[at] = byte;
        let mut exchanged = key.to_vec();
        exchanged.swap(at, (at + 1) % key.len());
        let mut inserted = key.to_vec();
        inserted.insert(at, byte);
        let mut removed = key.to_vec();
        removed.remove(at);
        edits.extend([replaced, exchanged, inserted, removed, key.to_ascii_lowercase(), key.to_ascii_uppercase()]);
        for edit in edits.iter().filter(|&edit| edit != key) {
            let error = format.parse(edit).expect_err("an edited key");
            prop_assert!(error.at() <= edit.len());
        }
    }

    #[test]
    fn only_keys_parse(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let format = KeyFormat::checksummed("es").expect("a good prefix");
        let is_key = bytes.len() == 39
            && bytes.starts_with(b"es_")
            && bytes[3..].iter().all(u8::is_ascii_alphanumeric)
            && checksum(&bytes[3..33]) == bytes[33..];
        prop_assert_eq!(format.parse(&bytes).is_ok(), is_key);
    }

    #[test]
    fn texts_of_digests_and_ids_have_one_spelling(bytes in any::<[u8; 32]>(), number in 0u64..1 << 53, junk in "\\PC{0,80}") {
        let digest = Digest::from_sha256(bytes);
        prop_assert_eq!(digest.to_string().parse::<Digest>(), Ok(digest));
        let id = KeyId::from_u64(number).expect("53 bits");
        prop_assert_eq!(id.to_string().parse::<KeyId>(), Ok(id));
        if let Ok(read) = junk.parse::<Digest>() {
            prop_assert_eq!(read.to_string(), junk.clone());
        }
        if let Ok(read) = junk.parse::<KeyId>() {
            prop_assert_eq!(read.to_string(), junk);
        }
    }
}

/// Nobody can make such digests from keys; a lookup that trusted a part of the digest would take one for the other.
#[test]
fn digests_that_differ_in_one_bit_are_different_keys() {
    let key = numbered(1);
    let digest = Digest::sha256_of(key.as_bytes());
    let twin = |bit: usize| {
        let mut bytes = *digest.bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        Record::new("twin", Digest::from_sha256(bytes)).level("events")
    };
    let ask = |records: Vec<Record>| {
        let verifier = Verifier::builder(profile()).records(records).build();
        let verifier = verifier.expect("good records");
        let decision = verifier.verify_key(key.as_bytes(), Ask::Alive, Context::default(), NOW);
        decision.grant().map(keyward::verify::Grant::key_id)
    };
    for bit in 0..256 {
        let own = Record::new("own", digest).level("events");
        assert_eq!(ask(vec![twin(bit)]), None, "bit {bit}");
        assert_eq!(
            ask(vec![twin(bit), own]).as_deref(),
            Some("own"),
            "bit {bit}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Sizes around the directory's steps, and any others.
    #[test]
    fn a_table_finds_what_was_put_in_and_nothing_else(
        count in prop_oneof![0u64..40, 0u64..5_000],
        first in 0u64..1 << 40,
    ) {
        let keys: Vec<String> = (first..first + count).map(numbered).collect();
        let digests: Vec<Digest> = keys.iter().map(|key| Digest::sha256_of(key.as_bytes())).collect();
        let records = keys.iter().zip(&digests).map(|(key, &digest)| Record::new(key, digest).level("events"));
        let verifier = Verifier::builder(profile()).records(records).build().expect("good records");
        for key in &keys {
            let decision = verifier.verify_key(key.as_bytes(), Ask::Alive, Context::default(), NOW);
            prop_assert_eq!(&decision.grant().expect("its own key").key_id(), key);
        }
        for number in first + count..first + count + 500 {
            let decision = verifier.verify_key(numbered(number).as_bytes(), Ask::Alive, Context::default(), NOW);
            prop_assert_eq!(decision.reason(), Some(Reason::UnknownKey));
        }

        let mut shard = ShardBuilder::new(1, 1, profile());
        for (number, digest) in (first..).zip(&digests) {
            let id = KeyId::from_u64(number).expect("53 bits");
            let live = LiveKey {
                id,
                digest,
                account: "a",
                level: "events",
                expires_at: None,
                subject: None,
                meta: None,
                constraints: &[],
                rate: None,
            };
            shard.key(&live).expect("a good record");
        }
        let length = shard.finish().expect("a small shard").len();
        // 48 bytes a key, at most 16 for its place among them, and what all keys share.
        let bound = profile().compile().len() + 200 + keys.len() * 64;
        prop_assert!(length <= bound, "{} keys in {} bytes", count, length);
    }
}
