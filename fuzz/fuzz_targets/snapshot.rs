//! Heads and shards. The bytes behind the signatures are signed after they were mutated: a signature must not be what
//! keeps a damaged snapshot from doing harm.
#![no_main]

use std::sync::LazyLock;

use ed25519_dalek::{Signer as _, SigningKey as Signer};
use keyward::access::{Context, Value};
use keyward::key::Pepper;
use keyward::snapshot::{Head, Keyring, PublicKey, ShardRef, SigningKey, Snapshot};
use keyward::time::Timestamp;
use keyward::verify::{Ask, Decision, Reason};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};

/// The keys that the seed's shard holds (the second one is limited, and known under a pepper), and one that no shard
/// holds: each 32 bytes of a digest would have to be found.
const KEYS: [&[u8]; 2] = [
    b"es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17",
    b"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",
];
const NEVER: &[u8] = b"es_0000000000000000000000000000002C8GjS";
const ROOT_SEED: [u8; 32] = [1; 32];
const ONLINE_SEED: [u8; 32] = [2; 32];
static ROOT: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(&ROOT_SEED));
static ONLINE: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(&ONLINE_SEED));
const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000).expect("after 1970");

/// Keyring and statement of a good head.
static GOOD: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    let head = statement(3, 7, &[]).sign(&ONLINE, &keyring(3).sign(&ROOT));
    let length = usize::from(u16::from_le_bytes([head[8], head[9]]));
    let (keyring, statement) = head[156..].split_at(length);
    (keyring.to_vec(), statement.to_vec())
});

fuzz_target!(|input: &[u8]| {
    let Some((&selector, bytes)) = input.split_first() else {
        return;
    };
    let (keyring, statement) = &*GOOD;
    match selector {
        0 => open_head(bytes),
        1 => open_head(&sign(bytes, statement)),
        2 => open_head(&sign(keyring, bytes)),
        3 => open_shard(bytes),
        _ => {}
    }
});

fn open_head(file: &[u8]) {
    let Ok(head) = Head::open(file, &roots(), None) else {
        return;
    };
    assert!(head.valid_until > head.issued_at);
    assert!(head.shards.len().is_power_of_two());
    assert!(head.check_floor(head.era, head.epoch).is_ok());
    let again = Head::open(file, &roots(), Some(&head.keyspace));
    assert_eq!(again.as_ref(), Ok(&head));
}

fn open_shard(shard: &[u8]) {
    let number = |at: usize| {
        let bytes = shard
            .get(at..at + 4)
            .and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u32::from_le_bytes)
    };
    let era = number(8);
    let epoch = u64::from(number(20) & 0x1f_ffff) << 32 | u64::from(number(16));
    let head = statement(era, epoch, shard).sign(&ONLINE, &keyring(era).sign(&ROOT));
    let peppers = vec![pepper("new"), pepper("old")];
    let opened = Snapshot::open(&head, shard.to_vec(), &roots(), None, (0, 0), peppers);
    let Ok(snapshot) = opened else {
        return;
    };
    let verifier = &snapshot.verifier;
    let call = Ask::Call {
        method: b"GET",
        path: b"/a/v1/x/y",
    };
    let said = [("t", Value::Text("x")), ("n", Value::Integer(7))];
    let within = Context {
        client: Some([10, 0, 0, 1].into()),
        values: &said,
    };
    for (ask, context) in [
        (Ask::Alive, within),
        (call, within),
        (call, Context::default()),
    ] {
        for key in KEYS {
            if let Decision::Allow(grant) = verifier.verify_key(key, ask, context, NOW) {
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
            let _ = verifier.explain_key(key, ask, context, Some(NOW));
        }
        let never = verifier.verify_key(NEVER, ask, context, NOW).reason();
        assert!(matches!(
            never,
            Some(Reason::UnknownKey | Reason::MalformedKey)
        ));
    }
}

fn pepper(name: &str) -> Pepper {
    let secret = format!("the secret of pepper {name}");
    Pepper::new(name.parse().expect("a good name"), secret.as_bytes()).expect("long enough")
}

fn roots() -> [PublicKey; 1] {
    [ROOT.public()]
}

fn keyring(era: u32) -> Keyring {
    Keyring {
        keyspace: "mail".into(),
        era,
        keys: vec![ONLINE.public()],
    }
}

fn statement(era: u32, epoch: u64, shard: &[u8]) -> Head {
    Head {
        keyspace: "mail".into(),
        era,
        epoch,
        issued_at: NOW,
        fresh_for_seconds: 300,
        valid_until: NOW.saturating_add_millis(86_400_000),
        shards: vec![ShardRef::of(shard)],
    }
}

/// A head file around any keyring and statement, as docs/format.md lays it out.
fn sign(keyring: &[u8], statement: &[u8]) -> Vec<u8> {
    let signed = |seed: &[u8; 32], domain: &[u8], payload: &[u8]| {
        let signer = Signer::from_bytes(seed);
        let name = Sha256::digest(signer.verifying_key().as_bytes());
        let signature = signer.sign(&[domain, payload].concat()).to_bytes();
        [&name[..8], &signature].concat()
    };
    let length = |part: &[u8]| u16::try_from(part.len()).unwrap_or(u16::MAX).to_le_bytes();
    [
        b"KWHEAD\x00\x01",
        &length(keyring)[..],
        &length(statement),
        &signed(&ROOT_SEED, b"keyward/v1/keyring\0", keyring),
        &signed(&ONLINE_SEED, b"keyward/v1/head\0", statement),
        keyring,
        statement,
    ]
    .concat()
}
