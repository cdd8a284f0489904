//! Snapshots that were changed on the way (threat 8), mixed (threats 10 and 14), or signed although they are damaged
//! (threat 9): none is accepted, none panics, none takes memory or time for what only a number claims.
#![cfg(not(target_family = "wasm"))]

mod changed;
#[path = "../forge/mod.rs"]
mod forge;
mod limits;
mod signed;

use std::net::IpAddr;

use keyward::access::{Constraint, Context, Value};
use keyward::error::Error;
use keyward::profile::Profile;
use keyward::snapshot::Snapshot;
use keyward::verify::{Ask, Decision, Reason, Verifier};

use forge::{EPOCH, ERA, Issued, KEYSPACE, NOW};

/// Free, limited in every dimension, and limited under a pepper.
const FREE: &str = "es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";
const LIMITED: &str = "es_T61e8CjwUJySfhFzNiyW33BW311b6l3AZ1OR";
const PEPPERED: &str = "es_OSoHIhN6FZseXugcKMpuVVY8vTaHPP2DVgls";
const OTHER: &str = "es_000000000000000000000000000000";

const PROFILE: &str = r#"
    schema_version = 1
    id = "small"
    title = "Small"
    key = { prefix = "es" }
    request = { transports = ["bearer", "header(x-key)"], realm = "s" }
    scopes = [{ id = "a.read", title = "a" }, { id = "a.send", title = "b" }]
    levels = [
        { id = "some", title = "Some", scopes = ["a.*"], rate = { limit = 9, window = 60 } },
        { id = "all", title = "All", everything = true },
    ]
    routes = [
        { scope = "a.read", calls = ["GET /x/{id}", "* /y/**"] },
        { scope = "a.send", calls = ["POST /x"], cost = 3, require_fresh = true },
        { closed = "Not with a key.", calls = ["* /z/**"] },
    ]
    constraints = [
        { name = "n", title = "n", kind = "integer", applies_to = ["a.send"] },
        { name = "t", title = "t", kind = "text", values = ["one", "two"] },
        { name = "ip", title = "ip", kind = "network" },
    ]
"#;

fn profile() -> Profile {
    Profile::from_toml(PROFILE).expect("a good profile")
}

/// A well-formed key that was never issued.
fn other() -> String {
    let digits = keyward::key::checksum(&OTHER.as_bytes()[3..]);
    format!("{OTHER}{}", std::str::from_utf8(&digits).expect("ASCII"))
}

fn shard(era: u32, epoch: u64) -> Vec<u8> {
    let texts = |values: &[&'static str]| Constraint::only(values.iter().copied()).expect("values");
    let numbers = Constraint::only([42, -7]).expect("values");
    let all = [
        ("n", numbers),
        ("t", texts(&["two"])),
        ("ip", texts(&["10.0.0.0/8", "2001:db8::/32"])),
    ];
    let network = [("ip", texts(&["10.0.0.0/8"]))];
    let limited = Issued {
        id: 2,
        key: LIMITED,
        level: "some",
        account: "umbrella",
        constraints: &all,
        rate: Some((5, 60)),
        ..Issued::default()
    };
    let keys = [
        Issued {
            id: 1,
            key: FREE,
            level: "some",
            account: "acme",
            expires_at: Some(NOW + 60_000),
            subject: Some("app"),
            meta: Some("{}"),
            ..Issued::default()
        },
        limited,
        Issued {
            key: PEPPERED,
            pepper: Some("p"),
            constraints: &network,
            rate: None,
            ..limited
        },
    ];
    forge::shard(era, epoch, profile(), &keys)
}

fn files() -> (Vec<u8>, Vec<u8>) {
    let shard = shard(ERA, EPOCH);
    (forge::head(KEYSPACE, ERA, EPOCH, &shard), shard)
}

fn open(head: &[u8], shard: &[u8]) -> Result<Snapshot, Error> {
    Snapshot::open(
        head,
        shard.to_vec(),
        &[forge::root().public()],
        None,
        (0, 0),
        vec![forge::pepper("p")],
    )
}

const CALL: Ask<'_> = Ask::Call {
    method: b"GET",
    path: b"/x/1",
};
const SEND: Ask<'_> = Ask::Call {
    method: b"POST",
    path: b"/x",
};

/// Within all that [`LIMITED`] is limited to.
const WITHIN: Context<'_> = Context {
    client: Some(IpAddr::V4(std::net::Ipv4Addr::new(10, 1, 2, 3))),
    values: &[("t", Value::Text("two")), ("n", Value::Integer(42))],
};

/// Opens a shard under a head that was signed over exactly these bytes.
fn signed(shard: &[u8]) -> Result<Snapshot, Error> {
    let number = |at: usize| {
        shard.get(at..at + 4).map_or(0, |bytes| {
            u32::from_le_bytes(bytes.try_into().expect("four"))
        })
    };
    // No head can be signed for an epoch beyond 53 bits; such a shard is then one of another epoch.
    let epoch = u64::from(number(20) & 0x1f_ffff) << 32 | u64::from(number(16));
    open(&forge::head(KEYSPACE, number(8), epoch, shard), shard)
}

/// Opens a shard as [`signed`] does, and asks it everything. What was never issued stays unknown, whatever the shard
/// says.
fn open_signed(shard: &[u8]) -> Result<(), Error> {
    let snapshot = signed(shard)?;
    let verifier = &snapshot.verifier;
    for key in [FREE, LIMITED, PEPPERED] {
        for ask in [CALL, SEND, Ask::Alive, Ask::Scope("a.send")] {
            look(verifier, key, ask);
        }
    }
    for ask in [CALL, SEND, Ask::Alive] {
        for context in [WITHIN, Context::default()] {
            let stranger = verifier.verify_key(other().as_bytes(), ask, context, forge::at(NOW));
            assert!(matches!(
                stranger.reason(),
                Some(Reason::UnknownKey | Reason::MalformedKey)
            ));
        }
    }
    Ok(())
}

/// Reads all that a decision says.
fn look(verifier: &Verifier, key: &str, ask: Ask<'_>) {
    let now = forge::at(NOW);
    if let Decision::Allow(grant) = verifier.verify_key(key.as_bytes(), ask, WITHIN, now) {
        let _ = (
            grant.key_id(),
            grant.account(),
            grant.subject(),
            grant.meta(),
        );
        let _ = (
            grant.level(),
            grant.scopes(),
            grant.expires_at(),
            grant.route(),
        );
        let _ = (grant.rate(), grant.cost());
        for dimension in 0..4 {
            let _ = grant.only(dimension);
        }
    }
    let _ = verifier.explain_key(key.as_bytes(), ask, WITHIN, Some(now));
}
