//! Limits of what stands in paths, queries and headers, and of what profiles let keys hold.

use serde_json::{Value, json};

use super::{ACCOUNT, KEYS, SHOP, World};
use crate::server::{Answer, Server};

#[test]
fn every_list_has_parts_of_1_to_100_and_cursors_that_nobody_makes_up() {
    let world = World::new();
    let document: Value = serde_json::from_str(&keyward::http::openapi()).expect("JSON");
    let mut lists = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        let parameters = item["get"]["parameters"].as_array();
        let mut parameters = parameters.into_iter().flatten();
        if !parameters.any(|parameter| parameter["name"] == "limit") {
            continue;
        }
        lists += 1;
        let path = path
            .replace("{keyspace}", "shop")
            .replace("{account}", "acme");
        let get = |query: &str| world.server.call("GET", &format!("{path}?{query}"), None);
        for limit in ["1", "100"] {
            get(&format!("limit={limit}")).expect(200);
        }
        for limit in ["0", "101", "4294967295"] {
            get(&format!("limit={limit}")).problem(400, "invalid_field");
        }
        for limit in ["-1", "4294967296", "18446744073709551616", "1e1", ""] {
            get(&format!("limit={limit}")).problem(400, "invalid_query");
        }
        for length in [0, 1, 22, 64, 256, 257, 10_000] {
            let cursor = "A".repeat(length);
            get(&format!("cursor={cursor}")).problem(400, "invalid_cursor");
        }
    }
    assert_eq!(lists, 11);
}

#[test]
fn filters_of_the_trail_and_days_of_usage_have_a_limit() {
    let world = World::new();
    let get = |path: &str| world.server.call("GET", path, None);
    for trail in [format!("{SHOP}/audit"), format!("{ACCOUNT}/audit")] {
        for member in ["target", "actor", "action"] {
            let with = |length: usize| get(&format!("{trail}?{member}={}", "x".repeat(length)));
            with(100).expect(200);
            let problem = with(101).problem(400, "invalid_field");
            assert_eq!(problem["errors"][0]["field"], member);
        }
    }
    let usage = |from: &str| get(&format!("{SHOP}/usage?from={from}&to=2026-11-21"));
    usage("2025-10-18").expect(200);
    usage("2025-10-17").problem(400, "invalid_field");
}

/// Whatever is too long to be an id is nothing that there is.
#[test]
fn ids_beyond_their_limit_are_answered_as_absent_ones() {
    let world = World::new();
    let get = |path: &str| world.server.call("GET", path, None).expect(404).text();
    for (path, longest) in [
        ("/v1/keyspaces/{}", 64),
        ("/v1/keyspaces/shop/accounts/{}", 64),
        ("/v1/keyspaces/shop/accounts/acme/keys/{}", 13),
        ("/v1/keyspaces/shop/operators/{}", 12),
        ("/v1/keyspaces/shop/snapshot/{}", 9),
    ] {
        let at = |length: usize| get(&path.replace("{}", &"7".repeat(length)));
        for length in [longest + 1, 10_000] {
            assert_eq!(at(length), at(longest), "{path} of {length}");
        }
    }
}

#[test]
fn constraints_addresses_and_idempotency_keys_have_limits_too() {
    let server = Server::start();
    server.keyspace_of("optimove", "shop", "acme");
    let authorization = format!("Bearer {}", server.operator);
    let make = |attributes: Vec<String>, address: &str, once: &str| {
        let headers = [
            ("authorization", &*authorization),
            ("content-type", "application/json"),
            ("idempotency-key", once),
        ];
        let body = json!({
            "nickname": "x", "level": "integrations", "contact_email": address,
            "constraints": { "attribute": attributes },
        });
        server.send("POST", KEYS, &headers, body.to_string())
    };
    let ann = "ann@example.com";
    let attributes = |count: usize, length: usize| {
        let number = (0..count).map(|number| format!("{number:0>length$}"));
        number.collect::<Vec<_>>()
    };
    let refused = |answer: Answer, field: &str| {
        let problem = answer.problem(400, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    };
    make(attributes(100, 128), ann, "a").expect(201);
    refused(make(attributes(101, 8), ann, "b"), "constraints.attribute");
    refused(make(attributes(1, 129), ann, "c"), "constraints.attribute");
    refused(make(attributes(0, 1), ann, "d"), "constraints.attribute");

    // 254 bytes in all: 64 before the `@`, and parts of a domain of at most 63.
    let address = |local: usize, label: usize, rest: usize| {
        let label = "d".repeat(label);
        let local = "l".repeat(local);
        format!("{local}@{label}.{0}.{1}", "d".repeat(63), "d".repeat(rest))
    };
    let one = || attributes(1, 1);
    make(one(), &address(64, 63, 61), "e").expect(201);
    for (number, beyond) in [
        address(65, 60, 60),
        address(64, 64, 60),
        address(64, 63, 62),
    ]
    .iter()
    .enumerate()
    {
        refused(make(one(), beyond, &format!("f{number}")), "contact_email");
    }

    make(one(), ann, &"k".repeat(255)).expect(201);
    make(one(), ann, &"k".repeat(256)).problem(400, "invalid_header");
}

#[test]
fn a_path_that_is_asked_about_has_8_kib() {
    let world = World::new();
    let ask = |length: usize| {
        let path = format!("/{}", "p".repeat(length - 1));
        let body = json!({ "key": world.key, "method": "GET", "path": path });
        let decision = world
            .server
            .call("POST", &format!("{SHOP}/verify"), Some(body));
        decision.expect(200).json()["reason"].clone()
    };
    assert_eq!(ask(8 * 1024), Value::Null);
    assert_eq!(ask(8 * 1024 + 1), "malformed_path");
}
