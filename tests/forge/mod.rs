//! Makes snapshots, well formed ones through the library and others by hand, as docs/format.md describes the bytes:
//! whatever is wrong with them is validly signed, so that it is not the signature that refuses it.

use ed25519_dalek::{Signer as _, SigningKey as Signer};
use keyward::access::Constraint;
use keyward::key::{Digest, KeyId, Pepper};
use keyward::limit::Rate;
use keyward::profile::Profile;
use keyward::snapshot::{
    Head, Keyring, LiveKey, ShardBuilder, ShardRef, SignedKeyring, SigningKey,
};
use keyward::time::Timestamp;
use sha2::{Digest as _, Sha256};

pub(crate) const KEYSPACE: &str = "mail";
pub(crate) const ERA: u32 = 3;
pub(crate) const EPOCH: u64 = 7;
pub(crate) const NOW: i64 = 1_790_000_000_000;
const FRESH_FOR_SECONDS: u32 = 300;
const VALID_FOR_MILLIS: i64 = 86_400_000;

const ROOT: [u8; 32] = [1; 32];
const ONLINE: [u8; 32] = [2; 32];
/// Keys that nobody has pinned.
pub(crate) const STRANGER: [u8; 32] = [3; 32];

pub(crate) fn root() -> SigningKey {
    SigningKey::from_seed(&ROOT)
}

pub(crate) fn online() -> SigningKey {
    SigningKey::from_seed(&ONLINE)
}

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).expect("after 1970")
}

/// A keyring that names the online key.
pub(crate) fn keyring(keyspace: &str, era: u32) -> Keyring {
    Keyring {
        keyspace: keyspace.into(),
        era,
        keys: vec![online().public()],
    }
}

/// What is stated of a shard.
pub(crate) fn statement(keyspace: &str, era: u32, epoch: u64, shard: &[u8]) -> Head {
    Head {
        keyspace: keyspace.into(),
        era,
        epoch,
        issued_at: at(NOW),
        fresh_for_seconds: FRESH_FOR_SECONDS,
        valid_until: at(NOW + VALID_FOR_MILLIS),
        shards: vec![ShardRef::of(shard)],
    }
}

/// The head that a server would publish for a shard.
pub(crate) fn head(keyspace: &str, era: u32, epoch: u64, shard: &[u8]) -> Vec<u8> {
    let keyring: SignedKeyring = keyring(keyspace, era).sign(&root());
    statement(keyspace, era, epoch, shard).sign(&online(), &keyring)
}

/// The secret of a pepper, which anyone can make again.
pub(crate) fn secret(pepper: &str) -> String {
    format!("the secret of pepper {pepper}")
}

pub(crate) fn pepper(name: &str) -> Pepper {
    let id = name.parse().expect("a good name");
    Pepper::new(id, secret(name).as_bytes()).expect("long enough")
}

/// One digest of a key for a shard. A key that is being rotated is issued twice under one id.
#[derive(Clone, Copy, Default)]
pub(crate) struct Issued<'a> {
    pub(crate) id: u64,
    pub(crate) key: &'a str,
    /// The pepper under which it is digested; none: SHA-256.
    pub(crate) pepper: Option<&'a str>,
    pub(crate) level: &'a str,
    pub(crate) account: &'a str,
    pub(crate) expires_at: Option<i64>,
    pub(crate) subject: Option<&'a str>,
    pub(crate) meta: Option<&'a str>,
    pub(crate) constraints: &'a [(&'a str, Constraint)],
    pub(crate) rate: Option<(u32, u32)>,
}

impl Issued<'_> {
    fn digest(&self) -> Digest {
        match self.pepper {
            Some(name) => pepper(name).digest(self.key.as_bytes()),
            None => Digest::sha256_of(self.key.as_bytes()),
        }
    }
}

/// A shard of these digests.
pub(crate) fn shard(era: u32, epoch: u64, profile: Profile, keys: &[Issued<'_>]) -> Vec<u8> {
    let mut builder = ShardBuilder::new(era, epoch, profile);
    for issued in keys {
        let live = LiveKey {
            id: KeyId::from_u64(issued.id).expect("below 2^53"),
            digest: &issued.digest(),
            account: issued.account,
            level: issued.level,
            expires_at: issued.expires_at.map(at),
            subject: issued.subject,
            meta: issued.meta,
            constraints: issued.constraints,
            rate: issued
                .rate
                .map(|(limit, window)| Rate::new(limit, window).expect("a good rate")),
        };
        builder.key(&live).expect("a good record");
    }
    builder.finish().expect("a small shard")
}

/// A head file around any keyring and statement, both signed.
pub(crate) fn sign_raw(keyring: &[u8], statement: &[u8]) -> Vec<u8> {
    let signed = |seed: &[u8; 32], domain: &[u8], payload: &[u8]| {
        let signer = Signer::from_bytes(seed);
        let name = Sha256::digest(signer.verifying_key().as_bytes());
        let signature = signer.sign(&[domain, payload].concat()).to_bytes();
        [&name[..8], &signature].concat()
    };
    let length = |part: &[u8]| {
        u16::try_from(part.len())
            .expect("below 64 KiB")
            .to_le_bytes()
    };
    [
        b"KWHEAD\x00\x01",
        &length(keyring)[..],
        &length(statement),
        &signed(&ROOT, b"keyward/v1/keyring\0", keyring),
        &signed(&ONLINE, b"keyward/v1/head\0", statement),
        keyring,
        statement,
    ]
    .concat()
}

/// Takes a head file apart into keyring and statement.
pub(crate) fn payloads(head: &[u8]) -> (&[u8], &[u8]) {
    let keyring = usize::from(u16::from_le_bytes([head[8], head[9]]));
    head[156..].split_at(keyring)
}

/// How many sections a shard has; below, where some of them stand.
pub(crate) const SECTIONS: usize = 11;
pub(crate) const SCHEMES: usize = 1;
pub(crate) const LIMIT_INDEX: usize = 9;
pub(crate) const LIMITS: usize = 10;

/// Where the sections of a shard lie: profile, schemes, policies, records, directory, owners, accounts, note index,
/// notes, limit index, limits.
pub(crate) fn sections(shard: &[u8]) -> [std::ops::Range<usize>; SECTIONS] {
    let mut end = 24 + SECTIONS * 4;
    std::array::from_fn(|section| {
        let start = end;
        let place = 24 + section * 4;
        let length = shard[place..place + 4].try_into().expect("four bytes");
        end += u32::from_le_bytes(length) as usize;
        start..end
    })
}
