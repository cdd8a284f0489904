//! Constraints: dimensions of a call, and the values of them that a key may use.
//!
//! On each dimension a key is either free or limited to a list that is not empty; an empty list cannot be written down,
//! so that it can never mean everything (threat 33). What a call is about comes in as [`Context`]; what is limited and
//! not said is refused.

use std::net::IpAddr;

use super::ScopeSet;
use crate::error::{Code, Error};
use crate::request::Network;

/// A profile names at most this many dimensions.
pub const MAX_DIMENSIONS: usize = 32;
/// The most bytes of a text that is a value.
pub const MAX_TEXT_VALUE: usize = 128;
/// 2⁵³ − 1: JavaScript holds it exactly.
pub const MAX_INTEGER: i64 = (1 << 53) - 1;

/// What the values of a dimension are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DimensionKind {
    /// Whole numbers between −(2⁵³ − 1) and 2⁵³ − 1.
    Integer,
    /// Text, compared byte for byte.
    Text,
    /// Networks, against which the client's address is held.
    Network,
}

impl DimensionKind {
    /// The name in a profile.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Text => "text",
            Self::Network => "network",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Integer, Self::Text, Self::Network]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// Something that a call is about and a key can be limited in: a sending domain, a channel, the client's network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// The id, which is also the context's key.
    pub name: Box<str>,
    /// What people read.
    pub title: Box<str>,
    /// A sentence that explains it; may be empty.
    pub help: Box<str>,
    /// What its values are.
    pub kind: DimensionKind,
    /// The levels, by position, whose keys may be limited in it; none listed: all.
    pub levels: Vec<u16>,
    /// The scopes whose calls are about it; `None`: every call.
    pub applies_to: Option<ScopeSet>,
    /// The most values that a key may list.
    pub max_values: u16,
    /// For texts: the only values there are. None listed: any.
    pub values: Vec<Box<str>>,
}

/// What a key may use of one dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// Every value, also those that are added later.
    All,
    /// These values alone.
    Only(Values),
}

/// A list of values that is not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values(Vec<ConstraintValue>);

/// One value that a key may use. Networks are written as text, `192.0.2.0/24`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConstraintValue {
    /// Of an integer dimension.
    Integer(i64),
    /// Of a text or network dimension.
    Text(Box<str>),
}

impl From<i64> for ConstraintValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<&str> for ConstraintValue {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl Constraint {
    /// These values alone. An empty list is refused: it would be a key for nothing, and has been read as one for
    /// everything.
    pub fn only<V: Into<ConstraintValue>>(
        values: impl IntoIterator<Item = V>,
    ) -> Result<Self, Error> {
        let values: Vec<_> = values.into_iter().map(Into::into).collect();
        if values.is_empty() {
            return Err(invalid(
                "an empty list of values; say `all` for no limit".into(),
            ));
        }
        Ok(Self::Only(Values(values)))
    }
}

impl Values {
    /// The values, in the order given; at least one.
    pub fn as_slice(&self) -> &[ConstraintValue] {
        &self.0
    }
}

/// What a call is about, as the caller says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// Where the client calls from, as the host knows it.
    pub client: Option<IpAddr>,
    /// Dimensions by name, and what the call uses of them. A name that stands there several times is a list, all of
    /// which has to be allowed; a name that the profile does not know limits nothing.
    pub values: &'a [(&'a str, Value<'a>)],
}

/// One value that a call is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(&'a str),
    /// A list without a value: it is within no limit.
    Empty,
}

/// Checks a key's constraints against the profile's dimensions and packs them; nothing where it is free in all of them.
pub(crate) fn pack<'a>(
    dimensions: &[Dimension],
    level: Option<u16>,
    constraints: impl Iterator<Item = (&'a str, &'a Constraint)>,
) -> Result<Vec<u8>, Error> {
    let mut limits: Vec<(usize, Vec<u8>)> = Vec::new();
    let mut seen = 0u32;
    for (name, constraint) in constraints {
        let within = |error: Error| error.within(format!("constraint '{name}'"));
        let at = dimensions
            .iter()
            .take(MAX_DIMENSIONS)
            .position(|dimension| &*dimension.name == name)
            .ok_or_else(|| within(unknown_dimension(dimensions)))?;
        if seen >> at & 1 == 1 {
            return Err(within(invalid("it stands there twice".into())));
        }
        seen |= 1 << at;
        if let Constraint::Only(values) = constraint {
            let dimension = &dimensions[at];
            let may_carry = dimension.levels.is_empty()
                || level.is_some_and(|level| dimension.levels.contains(&level));
            if !may_carry {
                return Err(within(invalid(
                    "keys of this level are not limited in it; leave it out or choose another level".into(),
                )));
            }
            let packed = pack_values(dimension, values).map_err(within)?;
            let place = limits.partition_point(|(other, _)| *other < at);
            limits.insert(place, (at, packed));
        }
    }
    if limits.is_empty() {
        return Ok(Vec::new());
    }
    let mut packed = vec![small(limits.len())];
    for (at, values) in limits {
        packed.push(small(at));
        packed.extend_from_slice(&values);
    }
    Ok(packed)
}

/// A count or position of dimensions.
fn small(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// How many values, how many bytes they take, and the values.
fn pack_values(dimension: &Dimension, values: &Values) -> Result<Vec<u8>, Error> {
    // By insertion: lists are short, and a general sort is a tenth of the shipped module.
    let mut sorted: Vec<&ConstraintValue> = Vec::new();
    for value in &values.0 {
        if let Err(place) = sorted.binary_search(&value) {
            sorted.insert(place, value);
        }
    }
    let count = u16::try_from(sorted.len())
        .ok()
        .filter(|&count| count <= dimension.max_values)
        .ok_or_else(|| {
            invalid(format!(
                "{} values; a key lists at most {}",
                sorted.len(),
                dimension.max_values
            ))
        })?;
    let mut packed = count.to_le_bytes().to_vec();
    packed.extend_from_slice(&[0; 4]);
    for value in sorted {
        match (dimension.kind, value) {
            (DimensionKind::Integer, ConstraintValue::Integer(number)) => {
                if number.unsigned_abs() > MAX_INTEGER.unsigned_abs() {
                    return Err(invalid(format!("{number} is beyond 2^53 - 1")));
                }
                packed.extend_from_slice(&number.to_le_bytes());
            }
            (DimensionKind::Text, ConstraintValue::Text(text)) => {
                check_text(dimension, text)?;
                packed.extend_from_slice(&u16::try_from(text.len()).unwrap_or(0).to_le_bytes());
                packed.extend_from_slice(text.as_bytes());
            }
            (DimensionKind::Network, ConstraintValue::Text(text)) => {
                packed.extend_from_slice(&text.parse::<Network>()?.pack());
            }
            (kind, _) => {
                let expected = match kind {
                    DimensionKind::Integer => "whole numbers",
                    DimensionKind::Text => "texts",
                    DimensionKind::Network => "networks as text, such as 192.0.2.0/24",
                };
                return Err(invalid(format!("its values are {expected}")));
            }
        }
    }
    let length = u32::try_from(packed.len() - 6).unwrap_or(u32::MAX);
    packed[2..6].copy_from_slice(&length.to_le_bytes());
    Ok(packed)
}

fn check_text(dimension: &Dimension, text: &str) -> Result<(), Error> {
    if text.is_empty() || text.len() > MAX_TEXT_VALUE || text.contains(char::is_control) {
        return Err(invalid(format!(
            "a value has 1 to {MAX_TEXT_VALUE} bytes and no control characters"
        )));
    }
    let is_listed = dimension.values.iter().any(|known| **known == *text);
    if !dimension.values.is_empty() && !is_listed {
        return Err(invalid(format!(
            "there is no such value; there are: {}",
            dimension.values.join(", ")
        )));
    }
    Ok(())
}

fn unknown_dimension(dimensions: &[Dimension]) -> Error {
    if dimensions.is_empty() {
        return invalid("keys of this profile are not limited in anything; leave it out".into());
    }
    let known: Vec<_> = dimensions
        .iter()
        .map(|dimension| &*dimension.name)
        .collect();
    invalid(format!(
        "no such dimension; there are: {}",
        known.join(", ")
    ))
}

fn invalid(message: String) -> Error {
    Error::new(Code::InvalidRecord, message)
}
