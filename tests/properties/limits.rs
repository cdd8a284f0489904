//! Decisions about keys that are limited, rotated and digested under peppers, against a reading of docs/format.md that
//! shares nothing with the library: from records, and from a signed shard that grows stale.

use std::net::IpAddr;
use std::sync::LazyLock;

use keyward::access::{
    Constraint, ConstraintValue, Context, LimitValue, RouteAccess, RouteRule, Value,
};
use keyward::key::{Digest, KeyId, Pepper, checksum};
use keyward::profile::Profile;
use keyward::snapshot::{Head, Keyring, LiveKey, ShardBuilder, ShardRef, SigningKey, Snapshot};
use keyward::time::Timestamp;
use keyward::verify::{Ask, Decision, Grant, Reason, Record, Status, Verifier};
use proptest::prelude::*;

use crate::routes::{naive, naive_strict};

const START: i64 = 1_790_000_000_000;
/// The scopes that levels open, written down once more.
const LEVELS: [(&str, &[&str]); 2] = [
    ("reader", &["mails.read", "contacts.read"]),
    (
        "sender",
        &["mails.read", "contacts.read", "mails.send", "keys"],
    ),
];
const DIMENSIONS: [&str; 4] = ["channel", "domain", "tenant", "ip"];

static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
    Profile::from_toml(include_str!("../vectors/mailroom.toml")).expect("a good profile")
});

#[derive(Clone, Debug)]
struct Given {
    status: Status,
    rights: Rights,
    expires_in: Option<i64>,
    /// By which of the two schemes, and when it ends; the first one never does.
    digests: Vec<(usize, Option<i64>)>,
    /// By dimension: not named, all, or a list.
    constraints: [Named; 4],
}

#[derive(Clone, Debug)]
enum Rights {
    Level(&'static str),
    Scopes(&'static str, &'static [&'static str]),
}

#[derive(Clone, Debug)]
enum Named {
    Not,
    All,
    Only(Vec<Said>),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Number(i64),
    Text(&'static str),
}

/// What a call says, and where from.
#[derive(Clone, Debug)]
struct Call {
    values: Vec<(&'static str, Option<Said>)>,
    client: Option<&'static str>,
}

#[derive(Clone, Debug)]
enum Asked {
    Alive,
    Scope(&'static str),
    Path(&'static str, &'static str),
    Route(&'static str, &'static str),
}

fn text(values: &[&'static str]) -> BoxedStrategy<Said> {
    prop::sample::select(values.to_vec())
        .prop_map(Said::Text)
        .boxed()
}

fn number() -> BoxedStrategy<Said> {
    prop::sample::select(vec![
        0,
        1,
        -1,
        42,
        1 << 31,
        1 << 32,
        (1 << 53) - 1,
        1 - (1 << 53),
    ])
    .prop_map(Said::Number)
    .boxed()
}

/// Values that a key may list, by dimension.
fn listed(dimension: usize) -> BoxedStrategy<Said> {
    match dimension {
        0 => text(&["email", "sms", "push"]),
        1 => number(),
        2 => text(&["blue", "Blue", "blü", "red"]),
        _ => text(&[
            "10.0.0.0/8",
            "10.1.0.0/16",
            "0.0.0.0/0",
            "::/0",
            "2001:db8::/33",
            "192.0.2.7",
        ]),
    }
}

fn named(dimension: usize) -> impl Strategy<Value = Named> {
    prop_oneof![
        3 => Just(Named::Not),
        1 => Just(Named::All),
        3 => prop::collection::vec(listed(dimension), 1..4).prop_map(Named::Only),
    ]
}

fn given() -> impl Strategy<Value = Given> {
    let status = prop_oneof![
        8 => Just(Status::Active),
        1 => Just(Status::Disabled),
        1 => Just(Status::Deactivated),
    ];
    let rights = prop::sample::select(vec![
        Rights::Level("reader"),
        Rights::Level("sender"),
        Rights::Level("sender"),
        Rights::Level("admin"),
        Rights::Scopes("contacts.*", &["contacts.read", "contacts.write"]),
        Rights::Scopes("*.*.read", &["mails.archive.read"]),
    ]);
    let further = prop::collection::vec((0usize..2, prop::option::of(-3i64..4)), 0..3);
    let constraints = (named(0), named(1), named(2), named(3));
    (
        status,
        rights,
        prop::option::of(-3i64..4),
        0usize..2,
        further,
        constraints,
    )
        .prop_map(
            |(status, rights, expires_in, first, further, (channel, domain, tenant, ip))| {
                // The profile limits only these levels in it.
                let domain = match rights {
                    Rights::Level("sender" | "admin") => domain,
                    _ => Named::Not,
                };
                Given {
                    status,
                    rights,
                    expires_in,
                    digests: std::iter::once((first, None)).chain(further).collect(),
                    constraints: [channel, domain, tenant, ip],
                }
            },
        )
}

fn call() -> impl Strategy<Value = Call> {
    let said = prop_oneof![
        4 => listed(0),
        4 => listed(1),
        4 => listed(2),
        1 => text(&["", "EMAIL", "42", "10.0.0.1"]),
    ];
    // Mostly what the dimension could mean, sometimes what it cannot.
    let value = (0usize..3, any::<bool>(), said).prop_flat_map(|(dimension, fits, said)| {
        let own = if fits {
            listed(dimension)
        } else {
            Just(said).boxed()
        };
        (
            Just(DIMENSIONS[dimension]),
            prop::option::weighted(0.9, own),
        )
    });
    let client = prop::sample::select(vec![
        "10.1.2.3",
        "10.2.0.0",
        "::ffff:10.1.2.3",
        "192.0.2.7",
        "192.0.2.8",
        "2001:db8::1",
        "2001:db8:8000::1",
        "::10.1.2.3",
    ]);
    (prop::collection::vec(value, 0..6), prop::option::of(client))
        .prop_map(|(values, client)| Call { values, client })
}

fn asked() -> impl Strategy<Value = Asked> {
    let scope = prop::sample::select(vec![
        "mails.read",
        "mails.send",
        "mails.archive.read",
        "contacts.write",
        "keys",
        "contacts.*",
        "unheard.of",
    ]);
    let path = prop::sample::select(vec![
        ("GET", "/v2/mails"),
        ("POST", "/v2/mails"),
        ("GET", "/v2/mails/5"),
        ("DELETE", "/v2/mails/5"),
        ("GET", "/v2/contacts/7"),
        ("PATCH", "/v2/contacts/7"),
        ("GET", "/v2/archive/a/b"),
        ("GET", "/v2/archive/a/index"),
        ("GET", "/v2/archive"),
        ("GET", "/v2/keys"),
        ("POST", "/v2/keys/1/x"),
        ("POST", "/v2/Keys/"),
        ("POST", "/V2/%6dails"),
        ("GET", "/v2/imports"),
        ("GET", "/v2/imports/x"),
        ("GET", "/v2/Imports/x/"),
        ("GET", "/nowhere"),
    ]);
    let no_method = prop::sample::select(vec!["", "get", "Get", "*", "GET ", "G3T"]);
    prop_oneof![
        1 => Just(Asked::Alive),
        2 => scope.prop_map(Asked::Scope),
        4 => path.clone().prop_map(|(method, path)| Asked::Path(method, path)),
        2 => path.prop_map(|(method, path)| Asked::Route(method, path)),
        1 => no_method.prop_map(|method| Asked::Path(method, "/v2/contacts/7")),
    ]
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).expect("after 1970")
}

/// The key of a record's digest.
fn key(record: usize, digest: usize) -> String {
    let body = format!("{record:015}{digest:015}");
    let digits = checksum(body.as_bytes());
    format!("mr_{body}{}", std::str::from_utf8(&digits).expect("ASCII"))
}

fn pepper(name: &str) -> Pepper {
    Pepper::new(name.parse().expect("a name"), &[name.as_bytes()[0]; 32]).expect("32 bytes")
}

/// The two schemes of a table; none: SHA-256.
type Schemes = [Option<&'static str>; 2];

fn schemes() -> impl Strategy<Value = Schemes> {
    prop::sample::select(vec![
        [None, Some("new")],
        [Some("old"), Some("new")],
        [None, None],
        [Some("old"), Some("old")],
    ])
}

fn digest(schemes: Schemes, scheme: usize, key: &str) -> Digest {
    match schemes[scheme] {
        None => Digest::sha256_of(key.as_bytes()),
        Some(name) => pepper(name).digest(key.as_bytes()),
    }
}

fn constraints(given: &Given) -> Vec<(&'static str, Constraint)> {
    let value = |said: &Said| match said {
        Said::Number(number) => ConstraintValue::from(*number),
        Said::Text(text) => ConstraintValue::from(*text),
    };
    let constraint = |named: &Named| match named {
        Named::Not => None,
        Named::All => Some(Constraint::All),
        Named::Only(list) => Some(Constraint::only(list.iter().map(value)).expect("not empty")),
    };
    let each = DIMENSIONS.iter().zip(&given.constraints);
    each.filter_map(|(name, named)| Some((*name, constraint(named)?)))
        .collect()
}

fn from_records(schemes: Schemes, records: &[Given]) -> Verifier {
    let records = records.iter().enumerate().map(|(number, given)| {
        let mut digests = given
            .digests
            .iter()
            .enumerate()
            .map(|(place, &(scheme, ends))| {
                let ends = ends.map(|millis| at(START + millis));
                (digest(schemes, scheme, &key(number, place)), ends)
            });
        let (first, _) = digests.next().expect("one at least");
        let mut record = Record::new(&number.to_string(), first).status(given.status);
        for (digest, ends) in digests {
            record = record.digest(digest, ends);
        }
        record = match given.rights {
            Rights::Level(level) => record.level(level),
            Rights::Scopes(pattern, _) => record.scope(pattern),
        };
        for (dimension, constraint) in constraints(given) {
            record = record.constraint(dimension, constraint);
        }
        match given.expires_in {
            Some(millis) => record.expires_at(at(START + millis)),
            None => record,
        }
    });
    Verifier::builder(PROFILE.clone())
        .records(records)
        .peppers(["old", "new"].map(pepper))
        .build()
        .expect("good records")
}

/// A snapshot of the records that one can hold: active, with a level.
fn from_snapshot(schemes: Schemes, records: &[Given]) -> Snapshot {
    let mut builder = ShardBuilder::new(1, 1, PROFILE.clone());
    for (number, given) in records.iter().enumerate() {
        let (Rights::Level(level), Status::Active) = (&given.rights, given.status) else {
            continue;
        };
        for (place, &(scheme, ends)) in given.digests.iter().enumerate() {
            let ends = ends.into_iter().chain(given.expires_in).min();
            let live = LiveKey {
                id: KeyId::from_u64(u64::try_from(number).expect("small")).expect("small"),
                digest: &digest(schemes, scheme, &key(number, place)),
                account: "a",
                level,
                expires_at: ends.map(|millis| at(START + millis)),
                subject: None,
                meta: None,
                constraints: &constraints(given),
                rate: None,
            };
            builder.key(&live).expect("a good record");
        }
    }
    let shard = builder.finish().expect("a small shard");
    let (root, online) = (
        SigningKey::from_seed(&[1; 32]),
        SigningKey::from_seed(&[2; 32]),
    );
    let keyring = Keyring {
        keyspace: "k".into(),
        era: 1,
        keys: vec![online.public()],
    };
    let head = Head {
        keyspace: "k".into(),
        era: 1,
        epoch: 1,
        issued_at: at(START - FRESH_MILLIS),
        fresh_for_seconds: 1,
        valid_until: at(START + 4),
        shards: vec![ShardRef::of(&shard)],
    };
    let head = head.sign(&online, &keyring.sign(&root));
    let peppers = ["new", "old"].map(pepper).into();
    Snapshot::open(&head, shard, &[root.public()], None, (0, 0), peppers).expect("its own files")
}

/// How long before `START` a snapshot was issued: it turns stale there.
const FRESH_MILLIS: i64 = 1_000;

/// How old the snapshot is that a decision rests on.
#[derive(Clone, Copy, PartialEq)]
enum Age {
    Fresh,
    Stale,
    Over,
}

/// What the key may expect. Everything is looked at again, and nothing is looked up.
fn oracle(
    records: &[Given],
    (number, place): (usize, usize),
    asked: &Asked,
    call: &Call,
    now: i64,
    age: Age,
) -> Option<Reason> {
    if age == Age::Over {
        return Some(Reason::StaleSnapshot);
    }
    let found = records
        .get(number)
        .and_then(|given| Some((given, given.digests.get(place)?)));
    let Some((given, (_, ends))) = found else {
        return Some(Reason::UnknownKey);
    };
    match given.status {
        Status::Active => {}
        Status::Disabled => return Some(Reason::Disabled),
        _ => return Some(Reason::Deactivated),
    }
    let over = |end: &Option<i64>| end.is_some_and(|millis| now >= START + millis);
    if over(ends) || over(&given.expires_in) {
        return Some(Reason::Expired);
    }
    let everything = matches!(given.rights, Rights::Level("admin"));
    let scopes = match given.rights {
        Rights::Scopes(_, scopes) => scopes,
        Rights::Level(level) => LEVELS
            .iter()
            .find(|(name, _)| *name == level)
            .map_or(&[][..], |(_, scopes)| scopes),
    };
    // The scope that the call is about, if one is known; and whether it must be fresh.
    let (scope, fresh) = match asked {
        Asked::Alive => {
            return outside(given, call, About::Nothing).then_some(Reason::ConstraintViolated);
        }
        Asked::Scope(scope) => (Some(*scope), false),
        Asked::Path("" | "get" | "Get" | "*" | "GET " | "G3T", _) => {
            return Some(Reason::InsufficientScope);
        }
        Asked::Path(method, path) | Asked::Route(method, path) => {
            let profile = &*PROFILE;
            let rule = naive("/v2", false, profile.routes().rules(), method, path);
            match rule.map(|rule| &profile.routes().rules()[usize::from(rule)]) {
                None if !everything => return Some(Reason::InsufficientScope),
                // What some router could take it for binds all the same.
                None => {
                    let strict = strict_rules(method, path);
                    if strict.iter().any(|rule| is_closed(rule)) {
                        return Some(Reason::InsufficientScope);
                    }
                    (None, strict.iter().any(|rule| rule.require_fresh))
                }
                Some(rule) => match rule.access {
                    RouteAccess::Closed(_) => return Some(Reason::InsufficientScope),
                    RouteAccess::Scope(scope) => {
                        let scope = match &*profile.scopes()[usize::from(scope)].id {
                            "mails.read" => "mails.read",
                            "mails.send" => "mails.send",
                            "mails.archive.read" => "mails.archive.read",
                            "contacts.read" => "contacts.read",
                            "contacts.write" => "contacts.write",
                            _ => "keys",
                        };
                        (Some(scope), rule.require_fresh)
                    }
                },
            }
        }
    };
    if !everything && scope.is_some_and(|scope| !scopes.contains(&scope)) {
        return Some(Reason::InsufficientScope);
    }
    if fresh && age == Age::Stale {
        return Some(Reason::StaleSnapshot);
    }
    let about = scope.map_or(About::Anything, About::Scope);
    outside(given, call, about).then_some(Reason::ConstraintViolated)
}

fn strict_rules(method: &str, path: &str) -> Vec<&'static RouteRule> {
    let rules = PROFILE.routes().rules();
    naive_strict("/v2", false, rules, method, path)
        .into_iter()
        .map(|rule| &rules[usize::from(rule)])
        .collect()
}

fn is_closed(rule: &RouteRule) -> bool {
    matches!(rule.access, RouteAccess::Closed(_))
}

/// What a call costs.
fn cost(asked: &Asked) -> u32 {
    let (Asked::Path(method, path) | Asked::Route(method, path)) = asked else {
        return 1;
    };
    let rules = PROFILE.routes().rules();
    if let Some(rule) = naive("/v2", false, rules, method, path) {
        return rules[usize::from(rule)].cost;
    }
    let strict = strict_rules(method, path);
    strict.iter().map(|rule| rule.cost).fold(1, u32::max)
}

/// What a call is about.
#[derive(Clone, Copy)]
enum About {
    /// Nothing: only whether the client is within counts.
    Nothing,
    /// What no scope is known for.
    Anything,
    Scope(&'static str),
}

/// Whether a call is outside what a key is limited to.
fn outside(given: &Given, call: &Call, about: About) -> bool {
    let mut outside = false;
    for (dimension, named) in DIMENSIONS.iter().zip(&given.constraints) {
        let Named::Only(list) = named else {
            continue;
        };
        if *dimension == "ip" {
            let within = |said: &Said| match (said, call.client) {
                (Said::Text(network), Some(client)) => lies_within(client, network),
                _ => false,
            };
            outside |= !list.iter().any(within);
            continue;
        }
        let concerned = match about {
            About::Nothing => false,
            About::Anything | About::Scope("unheard.of" | "contacts.*") => true,
            About::Scope(scope) => match *dimension {
                "tenant" => true,
                "channel" => scope == "mails.read" || scope == "mails.send",
                _ => scope == "mails.send",
            },
        };
        let said = call.values.iter().filter(|(name, _)| name == dimension);
        let said: Vec<_> = said.map(|(_, value)| value).collect();
        let all_within = said
            .iter()
            .all(|value| value.as_ref().is_some_and(|value| list.contains(value)));
        outside |= concerned && (said.is_empty() || !all_within);
    }
    outside
}

/// Compares digits of base 2, one by one.
fn lies_within(client: &str, network: &str) -> bool {
    let digits = |address: &str| {
        let address = address.strip_prefix("::ffff:").unwrap_or(address);
        match address.parse::<IpAddr>().expect(address) {
            IpAddr::V4(address) => format!("{:032b}", u32::from(address)),
            IpAddr::V6(address) => format!("{:0128b}", u128::from(address)),
        }
    };
    let (address, prefix) = network.split_once('/').unwrap_or((network, "all"));
    let (client, network) = (digits(client), digits(address));
    let prefix = prefix.parse().unwrap_or(network.len());
    client.len() == network.len() && client[..prefix] == network[..prefix]
}

/// Puts the question, with the context that the call gives.
fn ask<'a>(
    verifier: &'a Verifier,
    key: &str,
    asked: &Asked,
    said: &Call,
    now: i64,
) -> Decision<'a> {
    let values: Vec<_> = said
        .values
        .iter()
        .map(|(name, value)| match value {
            None => (*name, Value::Empty),
            Some(Said::Number(number)) => (*name, Value::Integer(*number)),
            Some(Said::Text(text)) => (*name, Value::Text(text)),
        })
        .collect();
    let context = Context {
        client: said.client.map(|client| client.parse().expect(client)),
        values: &values,
    };
    let call = |method: &'static str, path: &'static str| Ask::Call {
        method: method.as_bytes(),
        path: path.as_bytes(),
    };
    let ask = match asked {
        Asked::Alive => Ask::Alive,
        Asked::Scope(scope) => Ask::Scope(scope),
        Asked::Path(method, path) => call(method, path),
        Asked::Route(method, path) => {
            if let Ok(handle) = verifier.route(method.as_bytes(), path.as_bytes()) {
                Ask::Route(handle)
            } else {
                // It has to be named as the profile does; the call itself can still be asked about.
                assert!(!strict_rules(method, path).is_empty());
                call(method, path)
            }
        }
    };
    let decision = verifier.verify_key(key.as_bytes(), ask, context, at(now));
    let explained = verifier.explain_key(key.as_bytes(), ask, context, Some(at(now)));
    assert_eq!(explained.reason, decision.reason().map(Reason::as_str));
    assert_eq!(
        explained.stale,
        decision.grant().is_some_and(Grant::is_stale)
    );
    decision
}

/// What a grant says of the key's limits.
fn told(grant: &Grant<'_>, dimension: u16) -> Option<Vec<String>> {
    let text = |value: &LimitValue<'_>| match value {
        LimitValue::Integer(number) => number.to_string(),
        LimitValue::Text(text) => (*text).to_owned(),
        LimitValue::Network(network) => network.to_string(),
    };
    Some(grant.only(dimension)?.iter().map(text).collect())
}

/// What it should say.
fn should_tell(named: &Named) -> Option<Vec<String>> {
    let Named::Only(list) = named else {
        return None;
    };
    let mut list = list.clone();
    list.sort();
    list.dedup();
    let text = |said: &Said| match said {
        Said::Number(number) => number.to_string(),
        Said::Text("192.0.2.7") => "192.0.2.7/32".to_owned(),
        Said::Text(text) => (*text).to_owned(),
    };
    Some(list.iter().map(text).collect())
}

type Question = ((usize, usize), Asked, Call, i64);

fn question() -> impl Strategy<Value = Question> {
    ((0usize..6, 0usize..3), asked(), call(), -4i64..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_decision_over_records_is_what_the_format_says(
        schemes in schemes(),
        records in prop::collection::vec(given(), 0..6),
        questions in prop::collection::vec(question(), 40),
    ) {
        let verifier = from_records(schemes, &records);
        for (which, asked, call, offset) in questions {
            let now = START + offset;
            let expected = oracle(&records, which, &asked, &call, now, Age::Fresh);
            let decision = ask(&verifier, &key(which.0, which.1), &asked, &call, now);
            prop_assert_eq!(decision.reason(), expected, "{:?} {:?} {:?} at {}", which, asked, call, offset);
            if let Decision::Allow(grant) = decision {
                let given = &records[which.0];
                prop_assert_eq!(grant.key_id(), which.0.to_string());
                prop_assert_eq!(grant.cost(), cost(&asked), "{:?}", asked);
                let ends = given.digests[which.1].1.into_iter().chain(given.expires_in).min();
                prop_assert_eq!(grant.expires_at(), ends.map(|millis| at(START + millis)));
                for (dimension, named) in (0..).zip(&given.constraints) {
                    prop_assert_eq!(told(&grant, dimension), should_tell(named));
                }
                // Time alone ends it, to the millisecond.
                if let Some(end) = grant.expires_at().map(Timestamp::as_millis) {
                    let key = key(which.0, which.1);
                    prop_assert_eq!(ask(&verifier, &key, &asked, &call, end - 1).reason(), None);
                    for later in [end, end + 1, end + 86_400_000] {
                        let reason = ask(&verifier, &key, &asked, &call, later).reason();
                        prop_assert_eq!(reason, Some(Reason::Expired));
                    }
                }
            }
        }
    }

    #[test]
    fn a_decision_over_a_snapshot_is_what_the_format_says(
        schemes in schemes(),
        records in prop::collection::vec(given(), 0..6),
        questions in prop::collection::vec(question(), 40),
    ) {
        let snapshot = from_snapshot(schemes, &records);
        // The others are not in it.
        let records: Vec<_> = records
            .into_iter()
            .map(|given| match given.rights {
                Rights::Level(_) if given.status == Status::Active => given,
                _ => Given { digests: Vec::new(), ..given },
            })
            .collect();
        for (which, asked, call, offset) in questions {
            let now = START + offset;
            let age = match offset {
                ..0 => Age::Fresh,
                0..4 => Age::Stale,
                _ => Age::Over,
            };
            let expected = oracle(&records, which, &asked, &call, now, age);
            let decision = ask(&snapshot.verifier, &key(which.0, which.1), &asked, &call, now);
            prop_assert_eq!(decision.reason(), expected, "{:?} {:?} {:?} at {}", which, asked, call, offset);
            if let Decision::Allow(grant) = decision {
                prop_assert_eq!(grant.is_stale(), age == Age::Stale);
            }
        }
    }
}
