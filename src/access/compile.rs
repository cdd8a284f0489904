//! Compiles route rules into the tree that [`RouteTable`] walks. Native only: what travels to the edge is the tree.

use std::collections::{BTreeMap, HashMap};

use super::MAX_SCOPES;
use super::route::{Node, RouteAccess, RouteRule, RouteTable, is_method, is_version};
use crate::error::{Code, Error};
use crate::request::RequestPath;

/// A profile has at most this many rules.
const MAX_RULES: usize = 10_000;
const MAX_SEGMENTS: usize = 32;
const MAX_COST: u32 = 1_000_000;
/// Rules that overlap in many places multiply; a tree in whose nodes more stand together is refused.
const MAX_PLACED: usize = 500_000;

impl RouteTable {
    /// Compiles rules below `base_path` (empty, or `/a/b`); with `version_segment`, one segment `v1` … `v999` may stand
    /// between the base path and the pattern.
    pub fn compile(
        base_path: &str,
        version_segment: bool,
        rules: Vec<RouteRule>,
    ) -> Result<Self, Error> {
        let invalid = |message: String| Error::new(Code::InvalidProfile, message);
        if rules.len() > MAX_RULES {
            return Err(invalid(format!(
                "{} route rules; a profile has at most {MAX_RULES}",
                rules.len()
            )));
        }
        let base_path = if base_path == "/" { "" } else { base_path };
        if !base_path.is_empty() {
            check_literal(base_path)?;
        }
        let patterns = rules
            .iter()
            .map(|rule| parse_pattern(rule, version_segment))
            .collect::<Result<Vec<_>, _>>()?;
        let mut seen = HashMap::new();
        for (rule, pattern) in rules.iter().zip(&patterns) {
            let call = format!("{} {}", rule.method, rule.pattern);
            if let Some(first) = seen.insert((&rule.method, pattern), call.clone()) {
                return Err(invalid(format!(
                    "route {call:?} matches the same calls as {first:?}; remove one"
                )));
            }
            if matches!(rule.access, RouteAccess::Scope(scope) if usize::from(scope) >= MAX_SCOPES)
            {
                return Err(invalid(format!(
                    "route {call:?} needs a scope beyond the {MAX_SCOPES} that a profile has"
                )));
            }
            if rule.cost > MAX_COST {
                return Err(invalid(format!(
                    "route {call:?} costs {}; a call costs at most {MAX_COST}",
                    rule.cost
                )));
            }
        }
        let (nodes, strict) = build(&rules, &patterns)?;
        Ok(Self {
            base_path: base_path.into(),
            version_segment,
            rules,
            nodes,
            strict,
        })
    }
}

/// One segment of a pattern. The order is the order of strength.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Segment {
    Literal(Box<str>),
    Parameter,
    /// One or more segments to the end.
    Tail,
}

impl Segment {
    /// The segment as somebody reads it who does not mind case.
    fn to_folded(&self) -> Self {
        match self {
            Self::Literal(text) => Self::Literal(text.to_ascii_lowercase().into()),
            other => other.clone(),
        }
    }
}

impl RouteRule {
    /// What a call needs to be allowed; None where no call is. Rules that need the same can stand in for each other.
    fn needs(&self) -> Option<(u16, u32, bool)> {
        match self.access {
            RouteAccess::Scope(scope) => Some((scope, self.cost, self.require_fresh)),
            RouteAccess::Closed(_) => None,
        }
    }
}

fn check_literal(path: &str) -> Result<(), Error> {
    RequestPath::parse(path.as_bytes())
        .map_err(|error| Error::new(Code::InvalidProfile, format!("path {path:?}: {error}")))?;
    if path.contains('%') || path.ends_with('/') {
        let message = format!(
            "path {path:?}: escapes match no literal and a trailing slash is another path; leave both out"
        );
        return Err(Error::new(Code::InvalidProfile, message));
    }
    Ok(())
}

fn parse_pattern(rule: &RouteRule, version_segment: bool) -> Result<Vec<Segment>, Error> {
    let refuse = |why: String| {
        Err(Error::new(
            Code::InvalidProfile,
            format!("route \"{} {}\": {why}", rule.method, rule.pattern),
        ))
    };
    if !is_method(rule.method.as_bytes()) && &*rule.method != "*" {
        return refuse(
            "write the method in capital letters, such as GET, or `*` for any other method".into(),
        );
    }
    let Some(path) = rule.pattern.strip_prefix('/') else {
        return refuse("a pattern starts with `/`".into());
    };
    let mut segments = Vec::new();
    let mut texts = path.split('/').enumerate().peekable();
    while let Some((index, text)) = texts.next() {
        let parameter = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'));
        let segment = match parameter {
            Some(name)
                if !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') =>
            {
                Segment::Parameter
            }
            Some(_) => {
                return refuse(format!(
                    "{text:?}: name a parameter with letters, digits and `_`"
                ));
            }
            None if text == "**" && texts.peek().is_none() => Segment::Tail,
            None if text.contains('*') => {
                return refuse(format!(
                    "{text:?}: `**` is the last segment and stands alone; write `{{name}}` for one segment"
                ));
            }
            None => {
                check_literal(&format!("/{text}"))
                    .map_err(|error| error.within(format!("route {:?}", rule.pattern)))?;
                Segment::Literal(text.into())
            }
        };
        let could_be_version = match &segment {
            Segment::Literal(text) => is_version(text.as_bytes()),
            Segment::Parameter | Segment::Tail => true,
        };
        if version_segment && index == 0 && could_be_version {
            return refuse(
                "its first segment could also be read as the version; begin with a literal".into(),
            );
        }
        segments.push(segment);
    }
    if segments.len() > MAX_SEGMENTS {
        return refuse(format!(
            "{} segments; a pattern has at most {MAX_SEGMENTS}",
            segments.len()
        ));
    }
    Ok(segments)
}

/// The nodes of both trees, the first of them the root of all rules, and where the strict ones begin.
fn build(
    rules: &[RouteRule],
    patterns: &[Vec<Segment>],
) -> Result<(Vec<Node>, Option<u32>), Error> {
    let positions = |is_meant: &dyn Fn(&RouteRule) -> bool| {
        (0..)
            .zip(rules)
            .filter(|(_, rule)| is_meant(rule))
            .map(|(position, _)| position)
            .collect::<Vec<u16>>()
    };
    let mut builder = Builder {
        rules,
        patterns,
        decides: Decides::Strongest,
        nodes: Vec::new(),
        known: HashMap::new(),
        placed: 0,
    };
    builder.node(positions(&|_| true), 0)?;
    let strict = positions(&RouteRule::is_strict);
    if strict.is_empty() {
        return Ok((builder.nodes, None));
    }
    let folded: Vec<Vec<Segment>> = patterns
        .iter()
        .map(|pattern| pattern.iter().map(Segment::to_folded).collect())
        .collect();
    let mut builder = Builder {
        patterns: &folded,
        decides: Decides::Any,
        known: HashMap::new(),
        ..builder
    };
    let root = builder.node(strict, 0)?;
    Ok((builder.nodes, Some(root)))
}

/// Which of the rules that end in one node are kept there.
#[derive(Clone, Copy)]
enum Decides {
    /// Those of the most specific pattern.
    Strongest,
    /// All of them, the most specific first.
    Any,
}

struct Builder<'a> {
    rules: &'a [RouteRule],
    patterns: &'a [Vec<Segment>],
    decides: Decides,
    nodes: Vec<Node>,
    /// Nodes by their rules and depth. Rules determine a node whatever its depth where all of them are within their
    /// tails; these are known at depth [`MAX_SEGMENTS`].
    known: HashMap<(Vec<u16>, usize), u32>,
    /// How many rules stand in all nodes together.
    placed: usize,
}

impl Builder<'_> {
    /// The node where `rules`, in ascending order, are still possible after `depth` segments.
    fn node(&mut self, rules: Vec<u16>, depth: usize) -> Result<u32, Error> {
        let patterns = self.patterns;
        let has_passed = |&rule: &u16| depth >= patterns[usize::from(rule)].len();
        let is_tail = |&rule: &u16| patterns[usize::from(rule)].last() == Some(&Segment::Tail);
        let depth = if rules.iter().all(|rule| has_passed(rule) && is_tail(rule)) {
            MAX_SEGMENTS
        } else {
            depth
        };
        let key = (rules, depth);
        if let Some(&node) = self.known.get(&key) {
            return Ok(node);
        }
        let rules = key.0.clone();
        self.placed += rules.len();
        if self.placed > MAX_PLACED {
            let message = "the route rules overlap in too many places; use fewer parameters and `**` beside literals";
            return Err(Error::new(Code::InvalidProfile, message));
        }
        let index = self.nodes.len();
        let node = u32::try_from(index).unwrap_or(u32::MAX);
        self.nodes.push(Node::default());
        // Known before its children: one of tails alone is its own child.
        self.known.insert(key, node);

        let mut ending = Vec::new();
        let mut parameter = Vec::new();
        let mut literals: BTreeMap<(usize, &str), Vec<u16>> = BTreeMap::new();
        for &rule in &rules {
            match patterns[usize::from(rule)].get(depth) {
                Some(Segment::Literal(text)) => {
                    literals.entry((text.len(), text)).or_default().push(rule);
                }
                Some(Segment::Parameter) => parameter.push(rule),
                Some(Segment::Tail) => {
                    parameter.push(rule);
                    // Some routers take what is before a tail for part of it.
                    if matches!(self.decides, Decides::Any) {
                        ending.push(rule);
                    }
                }
                None => {
                    ending.push(rule);
                    if is_tail(&rule) {
                        parameter.push(rule);
                    }
                }
            }
        }
        let mut children = Vec::with_capacity(literals.len());
        for ((_, literal), mut below) in literals {
            below.extend(&parameter);
            below.sort_unstable();
            children.push((literal.into(), self.node(below, depth + 1)?));
        }
        let parameter = if parameter.is_empty() {
            None
        } else {
            Some(self.node(parameter, depth + 1)?)
        };
        self.nodes[index] = Node {
            literals: children,
            parameter,
            rules: match self.decides {
                Decides::Strongest => self.strongest(&ending)?,
                Decides::Any => {
                    ending.sort_by_key(|&rule| &patterns[usize::from(rule)]);
                    ending
                }
            },
        };
        Ok(node)
    }

    /// The rules of the most specific pattern among those that end in one node.
    ///
    /// Two patterns that cross, each more specific in another segment, are read one way by one router and the other way
    /// by the next: that is refused unless all their rules need the same.
    fn strongest(&self, ending: &[u16]) -> Result<Vec<u16>, Error> {
        let pattern = |rule: u16| &self.patterns[usize::from(rule)];
        let Some(strongest) = ending.iter().copied().map(pattern).min() else {
            return Ok(Vec::new());
        };
        let (kept, others): (Vec<u16>, Vec<u16>) =
            ending.iter().partition(|&&rule| pattern(rule) == strongest);
        let crosses = |&&other: &&u16| {
            let mut segments = strongest.iter().zip(pattern(other));
            segments.any(|(strong, weak)| strong > weak)
        };
        let rule = |&rule: &u16| &self.rules[usize::from(rule)];
        let mut crossing = others.iter().filter(crosses).map(rule).peekable();
        let (Some(first), Some(other)) = (kept.first().map(rule), crossing.peek().copied()) else {
            return Ok(kept);
        };
        let differs = |rule: &&RouteRule| rule.needs() != first.needs();
        let pair = match kept.iter().map(rule).find(differs) {
            Some(kept) if !differs(&other) => Some((kept, other)),
            _ => crossing.find(differs).map(|other| (first, other)),
        };
        if let Some((kept, other)) = pair {
            let message = format!(
                "routes \"{} {}\" and \"{} {}\" match the same path, and neither is more specific: let both need \
                 the same, or add a rule for the path that both match",
                kept.method, kept.pattern, other.method, other.pattern
            );
            return Err(Error::new(Code::InvalidProfile, message));
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests;
