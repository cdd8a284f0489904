//! The table of keys: built once, then read in place (docs/format.md, "Sections of a shard").
//!
//! Records of 48 bytes, sorted by digest, behind a directory of buckets; everything that many keys share (policies,
//! accounts) or few have (subject, meta) stands in tables beside them.

use subtle::ConstantTimeEq as _;

use super::record::Status;
use crate::access::ScopeSet;
use crate::error::{Code, Error};
use crate::key::{Digest, KeyId};
use crate::time::Timestamp;

/// Digest 32, id 8, expiry 6, policy 2.
pub(crate) const RECORD_LENGTH: usize = 48;
pub(crate) const POLICY_LENGTH: usize = 20;
const NO_LEVEL: u16 = u16::MAX;
const NO_ACCOUNT: u32 = u32::MAX;
/// The most keys of one table.
const MAX_KEYS: usize = 1 << 24;
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
}

struct Row {
    digest: [u8; 32],
    id: u64,
    expires_at: u64,
    policy: u16,
    account: u32,
    note: u32,
}

/// Collects keys and lays them out.
#[derive(Default)]
pub(crate) struct TableBuilder {
    rows: Vec<Row>,
    policies: Vec<Policy>,
    /// The policies' positions, in the policies' order.
    sorted_policies: Vec<u16>,
    accounts: Vec<Box<str>>,
    notes: Vec<u8>,
}

/// The sections of a finished table.
pub(crate) struct Sections {
    pub(crate) policies: Vec<u8>,
    pub(crate) records: Vec<u8>,
    pub(crate) directory: Vec<u8>,
    pub(crate) owners: Vec<u8>,
    pub(crate) accounts: Vec<u8>,
    pub(crate) note_index: Vec<u8>,
    pub(crate) notes: Vec<u8>,
}

impl TableBuilder {
    /// One more key; `account` is the number that [`account`](Self::account) gave.
    pub(crate) fn add(
        &mut self,
        id: u64,
        digest: &Digest,
        policy: Policy,
        expires_at: Option<Timestamp>,
        account: Option<u32>,
        note: (Option<&str>, Option<&str>),
    ) -> Result<(), Error> {
        if self.rows.len() >= MAX_KEYS {
            return Err(Error::new(
                Code::InvalidRecord,
                "more than 16,777,216 keys in one table",
            ));
        }
        let row = Row {
            digest: *digest.bytes(),
            id,
            expires_at: expires_at.map_or(0, |at| u64::try_from(at.as_millis()).unwrap_or(0)),
            policy: self.policy(policy)?,
            account: account.unwrap_or(NO_ACCOUNT),
            note: self.note(note)?,
        };
        self.rows.push(row);
        Ok(())
    }

    /// One more account; the caller sees to it that each comes once.
    pub(crate) fn account(&mut self, account: &str) -> u32 {
        let index = u32::try_from(self.accounts.len()).unwrap_or(NO_ACCOUNT);
        self.accounts.push(account.into());
        index
    }

    fn policy(&mut self, policy: Policy) -> Result<u16, Error> {
        let place = self
            .sorted_policies
            .binary_search_by(|&known| self.policies[usize::from(known)].cmp(&policy));
        let place = match place {
            Ok(known) => return Ok(self.sorted_policies[known]),
            Err(place) => place,
        };
        let index = u16::try_from(self.policies.len()).map_err(|_| {
            Error::new(
                Code::InvalidRecord,
                "more than 65,536 different sets of rights",
            )
        })?;
        self.policies.push(policy);
        self.sorted_policies.insert(place, index);
        Ok(index)
    }

    /// Where the note begins, plus one; zero for none.
    fn note(&mut self, (subject, meta): (Option<&str>, Option<&str>)) -> Result<u32, Error> {
        if subject.is_none() && meta.is_none() {
            return Ok(0);
        }
        let place = u32::try_from(self.notes.len() + 1).map_err(|_| {
            Error::new(
                Code::InvalidRecord,
                "subjects and meta of one table exceed 4 GiB",
            )
        })?;
        for text in [subject, meta] {
            match text.map(|text| (text, u16::try_from(text.len()))) {
                None => self.notes.extend(u16::MAX.to_le_bytes()),
                Some((text, Ok(length))) if length < u16::MAX => {
                    self.notes.extend(length.to_le_bytes());
                    self.notes.extend(text.as_bytes());
                }
                Some(_) => {
                    return Err(Error::new(
                        Code::InvalidRecord,
                        "a subject or meta beyond 65,534 bytes",
                    ));
                }
            }
        }
        Ok(place)
    }

    /// Lays the table out; two keys with one digest are refused.
    pub(crate) fn finish(self) -> Result<Sections, Error> {
        let bits = directory_bits(self.rows.len());
        let (starts, order) = sort_by_digest(&self.rows, bits);
        let rows = || order.iter().map(|&row| &self.rows[row as usize]);
        if rows()
            .zip(rows().skip(1))
            .any(|(row, next)| row.digest == next.digest)
        {
            return Err(Error::new(
                Code::InvalidRecord,
                "two keys with the same digest; a digest names one key",
            ));
        }
        let directory = starts
            .iter()
            .flat_map(|start| start.to_le_bytes())
            .collect();
        let mut records = Vec::with_capacity(self.rows.len() * RECORD_LENGTH);
        for row in rows() {
            records.extend_from_slice(&row.digest);
            records.extend_from_slice(&row.id.to_le_bytes());
            records.extend_from_slice(&row.expires_at.to_le_bytes()[..6]);
            records.extend_from_slice(&row.policy.to_le_bytes());
        }
        let mut policies = Vec::with_capacity(self.policies.len() * POLICY_LENGTH);
        for policy in &self.policies {
            policies.push(policy.status as u8);
            policies.push(u8::from(policy.everything));
            policies.extend_from_slice(&policy.level.unwrap_or(NO_LEVEL).to_le_bytes());
            policies.extend_from_slice(&policy.scopes.bits().to_le_bytes());
        }
        let column = |value: fn(&Row) -> u32, absent: u32| {
            if self.rows.iter().all(|row| value(row) == absent) {
                return Vec::new();
            }
            rows().flat_map(|row| value(row).to_le_bytes()).collect()
        };
        let mut accounts = le32(self.accounts.len()).to_vec();
        let mut end = 0;
        for account in &self.accounts {
            end += account.len();
            accounts.extend_from_slice(&le32(end));
        }
        for account in &self.accounts {
            accounts.extend_from_slice(account.as_bytes());
        }
        Ok(Sections {
            owners: column(|row| row.account, NO_ACCOUNT),
            note_index: column(|row| row.note, 0),
            policies,
            records,
            directory,
            accounts,
            notes: self.notes,
        })
    }
}

/// Where each bucket starts, and the rows in the order of their digests.
///
/// Digests are spread evenly, so counting them into buckets of about four and ordering each by insertion is linear, and a
/// tenth of a general sort's code.
fn sort_by_digest(rows: &[Row], bits: u8) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0u32; (1 << bits) + 1];
    for row in rows {
        starts[bucket_of(&row.digest, bits) + 1] += 1;
    }
    for bucket in 1..starts.len() {
        starts[bucket] += starts[bucket - 1];
    }
    let mut ends = starts.clone();
    let mut order = vec![0u32; rows.len()];
    for (index, row) in (0u32..).zip(rows) {
        let bucket = bucket_of(&row.digest, bits);
        let mut place = ends[bucket] as usize;
        ends[bucket] += 1;
        while place > starts[bucket] as usize && rows[order[place - 1] as usize].digest > row.digest
        {
            order[place] = order[place - 1];
            place -= 1;
        }
        order[place] = index;
    }
    (starts, order)
}

/// Buckets of about four records.
fn directory_bits(count: usize) -> u8 {
    let wanted = usize::BITS - (count / 4).leading_zeros();
    u8::try_from(wanted)
        .unwrap_or(MAX_DIRECTORY_BITS)
        .min(MAX_DIRECTORY_BITS)
}

/// Digests are spread evenly, so their top bits choose a bucket.
fn bucket_of(digest: &[u8; 32], bits: u8) -> usize {
    let [a, b, c, d, ..] = *digest;
    let top = u64::from(u32::from_be_bytes([a, b, c, d]));
    usize::try_from(top << bits >> 32).unwrap_or(0)
}

fn le32(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

/// Where each section lies in the bytes of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) policies: std::ops::Range<usize>,
    pub(crate) records: std::ops::Range<usize>,
    pub(crate) directory: std::ops::Range<usize>,
    pub(crate) owners: std::ops::Range<usize>,
    pub(crate) accounts: std::ops::Range<usize>,
    pub(crate) note_index: std::ops::Range<usize>,
    pub(crate) notes: std::ops::Range<usize>,
}

/// A table that is read in place.
#[derive(Debug)]
pub struct KeyTable {
    bytes: Vec<u8>,
    layout: Layout,
    policies: Vec<Policy>,
    count: u32,
    directory_bits: u8,
    ids_are_ordinals: bool,
}

impl KeyTable {
    /// Joins the sections of a builder.
    pub(crate) fn from_sections(
        sections: &Sections,
        ids_are_ordinals: bool,
    ) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        let mut place = |section: &[u8]| {
            let start = bytes.len();
            bytes.extend_from_slice(section);
            start..bytes.len()
        };
        let layout = Layout {
            policies: place(&sections.policies),
            records: place(&sections.records),
            directory: place(&sections.directory),
            owners: place(&sections.owners),
            accounts: place(&sections.accounts),
            note_index: place(&sections.note_index),
            notes: place(&sections.notes),
        };
        Self::open(bytes, layout, ids_are_ordinals)
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
        for column in [&layout.owners, &layout.note_index] {
            if !column.is_empty() && column.len() != count * 4 {
                return Err(invalid("a column does not have one entry a key"));
            }
        }
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
        let count = u32::try_from(count).unwrap_or(0);
        Ok(Self {
            bytes,
            layout,
            policies,
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

    pub(crate) fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// Finds the record with this digest.
    ///
    /// Which bucket is read, and how far, depends on the digest alone, which nobody can choose the bits of; the one full
    /// comparison takes the same time wherever it fails, and is done for unknown keys too (threat 24).
    pub(crate) fn find(&self, digest: &Digest) -> Option<u32> {
        let needle = digest.bytes();
        let bucket = bucket_of(needle, self.directory_bits);
        let start = self.u32_at(&self.layout.directory, bucket)?;
        let end = self
            .u32_at(&self.layout.directory, bucket + 1)?
            .min(self.count);
        let prefix = first_word(needle);
        let mut candidate = start.min(self.count.saturating_sub(1));
        for record in start..end {
            if first_word(self.record(record)?.first_chunk()?) == prefix {
                candidate = record;
            }
        }
        let stored: &[u8; 32] = self.record(candidate)?.first_chunk()?;
        bool::from(stored.ct_eq(needle)).then_some(candidate)
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
        section
            .get(index * 4..)?
            .first_chunk()
            .map(|bytes| u32::from_le_bytes(*bytes))
    }

    pub(crate) fn id(&self, record: u32) -> RecordId {
        let number = self.record(record).map_or(0, |bytes| {
            let mut id = [0; 8];
            id.copy_from_slice(&bytes[32..40]);
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

fn read_text(bytes: &[u8]) -> Option<(Option<&str>, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = u16::from_le_bytes(*length);
    if length == u16::MAX {
        return Some((None, rest));
    }
    let (text, rest) = rest.split_at_checked(usize::from(length))?;
    Some((Some(std::str::from_utf8(text).ok()?), rest))
}

fn read_policy(bytes: &[u8]) -> Option<Policy> {
    let [status, everything, level @ ..] = bytes.first_chunk::<4>()?;
    let level = u16::from_le_bytes(*level);
    Some(Policy {
        status: Status::from_number(*status)?,
        everything: match everything {
            0 => false,
            1 => true,
            _ => return None,
        },
        level: Some(level).filter(|&level| level != NO_LEVEL),
        scopes: ScopeSet::from_bits(u128::from_le_bytes(*bytes.last_chunk()?)),
    })
}

fn first_word(digest: &[u8; 32]) -> u64 {
    digest
        .first_chunk()
        .map_or(0, |word| u64::from_le_bytes(*word))
}
