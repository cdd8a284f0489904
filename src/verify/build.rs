//! Lays a table of keys out.

use super::table::{
    MAX_BUCKET, MAX_KEYS, NO_ACCOUNT, NO_LEVEL, POLICY_LENGTH, Policy, RECORD_LENGTH, bucket_of,
    directory_bits,
};
use crate::error::{Code, Error};
use crate::key::Digest;
use crate::time::Timestamp;

/// A record has 48 bits for its expiry; further ones would wrap around and, cut to zero, never come.
const MAX_EXPIRY: u64 = (1 << 48) - 1;

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
        let expires_at = expires_at.map_or(0, |at| u64::try_from(at.as_millis()).unwrap_or(0));
        if expires_at > MAX_EXPIRY {
            return Err(Error::new(
                Code::InvalidRecord,
                "an expiry beyond the year 10889; a key that never ends has none",
            ));
        }
        let row = Row {
            digest: *digest.bytes(),
            id,
            expires_at,
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
        let (starts, order) = sort_by_digest(&self.rows, bits)?;
        let rows = || order.iter().map(|&row| &self.rows[row as usize]);
        if let Some((row, next)) = rows()
            .zip(rows().skip(1))
            .find(|(row, next)| row.digest == next.digest)
        {
            let (first, second) = (row.id.min(next.id), row.id.max(next.id));
            let message = format!(
                "records {first} and {second} have the same digest; a digest names one key"
            );
            return Err(Error::new(Code::InvalidRecord, message));
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
/// Digests of keys are spread evenly, so counting them into buckets of about four and ordering each by insertion is linear, and a
/// tenth of a general sort's code.
fn sort_by_digest(rows: &[Row], bits: u8) -> Result<(Vec<u32>, Vec<u32>), Error> {
    let mut starts = vec![0u32; (1 << bits) + 1];
    for row in rows {
        starts[bucket_of(&row.digest, bits) + 1] += 1;
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
    Ok((starts, order))
}

fn le32(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}
