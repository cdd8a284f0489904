//! Route rules against a reading of them without any tree: all patterns tried, the strongest taken.

use keyward::access::{RouteAccess, RouteRule, RouteTable};
use keyward::request::RequestPath;
use proptest::prelude::*;

/// How weak a segment of a pattern is.
fn weakness(segment: &str) -> u8 {
    match segment {
        "**" => 2,
        _ if segment.starts_with('{') => 1,
        _ => 0,
    }
}

/// The segments of a pattern, drawn out to as many as a path has; None if they cannot be as many.
fn drawn_out(pattern: &str, length: usize) -> Option<Vec<&str>> {
    let mut segments: Vec<&str> = pattern[1..].split('/').collect();
    if segments.last() == Some(&"**") {
        segments.resize(segments.len().max(length), "**");
    }
    (segments.len() == length).then_some(segments)
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

/// Whether a segment could stand between the base path and a pattern.
fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|number| {
        number.bytes().all(|byte| byte.is_ascii_digit())
            && !number.starts_with('0')
            && (1..=3).contains(&number.len())
    })
}

/// The methods of rules that speak for a method, the first one first.
fn speaking(method: &str) -> Vec<&str> {
    if method == "HEAD" {
        vec!["HEAD", "GET", "*"]
    } else {
        vec![method, "*"]
    }
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
    if versions && is_version(segments[0]) {
        segments.remove(0);
    }
    let stands_for = |pattern: &str, segment: &str| match weakness(pattern) {
        0 => pattern == segment,
        _ => !segment.is_empty(),
    };
    // What a pattern has in one place, if all before it agrees with the path.
    let at = |rule: &RouteRule, depth: usize| {
        let own = rule.pattern[1..].split('/').count();
        let place = drawn_out(&rule.pattern, own.max(depth + 1))?;
        let agrees = place[..depth]
            .iter()
            .zip(&segments)
            .all(|(pattern, segment)| stands_for(pattern, segment));
        agrees.then(|| place[depth].to_owned())
    };
    for (depth, segment) in segments.iter().enumerate() {
        let literals: Vec<String> = rules
            .iter()
            .filter_map(|rule| at(rule, depth))
            .filter(|pattern| weakness(pattern) == 0)
            .collect();
        let passes_for_one = |literal: &String| literal.to_ascii_lowercase() == folded(segment);
        if literals.iter().all(|literal| literal != segment) && literals.iter().any(passes_for_one)
        {
            return None;
        }
    }
    let strength = |rule: &RouteRule| {
        let pattern = drawn_out(&rule.pattern, segments.len())?;
        let mut pairs = pattern.iter().zip(&segments);
        // Where tails are drawn out, the shorter one is the weaker: its `**` stands further to the left.
        pairs
            .all(|(pattern, segment)| stands_for(pattern, segment))
            .then(|| {
                pattern
                    .iter()
                    .map(|pattern| weakness(pattern))
                    .collect::<Vec<_>>()
            })
    };
    let strongest = rules.iter().filter_map(strength).min()?;
    let found = speaking(method).iter().find_map(|method| {
        rules.iter().position(|rule| {
            &*rule.method == *method && strength(rule).as_ref() == Some(&strongest)
        })
    });
    found.map(|rule| u16::try_from(rule).expect("fewer rules"))
}

/// The strict rules that the most lenient router could take a call for.
pub(crate) fn naive_strict(
    base: &str,
    versions: bool,
    rules: &[RouteRule],
    method: &str,
    path: &str,
) -> Vec<u16> {
    let folded: Vec<_> = path.split('/').map(folded).collect();
    let mut segments: Vec<&str> = folded
        .iter()
        .map(String::as_str)
        .filter(|segment| !segment.is_empty())
        .collect();
    for expected in base.split('/').skip(1) {
        if segments.is_empty() || segments.remove(0) != expected.to_ascii_lowercase() {
            return Vec::new();
        }
    }
    if versions && segments.first().is_some_and(|first| is_version(first)) {
        segments.remove(0);
    }
    let may_be = |rule: &RouteRule| {
        let mut pattern: Vec<&str> = rule.pattern[1..].split('/').collect();
        if pattern.last() == Some(&"**") {
            pattern.pop();
            pattern.resize(pattern.len().max(segments.len()), "**");
        }
        pattern.len() == segments.len()
            && pattern.iter().zip(&segments).all(|(pattern, segment)| {
                weakness(pattern) > 0 || pattern.to_ascii_lowercase() == **segment
            })
    };
    let is_strict = |rule: &RouteRule| {
        matches!(rule.access, RouteAccess::Closed(_)) || rule.require_fresh || rule.cost > 1
    };
    (0..)
        .zip(rules)
        .filter(|(_, rule)| is_strict(rule) && may_be(rule))
        .filter(|(_, rule)| speaking(method).contains(&&*rule.method))
        .map(|(number, _)| number)
        .collect()
}

fn method() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["GET", "POST", "PUT", "HEAD"])
}

/// What rules of one pattern may need, so that whatever crosses can be compiled now and then.
fn access() -> impl Strategy<Value = RouteAccess> {
    prop_oneof![
        5 => Just(RouteAccess::Scope(0)),
        1 => Just(RouteAccess::Scope(1)),
        1 => Just(RouteAccess::Closed("not with a key".into())),
    ]
}

fn rules() -> impl Strategy<Value = Vec<RouteRule>> {
    let segment = || prop::sample::select(vec!["a", "b", "ab", "A", "v1", "{x}", "{y}"]);
    let pattern = (
        prop::sample::select(vec!["a", "b", "ab", "c"]),
        prop::collection::vec(segment(), 0..4),
    );
    let method = prop_oneof![4 => method(), 1 => Just("*")];
    let tail = prop_oneof![3 => Just(""), 1 => Just("/**")];
    let strict = prop::sample::select(vec![
        (1, false),
        (1, false),
        (1, false),
        (2, false),
        (0, true),
    ]);
    let rule = (method, pattern, tail, access(), strict);
    let rule = rule.prop_map(
        |(method, (first, rest), tail, access, (cost, require_fresh))| {
            let pattern = std::iter::once(first)
                .chain(rest)
                .fold(String::new(), |pattern, segment| pattern + "/" + segment);
            RouteRule {
                method: method.into(),
                pattern: (pattern + tail).into(),
                access,
                cost,
                require_fresh,
            }
        },
    );
    prop::collection::vec(rule, 0..14)
}

/// Paths below `base`, mostly: of the patterns' own segments, and of what could be taken for them.
fn path() -> impl Strategy<Value = String> {
    let own = || prop::sample::select(vec!["a", "b", "ab", "c", "x"]);
    let near = || {
        prop::sample::select(vec![
            "A", "aB", "%61", "%41", "a%62", "%61%62", "%78", "v1", "v%31", "**", "*",
        ])
    };
    let first = prop_oneof![8 => own(), 1 => near()];
    let rest = prop::collection::vec(prop_oneof![3 => own(), 2 => near()], 0..4);
    let base = prop::sample::select(vec!["", "", "/api", "/api", "/api/api", "/API", "/%61pi"]);
    let version = prop::sample::select(vec![
        "", "", "", "/v1", "/v2", "/v999", "/v1000", "/v0", "/v1/v1", "/V1", "/v%31", "/V%31%30",
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
            let found = table.find(method.as_bytes(), request);
            let expected = naive(base, versions, table.rules(), method, &path);
            prop_assert_eq!(found, expected, "{} {} among {:?}", method, path, table.rules());
            let mut strict: Vec<u16> = table.strict(method.as_bytes(), request).collect();
            strict.sort_unstable();
            let expected = naive_strict(base, versions, table.rules(), method, &path);
            prop_assert_eq!(strict, expected, "{} {} among {:?}", method, path, table.rules());
        }
    }
}

fn open(pattern: String) -> RouteRule {
    RouteRule {
        method: "GET".into(),
        pattern: pattern.into(),
        access: RouteAccess::Scope(0),
        cost: 1,
        require_fresh: false,
    }
}

fn find(table: &RouteTable, path: &str) -> Option<u16> {
    let path = RequestPath::parse(path.as_bytes()).expect("one reading");
    table.find(b"GET", path)
}

/// 1,024 rules that overlap at every segment: a search that turns back would try all of them for each path.
#[test]
fn overlapping_rules_cost_no_more_than_the_path_is_long() {
    for (tail, of_long) in [("", None), ("/**", Some((1 << 10) - 1))] {
        let rules = (0u32..1 << 10)
            .map(|bits| {
                let segments =
                    (0..10).map(|depth| if bits >> depth & 1 == 1 { "/a" } else { "/{x}" });
                open(format!("/r{}{tail}", segments.collect::<String>()))
            })
            .collect();
        let table = RouteTable::compile("", false, rules).expect("a table within the limits");
        let path = |segments: usize| format!("/r{}", "/a".repeat(segments));
        let further = if tail.is_empty() { "" } else { "/x" };
        assert_eq!(
            find(&table, &format!("{}{further}", path(10))),
            Some((1 << 10) - 1)
        );
        assert_eq!(
            find(&table, &format!("{}/b{further}", path(9))),
            Some((1 << 9) - 1)
        );
        let long = path(4_090);
        for _ in 0..200 {
            assert_eq!(find(&table, &long), of_long);
        }
    }
}

/// A tail below each of 31 segments, and a tail beside a literal at each: all of them stay possible to the end.
#[test]
fn tails_below_tails_cost_no_more_than_the_path_is_long() {
    let rules = (0..31)
        .flat_map(|depth| {
            let below = "/a".repeat(depth);
            let parameters = "/{x}".repeat(depth);
            [
                open(format!("/r{below}/**")),
                open(format!("/s{parameters}/**")),
            ]
        })
        .collect();
    let table = RouteTable::compile("", false, rules).expect("a table within the limits");
    for _ in 0..100 {
        assert_eq!(find(&table, &format!("/r{}", "/a".repeat(4_090))), Some(60));
        assert_eq!(find(&table, &format!("/s{}", "/a".repeat(4_090))), Some(61));
        assert_eq!(find(&table, &format!("/r{}", "/b".repeat(4_090))), Some(0));
    }
    assert_eq!(find(&table, &format!("/r{}/", "/a".repeat(4_090))), None);
}
