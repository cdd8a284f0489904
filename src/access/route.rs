//! Route rules, and the tree in which every segment of a path is looked at once.
//!
//! A literal segment is stronger than `{a parameter}`, and the most specific pattern decides alone, as routers do it:
//! where `/contact/subscribe` is a rule, `/contact/{id}` does not speak for that path, whatever the method, nor for
//! `/contact/%73ubscribe` or `/contact/SUBSCRIBE`, which some routers take for it and others do not. The tree is built when a profile is compiled (`compile.rs`), with the parameter's rules repeated below each literal beside it, so
//! that matching never has to turn back (threat 29).

use crate::request::RequestPath;

/// A method and a path pattern, and the scope that they need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteRule {
    /// The method, in capitals.
    pub method: Box<str>,
    /// The pattern below the base path: segments that are literals or `{name}`, such as `/contact/{id}`.
    pub pattern: Box<str>,
    /// The scope it needs, by position in the profile.
    pub scope: u16,
}

/// The rules of one profile, ready to be matched.
#[derive(Clone, Debug, Default)]
pub struct RouteTable {
    pub(crate) base_path: Box<str>,
    pub(crate) version_segment: bool,
    pub(crate) rules: Vec<RouteRule>,
    /// The first one is the root.
    pub(crate) nodes: Vec<Node>,
}

/// Where a path can stand after some of its segments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// Literals and the nodes behind them, sorted by length and bytes.
    pub(crate) literals: Vec<(Box<str>, u32)>,
    /// The node behind any other segment that is not empty.
    pub(crate) parameter: Option<u32>,
    /// The rules that end here.
    pub(crate) rules: Vec<u16>,
}

/// What a path came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matched {
    /// The rule at this position.
    Rule(u16),
    /// No rule: only a level that opens everything may pass.
    Nothing,
}

/// A route that was looked up before the request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteHandle(pub(crate) Matched);

impl RouteHandle {
    const NOTHING: u32 = 0xffff;

    /// The handle as a number that [`from_u32`](Self::from_u32) of the same profile reads.
    pub const fn to_u32(self) -> u32 {
        match self.0 {
            Matched::Rule(rule) => rule as u32,
            Matched::Nothing => Self::NOTHING,
        }
    }

    /// The handle behind a number; a number that is none opens nothing that needs a rule.
    pub fn from_u32(number: u32) -> Self {
        match u16::try_from(number) {
            Ok(rule) if number != Self::NOTHING => Self(Matched::Rule(rule)),
            _ => Self(Matched::Nothing),
        }
    }
}

impl RouteTable {
    /// The path that every pattern stands below; empty or `/a/b`.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// Whether one segment `v1` … `v999` may stand between the base path and a pattern.
    pub const fn has_version_segment(&self) -> bool {
        self.version_segment
    }

    /// The rules, in the profile's order.
    pub fn rules(&self) -> &[RouteRule] {
        &self.rules
    }

    /// The rule at a position.
    pub fn rule(&self, index: u16) -> Option<&RouteRule> {
        self.rules.get(usize::from(index))
    }

    /// Finds the rule for a call. `HEAD` is `GET` unless a rule names it.
    pub fn find(&self, method: &[u8], path: RequestPath<'_>) -> Matched {
        let Some(node) = self.walk(path) else {
            return Matched::Nothing;
        };
        self.named(node, method)
            .or_else(|| {
                if method == b"HEAD" {
                    self.named(node, b"GET")
                } else {
                    None
                }
            })
            .map_or(Matched::Nothing, Matched::Rule)
    }

    /// Finds the rule whose pattern is written exactly so, base path included and version left out; `HEAD` is `GET`.
    pub fn find_pattern(&self, method: &[u8], pattern: &[u8]) -> Option<RouteHandle> {
        let below = pattern.strip_prefix(self.base_path.as_bytes())?;
        let position = |method: &[u8]| {
            self.rules.iter().position(|rule| {
                rule.method.as_bytes() == method && rule.pattern.as_bytes() == below
            })
        };
        let index = match position(method) {
            None if method == b"HEAD" => position(b"GET"),
            found => found,
        };
        u16::try_from(index?)
            .ok()
            .map(|rule| RouteHandle(Matched::Rule(rule)))
    }

    fn named(&self, node: &Node, method: &[u8]) -> Option<u16> {
        let names = |&&rule: &&u16| {
            self.rule(rule)
                .is_some_and(|rule| rule.method.as_bytes() == method)
        };
        node.rules.iter().find(names).copied()
    }

    fn walk(&self, path: RequestPath<'_>) -> Option<&Node> {
        let below = path
            .as_bytes()
            .strip_prefix(self.base_path.as_bytes())?
            .strip_prefix(b"/")?;
        let mut node = self.nodes.first()?;
        let mut version_may_follow = self.version_segment;
        for segment in below.split(|&byte| byte == b'/') {
            // No rule begins with what could be a version: compiling sees to it.
            if std::mem::take(&mut version_may_follow) && is_version(segment) {
                continue;
            }
            node = self.nodes.get(node.child(segment)? as usize)?;
        }
        Some(node)
    }
}

impl Node {
    fn child(&self, segment: &[u8]) -> Option<u32> {
        let order = |(literal, _): &(Box<str>, u32)| {
            literal
                .len()
                .cmp(&segment.len())
                .then_with(|| literal.as_bytes().cmp(segment))
        };
        match self.literals.binary_search_by(order) {
            Ok(index) => self.literals.get(index).map(|&(_, child)| child),
            Err(_) if segment.is_empty() => None,
            Err(_) => self.parameter.filter(|_| !self.could_be_literal(segment)),
        }
    }

    /// Whether a segment that is no literal of this node is one for somebody who decodes escapes or folds case before
    /// comparing: then it is neither the literal nor the parameter.
    fn could_be_literal(&self, segment: &[u8]) -> bool {
        self.literals.iter().any(|(literal, _)| {
            let mut rest = segment;
            literal.bytes().all(|expected| {
                take_decoded(&mut rest).is_some_and(|byte| byte.eq_ignore_ascii_case(&expected))
            }) && rest.is_empty()
        })
    }
}

/// Takes one byte off a segment, decoded where it is escaped; escapes are well formed, or it would be in no
/// [`RequestPath`].
fn take_decoded(rest: &mut &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let (byte, left) = match *rest {
        [b'%', high, low, left @ ..] => {
            (u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?, left)
        }
        [byte, left @ ..] => (*byte, left),
        [] => return None,
    };
    *rest = left;
    Some(byte)
}

/// `v1` … `v999`, without leading zeros.
pub(super) fn is_version(segment: &[u8]) -> bool {
    matches!(segment, [b'v', b'1'..=b'9', rest @ ..] if rest.len() < 3 && rest.iter().all(u8::is_ascii_digit))
}
