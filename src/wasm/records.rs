//! Reads the buffer in which JavaScript hands records over.
//!
//! Little-endian: a count and a table of strings (16-bit length, UTF-8), then a count and the records: digest as text
//! with a 16-bit length, expiry as f64 (NaN: never), status, level (position in the table plus one, 0 for none), and a
//! counted list of scopes by position.

use crate::error::{Code, Error};
use crate::key::Digest;
use crate::profile::Profile;
use crate::time::Timestamp;
use crate::verify::{KeyTable, Status, TableBuilder, Verifier, record_policy};

pub(super) fn read(profile: Profile, bytes: &[u8]) -> Result<Verifier, Error> {
    let mut input = Reader(bytes);
    let strings = input.strings().ok_or_else(cut)?;
    let count = input.u32().ok_or_else(cut)?;
    let mut table = TableBuilder::default();
    for ordinal in 0..count {
        read_one(
            &profile,
            &mut input,
            &strings,
            u64::from(ordinal),
            &mut table,
        )
        .map_err(|error| error.within(format!("record {ordinal}")))?;
    }
    if !input.0.is_empty() {
        return Err(cut());
    }
    Verifier::from_table(
        profile,
        KeyTable::from_sections(&table.finish()?, true)?,
        None,
        Vec::new(),
    )
}

fn read_one(
    profile: &Profile,
    input: &mut Reader<'_>,
    strings: &[&str],
    ordinal: u64,
    table: &mut TableBuilder,
) -> Result<(), Error> {
    let invalid = |why: &'static str| Error::new(Code::InvalidRecord, why);
    let digest: Digest = input.text().ok_or_else(cut)?.parse()?;
    let expires = input.array().map(f64::from_le_bytes).ok_or_else(cut)?;
    let expires_at = if expires.is_nan() {
        None
    } else {
        Some(
            Timestamp::from_js(expires)
                .ok_or_else(|| invalid("expiresAt is not a time after 1970"))?,
        )
    };
    let [status] = input.array().ok_or_else(cut)?;
    let status = Status::from_number(status).ok_or_else(cut)?;
    let level = match input.u32().ok_or_else(cut)? as usize {
        0 => None,
        index => Some(*strings.get(index - 1).ok_or_else(cut)?),
    };
    let scopes = input.u16().ok_or_else(cut)?;
    let scopes = (0..scopes)
        .map(|_| {
            input
                .u32()
                .and_then(|index| strings.get(index as usize).copied())
        })
        .collect::<Option<Vec<_>>>()
        .ok_or_else(cut)?;
    let policy = record_policy(profile, status, level, scopes.into_iter())?;
    table.add(ordinal, &digest, policy, expires_at, None, (None, None))
}

fn cut() -> Error {
    Error::new(
        Code::InvalidRecord,
        "the packed records are cut short or damaged",
    )
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.u16()?;
        let (text, rest) = self.0.split_at_checked(usize::from(length))?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    fn strings(&mut self) -> Option<Vec<&'a str>> {
        let count = self.u32()?;
        (0..count).map(|_| self.text()).collect()
    }
}
