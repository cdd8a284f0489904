//! The table of keys: built once, then read in place (docs/format.md, "Sections of a shard").
//!
//! Records of 48 bytes, sorted by digest, behind a directory of buckets; everything that many keys share (policies,
//! accounts) or few have (subject, meta) stands in tables beside them.

use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use super::build::Sections;
use super::record::Status;
use crate::access::{Limits, ScopeSet};
use crate::error::{Code, Error};
use crate::key::{Digest, DigestScheme, KeyId};
use crate::limit::Rate;
use crate::time::Timestamp;

/// Digest 32, id 7, scheme 1, expiry 6, policy 2.
pub(crate) const RECORD_LENGTH: usize = 48;
/// Status 1, everything 1, level 2, scopes 16, rate's limit 4 and window 4.
pub(crate) const POLICY_LENGTH: usize = 28;
/// At most so many digest schemes are active at once, so that a lookup costs at most so many hashes.
pub(crate) const MAX_SCHEMES: usize = 2;
pub(super) const NO_LEVEL: u16 = u16::MAX;
pub(super) const NO_ACCOUNT: u32 = u32::MAX;
/// The most keys of one table.
pub(super) const MAX_KEYS: usize = 1 << 24;
/// No bucket holds more; SHA-256 puts about four into each. Digests that crowd into one were not made by hashing keys.
pub(super) const MAX_BUCKET: u32 = 64;
/// The deepest directory: 2²⁰ buckets.
const MAX_DIRECTORY_BITS: u8 = 20;

/// How a record names its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordId {
    /// By the id that the server gave it.
    Key(KeyId),
    /// By its position among the records that the verifier was built from.
    Ordinal(u32),
}

/// What a key may do, stored once for all keys alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Policy {
    pub(crate) status: Status,
    /// The level's position in the profile; none where a record lists its own scopes.
    pub(crate) level: Option<u16>,
    /// All its scopes, those of the level included.
    pub(crate) scopes: ScopeSet,
    /// Whether it opens every call, listed or not.
    pub(crate) everything: bool,
    /// How often it may be used.
    pub(crate) rate: Option<Rate>,
}

/// Buckets of about four records.
pub(super) fn directory_bits(count: usize) -> u8 {
    let wanted = usize::BITS - (count / 4).leading_zeros();
    u8::try_from(wanted)
        .unwrap_or(MAX_DIRECTORY_BITS)
        .min(MAX_DIRECTORY_BITS)
}

/// Digests are spread evenly, so their top bits choose a bucket.
pub(super) fn bucket_of(digest: &[u8; 32], bits: u8) -> usize {
    let [a, b, c, d, ..] = *digest;
    let top = u64::from(u32::from_be_bytes([a, b, c, d]));
    usize::try_from(top << bits >> 32).unwrap_or(0)
}

/// Where each section lies in the bytes of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) schemes: std::ops::Range<usize>,
    pub(crate) policies: std::ops::Range<usize>,
    pub(crate) records: std::ops::Range<usize>,
    pub(crate) directory: std::ops::Range<usize>,
    pub(crate) owners: std::ops::Range<usize>,
    pub(crate) accounts: std::ops::Range<usize>,
    pub(crate) note_index: std::ops::Range<usize>,
    pub(crate) notes: std::ops::Range<usize>,
    pub(crate) limit_index: std::ops::Range<usize>,
    pub(crate) limits: std::ops::Range<usize>,
}

/// A table that is read in place.
#[derive(Debug)]
pub struct KeyTable {
    bytes: Vec<u8>,
    layout: Layout,
    /// How the digests were made; a record names one by its position.
    schemes: Vec<DigestScheme>,
    policies: Vec<Policy>,
    /// How many accounts there are.
    accounts: u32,
    count: u32,
    directory_bits: u8,
    ids_are_ordinals: bool,
}

impl KeyTable {
    /// Takes what a builder has laid out.
    pub(crate) fn from_sections(sections: Sections, ids_are_ordinals: bool) -> Result<Self, Error> {
        Self::open(sections.bytes, sections.layout, ids_are_ordinals)
    }

    /// Takes bytes over whose sections lie where `layout` says, and checks that they fit together.
    pub(crate) fn open(
        bytes: Vec<u8>,
        layout: Layout,
        ids_are_ordinals: bool,
    ) -> Result<Self, Error> {
        let invalid = |why: &'static str| Error::new(Code::InvalidSnapshot, why);
        let count = layout.records.len() / RECORD_LENGTH;
        let count_fits = layout.records.len().is_multiple_of(RECORD_LENGTH) && count <= MAX_KEYS;
        if !count_fits {
            return Err(invalid("the records are not a whole number of keys"));
        }
        let directory_bits = directory_bits(count);
        if layout.directory.len() != ((1 << directory_bits) + 1) * 4 {
            return Err(invalid("the directory does not fit the number of keys"));
        }
        let directory = bytes
            .get(layout.directory.clone())
            .ok_or_else(|| invalid("the directory lies beyond the end"))?;
        if !directory_holds(directory, count) {
            return Err(invalid(
                "the directory does not divide the keys into small buckets",
            ));
        }
        for column in [&layout.owners, &layout.note_index, &layout.limit_index] {
            if !column.is_empty() && column.len() != count * 4 {
                return Err(invalid("a column does not have one entry a key"));
            }
        }
        let schemes = bytes
            .get(layout.schemes.clone())
            .and_then(read_schemes)
            .filter(|schemes| count == 0 || !schemes.is_empty())
            .ok_or_else(|| invalid("the digest schemes are damaged"))?;
        let policies = bytes
            .get(layout.policies.clone())
            .filter(|policies| policies.len().is_multiple_of(POLICY_LENGTH))
            .and_then(|policies| {
                policies
                    .chunks_exact(POLICY_LENGTH)
                    .map(read_policy)
                    .collect()
            })
            .ok_or_else(|| invalid("the policies are damaged"))?;
        let accounts = bytes
            .get(layout.accounts.clone())
            .and_then(count_accounts)
            .ok_or_else(|| invalid("the accounts are damaged"))?;
        let count = u32::try_from(count).unwrap_or(0);
        Ok(Self {
            bytes,
            layout,
            schemes,
            policies,
            accounts,
            count,
            directory_bits,
            ids_are_ordinals,
        })
    }

    /// How many keys there are.
    pub const fn len(&self) -> u32 {
        self.count
    }

    /// Whether there is no key.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The bytes that hold it all: for a snapshot, the whole shard.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How the digests of these keys were made: at most two ways.
    pub fn schemes(&self) -> &[DigestScheme] {
        &self.schemes
    }

    pub(crate) fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// Finds the record with this digest, made by the scheme at this position.
    ///
    /// Which bucket is read, and how far, depends on the first bits of a digest, which nobody can match to a stored one
    /// but by holding its key. The full comparison takes the same time wherever it fails, and is done once for unknown
    /// keys too (threat 24).
    pub(crate) fn find(&self, scheme: u8, digest: &Digest) -> Option<u32> {
        let needle = digest.bytes();
        let bucket = bucket_of(needle, self.directory_bits);
        let start = self.u32_at(&self.layout.directory, bucket)?;
        let end = self.u32_at(&self.layout.directory, bucket + 1)?;
        let prefix = first_word(needle);
        // The one record that is compared whole, found without a branch that depends on digests: any of the bucket, or
        // of the table where it is empty, unless one begins as the key's digest does.
        let mut candidate = start.min(self.count.saturating_sub(1));
        let mut alike = 0_u32;
        for record in start..end {
            let is_alike = first_word(self.digest(record)?) == prefix;
            candidate =
                u32::conditional_select(&candidate, &record, Choice::from(u8::from(is_alike)));
            alike += u32::from(is_alike);
        }
        let is_equal = bool::from(self.digest(candidate)?.ct_eq(needle));
        let mut found = (is_equal && alike > 0).then_some(candidate);
        if alike > 1 && found.is_none() {
            // Digests of one table that agree in 64 bits have not been drawn but made.
            found = (start..end).find(|&record| self.digest(record) == Some(needle));
        }
        found.filter(|&record| self.record(record).is_some_and(|bytes| bytes[39] == scheme))
    }

    /// Whether everything that a record refers to is there. What a signer got wrong must not turn into a key without an
    /// account, or without a name.
    pub(crate) fn is_whole(&self, record: u32) -> bool {
        let named = self.ids_are_ordinals || matches!(self.id(record), RecordId::Key(_));
        let owned = self
            .owner(record)
            .is_none_or(|account| account < self.accounts);
        let noted = !self.has_note(record) || self.read_note(record).is_some();
        let limited = !self.is_limited(record) || self.limits(record).is_some();
        named && owned && noted && limited
    }

    fn digest(&self, record: u32) -> Option<&[u8; 32]> {
        self.record(record)?.first_chunk()
    }

    fn record(&self, record: u32) -> Option<&[u8; RECORD_LENGTH]> {
        let start = self.layout.records.start + record as usize * RECORD_LENGTH;
        if record >= self.count {
            return None;
        }
        self.bytes.get(start..)?.first_chunk()
    }

    fn u32_at(&self, section: &std::ops::Range<usize>, index: usize) -> Option<u32> {
        let section = self.bytes.get(section.clone())?;
        // Indices come from the file, and times four they need not fit 32 bits.
        section
            .get(index.checked_mul(4)?..)?
            .first_chunk()
            .map(|bytes| u32::from_le_bytes(*bytes))
    }

    pub(crate) fn id(&self, record: u32) -> RecordId {
        let number = self.record(record).map_or(0, |bytes| {
            let mut id = [0; 8];
            id[..7].copy_from_slice(&bytes[32..39]);
            u64::from_le_bytes(id)
        });
        match KeyId::from_u64(number) {
            Some(id) if !self.ids_are_ordinals => RecordId::Key(id),
            _ => RecordId::Ordinal(u32::try_from(number).unwrap_or(u32::MAX)),
        }
    }

    pub(crate) fn expires_at(&self, record: u32) -> Option<Timestamp> {
        let bytes = self.record(record)?;
        let mut millis = [0; 8];
        millis[..6].copy_from_slice(&bytes[40..46]);
        Timestamp::from_millis(i64::from_le_bytes(millis))
    }

    pub(crate) fn policy_index(&self, record: u32) -> u16 {
        self.record(record)
            .map_or(u16::MAX, |bytes| u16::from_le_bytes([bytes[46], bytes[47]]))
    }

    /// The number of the account that owns a key.
    pub(crate) fn owner(&self, record: u32) -> Option<u32> {
        self.u32_at(&self.layout.owners, record as usize)
            .filter(|&account| account != NO_ACCOUNT)
    }

    pub(crate) fn account(&self, index: u32) -> Option<&str> {
        let index = index as usize;
        let section = &self.layout.accounts;
        let count = self.u32_at(section, 0)? as usize;
        if index >= count {
            return None;
        }
        let start = if index == 0 {
            0
        } else {
            self.u32_at(section, index)? as usize
        };
        let end = self.u32_at(section, index + 1)? as usize;
        let texts = self
            .bytes
            .get(section.clone())?
            .get(count.checked_add(1)?.checked_mul(4)?..)?;
        std::str::from_utf8(texts.get(start..end)?).ok()
    }

    /// Subject and meta of a key.
    pub(crate) fn note(&self, record: u32) -> (Option<&str>, Option<&str>) {
        self.read_note(record).unwrap_or((None, None))
    }

    /// Whether a key has a subject or meta.
    pub(crate) fn has_note(&self, record: u32) -> bool {
        self.u32_at(&self.layout.note_index, record as usize)
            .is_some_and(|place| place != 0)
    }

    /// Whether a key is limited in some dimension.
    pub(crate) fn is_limited(&self, record: u32) -> bool {
        self.u32_at(&self.layout.limit_index, record as usize)
            .is_some_and(|place| place != 0)
    }

    /// The constraints of a key that is limited.
    pub(crate) fn limits(&self, record: u32) -> Option<Limits<'_>> {
        let start = self
            .u32_at(&self.layout.limit_index, record as usize)?
            .checked_sub(1)? as usize;
        let limits = self.bytes.get(self.layout.limits.clone())?.get(start..)?;
        Some(Limits::new(limits))
    }

    fn read_note(&self, record: u32) -> Option<(Option<&str>, Option<&str>)> {
        let start = self
            .u32_at(&self.layout.note_index, record as usize)?
            .checked_sub(1)? as usize;
        let notes = self.bytes.get(self.layout.notes.clone())?.get(start..)?;
        let (subject, rest) = read_text(notes)?;
        let (meta, _) = read_text(rest)?;
        Some((subject, meta))
    }
}

/// Whether the directory starts at the first record, never falls, ends behind the last, and no bucket is large.
fn directory_holds(directory: &[u8], count: usize) -> bool {
    let mut previous = 0;
    for (index, start) in directory.chunks_exact(4).enumerate() {
        let start = start
            .first_chunk()
            .map_or(u32::MAX, |bytes| u32::from_le_bytes(*bytes));
        let in_order = if index == 0 {
            start == 0
        } else {
            start >= previous
        };
        if !in_order || start - previous > MAX_BUCKET {
            return false;
        }
        previous = start;
    }
    previous as usize == count
}

/// How many accounts there are, or `None` unless each name is there and UTF-8.
fn count_accounts(section: &[u8]) -> Option<u32> {
    let (count, rest) = section.split_first_chunk()?;
    let count = u32::from_le_bytes(*count);
    let (ends, names) = rest.split_at_checked((count as usize).checked_mul(4)?)?;
    let mut start = 0;
    for end in ends.chunks_exact(4) {
        let end = u32::from_le_bytes(*end.first_chunk()?) as usize;
        std::str::from_utf8(names.get(start..end)?).ok()?;
        start = end;
    }
    (start == names.len()).then_some(count)
}

fn read_text(bytes: &[u8]) -> Option<(Option<&str>, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = u16::from_le_bytes(*length);
    if length == u16::MAX {
        return Some((None, rest));
    }
    let (text, rest) = rest.split_at_checked(usize::from(length))?;
    Some((Some(std::str::from_utf8(text).ok()?), rest))
}

/// A count, and each scheme as 8-bit length and text.
fn read_schemes(section: &[u8]) -> Option<Vec<DigestScheme>> {
    let (&count, mut rest) = section.split_first()?;
    let mut schemes = Vec::new();
    for _ in 0..count {
        let (&length, after) = rest.split_first()?;
        let (text, after) = after.split_at_checked(usize::from(length))?;
        rest = after;
        let scheme = std::str::from_utf8(text).ok()?.parse().ok()?;
        if schemes.len() == MAX_SCHEMES || schemes.contains(&scheme) {
            return None;
        }
        schemes.push(scheme);
    }
    rest.is_empty().then_some(schemes)
}

fn read_policy(bytes: &[u8]) -> Option<Policy> {
    let (head, bytes) = bytes.split_first_chunk::<4>()?;
    let (scopes, bytes) = bytes.split_first_chunk()?;
    let (limit, bytes) = bytes.split_first_chunk()?;
    let window = u32::from_le_bytes(*bytes.first_chunk()?);
    let [status, everything, level @ ..] = head;
    let level = u16::from_le_bytes(*level);
    Some(Policy {
        status: Status::from_number(*status)?,
        everything: match everything {
            0 => false,
            1 => true,
            _ => return None,
        },
        level: Some(level).filter(|&level| level != NO_LEVEL),
        scopes: ScopeSet::from_bits(u128::from_le_bytes(*scopes)),
        rate: match (u32::from_le_bytes(*limit), window) {
            (0, 0) => None,
            (limit, window) => Some(Rate::new(limit, window).ok()?),
        },
    })
}

fn first_word(digest: &[u8; 32]) -> u64 {
    digest
        .first_chunk()
        .map_or(0, |word| u64::from_le_bytes(*word))
}
