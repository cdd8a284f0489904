//! Constraints: dimensions of a call, and the values of them that a key may use.
//!
//! On each dimension a key is either free or limited to a list that is not empty; an empty list cannot be written down,
//! so that it can never mean everything (threat 33). What a call is about comes in as [`Context`]; what is limited and not
//! said is refused.

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
    /// Dimensions by name, and what the call uses of them. A name that stands there several times is a list, all of which
    /// has to be allowed; a name that the profile does not know limits nothing.
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

/// What is asked, as far as constraints go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Concern {
    /// Only whether the key is alive: the client's network counts, nothing else.
    Alive,
    /// A call or a question that this scope speaks for; none where no rule lists the call.
    Scope(Option<u16>),
}

/// Why a call is outside a key's constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    /// The call does not say what it uses of this dimension.
    Unsaid(u8),
    /// It uses a value of this dimension that the key may not.
    Outside(u8),
    /// The constraints are not what this crate writes.
    Damaged,
}

/// The constraints of one key, read in place (docs/format.md, "Constraints").
///
/// A count, and for each limited dimension in ascending order: its position (u8), how many values (u16), how many bytes
/// they take (u32), and the values: i64, or 16-bit length and UTF-8, or 18 bytes of network; little-endian.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits<'a>(&'a [u8]);

/// A value as it lies in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitValue<'a> {
    /// Of an integer dimension.
    Integer(i64),
    /// Of a text dimension.
    Text(&'a str),
    /// Of a network dimension.
    Network(Network),
}

impl<'a> Limits<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Holds a call against every limit that concerns it.
    pub(crate) fn check(
        self,
        dimensions: &[Dimension],
        concern: Concern,
        context: &Context<'_>,
    ) -> Result<(), Violation> {
        self.each(dimensions, |at, dimension, values| {
            if dimension.kind == DimensionKind::Network {
                return match context.client {
                    None => Err(Violation::Unsaid(at)),
                    Some(client) => values.any(
                        |value| matches!(value, LimitValue::Network(network) if network.contains(client)),
                    )?
                    .then_some(())
                    .ok_or(Violation::Outside(at)),
                };
            }
            let concerned = match concern {
                Concern::Alive => false,
                Concern::Scope(scope) => dimension.applies_to.is_none_or(|scopes| {
                    scope.is_none_or(|scope| scopes.contains(scope))
                }),
            };
            if !concerned {
                return values.any(|_| false).map(|_| ());
            }
            let mut said = false;
            for (name, used) in context.values {
                if **name != *dimension.name {
                    continue;
                }
                said = true;
                let within = values.any(|value| match (value, used) {
                    (LimitValue::Integer(allowed), Value::Integer(used)) => allowed == *used,
                    (LimitValue::Text(allowed), Value::Text(used)) => allowed == *used,
                    _ => false,
                })?;
                if !within {
                    return Err(Violation::Outside(at));
                }
            }
            if said { Ok(()) } else { Err(Violation::Unsaid(at)) }
        })
    }

    /// The values of one dimension; `None` where the key is not limited in it. Of damaged bytes: no value.
    pub(crate) fn values(
        self,
        dimensions: &[Dimension],
        wanted: u16,
    ) -> Option<Vec<LimitValue<'a>>> {
        let mut found = None;
        self.each(dimensions, |at, _, values| {
            if u16::from(at) == wanted {
                let mut list = Vec::new();
                values.any(|value| {
                    list.push(value);
                    false
                })?;
                found = Some(list);
            }
            Ok(())
        })
        .map_or_else(|_| Some(Vec::new()), |()| found)
    }

    fn each(
        self,
        dimensions: &[Dimension],
        mut then: impl FnMut(u8, &Dimension, PackedValues<'a>) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        let mut input = Reader(self.0);
        // A key that is limited in nothing has no such bytes.
        let [count @ 1..=u8::MAX] = input.array().ok_or(Violation::Damaged)? else {
            return Err(Violation::Damaged);
        };
        let mut least = 0;
        for _ in 0..count {
            let mut read = || {
                let [at] = input.array()?;
                let count = u16::from_le_bytes(input.array()?);
                let length = u32::from_le_bytes(input.array()?);
                let bytes = input.bytes(length as usize)?;
                let dimension = dimensions.get(usize::from(at))?;
                // In order, so that none stands there twice; and never empty.
                (at >= least && count > 0).then_some((at, dimension, count, bytes))
            };
            let (at, dimension, count, bytes) = read().ok_or(Violation::Damaged)?;
            least = at + 1;
            let kind = dimension.kind;
            then(at, dimension, PackedValues { kind, count, bytes })?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct PackedValues<'a> {
    kind: DimensionKind,
    count: u16,
    bytes: &'a [u8],
}

impl<'a> PackedValues<'a> {
    /// Whether a value meets the test. All are read to the end, so that what is damaged never allows.
    fn any(self, mut test: impl FnMut(LimitValue<'a>) -> bool) -> Result<bool, Violation> {
        let mut input = Reader(self.bytes);
        let mut met = false;
        for _ in 0..self.count {
            let value = match self.kind {
                DimensionKind::Integer => input
                    .array()
                    .map(|number| LimitValue::Integer(i64::from_le_bytes(number))),
                DimensionKind::Text => input.text().map(LimitValue::Text),
                DimensionKind::Network => input
                    .array()
                    .and_then(|packed| Network::unpack(&packed))
                    .map(LimitValue::Network),
            };
            met |= test(value.ok_or(Violation::Damaged)?);
        }
        if input.0.is_empty() {
            Ok(met)
        } else {
            Err(Violation::Damaged)
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = u16::from_le_bytes(self.array()?);
        std::str::from_utf8(self.bytes(usize::from(length))?).ok()
    }
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
            "'{text}' is not one of: {}",
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

#[cfg(test)]
mod tests {
    use super::*;

    fn dimension(name: &str, kind: DimensionKind) -> Dimension {
        Dimension {
            name: name.into(),
            title: name.into(),
            help: "".into(),
            kind,
            levels: Vec::new(),
            applies_to: None,
            max_values: 3,
            values: Vec::new(),
        }
    }

    fn dimensions() -> Vec<Dimension> {
        let mut domain = dimension("domain", DimensionKind::Integer);
        domain.applies_to = Some(ScopeSet::EMPTY.with(1));
        vec![
            dimension("channel", DimensionKind::Text),
            domain,
            dimension("ip", DimensionKind::Network),
        ]
    }

    fn packed(constraints: &[(&str, Constraint)]) -> Result<Vec<u8>, Error> {
        let each = constraints.iter().map(|(name, limit)| (*name, limit));
        pack(&dimensions(), Some(0), each)
    }

    fn only<V: Into<ConstraintValue>>(values: impl IntoIterator<Item = V>) -> Constraint {
        Constraint::only(values).expect("values")
    }

    fn check(
        limits: &[u8],
        concern: Concern,
        values: &[(&str, Value<'_>)],
    ) -> Result<(), Violation> {
        let context = Context {
            client: None,
            values,
        };
        Limits::new(limits).check(&dimensions(), concern, &context)
    }

    #[test]
    fn what_is_limited_has_to_be_said_and_within() {
        let limits =
            packed(&[("channel", only(["email", "sms"])), ("domain", only([42]))]).expect("good");
        let about = Concern::Scope(Some(1));
        let (email, domain) = (
            ("channel", Value::Text("email")),
            ("domain", Value::Integer(42)),
        );
        assert_eq!(check(&limits, about, &[email, domain]), Ok(()));
        assert_eq!(check(&limits, about, &[domain]), Err(Violation::Unsaid(0)));
        assert_eq!(check(&limits, about, &[email]), Err(Violation::Unsaid(1)));
        assert_eq!(
            check(&limits, Concern::Scope(None), &[email]),
            Err(Violation::Unsaid(1))
        );
        assert_eq!(
            check(&limits, Concern::Scope(Some(0)), &[email]),
            Ok(()),
            "not about domains"
        );
        assert_eq!(check(&limits, Concern::Alive, &[]), Ok(()));
        for outside in [
            ("channel", Value::Text("push")),
            ("channel", Value::Text("Email")),
            ("channel", Value::Integer(1)),
            ("channel", Value::Empty),
            ("domain", Value::Text("42")),
            ("domain", Value::Integer(43)),
        ] {
            let at = u8::from(outside.0 == "domain");
            let said = [email, domain, outside];
            assert_eq!(
                check(&limits, about, &said),
                Err(Violation::Outside(at)),
                "{outside:?}"
            );
        }
    }

    #[test]
    fn the_clients_network_counts_always() {
        let limits = packed(&[("ip", only(["10.0.0.0/8", "2001:db8::/32"]))]).expect("good");
        let check = |client: Option<&str>| {
            let client = client.map(|text| text.parse().expect("an address"));
            let context = Context {
                client,
                values: &[],
            };
            Limits::new(&limits).check(&dimensions(), Concern::Alive, &context)
        };
        assert_eq!(check(Some("10.1.2.3")), Ok(()));
        assert_eq!(check(Some("::ffff:10.1.2.3")), Ok(()));
        assert_eq!(check(Some("2001:db8::1")), Ok(()));
        assert_eq!(check(Some("11.0.0.1")), Err(Violation::Outside(2)));
        assert_eq!(check(None), Err(Violation::Unsaid(2)));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(Constraint::only::<i64>([]).is_err(), "an empty list");
        assert_eq!(packed(&[("channel", Constraint::All)]), Ok(Vec::new()));
        for (constraints, expected) in [
            (
                vec![("chanel", only(["a"]))],
                "there are: channel, domain, ip",
            ),
            (vec![("domain", only(["42"]))], "whole numbers"),
            (vec![("domain", only([1 << 53]))], "beyond 2^53"),
            (vec![("domain", only([i64::MIN]))], "beyond 2^53"),
            (vec![("channel", only(["a", "b", "c", "d"]))], "at most 3"),
            (vec![("channel", only([""]))], "1 to 128"),
            (vec![("ip", only(["10.0.0.1/8"]))], "write 10.0.0.0/8"),
            (
                vec![("channel", Constraint::All), ("channel", only(["a"]))],
                "twice",
            ),
        ] {
            let message = packed(&constraints).expect_err(expected).to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn damaged_bytes_never_allow() {
        let limits = packed(&[
            ("channel", only(["email", "sms"])),
            ("domain", only([42, 43])),
        ])
        .expect("good");
        let said = [
            ("channel", Value::Text("email")),
            ("domain", Value::Integer(42)),
        ];
        assert_eq!(check(&limits, Concern::Scope(Some(1)), &said), Ok(()));
        for length in 0..limits.len() {
            let cut = check(&limits[..length], Concern::Scope(Some(1)), &said);
            assert_eq!(cut, Err(Violation::Damaged), "cut to {length}");
        }
    }
}
