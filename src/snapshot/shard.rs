//! A shard: the profile and the live keys of a keyspace, laid out to be read in place (docs/format.md).

use std::collections::HashMap;
use std::ops::Range;

use super::head::{Head, ShardRef};
use super::signature::PublicKey;
use crate::access::{self, Constraint};
use crate::error::{Code, Error};
use crate::key::{Digest, KeyId, Pepper};
use crate::limit::Rate;
use crate::profile::Profile;
use crate::time::Timestamp;
use crate::verify::{KeyTable, NewRow, Place, Status, TableBuilder, Validity, Verifier};

const MAGIC: &[u8; 8] = b"KWSHARD\x01";
const SECTIONS: usize = 11;
/// Magic, era, shard number, epoch, and a length for each section.
const HEADER_LENGTH: usize = 8 + 4 + 4 + 8 + SECTIONS * 4;
/// No shard is larger: 1 GiB.
const MAX_LENGTH: usize = 1 << 30;

/// One key on its way into a shard. A key that is being rotated comes twice, with its id and another digest.
#[derive(Clone, Copy, Debug)]
pub struct LiveKey<'a> {
    /// The server's id.
    pub id: KeyId,
    /// What is stored of the key.
    pub digest: &'a Digest,
    /// The account that it belongs to.
    pub account: &'a str,
    /// The level's id in the profile.
    pub level: &'a str,
    /// The first instant at which it is no longer valid.
    pub expires_at: Option<Timestamp>,
    /// An opaque id of the API's owner.
    pub subject: Option<&'a str>,
    /// JSON of the API's owner.
    pub meta: Option<&'a str>,
    /// What the key may use, by dimension of the profile; those that are not named are free.
    pub constraints: &'a [(&'a str, Constraint)],
    /// How often it may be used, instead of what its level says.
    pub rate: Option<Rate>,
}

/// Collects the live keys of a keyspace.
pub struct ShardBuilder {
    era: u32,
    epoch: u64,
    profile: Profile,
    table: TableBuilder,
    accounts: HashMap<Box<str>, u32>,
    limits: HashMap<Vec<u8>, Place>,
}

impl ShardBuilder {
    /// An empty shard of a keyspace at an epoch.
    pub fn new(era: u32, epoch: u64, profile: Profile) -> Self {
        Self {
            era,
            epoch,
            profile,
            table: TableBuilder::default(),
            accounts: HashMap::new(),
            limits: HashMap::new(),
        }
    }

    /// One more live key. Disabled, deactivated and expired ones stay out: what is absent is refused.
    pub fn key(&mut self, key: &LiveKey<'_>) -> Result<(), Error> {
        let policy = crate::verify::record_policy(
            &self.profile,
            Status::Active,
            Some(key.level),
            std::iter::empty(),
            key.rate,
        )?;
        // Whoever gives keys many rates takes no place from keys that have their level's.
        if key.rate.is_some() && !self.table.has_room(&policy, self.profile.levels().len()) {
            return Err(Error::new(
                Code::InvalidRecord,
                "more than 65,536 different sets of level and rate",
            ));
        }
        let account = if let Some(&known) = self.accounts.get(key.account) {
            known
        } else {
            let account = self.table.account(key.account);
            self.accounts.insert(key.account.into(), account);
            account
        };
        let constraints = key
            .constraints
            .iter()
            .map(|(dimension, constraint)| (*dimension, constraint));
        let packed = access::pack(self.profile.dimensions(), policy.level, constraints)?;
        let limits = if let Some(&known) = self.limits.get(&packed) {
            known
        } else {
            let place = self.table.limits(&packed)?;
            self.limits.insert(packed, place);
            place
        };
        let note = self.table.note(key.subject, key.meta)?;
        self.table.add(NewRow {
            id: key.id.get(),
            digest: key.digest,
            policy,
            ends: [key.expires_at, None],
            account: Some(account),
            note,
            limits,
        })
    }

    /// The finished file.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        let profile = self.profile.compile();
        let mut file = Vec::new();
        file.extend(MAGIC);
        file.extend(self.era.to_le_bytes());
        file.extend(0u32.to_le_bytes());
        file.extend(self.epoch.to_le_bytes());
        file.extend([0; SECTIONS * 4]);
        file.extend(&profile);
        let table = self.table.finish(file)?;
        let layout = table.layout;
        let lengths: [usize; SECTIONS] = [
            profile.len(),
            layout.schemes.len(),
            layout.policies.len(),
            layout.records.len(),
            layout.directory.len(),
            layout.owners.len(),
            layout.accounts.len(),
            layout.note_index.len(),
            layout.notes.len(),
            layout.limit_index.len(),
            layout.limits.len(),
        ];
        let mut file = table.bytes;
        if file.len() > MAX_LENGTH {
            return Err(Error::new(
                Code::InvalidRecord,
                "the keyspace is too large for one shard of 1 GiB",
            ));
        }
        let places = file[HEADER_LENGTH - SECTIONS * 4..HEADER_LENGTH].chunks_exact_mut(4);
        for (place, length) in places.zip(lengths) {
            place.copy_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        }
        Ok(file)
    }
}

/// A head and its shard, checked and ready to decide.
#[derive(Debug)]
pub struct Snapshot {
    /// What was signed.
    pub head: Head,
    /// The decider.
    pub verifier: Verifier,
}

impl Snapshot {
    /// Checks the head's signatures, keyspace and floor, then the shard against the head, then opens it. `peppers` are
    /// needed where keys are digested with one; those that are not needed do no harm.
    pub fn open(
        head: &[u8],
        shard: Vec<u8>,
        roots: &[PublicKey],
        keyspace: Option<&str>,
        floor: (u32, u64),
        peppers: Vec<Pepper>,
    ) -> Result<Self, Error> {
        let head = Head::open(head, roots, keyspace)?;
        head.check_floor(floor.0, floor.1)?;
        let [expected] = head.shards[..] else {
            return Err(Error::new(
                Code::InvalidSnapshot,
                "the keyspace has several shards; this version opens one",
            ));
        };
        // The length first: it costs nothing.
        if shard.len() != expected.length as usize
            || shard.len() > MAX_LENGTH
            || ShardRef::of(&shard) != expected
        {
            return Err(Error::new(
                Code::InvalidSnapshot,
                "the shard is not the one that the head names",
            ));
        }
        let place = (head.era, head.epoch);
        let verifier = open_shard(shard, place, Some(head.validity()), peppers)?;
        Ok(Self { head, verifier })
    }
}

/// Opens a shard that this process has built itself, which needs no signature to be believed. It decides whatever the
/// time: how long it holds, its owner knows.
#[cfg(not(target_family = "wasm"))]
pub fn open_own_shard(
    shard: Vec<u8>,
    era: u32,
    epoch: u64,
    peppers: Vec<Pepper>,
) -> Result<Verifier, Error> {
    open_shard(shard, (era, epoch), None, peppers)
}

/// Opens bytes whose digest was signed. Lengths are checked all the same: the signer may have erred (threat 9).
fn open_shard(
    shard: Vec<u8>,
    (era, epoch): (u32, u64),
    validity: Option<Validity>,
    peppers: Vec<Pepper>,
) -> Result<Verifier, Error> {
    let invalid = |why: &'static str| Error::new(Code::InvalidSnapshot, why);
    let header = shard
        .get(..HEADER_LENGTH)
        .ok_or_else(|| invalid("the shard is shorter than its header"))?;
    if !header.starts_with(MAGIC) {
        return Err(invalid("this is not a shard of format version 1"));
    }
    let word = |at: usize| {
        u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    let own_epoch = u64::from(word(20)) << 32 | u64::from(word(16));
    if (word(8), word(12), own_epoch) != (era, 0, epoch) {
        return Err(invalid(
            "the shard is of another era, number or epoch than its head",
        ));
    }
    let mut end = HEADER_LENGTH;
    let sections: [Range<usize>; SECTIONS] = std::array::from_fn(|section| {
        let start = end;
        end = start.saturating_add(word(24 + section * 4) as usize);
        start..end
    });
    if end != shard.len() {
        return Err(invalid(
            "the sections of the shard do not add up to its length",
        ));
    }
    let [
        profile,
        schemes,
        policies,
        records,
        directory,
        owners,
        accounts,
        note_index,
        notes,
        limit_index,
        limits,
    ] = sections;
    let profile = Profile::decode(&shard[profile])?;
    let layout = crate::verify::Layout {
        schemes,
        policies,
        records,
        directory,
        owners,
        accounts,
        note_index,
        notes,
        limit_index,
        limits,
    };
    let table = KeyTable::open(shard, layout, false)?;
    Verifier::from_table(profile, table, validity, Vec::new(), peppers)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many sets of rights a table can tell apart.
    const POLICIES: u32 = 65_536;

    #[test]
    #[cfg_attr(miri, ignore = "too slow there")]
    fn a_key_with_one_set_of_rights_too_many_is_left_out_alone() {
        let profile = Profile::preset("keyward").expect("a preset");
        let level = &*profile.levels()[0].id.clone();
        let mut builder = ShardBuilder::new(1, 1, profile.clone());
        let mut made = 0_u32;
        let room = POLICIES - u32::try_from(profile.levels().len()).expect("some");
        let mut add = |rate: Option<u32>| {
            made += 1;
            let digest = Digest::sha256_of(&made.to_le_bytes());
            builder.key(&LiveKey {
                id: KeyId::from_u64(made.into()).expect("small"),
                digest: &digest,
                account: "acme",
                level,
                expires_at: None,
                subject: None,
                meta: None,
                constraints: &[],
                rate: rate.map(|rate| Rate::new(rate, 60).expect("a rate")),
            })
        };
        for rate in 1..=room {
            add(Some(rate)).expect("there is room");
        }
        let refused = add(Some(room + 1)).expect_err("one too many");
        assert!(refused.to_string().contains("65,536"), "{refused}");
        add(Some(room)).expect("known already");
        add(None).expect("a level's own has its place");
        let file = builder.finish().expect("the others");
        let verifier = open_own_shard(file, 1, 1, Vec::new()).expect("sound");
        assert_eq!(verifier.table().len(), room + 2);
    }
}
