//! Constraints against a second, slower reading of docs/format.md: 0 and bytes that were signed as the limits of a key
//! although nobody packed them; 1 and lists that are packed; 2 and the text of a network. A call is allowed exactly where
//! it is within.
#![no_main]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use keyward::access::{Constraint, ConstraintValue, Context, Value};
use keyward::key::{Digest, KeyId};
use keyward::profile::Profile;
use keyward::request::Network;
use keyward::snapshot::{
    Head, Keyring, LiveKey, ShardBuilder, ShardRef, SignedKeyring, SigningKey, Snapshot,
};
use keyward::time::Timestamp;
use keyward::verify::{Ask, Reason, Record, Verifier};
use libfuzzer_sys::fuzz_target;

const KEY: &[u8] = b"es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";
const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000).expect("after 1970");
const NAMES: [&str; 3] = ["t", "n", "ip"];

static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
    let text = r#"
        schema_version = 1
        id = "small"
        title = "s"
        key = { prefix = "es" }
        request = { transports = ["bearer"], realm = "" }
        scopes = [{ id = "r", title = "r" }, { id = "w", title = "w" }]
        levels = [{ id = "all", title = "a", everything = true }]
        routes = [{ scope = "r", calls = ["GET /r"] }, { scope = "w", calls = ["GET /w"] }]
        constraints = [
            { name = "t", title = "t", kind = "text", applies_to = ["r"] },
            { name = "n", title = "n", kind = "integer", max_values = 1000 },
            { name = "ip", title = "i", kind = "network" },
        ]
    "#;
    Profile::from_toml(text).expect("a good profile")
});

/// A shard of one key that is limited, up to its limits, which come last.
static SHARD: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut builder = ShardBuilder::new(1, 1, PROFILE.clone());
    let limits = [("n", Constraint::only([7]).expect("a value"))];
    let live = LiveKey {
        id: KeyId::from_u64(1).expect("small"),
        digest: &Digest::sha256_of(KEY),
        account: "a",
        level: "all",
        expires_at: None,
        subject: None,
        meta: None,
        constraints: &limits,
        rate: None,
    };
    builder.key(&live).expect("a good record");
    let mut shard = builder.finish().expect("a small shard");
    let length = u32::from_le_bytes(shard[LENGTH..LENGTH + 4].try_into().expect("four bytes"));
    shard.truncate(shard.len() - length as usize);
    shard
});

static ROOT: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(&[1; 32]));
static ONLINE: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(&[2; 32]));
static KEYRING: LazyLock<SignedKeyring> = LazyLock::new(|| {
    let keyring = Keyring {
        keyspace: "k".into(),
        era: 1,
        keys: vec![ONLINE.public()],
    };
    keyring.sign(&ROOT)
});

/// Where the length of the limits stands.
const LENGTH: usize = 24 + 10 * 4;

/// What a key may use of one dimension.
type List = Vec<Given>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Given {
    Number(i64),
    Text(String),
    /// The first bits of an address, as digits.
    Bits(String),
}

fuzz_target!(|input: &[u8]| {
    match input.split_first() {
        Some((0, bytes)) => signed(bytes),
        Some((1, bytes)) => packed(&mut Bytes(bytes)),
        Some((2, bytes)) => network(bytes),
        _ => {}
    }
});

/// Signs these bytes as limits and asks about the key.
fn signed(limits: &[u8]) {
    let mut shard = SHARD.clone();
    let length = u32::try_from(limits.len()).expect("inputs are short");
    shard[LENGTH..LENGTH + 4].copy_from_slice(&length.to_le_bytes());
    shard.extend(limits);
    let head = Head {
        keyspace: "k".into(),
        era: 1,
        epoch: 1,
        issued_at: NOW,
        fresh_for_seconds: 60,
        valid_until: NOW.saturating_add_millis(60_000),
        shards: vec![ShardRef::of(&shard)],
    };
    let head = head.sign(&ONLINE, &KEYRING);
    let snapshot = Snapshot::open(&head, shard, &[ROOT.public()], None, (0, 0), Vec::new());
    let verifier = snapshot
        .expect("limits are read when their key is used")
        .verifier;
    let lists = read(limits);
    // What is listed first in each dimension, in all of them.
    let first = lists.iter().flatten();
    let first: Vec<_> = first
        .filter_map(|(name, list)| said_of(name, list))
        .collect();
    let nothing = [("t", Value::Empty), ("n", Value::Empty)];
    let client = inside(&lists).or(Some(IpAddr::from([10, 0, 0, 1])));
    check(&verifier, lists.as_deref(), &first, client);
    check(&verifier, lists.as_deref(), &first, None);
    check(&verifier, lists.as_deref(), &nothing, client);
    check(&verifier, lists.as_deref(), &[], client);
}

fn said_of<'a>(name: &'static str, list: &'a List) -> Option<(&'static str, Value<'a>)> {
    match list.first()? {
        Given::Number(number) => Some((name, Value::Integer(*number))),
        Given::Text(text) => Some((name, Value::Text(text))),
        Given::Bits(_) => None,
    }
}

/// An address of the first network that is listed.
fn inside(lists: &Option<Vec<(&'static str, List)>>) -> Option<IpAddr> {
    let lists = lists.iter().flatten();
    let mut bits = lists
        .flat_map(|(_, list)| list)
        .filter_map(|given| match given {
            Given::Bits(bits) => Some(bits),
            _ => None,
        });
    let (family, bits) = bits.next()?.split_once(':')?;
    Some(match family {
        "4" => Ipv4Addr::from_bits(u32::from_str_radix(&format!("{bits:0<32}"), 2).ok()?).into(),
        _ => Ipv6Addr::from_bits(u128::from_str_radix(&format!("{bits:0<128}"), 2).ok()?).into(),
    })
}

/// Packs lists as records hold them, if they can be packed.
fn packed(input: &mut Bytes<'_>) {
    let mut record = Record::new("record", Digest::sha256_of(KEY)).level("all");
    let mut lists = Vec::new();
    for name in NAMES {
        let (constraint, list) = match input.byte() {
            0 => continue,
            255 => (Constraint::All, None),
            count => {
                let values: Vec<_> = (0..count % 5).map(|_| value(name, input)).collect();
                let Ok(only) = Constraint::only(values.clone()) else {
                    assert!(values.is_empty());
                    return;
                };
                (only, Some(values))
            }
        };
        record = record.constraint(name, constraint);
        lists.extend(list.map(|list| (name, list)));
    }
    let built = Verifier::builder(PROFILE.clone()).record(record).build();
    let expected: Option<Vec<_>> = lists
        .into_iter()
        .map(|(name, list)| {
            Some((
                name,
                list.iter()
                    .map(|value| given(name, value))
                    .collect::<Option<List>>()?,
            ))
        })
        .collect();
    assert_eq!(built.is_ok(), expected.is_some(), "{built:?}");
    let (Ok(verifier), Some(lists)) = (built, expected) else {
        return;
    };
    let client = match input.byte() {
        4 => Some(IpAddr::from(input.array::<4>())),
        6 => Some(IpAddr::from(input.array::<16>())),
        _ => inside(&Some(lists.clone())),
    };
    let texts: Vec<_> = (0..4)
        .map(|_| (input.byte(), input.text(), input.array()))
        .collect();
    let mut said: Vec<_> = texts
        .iter()
        .filter_map(|(kind, text, number)| match kind {
            b't' => Some(("t", Value::Text(text))),
            b'n' => Some(("n", Value::Integer(i64::from_le_bytes(*number)))),
            b'e' => Some(("n", Value::Empty)),
            b'x' => Some(("t", Value::Integer(i64::from_le_bytes(*number)))),
            _ => None,
        })
        .collect();
    check(&verifier, Some(&lists), &said, client);
    said.extend(lists.iter().filter_map(|(name, list)| said_of(name, list)));
    check(&verifier, Some(&lists), &said, client);
}

/// A value for a dimension, of its kind or not.
fn value(name: &str, input: &mut Bytes<'_>) -> ConstraintValue {
    match (name, input.byte()) {
        (_, 0) | ("n", 1..) => ConstraintValue::Integer(i64::from_le_bytes(input.array())),
        ("ip", 4) => {
            let [prefix, address @ ..] = input.array::<5>();
            ConstraintValue::Text(format!("{}/{prefix}", Ipv4Addr::from(address)).into())
        }
        ("ip", 6) => {
            let [prefix] = input.array();
            let address = Ipv6Addr::from(input.array::<16>());
            ConstraintValue::Text(format!("{address}/{prefix}").into())
        }
        _ => ConstraintValue::Text(input.text().into()),
    }
}

/// The value as the dimension has it, if it has it.
fn given(name: &str, value: &ConstraintValue) -> Option<Given> {
    match (name, value) {
        ("n", ConstraintValue::Integer(number)) => {
            (number.unsigned_abs() < 1 << 53).then_some(Given::Number(*number))
        }
        ("t", ConstraintValue::Text(text)) => {
            let holds = !text.is_empty() && text.len() <= 128 && !text.contains(char::is_control);
            holds.then(|| Given::Text(text.to_string()))
        }
        ("ip", ConstraintValue::Text(text)) => bits_of(text).map(Given::Bits),
        _ => None,
    }
}

/// The digits that all addresses of a network begin with, behind its family.
fn bits_of(text: &str) -> Option<String> {
    let (address, prefix) = text
        .split_once('/')
        .map_or((text, None), |(a, b)| (a, Some(b)));
    let address: IpAddr = address.parse().ok()?;
    let (family, digits) = digits(address);
    if family == '6' && digits.starts_with(&format!("{}{}", "0".repeat(80), "1".repeat(16))) {
        return None;
    }
    let prefix = match prefix {
        None => digits.len(),
        Some(prefix) => {
            let number: usize = prefix.parse().ok()?;
            (number.to_string() == prefix).then_some(number)?
        }
    };
    let (network, rest) = digits.split_at_checked(prefix)?;
    (!rest.contains('1')).then(|| format!("{family}:{network}"))
}

fn digits(address: IpAddr) -> (char, String) {
    match address {
        IpAddr::V4(address) => ('4', format!("{:032b}", address.to_bits())),
        IpAddr::V6(address) => ('6', format!("{:0128b}", address.to_bits())),
    }
}

/// The limits as docs/format.md writes them; none where they do not read. Something else may follow.
fn read(limits: &[u8]) -> Option<Vec<(&'static str, List)>> {
    let mut rest = limits;
    let mut lists: Vec<(&'static str, List)> = Vec::new();
    let mut last = None;
    let [count] = take(&mut rest)?;
    for _ in 0..count {
        let [position] = take(&mut rest)?;
        let count = u16::from_le_bytes(take(&mut rest)?);
        let length = u32::from_le_bytes(take(&mut rest)?) as usize;
        let (mut values, after) = rest.split_at_checked(length)?;
        rest = after;
        let name = *NAMES.get(usize::from(position))?;
        if last >= Some(position) || count == 0 {
            return None;
        }
        last = Some(position);
        let list: Option<List> = (0..count)
            .map(|_| match name {
                "n" => take(&mut values).map(|number| Given::Number(i64::from_le_bytes(number))),
                "t" => {
                    let length = u16::from_le_bytes(take(&mut values)?);
                    let (text, after) = values.split_at_checked(usize::from(length))?;
                    values = after;
                    Some(Given::Text(std::str::from_utf8(text).ok()?.to_owned()))
                }
                _ => {
                    let [family, prefix, address @ ..] = take::<18>(&mut values)?;
                    let address = u128::from_be_bytes(address);
                    let address = match family {
                        4 => IpAddr::from(Ipv4Addr::from_bits(u32::try_from(address).ok()?)),
                        6 => IpAddr::from(Ipv6Addr::from_bits(address)),
                        _ => return None,
                    };
                    bits_of(&format!("{address}/{prefix}")).map(Given::Bits)
                }
            })
            .collect();
        lists.push((name, list.filter(|_| values.is_empty())?));
    }
    (!lists.is_empty()).then_some(lists)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*taken)
}

/// Holds the verifier to the lists; none: they cannot be read.
fn check(
    verifier: &Verifier,
    lists: Option<&[(&'static str, List)]>,
    said: &[(&str, Value<'_>)],
    client: Option<IpAddr>,
) {
    let context = Context {
        client,
        values: said,
    };
    let call = |path: &'static [u8]| Ask::Call {
        method: b"GET",
        path,
    };
    for (ask, texts, numbers) in [
        (Ask::Alive, false, false),
        (call(b"/r"), true, true),
        (call(b"/w"), false, true),
        (call(b"/unlisted"), true, true),
        (Ask::Scope("w"), false, true),
        (Ask::Scope("unheard"), true, true),
    ] {
        let reason = verifier.verify_key(KEY, ask, context, NOW).reason();
        let Some(lists) = lists else {
            // What is violated before that which cannot be read may be said first.
            assert!(matches!(
                reason,
                Some(Reason::Internal | Reason::ConstraintViolated)
            ));
            continue;
        };
        let within = lists.iter().all(|(name, list)| match *name {
            "t" if !texts => true,
            "n" if !numbers => true,
            "ip" => client.is_some_and(|client| {
                let (family, digits) = digits(client.to_canonical());
                let client = format!("{family}:{digits}");
                list.iter()
                    .any(|given| matches!(given, Given::Bits(bits) if client.starts_with(bits)))
            }),
            name => {
                let mut said = said.iter().filter(|(said, _)| *said == name).peekable();
                said.peek().is_some()
                    && said.all(|(_, value)| match value {
                        Value::Integer(number) => list.contains(&Given::Number(*number)),
                        Value::Text(text) => list.contains(&Given::Text((*text).to_owned())),
                        Value::Empty => false,
                    })
            }
        });
        let expected = if within {
            None
        } else {
            Some(Reason::ConstraintViolated)
        };
        assert_eq!(reason, expected, "{lists:?} {said:?} {client:?}");
    }
}

/// A network's text has one meaning, and the library's own text is one of it.
fn network(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let network = text.parse::<Network>();
    assert_eq!(network.is_ok(), bits_of(text).is_some(), "{text}");
    if let Ok(network) = network {
        let again = network.to_string();
        assert_eq!(again.parse(), Ok(network));
        assert_eq!(bits_of(&again), bits_of(text));
    }
}

/// Takes values off the input; what is not there is zero.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        let [byte] = self.array();
        byte
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let taken = self.0.len().min(N);
        let (bytes, rest) = self.0.split_at(taken);
        self.0 = rest;
        let mut array = [0; N];
        array[..taken].copy_from_slice(bytes);
        array
    }

    /// Behind its length of one byte.
    fn text(&mut self) -> String {
        let length = usize::from(self.byte()).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }
}
