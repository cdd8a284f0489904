//! Signed shards whose constraints or digest schemes are not what this crate writes: an error or a denial, whatever is
//! asked and said. A limit that nobody can read must not be no limit.

use keyward::access::{Context, Value};
use keyward::error::Code;
use keyward::verify::{Ask, Reason};

use crate::forge::{self, EPOCH, ERA, LIMIT_INDEX, LIMITS, NOW, SCHEMES};
use crate::{CALL, FREE, LIMITED, PEPPERED, SEND, WITHIN, shard, signed};

/// The shard with one section exchanged for other bytes.
fn with(section: usize, bytes: &[u8]) -> Vec<u8> {
    let shard = shard(ERA, EPOCH);
    let place = forge::sections(&shard)[section].clone();
    let mut changed = [&shard[..place.start], bytes, &shard[place.end..]].concat();
    let length = u32::try_from(bytes.len()).expect("short");
    changed[24 + section * 4..][..4].copy_from_slice(&length.to_le_bytes());
    changed
}

/// What comes of a key that is limited, for everything that can be asked and much that can be said.
fn reasons(shard: &[u8], key: &str) -> Vec<Option<Reason>> {
    let snapshot = signed(shard).expect("what a record refers to is looked at when the record is");
    let client = WITHIN.client;
    let contexts = [
        WITHIN,
        Context::default(),
        Context {
            client: Some("::1".parse().expect("an address")),
            values: &[("t", Value::Text("one")), ("n", Value::Integer(0))],
        },
        Context {
            client,
            values: &[("t", Value::Empty), ("n", Value::Empty)],
        },
        Context {
            client: Some("0.0.0.0".parse().expect("an address")),
            values: &[("t", Value::Text("")), ("n", Value::Integer(-1))],
        },
    ];
    let mut reasons = Vec::new();
    for context in contexts {
        for ask in [
            CALL,
            SEND,
            Ask::Alive,
            Ask::Scope("a.send"),
            Ask::Scope("a.read"),
        ] {
            let decision =
                snapshot
                    .verifier
                    .verify_key(key.as_bytes(), ask, context, forge::at(NOW));
            let explained =
                snapshot
                    .verifier
                    .explain_key(key.as_bytes(), ask, context, Some(forge::at(NOW)));
            let reason = decision.reason();
            assert_eq!(explained.reason, reason.map(Reason::as_str));
            reasons.push(reason);
        }
    }
    reasons
}

fn is_denied(shard: &[u8], key: &str, what: &str) {
    for reason in reasons(shard, key) {
        let as_it_should = matches!(reason, Some(Reason::Internal | Reason::ConstraintViolated));
        assert!(as_it_should, "{what}: {reason:?}");
    }
}

#[test]
fn the_limits_as_they_are_written_allow_what_is_within() {
    let shard = shard(ERA, EPOCH);
    let first = |key| reasons(&shard, key)[0];
    assert_eq!([FREE, LIMITED, PEPPERED].map(first), [None; 3]);
    // Section by section it is as it was.
    let place = forge::sections(&shard)[LIMITS].clone();
    assert_eq!(with(LIMITS, &shard[place]), shard);
}

#[test]
fn limits_that_are_cut_short_deny() {
    let whole = shard(ERA, EPOCH);
    let sections = forge::sections(&whole);
    let limits = &whole[sections[LIMITS].clone()];
    let places = whole[sections[LIMIT_INDEX].clone()].chunks_exact(4);
    let places = places.map(|place| u32::from_le_bytes(place.try_into().expect("four bytes")));
    // Those of one key stand before those of the other.
    let second = places.max().expect("three keys") as usize - 1;
    for length in 0..limits.len() {
        let cut = with(LIMITS, &limits[..length]);
        let what = format!("cut to {length}");
        is_denied(&cut, PEPPERED, &what);
        if length < second {
            is_denied(&cut, LIMITED, &what);
        }
        assert_eq!(reasons(&cut, FREE)[0], None, "{what}");
    }
}

#[test]
fn dimensions_that_do_not_read_deny() {
    let good = integers(0, 1, 8, &[42]);
    for (what, limits) in [
        ("nothing", vec![]),
        ("no dimension", vec![0]),
        ("no dimension, and one", limits(0, &[&good])),
        ("more than there are", limits(2, &[&good])),
        ("255 of them", limits(255, &[&good])),
        ("one that is none", limits(1, &[&integers(3, 1, 8, &[42])])),
        (
            "the last of 8 bits",
            limits(1, &[&integers(255, 1, 8, &[42])]),
        ),
        ("one twice", limits(2, &[&good, &good])),
        ("out of order", limits(2, &[&text(3, b"two"), &good])),
    ] {
        is_denied(&at_the_end(&limits), LIMITED, what);
    }
}

#[test]
fn values_that_do_not_read_deny() {
    for (what, dimension) in [
        ("none", integers(0, 0, 0, &[])),
        ("none, and one", integers(0, 0, 8, &[42])),
        ("more than there are", integers(0, 2, 8, &[42])),
        ("65,535 of them", integers(0, u16::MAX, 8, &[42])),
        ("fewer than there are", integers(0, 1, 16, &[42, 43])),
        ("a length beyond the end", integers(0, 1, 9, &[42])),
        ("the largest length", integers(0, 1, u32::MAX, &[42])),
        ("a length within the value", integers(0, 1, 7, &[42])),
        ("no length", integers(0, 1, 0, &[42])),
        ("a text beyond its values", text(4, b"two")),
        ("a text of the largest length", text(u16::MAX, b"two")),
        ("a text and more", text(2, b"two")),
        ("a text that is not UTF-8", text(3, b"t\xffo")),
        ("a text cut within a character", text(1, b"\xc3")),
        ("a network of family 0", network(0, 8, 10 << 24)),
        ("a network of family 5", network(5, 8, 10 << 24)),
        ("an IPv4 prefix of 33 bits", network(4, 33, 10 << 24)),
        ("an IPv6 prefix of 129 bits", network(6, 129, 1 << 120)),
        ("a prefix of 255 bits", network(6, 255, 0)),
        ("bits behind the prefix", network(4, 8, 10 << 24 | 1)),
        ("an IPv4 address beyond 32 bits", network(4, 0, 1 << 32)),
        ("IPv4 as IPv6", network(6, 104, 0xffff << 32 | 10 << 24)),
        ("17 bytes of network", dimension(2, 1, 17, &[4; 17])),
    ] {
        is_denied(&at_the_end(&limits(1, &[&dimension])), LIMITED, what);
    }
}

#[test]
fn limits_that_are_not_where_they_should_be_deny() {
    let whole = shard(ERA, EPOCH);
    let limits = forge::sections(&whole)[LIMITS].len();
    let beyond = u32::try_from(limits).expect("short") + 1;
    for place in [beyond, beyond + 1, 1 << 30, 1 << 31, u32::MAX - 1, u32::MAX] {
        let shard = with(LIMIT_INDEX, &[place.to_le_bytes(); 3].concat());
        for key in [FREE, LIMITED, PEPPERED] {
            is_denied(&shard, key, &format!("at {place}"));
        }
    }
}

#[test]
fn schemes_that_are_none_are_refused() {
    let scheme = |text: &str| {
        let length = u8::try_from(text.len()).expect("short");
        [&[length], text.as_bytes()].concat()
    };
    let schemes = |count: u8, texts: &[&str]| {
        let texts: Vec<u8> = texts.iter().flat_map(|text| scheme(text)).collect();
        [&[count], &texts[..]].concat()
    };
    let code = |bytes: &[u8]| {
        let opened = signed(&with(SCHEMES, bytes));
        opened.map(|_| ()).map_err(|error| error.code())
    };
    let (sha256, pepper) = ("sha256", "hmac-sha256:p");
    assert_eq!(code(&schemes(2, &[sha256, pepper])), Ok(()));
    for (what, bytes) in [
        ("nothing", vec![]),
        ("none, with records", schemes(0, &[])),
        ("none, and two", schemes(0, &[sha256, pepper])),
        ("one, and another", schemes(1, &[sha256, pepper])),
        ("three, two there", schemes(3, &[sha256, pepper])),
        ("three", schemes(3, &[sha256, pepper, "hmac-sha256:q"])),
        ("255", schemes(255, &[sha256, pepper])),
        ("one twice", schemes(2, &[sha256, sha256])),
        ("one pepper twice", schemes(2, &[pepper, pepper])),
        ("an unknown one", schemes(2, &["sha512", pepper])),
        ("one in capitals", schemes(2, &["SHA256", pepper])),
        ("no pepper's name", schemes(2, &[sha256, "hmac-sha256:"])),
        ("no pepper", schemes(2, &[sha256, "hmac-sha256"])),
        (
            "a pepper that cannot be named so",
            schemes(2, &[sha256, "hmac-sha256:P"]),
        ),
        (
            "a pepper of 17 characters",
            schemes(2, &[sha256, "hmac-sha256:0123456789abcdefg"]),
        ),
        ("an empty one", schemes(2, &["", pepper])),
        (
            "a length beyond the end",
            [&[1, 7], sha256.as_bytes()].concat(),
        ),
        (
            "the largest length",
            [&[1, 255], sha256.as_bytes()].concat(),
        ),
        (
            "one that is not UTF-8",
            [&[1, 6][..], b"sha25\xff"].concat(),
        ),
        (
            "one, and a byte",
            [&schemes(2, &[sha256, pepper])[..], &[0]].concat(),
        ),
    ] {
        assert_eq!(code(&bytes), Err(Code::InvalidSnapshot), "{what}");
    }
    let missing = schemes(2, &[sha256, "hmac-sha256:q"]);
    assert_eq!(code(&missing), Err(Code::MissingPepper));
}

/// Digests that were made by one scheme are found by no other.
#[test]
fn schemes_that_were_exchanged_find_nothing() {
    let exchanged = with(SCHEMES, b"\x02\x0dhmac-sha256:p\x06sha256");
    for key in [FREE, LIMITED, PEPPERED] {
        for reason in reasons(&exchanged, key) {
            assert_eq!(reason, Some(Reason::UnknownKey));
        }
    }
    let one = with(SCHEMES, b"\x01\x06sha256");
    assert_eq!(reasons(&one, FREE)[0], None);
    for reason in reasons(&one, PEPPERED) {
        assert_eq!(reason, Some(Reason::UnknownKey));
    }
}

fn integers(position: u8, count: u16, length: u32, values: &[i64]) -> Vec<u8> {
    let values: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    dimension(position, count, length, &values)
}

fn text(length: u16, text: &[u8]) -> Vec<u8> {
    let value = [&length.to_le_bytes(), text].concat();
    dimension(1, 1, u32::try_from(value.len()).expect("short"), &value)
}

fn network(family: u8, prefix: u8, address: u128) -> Vec<u8> {
    let value = [&[family, prefix], &address.to_be_bytes()[..]].concat();
    dimension(2, 1, 18, &value)
}

fn dimension(position: u8, count: u16, length: u32, values: &[u8]) -> Vec<u8> {
    [
        &[position],
        &count.to_le_bytes()[..],
        &length.to_le_bytes(),
        values,
    ]
    .concat()
}

fn limits(count: u8, dimensions: &[&[u8]]) -> Vec<u8> {
    [&[count], &dimensions.concat()[..]].concat()
}

/// The shard with these limits for every key, at the end of their section: nothing may follow that makes them whole.
fn at_the_end(limits: &[u8]) -> Vec<u8> {
    let mut shard = with(LIMITS, limits);
    let index = forge::sections(&shard)[LIMIT_INDEX].clone();
    for place in shard[index].chunks_exact_mut(4) {
        place.copy_from_slice(&1u32.to_le_bytes());
    }
    shard
}
