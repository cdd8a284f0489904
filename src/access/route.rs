//! Route rules, and the tree in which every segment of a path is looked at once.
//!
//! A literal segment is stronger than `{a parameter}`, a parameter stronger than `**`, and the most specific pattern
//! decides alone, as routers do it: where `/contact/subscribe` is a rule, `/contact/{id}` does not speak for that path,
//! whatever the method, nor for `/contact/%73ubscribe` or `/contact/SUBSCRIBE`, which some routers take for it and
//! others do not. The tree is built when a profile is compiled (`compile.rs`), with the rules of parameters and tails
//! repeated below each literal beside them, so that matching never has to turn back (threat 29).
//!
//! Some rules bind also who may call what no rule lists: closed ones, those that require a fresh snapshot and those
//! that cost more than usual. A call that comes to no rule is therefore read once more, among these strict rules alone
//! and as the most lenient router would read it.

use crate::request::RequestPath;

/// A method and a path pattern, and what they need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteRule {
    /// The method, in capitals; `*` for every method that no rule of the same pattern names.
    pub method: Box<str>,
    /// The pattern below the base path: segments that are literals or `{name}`, such as `/contact/{id}`. A last segment
    /// `**` stands for one or more further segments, none of them empty.
    pub pattern: Box<str>,
    /// Who may call it.
    pub access: RouteAccess,
    /// The units that a call takes from the key's rate limit: 0 to 1,000,000.
    pub cost: u32,
    /// Whether a stale snapshot is no ground to allow it.
    pub require_fresh: bool,
}

/// Who may call what a rule lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteAccess {
    /// Keys with the scope at this position in the profile.
    Scope(u16),
    /// No key, not even one that opens everything. The text says what to use instead.
    Closed(Box<str>),
}

/// The rules of one profile, ready to be matched.
#[derive(Clone, Debug, Default)]
pub struct RouteTable {
    pub(crate) base_path: Box<str>,
    pub(crate) version_segment: bool,
    pub(crate) rules: Vec<RouteRule>,
    /// The first one is the root.
    pub(crate) nodes: Vec<Node>,
    /// The root of a second tree: strict rules alone, their literals in lower case. None where no rule is strict.
    pub(crate) strict: Option<u32>,
}

/// Where a path can stand after some of its segments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// Literals and the nodes behind them, sorted by length and bytes.
    pub(crate) literals: Vec<(Box<str>, u32)>,
    /// The node behind any other segment that is not empty: a parameter, or part of a tail. Where nothing but tails is
    /// left, that is the node itself.
    pub(crate) parameter: Option<u32>,
    /// The rules that end here.
    pub(crate) rules: Vec<u16>,
}

/// A route that was looked up before the request came: its rule, or none, where only a level that opens everything may
/// pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteHandle(pub(crate) Option<u16>);

impl RouteRule {
    /// Whether it binds also keys that open everything: they may not call it, or not for nothing.
    pub const fn is_strict(&self) -> bool {
        matches!(self.access, RouteAccess::Closed(_)) || self.require_fresh || self.cost > 1
    }
}

impl RouteHandle {
    const NO_RULE: u16 = u16::MAX;

    /// The handle as a number that [`from_u32`](Self::from_u32) of the same profile reads.
    pub fn to_u32(self) -> u32 {
        u32::from(self.0.unwrap_or(Self::NO_RULE))
    }

    /// The handle behind a number; a number that is none opens nothing that needs a rule.
    pub fn from_u32(number: u32) -> Self {
        let rule = u16::try_from(number).ok();
        Self(rule.filter(|&rule| rule != Self::NO_RULE))
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

    /// Finds the rule for a call. `HEAD` is `GET` unless a rule names it, and any method is `*`.
    pub fn find(&self, method: &[u8], path: RequestPath<'_>) -> Option<u16> {
        self.ending(self.walk(path)?, method)
    }

    /// Finds the rule whose pattern is written so, base path included and version left out; names of parameters make no
    /// difference, and methods are found as [`find`](Self::find) does it.
    pub fn find_pattern(&self, method: &[u8], pattern: &[u8]) -> Option<u16> {
        let below = pattern.strip_prefix(self.base_path.as_bytes())?;
        let index = by_method(method, |method| {
            self.rules.iter().position(|rule| {
                rule.method.as_bytes() == method && is_same_pattern(rule.pattern.as_bytes(), below)
            })
        })?;
        u16::try_from(index).ok()
    }

    /// The strict rules that a call which comes to no rule could still be taken for: what binds a key that opens
    /// everything.
    #[cold]
    pub fn strict(&self, method: &[u8], path: RequestPath<'_>) -> impl Iterator<Item = u16> {
        let rules = self.walk_strict(path).map_or(&[][..], |node| &node.rules);
        rules.iter().copied().filter(move |&rule| {
            let named = self
                .rule(rule)
                .map_or(&b""[..], |rule| rule.method.as_bytes());
            named == b"*" || named == method || (method, named) == (b"HEAD", b"GET")
        })
    }

    fn ending(&self, node: &Node, method: &[u8]) -> Option<u16> {
        by_method(method, |method| {
            let names = |&&rule: &&u16| {
                self.rule(rule)
                    .is_some_and(|rule| rule.method.as_bytes() == method)
            };
            node.rules.iter().find(names).copied()
        })
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

    /// The path as a router reads it that decodes escapes, folds case and does not mind a trailing slash.
    fn walk_strict(&self, path: RequestPath<'_>) -> Option<&Node> {
        let mut node = self.nodes.get(self.strict? as usize)?;
        let mut segments = path.segments().filter(|segment| !segment.is_empty());
        for expected in self
            .base_path
            .as_bytes()
            .split(|&byte| byte == b'/')
            .skip(1)
        {
            if !is_folded(expected, segments.next()?) {
                return None;
            }
        }
        let mut version_may_follow = self.version_segment;
        for segment in segments {
            if std::mem::take(&mut version_may_follow) && is_folded_version(segment) {
                continue;
            }
            node = self.nodes.get(node.folded_child(segment)? as usize)?;
        }
        Some(node)
    }
}

/// Whether a method is one that rules can name: capital letters and `-`. Others are read as these by some servers and
/// as methods of their own by others.
pub fn is_method(method: &[u8]) -> bool {
    !method.is_empty()
        && method
            .iter()
            .all(|&byte| byte.is_ascii_uppercase() || byte == b'-')
}

/// Whether two patterns are alike but for the names of their parameters.
fn is_same_pattern(one: &[u8], other: &[u8]) -> bool {
    let is_parameter = |segment: &[u8]| segment.starts_with(b"{") && segment.ends_with(b"}");
    let mut others = other.split(|&byte| byte == b'/');
    one.split(|&byte| byte == b'/').all(|segment| {
        others
            .next()
            .is_some_and(|other| segment == other || is_parameter(segment) && is_parameter(other))
    }) && others.next().is_none()
}

/// Asks for the rule that names a method, for `HEAD` then the one that names `GET`, then the one for every other
/// method.
fn by_method<T>(method: &[u8], named: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    let as_get = || {
        if method == b"HEAD" {
            named(b"GET")
        } else {
            None
        }
    };
    named(method).or_else(as_get).or_else(|| named(b"*"))
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
        self.literals
            .iter()
            .any(|(literal, _)| is_folded(literal.as_bytes(), segment))
    }

    fn folded_child(&self, segment: &[u8]) -> Option<u32> {
        let length = folded(segment).count();
        let order = |(literal, _): &(Box<str>, u32)| {
            literal
                .len()
                .cmp(&length)
                .then_with(|| literal.bytes().cmp(folded(segment)))
        };
        match self.literals.binary_search_by(order) {
            Ok(index) => self.literals.get(index).map(|&(_, child)| child),
            Err(_) => self.parameter,
        }
    }
}

/// A segment with its escapes decoded and its ASCII letters in lower case.
fn folded(segment: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = segment;
    std::iter::from_fn(move || take_decoded(&mut rest)).map(|byte| byte.to_ascii_lowercase())
}

fn is_folded(literal: &[u8], segment: &[u8]) -> bool {
    let mut rest = segment;
    literal.iter().all(|expected| {
        take_decoded(&mut rest).is_some_and(|byte| byte.eq_ignore_ascii_case(expected))
    }) && rest.is_empty()
}

fn is_folded_version(segment: &[u8]) -> bool {
    let mut text = [0; 4];
    let mut length = 0;
    for byte in folded(segment) {
        let Some(place) = text.get_mut(length) else {
            return false;
        };
        *place = byte;
        length += 1;
    }
    is_version(&text[..length])
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
