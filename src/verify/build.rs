//! Lays a table of keys out.

use std::ops::Range;

use super::table::{
    Layout, MAX_BUCKET, MAX_KEYS, MAX_SCHEMES, NO_ACCOUNT, NO_LEVEL, Policy, RECORD_LENGTH,
    bucket_of, directory_bits,
};
use crate::error::{Code, Error};
use crate::key::{Digest, DigestScheme};
use crate::limit::Rate;
use crate::time::Timestamp;

/// A record has 48 bits for its expiry; further ones would wrap around and, cut to zero, never come.
const MAX_EXPIRY: u64 = (1 << 48) - 1;

/// One digest of a key on its way into a table. A key that is being rotated has two: two rows with one id.
#[derive(Clone, Copy)]
pub(crate) struct NewRow<'a> {
    pub(crate) id: u64,
    pub(crate) digest: &'a Digest,
    pub(crate) policy: Policy,
    /// The ends of the key and of this digest, whichever there are: the earlier one holds.
    pub(crate) ends: [Option<Timestamp>; 2],
    /// The number that [`TableBuilder::account`] gave.
    pub(crate) account: Option<u32>,
    /// Where [`TableBuilder::note`] has put subject and meta.
    pub(crate) note: Place,
    /// Where [`TableBuilder::limits`] has put the constraints.
    pub(crate) limits: Place,
}

/// Where something begins in its section, plus one; zero for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place(u32);

/// Laid out as [`RECORD_LENGTH`] says.
type Record = [u8; RECORD_LENGTH];

fn digest(record: &Record) -> &[u8; 32] {
    record.first_chunk().unwrap_or(&[0; 32])
}

/// A number for each record that has one, in the order in which they came. Those behind the last are without.
#[derive(Default)]
struct Column(Vec<u32>);

impl Column {
    /// The number of the record at `row`, the last so far; `absent` says that it has none.
    fn put(&mut self, row: usize, number: u32, absent: u32) {
        if number != absent {
            self.0.resize(row, absent);
            self.0.push(number);
        }
    }
}

/// Collects keys and lays them out.
#[derive(Default)]
pub(crate) struct TableBuilder {
    /// As they stand in the table, but in the order in which they came: of a million keys, a second copy would be the
    /// larger part of a small server.
    records: Vec<Record>,
    owners: Column,
    note_index: Column,
    limit_index: Column,
    policies: Vec<Policy>,
    /// The policies' positions, in the policies' order.
    sorted_policies: Vec<u16>,
    accounts: Vec<Box<str>>,
    notes: Vec<u8>,
    limits: Vec<u8>,
    schemes: Vec<DigestScheme>,
}

/// A finished table: its sections one after another, in the order of [`Layout`], behind whatever was put before them.
pub(crate) struct Sections {
    pub(crate) bytes: Vec<u8>,
    pub(crate) layout: Layout,
}

impl TableBuilder {
    /// One more digest.
    pub(crate) fn add(&mut self, new: NewRow<'_>) -> Result<(), Error> {
        let row = self.records.len();
        if row >= MAX_KEYS {
            return Err(Error::new(
                Code::InvalidRecord,
                "more than 16,777,216 keys in one table",
            ));
        }
        let expires_at = new
            .ends
            .into_iter()
            .flatten()
            .min()
            .map_or(0, |at| u64::try_from(at.as_millis()).unwrap_or(0));
        if expires_at > MAX_EXPIRY {
            return Err(Error::new(
                Code::InvalidRecord,
                "an expiry beyond the year 10889; a key that never ends has none",
            ));
        }
        let scheme = self.scheme(new.digest.scheme())?;
        let policy = self.policy(new.policy)?;
        let mut record = [0; RECORD_LENGTH];
        record[..32].copy_from_slice(new.digest.bytes());
        record[32..39].copy_from_slice(&new.id.to_le_bytes()[..7]);
        record[39] = scheme;
        record[40..46].copy_from_slice(&expires_at.to_le_bytes()[..6]);
        record[46..].copy_from_slice(&policy.to_le_bytes());
        self.records.push(record);
        self.owners
            .put(row, new.account.unwrap_or(NO_ACCOUNT), NO_ACCOUNT);
        self.note_index.put(row, new.note.0, 0);
        self.limit_index.put(row, new.limits.0, 0);
        Ok(())
    }

    /// Whether there is room for a policy, and for so many others besides.
    pub(crate) fn has_room(&self, policy: &Policy, besides: usize) -> bool {
        let most = usize::from(u16::MAX) + 1;
        self.policies.len() + besides < most || self.place_of(policy).is_ok()
    }

    /// Where a policy stands in the policies' order, or would stand.
    fn place_of(&self, policy: &Policy) -> Result<usize, usize> {
        self.sorted_policies
            .binary_search_by(|&known| self.policies[usize::from(known)].cmp(policy))
    }

    /// One more account; the caller sees to it that each comes once.
    pub(crate) fn account(&mut self, account: &str) -> u32 {
        let index = u32::try_from(self.accounts.len()).unwrap_or(NO_ACCOUNT);
        self.accounts.push(account.into());
        index
    }

    fn scheme(&mut self, scheme: DigestScheme) -> Result<u8, Error> {
        let known = self.schemes.iter().position(|&known| known == scheme);
        let index = known.unwrap_or_else(|| {
            self.schemes.push(scheme);
            self.schemes.len() - 1
        });
        if index >= MAX_SCHEMES {
            let message =
                "digests of more than two schemes; finish one change of peppers before the next";
            return Err(Error::new(Code::InvalidRecord, message));
        }
        Ok(u8::from(index == 1))
    }

    fn policy(&mut self, policy: Policy) -> Result<u16, Error> {
        let place = match self.place_of(&policy) {
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

    /// Puts subject and meta of a key down.
    pub(crate) fn note(
        &mut self,
        subject: Option<&str>,
        meta: Option<&str>,
    ) -> Result<Place, Error> {
        if subject.is_none() && meta.is_none() {
            return Ok(Place::default());
        }
        let place = place(&self.notes)?;
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

    /// Puts packed constraints down; the caller sees to it that the same ones come once.
    pub(crate) fn limits(&mut self, packed: &[u8]) -> Result<Place, Error> {
        if packed.is_empty() {
            return Ok(Place::default());
        }
        let place = place(&self.limits)?;
        self.limits.extend_from_slice(packed);
        Ok(place)
    }

    /// Lays the table out behind the bytes `before` it; two keys with one digest are refused.
    pub(crate) fn finish(self, before: Vec<u8>) -> Result<Sections, Error> {
        let mut records = self.records;
        let (starts, mut order) = sort_by_digest(&records, directory_bits(records.len()))?;
        put_in_order(&mut records, &mut order);
        if let Some([record, next]) = records
            .array_windows()
            .find(|[record, next]| digest(record) == digest(next))
        {
            let [one, other] = [record, next].map(|record| {
                let mut id = [0; 8];
                id[..7].copy_from_slice(&record[32..39]);
                u64::from_le_bytes(id)
            });
            let (first, second) = (one.min(other), one.max(other));
            let message = format!(
                "records {first} and {second} have the same digest; a digest names one key, and a key has it once"
            );
            return Err(Error::new(Code::InvalidRecord, message));
        }
        let mut out = Writer {
            start: before.len(),
            bytes: before,
        };
        let count = u8::from(!self.schemes.is_empty()) + u8::from(self.schemes.len() > 1);
        out.bytes.push(count);
        for scheme in &self.schemes {
            let text = scheme.to_string();
            out.bytes.push(u8::try_from(text.len()).unwrap_or(0));
            out.put(text.as_bytes());
        }
        let schemes = out.section();
        for policy in &self.policies {
            out.put(&[policy.status as u8, u8::from(policy.everything)]);
            out.put(&policy.level.unwrap_or(NO_LEVEL).to_le_bytes());
            out.put(&policy.scopes.bits().to_le_bytes());
            out.u32(policy.rate.map_or(0, Rate::limit));
            out.u32(policy.rate.map_or(0, Rate::window_seconds));
        }
        let policies = out.section();
        out.put_before(records.into_flattened());
        let records = out.section();
        for start in starts {
            out.u32(start);
        }
        let directory = out.section();
        // A column that says nothing of any key is left out.
        let column = |out: &mut Writer, Column(numbers): &Column, absent: u32| {
            if !numbers.is_empty() {
                for &row in &order {
                    out.u32(numbers.get(row as usize).copied().unwrap_or(absent));
                }
            }
            out.section()
        };
        let owners = column(&mut out, &self.owners, NO_ACCOUNT);
        out.length(self.accounts.len());
        let mut end = 0;
        for account in &self.accounts {
            end += account.len();
            out.length(end);
        }
        for account in &self.accounts {
            out.put(account.as_bytes());
        }
        let accounts = out.section();
        let note_index = column(&mut out, &self.note_index, 0);
        out.put(&self.notes);
        let notes = out.section();
        let limit_index = column(&mut out, &self.limit_index, 0);
        out.put(&self.limits);
        let limits = out.section();
        Ok(Sections {
            bytes: out.bytes,
            layout: Layout {
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
            },
        })
    }
}

/// Writes section after section.
struct Writer {
    bytes: Vec<u8>,
    /// Where the current section starts.
    start: usize,
}

impl Writer {
    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Goes on in a buffer that holds what comes next, which is the larger part.
    fn put_before(&mut self, mut buffer: Vec<u8>) {
        let (before, length) = (self.bytes.len(), buffer.len());
        buffer.resize(before + length, 0);
        buffer.copy_within(..length, before);
        buffer[..before].copy_from_slice(&self.bytes);
        self.bytes = buffer;
    }

    fn u32(&mut self, number: u32) {
        self.put(&number.to_le_bytes());
    }

    fn length(&mut self, length: usize) {
        self.u32(u32::try_from(length).unwrap_or(u32::MAX));
    }

    /// Ends a section, and says where it lies.
    fn section(&mut self) -> Range<usize> {
        let section = self.start..self.bytes.len();
        self.start = section.end;
        section
    }
}

/// Where each bucket starts, and the rows in the order of their digests.
///
/// Digests of keys are spread evenly, so counting them into buckets of about four and ordering each by insertion is
/// linear, and a tenth of a general sort's code.
fn sort_by_digest(rows: &[Record], bits: u8) -> Result<(Vec<u32>, Vec<u32>), Error> {
    let mut starts = vec![0u32; (1 << bits) + 1];
    for row in rows {
        starts[bucket_of(digest(row), bits) + 1] += 1;
    }
    if starts.iter().any(|&size| size > MAX_BUCKET) {
        let message = "many digests begin with the same bits; give the digests of keys, as digestKey makes them";
        return Err(Error::new(Code::InvalidRecord, message));
    }
    for bucket in 1..starts.len() {
        starts[bucket] += starts[bucket - 1];
    }
    let mut ends = starts.clone();
    let mut order = vec![0u32; rows.len()];
    for (index, row) in (0u32..).zip(rows) {
        let bucket = bucket_of(digest(row), bits);
        let mut place = ends[bucket] as usize;
        ends[bucket] += 1;
        while place > starts[bucket] as usize
            && digest(&rows[order[place - 1] as usize]) > digest(row)
        {
            order[place] = order[place - 1];
            place -= 1;
        }
        order[place] = index;
    }
    Ok((starts, order))
}

/// Puts each record where `order` has its row, without room for another copy.
fn put_in_order(records: &mut [Record], order: &mut [u32]) {
    // Rows are below 2²⁴.
    const DONE: u32 = 1 << 31;
    for first in 0..order.len() {
        // Round the circle of those that stand in each other's places.
        let mut place = first;
        while order[place] & DONE == 0 {
            let row = order[place] as usize;
            order[place] |= DONE;
            if row != first {
                records.swap(place, row);
                place = row;
            }
        }
    }
    for row in order {
        *row &= !DONE;
    }
}

fn place(section: &[u8]) -> Result<Place, Error> {
    u32::try_from(section.len() + 1).map(Place).map_err(|_| {
        Error::new(
            Code::InvalidRecord,
            "subjects, meta or constraints of one table exceed 4 GiB",
        )
    })
}
