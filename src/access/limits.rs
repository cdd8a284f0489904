//! The constraints of a key as they travel: packed bytes, held against a call in place.

use super::constraint::{Context, Dimension, DimensionKind, Value};
use crate::request::Network;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Constraint, ConstraintValue, ScopeSet, pack};
    use crate::error::Error;

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
