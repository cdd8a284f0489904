//! Compiles route rules into the tree that [`RouteTable`] walks. Native only: what travels to the edge is the tree.

use std::collections::HashMap;

use super::MAX_SCOPES;
use super::route::{Node, RouteRule, RouteTable, is_version};
use crate::error::{Code, Error};
use crate::request::RequestPath;

/// A profile has at most this many rules.
const MAX_RULES: usize = 10_000;
const MAX_SEGMENTS: usize = 32;
/// Rules that overlap in many places multiply; a tree beyond this is refused when the profile is read.
const MAX_NODES: usize = 100_000;

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
            if usize::from(rule.scope) >= MAX_SCOPES {
                return Err(invalid(format!(
                    "route {call:?} needs a scope beyond the {MAX_SCOPES} that a profile has"
                )));
            }
        }
        let mut builder = Builder {
            patterns: &patterns,
            nodes: Vec::new(),
            known: HashMap::new(),
        };
        builder.node(
            (0..rules.len())
                .filter_map(|rule| u16::try_from(rule).ok())
                .collect(),
            0,
        )?;
        let nodes = builder.nodes;
        Ok(Self {
            base_path: base_path.into(),
            version_segment,
            rules,
            nodes,
        })
    }
}

/// One segment of a pattern. The order is the order of strength.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Segment {
    Literal(Box<str>),
    Parameter,
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
    if rule.method.is_empty()
        || !rule
            .method
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'-')
    {
        return refuse("write the method in capital letters, such as GET".into());
    }
    let Some(path) = rule.pattern.strip_prefix('/') else {
        return refuse("a pattern starts with `/`".into());
    };
    let mut segments = Vec::new();
    for (index, text) in path.split('/').enumerate() {
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
            None => {
                check_literal(&format!("/{text}"))
                    .map_err(|error| error.within(format!("route {:?}", rule.pattern)))?;
                Segment::Literal(text.into())
            }
        };
        let could_be_version = match &segment {
            Segment::Literal(text) => is_version(text.as_bytes()),
            Segment::Parameter => true,
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

struct Builder<'a> {
    patterns: &'a [Vec<Segment>],
    nodes: Vec<Node>,
    known: HashMap<(Vec<u16>, usize), u32>,
}

impl Builder<'_> {
    /// The node where `rules` are still possible after `depth` segments.
    fn node(&mut self, rules: Vec<u16>, depth: usize) -> Result<u32, Error> {
        if let Some(&node) = self.known.get(&(rules.clone(), depth)) {
            return Ok(node);
        }
        if self.nodes.len() >= MAX_NODES {
            let message =
                "the route rules overlap in too many places; use fewer parameters beside literals";
            return Err(Error::new(Code::InvalidProfile, message));
        }
        let node = self.nodes.len();
        self.nodes.push(Node::default());

        let patterns = self.patterns;
        let pattern = |rule: u16| &patterns[usize::from(rule)];
        let (ending, going_on): (Vec<u16>, Vec<u16>) = rules
            .iter()
            .partition(|&&rule| pattern(rule).len() == depth);
        let strongest = ending.iter().map(|&rule| pattern(rule)).min();
        let ending = ending
            .iter()
            .copied()
            .filter(|&rule| Some(pattern(rule)) == strongest)
            .collect();

        let mut literals: Vec<&str> = going_on
            .iter()
            .filter_map(|&rule| match &pattern(rule)[depth] {
                Segment::Literal(text) => Some(&**text),
                Segment::Parameter => None,
            })
            .collect();
        literals.sort_unstable_by_key(|text| (text.len(), *text));
        literals.dedup();
        let possible = |literal: Option<&str>| -> Vec<u16> {
            let fits = |&rule: &u16| match &pattern(rule)[depth] {
                Segment::Literal(text) => Some(&**text) == literal,
                Segment::Parameter => true,
            };
            going_on.iter().copied().filter(fits).collect()
        };
        let mut children = Vec::with_capacity(literals.len());
        for literal in literals {
            children.push((
                literal.into(),
                self.node(possible(Some(literal)), depth + 1)?,
            ));
        }
        let below = possible(None);
        let parameter = if below.is_empty() {
            None
        } else {
            Some(self.node(below, depth + 1)?)
        };

        self.nodes[node] = Node {
            literals: children,
            parameter,
            rules: ending,
        };
        let node = u32::try_from(node).unwrap_or(u32::MAX);
        self.known.insert((rules, depth), node);
        Ok(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Matched, RouteHandle};

    fn table(calls: &[&str]) -> Result<RouteTable, Error> {
        let rules = calls
            .iter()
            .map(|call| {
                let (method, pattern) = call.split_once(' ').expect("METHOD /pattern");
                RouteRule {
                    method: method.into(),
                    pattern: pattern.into(),
                    scope: 0,
                }
            })
            .collect();
        RouteTable::compile("/api", true, rules)
    }

    fn found<'a>(table: &'a RouteTable, method: &str, path: &str) -> Option<&'a str> {
        let path = RequestPath::parse(path.as_bytes()).expect("an unambiguous path");
        match table.find(method.as_bytes(), path) {
            Matched::Rule(rule) => table.rule(rule).map(|rule| &*rule.pattern),
            Matched::Nothing => None,
        }
    }

    #[test]
    fn the_most_specific_pattern_decides_alone() {
        let table = table(&[
            "GET /x/c/{id}",
            "POST /x/c/subscribe",
            "GET /x/{a}/b",
            "PUT /x/c/{id}/x",
        ])
        .expect("good rules");
        assert_eq!(found(&table, "GET", "/api/x/c/1"), Some("/x/c/{id}"));
        assert_eq!(
            found(&table, "GET", "/api/x/c/subscribe"),
            None,
            "only POST is listed there"
        );
        assert_eq!(
            found(&table, "POST", "/api/v2/x/c/subscribe"),
            Some("/x/c/subscribe")
        );
        assert_eq!(
            found(&table, "PUT", "/api/x/c/subscribe/x"),
            Some("/x/c/{id}/x"),
            "a literal does not end the search"
        );
        assert_eq!(
            found(&table, "GET", "/api/x/c/b"),
            Some("/x/c/{id}"),
            "leftmost literal first"
        );
        assert_eq!(found(&table, "HEAD", "/api/x/c/1"), Some("/x/c/{id}"));
        for (method, path) in [
            ("GET", "/api/x/c/"),
            ("GET", "/api/x/c/1/"),
            ("GET", "/x/c/1"),
            ("GET", "/api/V1/x/c/1"),
            ("get", "/api/x/c/1"),
            ("GET", "/api/v01/x/c/1"),
            ("GET", "/api/v1/v2/x/c/1"),
        ] {
            assert_eq!(found(&table, method, path), None, "{method} {path}");
        }
    }

    #[test]
    fn ambiguous_rules_are_refused() {
        for calls in [
            &["GET /a/{x}", "GET /a/{y}"][..],
            &["GET /{x}"],
            &["GET /v1/a"],
            &["get /a"],
            &["GET a"],
            &["GET /a/"],
            &["GET /a//b"],
            &["GET /a/{}"],
            &["GET /%61"],
        ] {
            assert_eq!(
                table(calls).expect_err("ambiguous").code(),
                Code::InvalidProfile,
                "{calls:?}"
            );
        }
    }

    #[test]
    fn a_handle_names_a_pattern_and_survives_its_number() {
        let table = table(&["GET /c/{id}"]).expect("good rules");
        let handle = table.find_pattern(b"GET", b"/api/c/{id}").expect("a rule");
        assert_eq!(RouteHandle::from_u32(handle.to_u32()), handle);
        assert_eq!(table.find_pattern(b"PUT", b"/api/c/{id}"), None);
        assert_eq!(
            RouteHandle::from_u32(u32::MAX),
            RouteHandle(Matched::Nothing)
        );
    }
}
