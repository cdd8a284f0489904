//! Reads the buffer in which JavaScript hands records over.
//!
//! Little-endian: a count and a table of strings (16-bit length, UTF-8), then a count and the records: a count and the
//! digests (text, expiry as f64, NaN for never), expiry likewise, status, level (position in the table plus one, 0 for
//! none), a counted list of scopes by position, rate as limit and window (0 for none), and a counted list of
//! constraints: dimension by position, 1 for all, otherwise 0 and a counted list of values (0 and f64, or 1 and text).

use super::packed::Packed;
use crate::access::{self, Constraint, ConstraintValue};
use crate::error::{Code, Error};
use crate::key::{Digest, Pepper};
use crate::limit::Rate;
use crate::profile::Profile;
use crate::time::Timestamp;
use crate::verify::{KeyTable, NewRow, Place, Status, TableBuilder, Verifier, record_policy};

pub(super) fn read(
    profile: Profile,
    bytes: &[u8],
    peppers: Vec<Pepper>,
) -> Result<Verifier, Error> {
    let mut input = Packed::new(bytes);
    let count = input.u32();
    let strings = input.items(count, Packed::text);
    let count = input.u32();
    let mut rows = Rows {
        profile: &profile,
        table: TableBuilder::default(),
        last: (Vec::new(), Place::default()),
    };
    for ordinal in 0..count {
        let record = read_record(&mut input, &strings);
        if input.is_cut() {
            return Err(cut());
        }
        rows.add(record, u64::from(ordinal))
            .map_err(|error| error.within(format!("record {ordinal}")))?;
    }
    if input.is_cut() || !input.is_at_end() {
        return Err(cut());
    }
    let table = KeyTable::from_sections(rows.table.finish(Vec::new())?, true)?;
    Verifier::from_table(profile, table, None, Vec::new(), peppers)
}

/// A record as it was packed; times in ms, NaN for never.
struct Record<'a> {
    digests: Vec<(&'a str, f64)>,
    expires_at: f64,
    status: Status,
    level: Option<&'a str>,
    scopes: Vec<&'a str>,
    /// Limit and window; 0 for none.
    rate: (u32, u32),
    constraints: Vec<PackedConstraint<'a>>,
}

/// A dimension, and what a key may use of it; no list for all.
type PackedConstraint<'a> = (&'a str, Option<Vec<ConstraintValue>>);

fn read_record<'a>(input: &mut Packed<'a>, strings: &[&'a str]) -> Record<'a> {
    let string = |input: &mut Packed<'a>, index: u32| {
        let string = strings.get(index as usize).copied();
        input.known(string)
    };
    Record {
        digests: input.list(|input| (input.text(), input.f64())),
        expires_at: input.f64(),
        status: {
            let status = Status::from_number(input.u8());
            input.known(status.map(Some)).unwrap_or(Status::Deactivated)
        },
        level: match input.u32() {
            0 => None,
            index => Some(string(input, index - 1)),
        },
        scopes: input.list(|input| {
            let index = input.u32();
            string(input, index)
        }),
        rate: (input.u32(), input.u32()),
        constraints: input.list(|input| {
            let index = input.u32();
            let dimension = string(input, index);
            let values = match input.u8() {
                1 => None,
                _ => Some(input.list(read_value)),
            };
            (dimension, values)
        }),
    }
}

fn read_value(input: &mut Packed<'_>) -> ConstraintValue {
    match input.u8() {
        0 => {
            let number = input.f64();
            // The wrapper lets whole numbers through; others would be cut here.
            #[expect(clippy::cast_possible_truncation, reason = "checked to be whole")]
            let whole = (number.fract() == 0.0).then_some(number as i64);
            ConstraintValue::Integer(input.known(whole))
        }
        1 => ConstraintValue::from(input.text()),
        _ => ConstraintValue::Integer(input.known(None)),
    }
}

struct Rows<'a> {
    profile: &'a Profile,
    table: TableBuilder,
    /// The constraints that were put down last: records that are alike tend to come together.
    last: (Vec<u8>, Place),
}

impl Rows<'_> {
    fn add(&mut self, record: Record<'_>, ordinal: u64) -> Result<(), Error> {
        if record.digests.is_empty() {
            return Err(Error::new(Code::InvalidRecord, "it has no digest"));
        }
        let expires_at = expiry(record.expires_at)?;
        let rate = match record.rate {
            (0, 0) => None,
            (limit, window) => Some(Rate::new(limit, window)?),
        };
        let scopes = record.scopes.iter().copied();
        let policy = record_policy(self.profile, record.status, record.level, scopes, rate)?;
        let limits = self.limits(record.constraints, policy.level)?;
        for (digest, ends) in record.digests {
            let digest: Digest = digest.parse()?;
            self.table.add(NewRow {
                id: ordinal,
                digest: &digest,
                policy,
                ends: [expires_at, expiry(ends)?],
                account: None,
                note: Place::default(),
                limits,
            })?;
        }
        Ok(())
    }

    fn limits(
        &mut self,
        packed: Vec<PackedConstraint<'_>>,
        level: Option<u16>,
    ) -> Result<Place, Error> {
        let mut constraints = Vec::new();
        for (dimension, values) in packed {
            let constraint = match values {
                None => Constraint::All,
                Some(values) => Constraint::only(values)
                    .map_err(|error| error.within(format!("constraint '{dimension}'")))?,
            };
            constraints.push((dimension, constraint));
        }
        if constraints.is_empty() {
            return Ok(Place::default());
        }
        let each = constraints.iter().map(|(name, limit)| (*name, limit));
        let packed = access::pack(self.profile.dimensions(), level, each)?;
        if packed != self.last.0 {
            let place = self.table.limits(&packed)?;
            self.last = (packed, place);
        }
        Ok(self.last.1)
    }
}

fn expiry(millis: f64) -> Result<Option<Timestamp>, Error> {
    if millis.is_nan() {
        return Ok(None);
    }
    let expiry = Timestamp::from_js(millis);
    expiry
        .map(Some)
        .ok_or_else(|| Error::new(Code::InvalidRecord, "expiresAt is not a time after 1970"))
}

fn cut() -> Error {
    Error::new(
        Code::InvalidRecord,
        "the packed records are cut short or damaged",
    )
}
