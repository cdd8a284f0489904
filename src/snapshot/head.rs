//! The head: small, signed, and naming exactly one state of a keyspace.
//!
//! Two signatures stand in it. The offline root key signs the keyring: which online keys speak for the keyspace in this
//! era. An online key signs the statement: epoch, age limits, digests of the shards. Both are checked before anything
//! behind them is parsed (threats 8, 10, 14, 16).

use sha2::{Digest as _, Sha256};

use super::signature::{Domain, KeyName, PublicKey, SIGNATURE_LENGTH, SigningKey};
use crate::error::{Code, Error};
use crate::time::Timestamp;
use crate::verify::Validity;

const MAGIC: &[u8; 8] = b"KWHEAD\x00\x01";
/// Magic, two lengths, two key names and signatures.
const FIXED_LENGTH: usize = 8 + 4 + 2 * (8 + SIGNATURE_LENGTH);
/// 2⁹ shards of 36 bytes fit a statement's 16-bit length.
const MAX_SHARD_BITS: u8 = 9;
const MAX_KEYSPACE_LENGTH: usize = 64;
/// 2⁵³ − 1: JavaScript holds it exactly.
const MAX_EPOCH: u64 = (1 << 53) - 1;
const MAX_LIFETIME_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Which online keys speak for a keyspace in an era. Signed by the root key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyring {
    /// The keyspace's id.
    pub keyspace: String,
    /// Rises with every new keyring: a restore, a change of the root, a stolen online key shut out. Heads of an earlier
    /// era are then below every floor.
    pub era: u32,
    /// The online keys.
    pub keys: Vec<PublicKey>,
}

/// A keyring and the root's signature over it.
#[derive(Clone, Debug)]
pub struct SignedKeyring {
    payload: Vec<u8>,
    name: KeyName,
    signature: [u8; SIGNATURE_LENGTH],
}

impl SignedKeyring {
    /// As it is kept: the root's name, its signature, the keyring.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.name[..], &self.signature, &self.payload].concat()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (name, rest) = bytes.split_first_chunk()?;
        let (signature, payload) = rest.split_first_chunk()?;
        Some(Self {
            payload: payload.to_vec(),
            name: *name,
            signature: *signature,
        })
    }
}

impl Keyring {
    /// Signs the keyring with the root key.
    ///
    /// # Panics
    /// With a keyspace id beyond 64 bytes or more than 255 keys: both are the issuer's own choice.
    pub fn sign(&self, root: &SigningKey) -> SignedKeyring {
        let mut payload = Vec::new();
        write_keyspace(&mut payload, &self.keyspace);
        payload.extend(self.era.to_le_bytes());
        payload.push(u8::try_from(self.keys.len()).expect("a keyring has at most 255 keys"));
        payload.extend(self.keys.iter().flat_map(PublicKey::as_bytes));
        let signature = root.sign(Domain::Keyring, &payload);
        SignedKeyring {
            payload,
            name: root.public().name(),
            signature,
        }
    }

    fn parse(payload: &[u8]) -> Option<Self> {
        let mut input = Reader(payload);
        let keyspace = input.keyspace()?;
        let era = u32::from_le_bytes(input.array()?);
        let [count] = input.array()?;
        let keys = (0..count)
            .map(|_| input.array().map(PublicKey::from_bytes))
            .collect::<Option<_>>()?;
        input.0.is_empty().then_some(Self {
            keyspace,
            era,
            keys,
        })
    }
}

/// One shard, by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardRef {
    /// SHA-256 of the whole file.
    pub digest: [u8; 32],
    /// Its length in bytes.
    pub length: u32,
}

impl ShardRef {
    /// The reference to these bytes.
    pub fn of(shard: &[u8]) -> Self {
        // In parts: JavaScript engines go over to optimised code between calls, not within one. In one call 49 MB took
        // 6 s in a fresh instance, like this 0.9 s.
        let mut hash = Sha256::new();
        for part in shard.chunks(1 << 16) {
            hash.update(part);
        }
        Self {
            digest: hash.finalize().into(),
            length: u32::try_from(shard.len()).unwrap_or(u32::MAX),
        }
    }
}

/// What an online key states: this is the keyspace, now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The keyspace's id.
    pub keyspace: String,
    /// The era, as in the keyring.
    pub era: u32,
    /// Counts the keyspace's changes; only ever rises within an era. At most 2⁵³ − 1.
    pub epoch: u64,
    /// When this was signed.
    pub issued_at: Timestamp,
    /// How long decisions are fresh, in seconds; not beyond `valid_until`.
    pub fresh_for_seconds: u32,
    /// The first instant at which nothing is decided by it any more: at most 30 days after `issued_at`, so that a thief
    /// of the online key cannot sign one that lasts.
    pub valid_until: Timestamp,
    /// 2ⁿ shards, in order.
    pub shards: Vec<ShardRef>,
}

impl Head {
    /// Signs the head with an online key and puts the keyring before it.
    ///
    /// # Panics
    /// Where it would sign what [`open`](Self::open) refuses: a keyspace id beyond 64 bytes, limits of age or epoch
    /// that are passed, a number of shards that is not a power of two up to 512, a keyring of more than 64 KiB.
    pub fn sign(&self, online: &SigningKey, keyring: &SignedKeyring) -> Vec<u8> {
        assert!(
            self.shards.len().is_power_of_two() && self.shards.len() <= 1 << MAX_SHARD_BITS,
            "a keyspace has 1, 2, 4 … 512 shards"
        );
        assert!(
            self.limits_hold(),
            "epoch and limits of age are within the format's"
        );
        let mut payload = Vec::new();
        write_keyspace(&mut payload, &self.keyspace);
        payload.extend(self.era.to_le_bytes());
        payload.extend(self.epoch.to_le_bytes());
        payload.extend(self.issued_at.as_millis().to_le_bytes());
        payload.extend(self.fresh_for_seconds.to_le_bytes());
        payload.extend(self.valid_until.as_millis().to_le_bytes());
        payload.push(u8::try_from(self.shards.len().trailing_zeros()).expect("at most 9"));
        for shard in &self.shards {
            payload.extend(shard.digest);
            payload.extend(shard.length.to_le_bytes());
        }
        // The chain of deltas: none.
        payload.extend(0u16.to_le_bytes());

        let length = |part: &[u8]| {
            u16::try_from(part.len())
                .expect("both parts stay below 64 KiB")
                .to_le_bytes()
        };
        let mut file = Vec::with_capacity(FIXED_LENGTH + keyring.payload.len() + payload.len());
        file.extend(MAGIC);
        file.extend(length(&keyring.payload));
        file.extend(length(&payload));
        file.extend(keyring.name);
        file.extend(keyring.signature);
        file.extend(online.public().name());
        file.extend(online.sign(Domain::Head, &payload));
        file.extend(&keyring.payload);
        file.extend(&payload);
        file
    }

    /// Checks both signatures, then reads. `roots` are the pinned public keys; with `keyspace`, no other one's head
    /// passes.
    pub fn open(file: &[u8], roots: &[PublicKey], keyspace: Option<&str>) -> Result<Self, Error> {
        let damaged = || {
            Error::new(
                Code::InvalidSnapshot,
                "the head is cut short, too long or damaged",
            )
        };
        let mut input = Reader(file);
        let magic: [u8; 8] = input.array().ok_or_else(damaged)?;
        if &magic != MAGIC {
            return Err(Error::new(
                Code::InvalidSnapshot,
                "this is not a head of format version 1",
            ));
        }
        let mut parts = || {
            let keyring_length = usize::from(u16::from_le_bytes(input.array()?));
            let statement_length = usize::from(u16::from_le_bytes(input.array()?));
            let root: (KeyName, [u8; SIGNATURE_LENGTH]) = (input.array()?, input.array()?);
            let online: (KeyName, [u8; SIGNATURE_LENGTH]) = (input.array()?, input.array()?);
            let (keyring, statement) = input.0.split_at_checked(keyring_length)?;
            (statement.len() == statement_length).then_some((root, online, keyring, statement))
        };
        let (root, online, keyring, statement) = parts().ok_or_else(damaged)?;

        if !is_signed(roots, Domain::Keyring, keyring, root) {
            return Err(Error::new(
                Code::BadSignature,
                "the head's keyring is not signed by a root key that is pinned here",
            ));
        }
        let keyring = Keyring::parse(keyring).ok_or_else(damaged)?;
        if !is_signed(&keyring.keys, Domain::Head, statement, online) {
            return Err(Error::new(
                Code::BadSignature,
                "the head is not signed by a key of its keyring",
            ));
        }
        let head = Self::parse(statement).ok_or_else(damaged)?;
        if head.keyspace != keyring.keyspace || head.era != keyring.era {
            return Err(Error::new(
                Code::InvalidSnapshot,
                "the head and its keyring speak of different keyspaces or eras",
            ));
        }
        if let Some(expected) = keyspace.filter(|&expected| expected != head.keyspace) {
            let message = format!(
                "this is a head of keyspace '{}'; expected '{expected}'",
                head.keyspace
            );
            return Err(Error::new(Code::WrongKeyspace, message));
        }
        Ok(head)
    }

    /// Refuses a head below the floor. A later era outranks every epoch.
    pub fn check_floor(&self, min_era: u32, min_epoch: u64) -> Result<(), Error> {
        if (self.era, self.epoch) < (min_era, min_epoch) {
            let message = format!(
                "era {} epoch {} is older than what was seen or pinned: era {min_era} epoch {min_epoch}",
                self.era, self.epoch
            );
            return Err(Error::new(Code::Rollback, message));
        }
        Ok(())
    }

    /// Refuses to follow `seen`, which was opened before: what is older, or another content under the same era and
    /// epoch (threats 10, 11).
    pub fn check_follows(&self, seen: &Self) -> Result<(), Error> {
        self.check_floor(seen.era, seen.epoch)?;
        if (self.era, self.epoch) != (seen.era, seen.epoch) {
            return Ok(());
        }
        if self.shards != seen.shards {
            let message = format!(
                "two different snapshots are signed as era {} epoch {}",
                self.era, self.epoch
            );
            return Err(Error::new(Code::EpochConflict, message));
        }
        if self.issued_at < seen.issued_at {
            return Err(Error::new(
                Code::OlderHead,
                "a head that was signed before the one in use",
            ));
        }
        Ok(())
    }

    /// The age limits.
    pub const fn validity(&self) -> Validity {
        Validity {
            issued_at: self.issued_at,
            fresh_for_seconds: self.fresh_for_seconds,
            valid_until: self.valid_until,
        }
    }

    fn parse(payload: &[u8]) -> Option<Self> {
        let mut input = Reader(payload);
        let keyspace = input.keyspace()?;
        let era = u32::from_le_bytes(input.array()?);
        let epoch = u64::from_le_bytes(input.array()?);
        let issued_at = Timestamp::from_millis(i64::from_le_bytes(input.array()?))?;
        let fresh_for_seconds = u32::from_le_bytes(input.array()?);
        let valid_until = Timestamp::from_millis(i64::from_le_bytes(input.array()?))?;
        let [shard_bits] = input.array()?;
        if shard_bits > MAX_SHARD_BITS {
            return None;
        }
        let shard = |input: &mut Reader<'_>| {
            Some(ShardRef {
                digest: input.array()?,
                length: u32::from_le_bytes(input.array()?),
            })
        };
        let shards = (0..1 << shard_bits)
            .map(|_: u16| shard(&mut input))
            .collect::<Option<_>>()?;
        // Deltas change what a snapshot means; a reader that does not know them must not pass over them.
        let deltas = u16::from_le_bytes(input.array()?);
        let head = Self {
            keyspace,
            era,
            epoch,
            issued_at,
            fresh_for_seconds,
            valid_until,
            shards,
        };
        (deltas == 0 && input.0.is_empty() && head.limits_hold()).then_some(head)
    }

    fn limits_hold(&self) -> bool {
        let lasts = self.valid_until.as_millis() - self.issued_at.as_millis();
        self.epoch <= MAX_EPOCH
            && (1..=MAX_LIFETIME_MILLIS).contains(&lasts)
            && i64::from(self.fresh_for_seconds) * 1000 <= lasts
    }
}

fn is_signed(
    keys: &[PublicKey],
    domain: Domain,
    payload: &[u8],
    by: (KeyName, [u8; SIGNATURE_LENGTH]),
) -> bool {
    keys.iter()
        .any(|key| key.name() == by.0 && key.verify(domain, payload, &by.1))
}

fn write_keyspace(out: &mut Vec<u8>, keyspace: &str) {
    assert!(
        keyspace.len() <= MAX_KEYSPACE_LENGTH,
        "a keyspace id has at most 64 bytes"
    );
    out.push(u8::try_from(keyspace.len()).expect("at most 64"));
    out.extend(keyspace.as_bytes());
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn keyspace(&mut self) -> Option<String> {
        let [length] = self.array()?;
        let length = Some(usize::from(length)).filter(|&length| length <= MAX_KEYSPACE_LENGTH)?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok().map(str::to_owned)
    }
}
