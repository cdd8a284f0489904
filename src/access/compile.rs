//! Compiles route rules into the tree that [`RouteTable`] walks. Native only: what travels to the edge is the tree.

use std::collections::{BTreeMap, HashMap};

use super::MAX_SCOPES;
use super::route::{Node, RouteRule, RouteTable, is_version};
use crate::error::{Code, Error};
use crate::request::RequestPath;

/// A profile has at most this many rules.
const MAX_RULES: usize = 10_000;
const MAX_SEGMENTS: usize = 32;
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
            if usize::from(rule.scope) >= MAX_SCOPES {
                return Err(invalid(format!(
                    "route {call:?} needs a scope beyond the {MAX_SCOPES} that a profile has"
                )));
            }
        }
        let mut builder = Builder {
            rules: &rules,
            patterns: &patterns,
            nodes: Vec::new(),
            known: HashMap::new(),
            placed: 0,
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
    rules: &'a [RouteRule],
    patterns: &'a [Vec<Segment>],
    nodes: Vec<Node>,
    known: HashMap<(Vec<u16>, usize), u32>,
    /// How many rules stand in all nodes together.
    placed: usize,
}

impl Builder<'_> {
    /// The node where `rules`, in ascending order, are still possible after `depth` segments.
    fn node(&mut self, rules: Vec<u16>, depth: usize) -> Result<u32, Error> {
        if let Some(&node) = self.known.get(&(rules.clone(), depth)) {
            return Ok(node);
        }
        self.placed += rules.len();
        if self.placed > MAX_PLACED {
            let message =
                "the route rules overlap in too many places; use fewer parameters beside literals";
            return Err(Error::new(Code::InvalidProfile, message));
        }
        let node = self.nodes.len();
        self.nodes.push(Node::default());

        let patterns = self.patterns;
        let mut ending = Vec::new();
        let mut parameter = Vec::new();
        let mut literals: BTreeMap<(usize, &str), Vec<u16>> = BTreeMap::new();
        for &rule in &rules {
            match patterns[usize::from(rule)].get(depth) {
                None => ending.push(rule),
                Some(Segment::Parameter) => parameter.push(rule),
                Some(Segment::Literal(text)) => {
                    literals.entry((text.len(), text)).or_default().push(rule);
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
        self.nodes[node] = Node {
            literals: children,
            parameter,
            rules: self.strongest(&ending)?,
        };
        let node = u32::try_from(node).unwrap_or(u32::MAX);
        self.known.insert((rules, depth), node);
        Ok(node)
    }

    /// The rules of the most specific pattern among those that end in one node.
    ///
    /// Two patterns that cross, each more specific in another segment, are read one way by one router and the other way by
    /// the next: that is refused unless both need the same scope.
    fn strongest(&self, ending: &[u16]) -> Result<Vec<u16>, Error> {
        let pattern = |rule: u16| &self.patterns[usize::from(rule)];
        let Some(strongest) = ending.iter().copied().min_by_key(|&rule| pattern(rule)) else {
            return Ok(Vec::new());
        };
        for &other in ending {
            let crosses = pattern(strongest)
                .iter()
                .zip(pattern(other))
                .any(|(strong, weak)| strong > weak);
            let [first, second] = [strongest, other].map(|rule| &self.rules[usize::from(rule)]);
            if crosses && first.scope != second.scope {
                let message = format!(
                    "routes \"{} {}\" and \"{} {}\" match the same path, and neither is more specific: give both \
                     one scope, or add a rule for the path that both match",
                    first.method, first.pattern, second.method, second.pattern
                );
                return Err(Error::new(Code::InvalidProfile, message));
            }
        }
        let of_strongest = |&rule: &u16| pattern(rule) == pattern(strongest);
        Ok(ending.iter().copied().filter(of_strongest).collect())
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
    fn patterns_that_cross_need_one_scope() {
        let rule = |pattern: &str, scope| RouteRule {
            method: "GET".into(),
            pattern: pattern.into(),
            scope,
        };
        let crossing = |scope| vec![rule("/c/{id}", 0), rule("/{a}/b", scope)];
        assert!(RouteTable::compile("", false, crossing(0)).is_ok());
        let error = RouteTable::compile("", false, crossing(1)).expect_err("crossing");
        assert!(
            error.message().contains("neither is more specific"),
            "{error}"
        );
        let decided = [crossing(1), vec![rule("/c/b", 1)]].concat();
        assert!(
            RouteTable::compile("", false, decided).is_ok(),
            "/c/b decides"
        );
    }

    #[test]
    fn rules_that_multiply_are_refused_soon() {
        let rule = |pattern: String| RouteRule {
            method: "GET".into(),
            pattern: pattern.into(),
            scope: 0,
        };
        let rules = (0..2_000)
            .flat_map(|index| {
                [
                    rule(format!("/{{p}}/x{index}")),
                    rule(format!("/lit{index}/y")),
                ]
            })
            .collect();
        let error = RouteTable::compile("", false, rules).expect_err("too many");
        assert!(error.message().contains("too many places"), "{error}");
    }

    #[test]
    fn what_a_router_could_take_for_a_literal_is_no_parameter() {
        let table = table(&["GET /x/{id}", "POST /x/subscribe"]).expect("good rules");
        for path in [
            "/api/x/%73ubscribe",
            "/api/x/SUBSCRIBE",
            "/api/x/sub%53cribe",
        ] {
            assert_eq!(found(&table, "GET", path), None, "{path}");
        }
        assert_eq!(found(&table, "GET", "/api/x/subscribes"), Some("/x/{id}"));
        assert_eq!(found(&table, "GET", "/api/x/subscrib"), Some("/x/{id}"));
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
