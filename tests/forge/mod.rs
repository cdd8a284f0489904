//! Makes snapshots, well formed ones through the library and others by hand, as docs/format.md describes the bytes:
//! whatever is wrong with them is validly signed, so that it is not the signature that refuses it.

use ed25519_dalek::{Signer as _, SigningKey as Signer};
use keyward::key::{Digest, KeyId};
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

/// A key for a shard: its text, level, account, end, subject and meta.
pub(crate) struct Issued<'a> {
    pub(crate) key: &'a str,
    pub(crate) level: &'a str,
    pub(crate) account: &'a str,
    pub(crate) expires_at: Option<i64>,
    pub(crate) subject: Option<&'a str>,
    pub(crate) meta: Option<&'a str>,
}

/// A shard of these keys, whose ids count from 1.
pub(crate) fn shard(era: u32, epoch: u64, profile: Profile, keys: &[Issued<'_>]) -> Vec<u8> {
    let mut builder = ShardBuilder::new(era, epoch, profile);
    for (number, issued) in (1..).zip(keys) {
        let live = LiveKey {
            id: KeyId::from_u64(number).expect("below 2^53"),
            digest: &Digest::sha256_of(issued.key.as_bytes()),
            account: issued.account,
            level: issued.level,
            expires_at: issued.expires_at.map(at),
            subject: issued.subject,
            meta: issued.meta,
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

/// Where the eight sections of a shard lie: profile, policies, records, directory, owners, accounts, note index, notes.
pub(crate) fn sections(shard: &[u8]) -> [std::ops::Range<usize>; 8] {
    let mut end = 56;
    std::array::from_fn(|section| {
        let start = end;
        let place = 24 + section * 4;
        let length = shard[place..place + 4].try_into().expect("four bytes");
        end += u32::from_le_bytes(length) as usize;
        start..end
    })
}
