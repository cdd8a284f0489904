//! What compiles to which tree, and what is refused.

use super::*;
use crate::access::RouteHandle;

fn rule(call: &str, access: RouteAccess) -> RouteRule {
    let (method, pattern) = call.split_once(' ').expect("METHOD /pattern");
    RouteRule {
        method: method.into(),
        pattern: pattern.into(),
        access,
        cost: 1,
        require_fresh: false,
    }
}

fn open(call: &str) -> RouteRule {
    rule(call, RouteAccess::Scope(0))
}

fn closed(call: &str) -> RouteRule {
    rule(call, RouteAccess::Closed("not with a key".into()))
}

fn table(calls: &[&str]) -> Result<RouteTable, Error> {
    let rules = calls.iter().map(|call| open(call)).collect();
    RouteTable::compile("/api", true, rules)
}

fn found<'a>(table: &'a RouteTable, method: &str, path: &str) -> Option<&'a str> {
    let path = RequestPath::parse(path.as_bytes()).expect("an unambiguous path");
    let rule = table.find(method.as_bytes(), path)?;
    table.rule(rule).map(|rule| &*rule.pattern)
}

fn found_call(table: &RouteTable, method: &str, path: &str) -> Option<String> {
    let path = RequestPath::parse(path.as_bytes()).expect("an unambiguous path");
    let rule = table.rule(table.find(method.as_bytes(), path)?)?;
    Some(format!("{} {}", rule.method, rule.pattern))
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
        &["GET /**"],
        &["GET /a/**", "GET /a/**"],
        &["GET /a/**/b"],
        &["GET /a/**/**"],
        &["GET /a/**/"],
        &["GET /a/*"],
        &["GET /a/b*"],
        &["GET /a/***"],
        &["** /a"],
        &["G* /a"],
    ] {
        assert_eq!(
            table(calls).expect_err("ambiguous").code(),
            Code::InvalidProfile,
            "{calls:?}"
        );
    }
}

#[test]
fn a_tail_is_one_segment_or_more_and_weaker_than_a_parameter() {
    let table = table(&[
        "GET /a/**",
        "GET /a/{x}",
        "GET /a/b/c",
        "GET /a/b/{x}/**",
        "PUT /a/{x}/{y}/z",
    ])
    .expect("good rules");
    for (path, expected) in [
        ("/api/a", None),
        ("/api/a/", None),
        ("/api/a/1", Some("/a/{x}")),
        ("/api/a/1/", None),
        ("/api/a/b", Some("/a/{x}")),
        ("/api/a/1/2", Some("/a/**")),
        ("/api/v9/a/1/2/3/4", Some("/a/**")),
        ("/api/a/1/2/3/", None),
        ("/api/a/b/c", Some("/a/b/c")),
        ("/api/a/b/d", Some("/a/**")),
        ("/api/a/b/c/d", Some("/a/b/{x}/**")),
        ("/api/a/b/c/z", Some("/a/b/{x}/**")),
        ("/api/a/b/c/d/e", Some("/a/b/{x}/**")),
        ("/api/a/1/2/z", None),
        ("/api/a/1/2/z/3", Some("/a/**")),
        ("/api/a/**", Some("/a/{x}")),
    ] {
        assert_eq!(found(&table, "GET", path), expected, "{path}");
    }
    assert_eq!(
        found(&table, "PUT", "/api/a/1/2/z"),
        Some("/a/{x}/{y}/z"),
        "GET is not listed there"
    );
}

#[test]
fn a_tail_ends_inside_a_longer_literal_and_may_be_the_whole_pattern() {
    let rules = vec![open("GET /**"), open("GET /a/b/c"), open("GET /a/b/c/d/**")];
    let table = RouteTable::compile("", false, rules).expect("good rules");
    for (path, expected) in [
        ("/", None),
        ("/a", Some("/**")),
        ("/a/", None),
        ("/a/b", Some("/**")),
        ("/a/b/c", Some("/a/b/c")),
        ("/a/b/c/d", Some("/**")),
        ("/a/b/c/d/e/f", Some("/a/b/c/d/**")),
        ("/x/b/c", Some("/**")),
        ("/A/b/c", None),
    ] {
        assert_eq!(found(&table, "GET", path), expected, "{path}");
    }
    assert_eq!(table.nodes.len(), 7, "tails loop instead of unrolling");
}

#[test]
fn any_method_is_what_no_rule_of_the_same_pattern_names() {
    let table = table(&[
        "* /x/{id}",
        "GET /x/{id}",
        "DELETE /x/{id}",
        "* /x/y",
        "HEAD /x/y",
        "GET /x/z",
    ])
    .expect("good rules");
    for (method, path, expected) in [
        ("GET", "/api/x/1", Some("GET /x/{id}")),
        ("HEAD", "/api/x/1", Some("GET /x/{id}")),
        ("DELETE", "/api/x/1", Some("DELETE /x/{id}")),
        ("POST", "/api/x/1", Some("* /x/{id}")),
        ("delete", "/api/x/1", Some("* /x/{id}")),
        ("*", "/api/x/1", Some("* /x/{id}")),
        ("", "/api/x/1", Some("* /x/{id}")),
        ("HEAD", "/api/x/y", Some("HEAD /x/y")),
        ("GET", "/api/x/y", Some("* /x/y")),
        ("HEAD", "/api/x/z", Some("GET /x/z")),
        ("POST", "/api/x/z", None),
    ] {
        let found = found_call(&table, method, path);
        assert_eq!(found.as_deref(), expected, "{method} {path}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "too slow there")]
fn patterns_that_cross_need_the_same() {
    let in_scope = |call: &str, scope| rule(call, RouteAccess::Scope(scope));
    let costly = |call: &str| RouteRule {
        cost: 2,
        ..open(call)
    };
    let fresh = |call: &str| RouteRule {
        require_fresh: true,
        ..open(call)
    };
    for (first, second, both) in [
        ("GET /c/{id}", "GET /{a}/b", "GET /c/b"),
        ("GET /c/**", "GET /{a}/b", "GET /c/b"),
        ("GET /c/**", "GET /{a}/b/**", "GET /c/b/**"),
        ("GET /c/**", "GET /{a}/{b}", "GET /c/{b}"),
        ("GET /c/{x}/**", "GET /{a}/b/d", "GET /c/b/d"),
        ("POST /c/**", "* /{a}/b", "PUT /c/b"),
    ] {
        let compile = |rules: Vec<RouteRule>| RouteTable::compile("", false, rules);
        let place = format!("{first} and {second}");
        assert!(compile(vec![open(first), open(second)]).is_ok(), "{place}");
        assert!(
            compile(vec![closed(first), closed(second)]).is_ok(),
            "{place}"
        );
        for other in [
            in_scope(second, 1),
            closed(second),
            costly(second),
            fresh(second),
        ] {
            let need = format!("{:?}", other.access);
            for crossing in [
                vec![open(first), other.clone()],
                vec![other.clone(), open(first)],
            ] {
                let error = compile(crossing).expect_err(&place);
                assert!(
                    error.message().contains("neither is more specific"),
                    "{place}, {need}: {error}"
                );
            }
            let decided = vec![open(first), other, open(both)];
            assert!(compile(decided).is_ok(), "{both} decides: {place}, {need}");
        }
    }
}

#[test]
fn every_rule_of_a_crossing_pattern_counts() {
    let post = rule("POST /c/{id}", RouteAccess::Scope(1));
    let rules = [open("GET /c/{id}"), post, open("POST /{a}/b")];
    for order in [[0, 1, 2], [1, 0, 2], [2, 0, 1], [2, 1, 0]] {
        let rules = order.map(|index: usize| rules[index].clone()).to_vec();
        let error = RouteTable::compile("", false, rules).expect_err("crossing");
        assert!(
            error
                .message()
                .contains("\"POST /c/{id}\" and \"POST /{a}/b\""),
            "{error}"
        );
    }
}

#[test]
fn nested_patterns_may_need_different_things() {
    let rules = vec![
        open("GET /c/**"),
        rule("GET /c/{id}", RouteAccess::Scope(1)),
        rule("GET /c/{id}/**", RouteAccess::Scope(2)),
        closed("* /c/b"),
        rule("GET /c/b/d/**", RouteAccess::Scope(3)),
    ];
    assert!(RouteTable::compile("", false, rules).is_ok());
}

#[test]
fn what_is_closed_is_closed_in_every_reading() {
    let rules = vec![
        closed("* /export/**"),
        open("GET /export/{id}"),
        closed("POST /export/{id}/{part}"),
        closed("POST /Import"),
        open("GET /import"),
        closed("PUT /a/{x}/b"),
        open("GET /a/c/b"),
    ];
    let table = RouteTable::compile("/api", true, rules).expect("good rules");
    for (method, path, expected) in [
        ("GET", "/api/export/1", Some("GET /export/{id}")),
        ("POST", "/api/export/1", Some("* /export/**")),
        ("POST", "/api/export/1/2", Some("POST /export/{id}/{part}")),
        ("GET", "/api/export/1/2", Some("* /export/**")),
        ("GET", "/api/export/1/", Some("* /export/**")),
        ("GET", "/api/%65xport/1", Some("* /export/**")),
        ("GET", "/API/EXPORT/1/2", Some("* /export/**")),
        ("GET", "/%61pi/v%31/Export/1/2/", Some("* /export/**")),
        ("GET", "/api/v1/v1/export/1", None),
        ("GET", "/api/v1234/export/1", None),
        ("GET", "/api/export", Some("* /export/**")),
        ("GET", "/api/exports/1", None),
        ("GET", "/other/export/1", None),
        ("GET", "/export/1", None),
        ("GET", "/api", None),
        ("POST", "/api/import", Some("POST /Import")),
        ("POST", "/api/Import/", Some("POST /Import")),
        ("POST", "/api/imp%6Frt", Some("POST /Import")),
        ("GET", "/api/imp%6Frt", None),
        ("PUT", "/api/a/c/b", Some("PUT /a/{x}/b")),
        ("PUT", "/api/a/%43/B", Some("PUT /a/{x}/b")),
        ("PUT", "/api/a/c/d", None),
    ] {
        let path = RequestPath::parse(path.as_bytes()).expect("an unambiguous path");
        let mut strict = table.strict(method.as_bytes(), path);
        let rule = table
            .find(method.as_bytes(), path)
            .or_else(|| strict.next());
        let found = rule.and_then(|rule| table.rule(rule));
        let found = found.map(|rule| format!("{} {}", rule.method, rule.pattern));
        assert_eq!(found.as_deref(), expected, "{method} {path:?}");
    }
}

#[test]
fn a_cost_and_a_scope_have_a_most() {
    let costs = |cost| RouteRule {
        cost,
        ..open("GET /a")
    };
    assert!(RouteTable::compile("", false, vec![costs(MAX_COST)]).is_ok());
    for (bad, why) in [
        (costs(MAX_COST + 1), "costs at most 1000000"),
        (rule("GET /a", RouteAccess::Scope(128)), "beyond the 128"),
    ] {
        let error = RouteTable::compile("", false, vec![bad]).expect_err(why);
        assert!(error.message().contains(why), "{error}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "too slow there")]
fn rules_that_multiply_are_refused_soon() {
    for tail in ["", "/**"] {
        let rules = (0..2_000)
            .flat_map(|index| {
                [
                    open(&format!("GET /{{p}}/x{index}{tail}")),
                    open(&format!("GET /lit{index}/y{tail}")),
                ]
            })
            .collect();
        let error = RouteTable::compile("", false, rules).expect_err("too many");
        assert!(error.message().contains("too many places"), "{error}");
    }
    // Any choice of these thirty stands behind some path.
    let rules = (0..30)
        .map(|depth| open(&format!("GET /r{}/a/**", "/{x}".repeat(depth))))
        .collect();
    let error = RouteTable::compile("", false, rules).expect_err("too many");
    assert!(error.message().contains("too many places"), "{error}");
}

#[test]
#[cfg_attr(miri, ignore = "too slow there")]
fn ten_thousand_rules_with_tails_stay_a_small_tree() {
    let rules = (0..5_000)
        .flat_map(|index| {
            [
                open(&format!("GET /g{}/h{index}/**", index % 50)),
                closed(&format!("* /g{}/h{index}/i/{{x}}", index % 50)),
            ]
        })
        .collect();
    let table = RouteTable::compile("", false, rules).expect("within the limits");
    assert!(table.nodes.len() < 40_000, "{}", table.nodes.len());
    let path = format!("/g7/h57/i{}", "/j".repeat(4_000));
    assert_eq!(found(&table, "GET", &path), Some("/g7/h57/**"));
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
    let table = table(&["GET /c/{id}", "GET /d/**", "* /d/**"]).expect("good rules");
    let rule = table.find_pattern(b"GET", b"/api/c/{id}");
    assert_eq!(rule, Some(0));
    assert_eq!(table.find_pattern(b"HEAD", b"/api/c/{id}"), rule);
    assert_eq!(table.find_pattern(b"PUT", b"/api/c/{id}"), None);
    assert_eq!(table.find_pattern(b"GET", b"/c/{id}"), None);
    assert_eq!(table.find_pattern(b"GET", b"/api/d/**"), Some(1));
    assert_eq!(table.find_pattern(b"HEAD", b"/api/d/**"), Some(1));
    assert_eq!(table.find_pattern(b"POST", b"/api/d/**"), Some(2));
    assert_eq!(table.find_pattern(b"*", b"/api/d/**"), Some(2));
    for handle in [RouteHandle(rule), RouteHandle(None)] {
        assert_eq!(RouteHandle::from_u32(handle.to_u32()), handle);
    }
    assert_eq!(RouteHandle::from_u32(u32::MAX), RouteHandle(None));
    assert_eq!(RouteHandle::from_u32(0x1_0000), RouteHandle(None));
}
