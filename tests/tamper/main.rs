//! Snapshots that were changed on the way (threat 8), mixed (threats 10 and 14), or signed although they are damaged
//! (threat 9): none is accepted, none panics, none takes memory or time for what only a number claims.
#![cfg(not(target_family = "wasm"))]

mod changed;
#[path = "../forge/mod.rs"]
mod forge;
mod signed;

use keyward::error::Error;
use keyward::profile::Profile;
use keyward::snapshot::Snapshot;
use keyward::verify::{Ask, Decision, Reason};

use forge::{EPOCH, ERA, Issued, KEYSPACE, NOW};

const KEY: &str = "es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";
const OTHER: &str = "es_000000000000000000000000000000";

const PROFILE: &str = r#"
    schema_version = 1
    id = "small"
    title = ""
    key = { prefix = "es" }
    request = { transports = ["bearer"], realm = "" }
    scopes = [{ id = "read", title = "" }]
    levels = [{ id = "some", title = "", scopes = ["read"] }]
    routes = [{ scope = "read", calls = ["GET /x/{id}"] }]
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
    let issued = Issued {
        key: KEY,
        level: "some",
        account: "acme",
        expires_at: Some(NOW + 60_000),
        subject: Some("app"),
        meta: Some("{}"),
    };
    forge::shard(era, epoch, profile(), &[issued])
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
    )
}

/// Opens a shard under a head that was signed over exactly these bytes, and asks it everything. What was never issued
/// stays unknown, whatever the shard says.
fn open_signed(shard: &[u8]) -> Result<(), Error> {
    let number = |at: usize| {
        shard.get(at..at + 4).map_or(0, |bytes| {
            u32::from_le_bytes(bytes.try_into().expect("four"))
        })
    };
    // No head can be signed for an epoch beyond 53 bits; such a shard is then one of another epoch.
    let epoch = u64::from(number(20) & 0x1f_ffff) << 32 | u64::from(number(16));
    let snapshot = open(&forge::head(KEYSPACE, number(8), epoch, shard), shard)?;
    let call = Ask::Call {
        method: b"GET",
        path: b"/x/1",
    };
    let verifier = &snapshot.verifier;
    if let Decision::Allow(grant) = verifier.verify_key(KEY.as_bytes(), call, forge::at(NOW)) {
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
    }
    let _ = verifier.explain_key(KEY.as_bytes(), call, Some(forge::at(NOW)));
    let stranger = verifier.verify_key(other().as_bytes(), Ask::Alive, forge::at(NOW));
    assert!(matches!(
        stranger.reason(),
        Some(Reason::UnknownKey | Reason::MalformedKey)
    ));
    Ok(())
}
