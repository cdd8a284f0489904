//! The scratch buffer, in which JavaScript puts what it asks about, read by lengths.
//!
//! A length beyond the buffer's end traps: the wrapper keeps the caps. What it puts there wrongly is no context, which
//! a limited key is refused for.

use crate::access::{Context, Value};
use crate::profile::Profile;
use crate::verify::Request;

/// Room for four credential headers and a URL at their caps, and a context.
pub(super) const SCRATCH_LENGTH: usize = 48 * 1024;
/// A length that stands for an absent header.
const ABSENT: u32 = u32::MAX;
/// The number of any method that no rule names.
pub(super) const UNLISTED: u32 = u32::MAX;
/// A number that stands for what is no method.
pub(super) const NO_METHOD: u32 = u32::MAX - 1;
/// The headers of a profile that can hold a credential: `Authorization` and three of its own.
pub(super) const MAX_HEADERS: usize = 4;
/// The most values of a context.
const MAX_VALUES: usize = 64;

/// The lengths of the credential headers' values, in the profile's order.
#[derive(Clone, Copy)]
pub(super) struct HeaderLengths(pub(super) [u32; MAX_HEADERS]);

impl HeaderLengths {
    pub(super) fn total(self) -> usize {
        self.0
            .into_iter()
            .filter(|&length| length != ABSENT)
            .fold(0, |total, length| total + length as usize)
    }
}

/// What stands in the buffer.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub(super) scratch: &'a [u8],
    pub(super) profile: &'a Profile,
    /// The methods that a number can name.
    pub(super) methods: &'a [Box<str>],
    /// A method that no rule names.
    pub(super) unlisted: &'a str,
}

impl<'a> Input<'a> {
    pub(super) fn part(self, start: usize, length: usize) -> &'a [u8] {
        &self.scratch[start..start + length]
    }

    pub(super) fn method(self, method: u32) -> &'a [u8] {
        if method == UNLISTED {
            return self.unlisted.as_bytes();
        }
        self.methods
            .get(method as usize)
            .map_or(b"", |method| method.as_bytes())
    }

    /// Puts a request together for as long as `then` looks at it.
    pub(super) fn request<T>(
        self,
        lengths: HeaderLengths,
        method: u32,
        target: usize,
        context: usize,
        then: impl FnOnce(&Request<'_>) -> T,
    ) -> T {
        let mut headers = [("", &[][..]); MAX_HEADERS];
        let mut count = 0;
        let mut end = 0;
        for (name, length) in self.profile.credential_headers().zip(lengths.0) {
            if length != ABSENT {
                headers[count] = (name, self.part(end, length as usize));
                count += 1;
                end += length as usize;
            }
        }
        self.context(end + target, context, |context| {
            then(&Request {
                headers: &headers[..count],
                method: self.method(method),
                target: self.part(end, target),
                context,
            })
        })
    }

    /// Reads a context for as long as `then` looks at it. No bytes are no context.
    pub(super) fn context<T>(
        self,
        start: usize,
        length: usize,
        then: impl FnOnce(Context<'_>) -> T,
    ) -> T {
        if length == 0 {
            return then(Context::default());
        }
        let mut values = [("", Value::Empty); MAX_VALUES];
        let read = read_context(self.profile, self.part(start, length), &mut values);
        let (client, count) = read.unwrap_or_default();
        then(Context {
            client,
            values: &values[..count],
        })
    }
}

/// The client's address (8-bit length, text), a count, and each value: dimension, kind (0 number, 1 text, 2 empty
/// list), f64 or 16-bit length and text.
fn read_context<'a>(
    profile: &'a Profile,
    bytes: &'a [u8],
    values: &mut [(&'a str, Value<'a>); MAX_VALUES],
) -> Option<(Option<std::net::IpAddr>, usize)> {
    let mut input = Reader(bytes);
    let [length] = input.array()?;
    // What is no address is none: a key that is limited to networks is refused.
    let client = input.text(usize::from(length))?.parse().ok();
    let [count] = input.array()?;
    for place in values.get_mut(..usize::from(count))? {
        let [dimension, kind] = input.array()?;
        let value = match kind {
            0 => integer(f64::from_le_bytes(input.array()?))?,
            1 => {
                let length = u16::from_le_bytes(input.array()?);
                Value::Text(input.text(usize::from(length))?)
            }
            2 => Value::Empty,
            _ => return None,
        };
        let dimension = profile.dimensions().get(usize::from(dimension))?;
        *place = (&dimension.name, value);
    }
    input.0.is_empty().then_some((client, usize::from(count)))
}

/// A whole number that JavaScript holds exactly; any other is within no limit.
fn integer(number: f64) -> Option<Value<'static>> {
    let is_safe = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    is_safe.then_some(Value::Integer(number as i64))
}

pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn text(&mut self, length: usize) -> Option<&'a str> {
        std::str::from_utf8(self.bytes(length)?).ok()
    }
}
