//! Route rules against a reading of them without any tree: all patterns tried, the strongest taken.

use keyward::access::{Matched, RouteRule, RouteTable};
use keyward::request::RequestPath;
use proptest::prelude::*;

/// Whether one segment of a pattern is a parameter.
fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

/// A segment as somebody reads it who decodes escapes and does not mind case.
fn folded(segment: &str) -> String {
    let mut decoded = Vec::new();
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        let hexadecimal = |byte: Option<u8>| {
            char::from(byte.expect("two digits"))
                .to_digit(16)
                .expect("a digit")
        };
        decoded.push(if byte == b'%' {
            u8::try_from(hexadecimal(bytes.next()) * 16 + hexadecimal(bytes.next()))
                .expect("a byte")
        } else {
            byte
        });
    }
    String::from_utf8_lossy(&decoded).to_ascii_lowercase()
}

/// The rule for a call, found without a tree.
pub(crate) fn naive(
    base: &str,
    versions: bool,
    rules: &[RouteRule],
    method: &str,
    path: &str,
) -> Option<u16> {
    let below = path.strip_prefix(base)?.strip_prefix('/')?;
    let mut segments: Vec<&str> = below.split('/').collect();
    let number = segments[0]
        .strip_prefix('v')
        .filter(|number| !number.starts_with('0'));
    if versions
        && number.is_some_and(|number| {
            number.len() <= 3
                && number
                    .parse::<u16>()
                    .is_ok_and(|_| number.bytes().all(|byte| byte.is_ascii_digit()))
        })
    {
        segments.remove(0);
    }
    let patterns: Vec<Vec<&str>> = rules
        .iter()
        .map(|rule| rule.pattern[1..].split('/').collect())
        .collect();
    let mut possible: Vec<usize> = (0..rules.len()).collect();
    for (depth, segment) in segments.iter().enumerate() {
        possible.retain(|&rule| patterns[rule].len() > depth);
        let is_literal = possible
            .iter()
            .any(|&rule| patterns[rule][depth] == *segment);
        let passes_for_one = |rule: usize| {
            let pattern = patterns[rule][depth];
            !is_parameter(pattern) && pattern.to_ascii_lowercase() == folded(segment)
        };
        if !is_literal && possible.iter().any(|&rule| passes_for_one(rule)) {
            return None;
        }
        possible.retain(|&rule| {
            let pattern = patterns[rule][depth];
            pattern == *segment || is_parameter(pattern) && !segment.is_empty()
        });
    }
    possible.retain(|&rule| patterns[rule].len() == segments.len());
    let strength = |rule: usize| -> Vec<bool> {
        patterns[rule]
            .iter()
            .map(|segment| is_parameter(segment))
            .collect()
    };
    let strongest = possible.iter().map(|&rule| strength(rule)).min()?;
    possible.retain(|&rule| strength(rule) == strongest);
    let with = |method: &str| {
        possible
            .iter()
            .copied()
            .find(|&rule| &*rules[rule].method == method)
    };
    let found = with(method).or_else(|| if method == "HEAD" { with("GET") } else { None })?;
    u16::try_from(found).ok()
}

fn method() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["GET", "POST", "PUT", "HEAD"])
}

fn rules() -> impl Strategy<Value = Vec<RouteRule>> {
    let segment = || prop::sample::select(vec!["a", "b", "ab", "A", "v1", "{x}", "{y}"]);
    let pattern = (
        prop::sample::select(vec!["a", "b", "ab", "c"]),
        prop::collection::vec(segment(), 0..4),
    );
    let rule = (method(), pattern).prop_map(|(method, (first, rest))| {
        let pattern = std::iter::once(first)
            .chain(rest)
            .fold(String::new(), |pattern, segment| pattern + "/" + segment);
        RouteRule {
            method: method.into(),
            pattern: pattern.into(),
            scope: 0,
        }
    });
    prop::collection::vec(rule, 0..14)
}

/// Paths below `base`, mostly: of the patterns' own segments, and of what could be taken for them.
fn path() -> impl Strategy<Value = String> {
    let own = || prop::sample::select(vec!["a", "b", "ab", "c", "x"]);
    let near = || {
        prop::sample::select(vec![
            "A", "aB", "%61", "%41", "a%62", "%61%62", "%78", "v1", "v%31",
        ])
    };
    let first = prop_oneof![8 => own(), 1 => near()];
    let rest = prop::collection::vec(prop_oneof![3 => own(), 2 => near()], 0..4);
    let base = prop::sample::select(vec!["", "", "/api", "/api", "/api/api", "/API"]);
    let version = prop::sample::select(vec![
        "", "", "", "/v1", "/v2", "/v999", "/v1000", "/v0", "/v1/v1",
    ]);
    let last = prop::sample::select(vec!["", "", "", "/"]);
    (base, version, first, rest, last).prop_map(|(base, version, first, rest, last)| {
        let rest = rest
            .into_iter()
            .fold(String::new(), |path, segment| path + "/" + segment);
        format!("{base}{version}/{first}{rest}{last}")
    })
}

/// Compiles what can be compiled of the rules: those that say the same as an earlier one are left out.
fn compiled(base: &str, versions: bool, rules: Vec<RouteRule>) -> RouteTable {
    let mut kept: Vec<RouteRule> = Vec::new();
    for rule in rules {
        kept.push(rule);
        if RouteTable::compile(base, versions, kept.clone()).is_err() {
            kept.pop();
        }
    }
    RouteTable::compile(base, versions, kept).expect("each rule was tried")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_tree_finds_what_trying_all_patterns_finds(
        rules in rules(),
        calls in prop::collection::vec((method(), path()), 40),
        base in prop::sample::select(vec!["", "/api"]),
        versions in any::<bool>(),
    ) {
        let table = compiled(base, versions, rules);
        for (method, path) in calls {
            let request = RequestPath::parse(path.as_bytes()).expect("one reading");
            let found = match table.find(method.as_bytes(), request) {
                Matched::Rule(rule) => Some(rule),
                Matched::Nothing => None,
            };
            let expected = naive(base, versions, table.rules(), method, &path);
            prop_assert_eq!(found, expected, "{} {} among {:?}", method, path, table.rules());
        }
    }
}

/// 1,024 rules that overlap at every segment: a search that turns back would try all of them for each path.
#[test]
fn overlapping_rules_cost_no_more_than_the_path_is_long() {
    let rules = (0u32..1 << 10)
        .map(|bits| {
            let segments = (0..10).map(|depth| if bits >> depth & 1 == 1 { "/a" } else { "/{x}" });
            RouteRule {
                method: "GET".into(),
                pattern: format!("/r{}", segments.collect::<String>()).into(),
                scope: 0,
            }
        })
        .collect();
    let table = RouteTable::compile("", false, rules).expect("a table within the limits");
    let path = |segments: usize| format!("/r{}", "/a".repeat(segments));
    let find = |path: &str| {
        table.find(
            b"GET",
            RequestPath::parse(path.as_bytes()).expect("one reading"),
        )
    };
    assert_eq!(find(&path(10)), Matched::Rule((1 << 10) - 1));
    assert_eq!(find(&format!("{}/b", path(9))), Matched::Rule((1 << 9) - 1));
    let long = path(4_090);
    for _ in 0..2_000 {
        assert_eq!(find(&long), Matched::Nothing);
    }
}
