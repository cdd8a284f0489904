//! Every place where a key does not belong.

use serde_json::{Value, json};

use super::house::{House, SHOP};
use crate::misplaced;

/// Presents a key wherever it does not belong.
#[expect(clippy::too_many_lines, reason = "one place after the other")]
pub(super) fn present(house: &House, key: &str) {
    let operator = &house.world.operator;
    let bearer = format!("Bearer {key}");
    for path in [
        "/v1/me",
        "/v2/api-keys/0",
        "/ga/api/v2/api_keys/0",
        "/metrics",
    ] {
        house.ask(key, "GET", path, &[], None);
    }
    for name in [
        "x-api-key",
        "cookie",
        "proxy-authorization",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "x-request-id",
        "traceparent",
        "user-agent",
        "referer",
        "origin",
        "accept",
        "content-type",
        "x-forwarded-for",
        "forwarded",
        "range",
    ] {
        for value in [key, &bearer] {
            house.ask(
                operator,
                "GET",
                &format!("{SHOP}/keys/key_000000000"),
                &[(name, value)],
                None,
            );
            house.ask(
                operator,
                "POST",
                &format!("{SHOP}/keys/key_000000000/rotate"),
                &[(name, value)],
                None,
            );
        }
    }
    let encoded = key
        .replace('=', "%3D")
        .replace('+', "%2B")
        .replace('/', "%2F");
    for path in [
        format!("/{encoded}"),
        format!("/v1/{encoded}"),
        format!("/v1/keyspaces/{encoded}"),
        format!("/v1/keyspaces/shop/accounts/{encoded}"),
        format!("/v1/keyspaces/{encoded}/accounts/7/keys"),
        format!("{SHOP}/keys/{encoded}"),
        format!("{SHOP}/keys/{encoded}/rotate"),
        format!("{SHOP}/operators/{encoded}"),
        format!("/v1/keyspaces/shop/tokens/{encoded}"),
        format!("/v1/keyspaces/shop/snapshot/{encoded}"),
        format!("/v1/operators/{encoded}"),
        format!("/v1/me?key={encoded}"),
        format!("/v1/me?{encoded}"),
        format!("{SHOP}/keys?access_token={encoded}"),
        format!("{SHOP}/keys?name={encoded}"),
        format!("{SHOP}/keys?name_contains={encoded}"),
        format!("{SHOP}/keys?level={encoded}"),
        format!("{SHOP}/keys?subject={encoded}"),
        format!("{SHOP}/keys?cursor={encoded}"),
        format!("{SHOP}/keys?limit={encoded}"),
        format!("{SHOP}/keys?created_after={encoded}"),
        format!("/v1/keyspaces/shop/keys?account={encoded}"),
        format!("/v1/keyspaces/shop/audit?target={encoded}"),
        format!("/v1/keyspaces/shop/audit?actor={encoded}"),
        format!("/v1/keyspaces/shop/usage?key={encoded}"),
        format!("/v2/api-keys/{encoded}"),
        format!("/ga/api/v2/api_keys/{encoded}"),
    ] {
        for method in ["GET", "POST", "DELETE"] {
            house.ask(operator, method, &path, &[], None);
        }
    }
    let keys = format!("{SHOP}/keys");
    let operators = format!("{SHOP}/operators");
    for (path, body) in [
        (&*keys, json!({ "name": "x", "level": key })),
        (&keys, json!({ "name": "x", "level": "full", "key": key })),
        (&keys, json!({ "name": "x", "level": "full", key: 1 })),
        (
            &keys,
            json!({ "name": "x", "level": "full", "expires_at": key }),
        ),
        (
            &keys,
            json!({ "name": "x", "level": "full", "constraints": { key: [key] } }),
        ),
        (&keys, json!({ "name": "x", "level": "full", "rate": key })),
        (&keys, json!({ "name": [key], "level": "full" })),
        (&keys, json!(key)),
        (&operators, json!({ "name": "x", "rights": [key] })),
        (
            &operators,
            json!({ "name": "x", "rights": ["keys.read"], "levels": [key] }),
        ),
        ("/v1/keyspaces", json!({ "id": key, "profile": "keyward" })),
        ("/v1/keyspaces", json!({ "id": "x", "profile": key })),
        ("/v1/keyspaces", json!({ "id": "x", "profile_toml": key })),
        ("/v1/keyspaces/shop/verify", json!({ "key": key })),
        (
            "/v1/keyspaces/mail/verify",
            json!({ "key": key, "method": "GET", "path": "/" }),
        ),
        (
            "/v1/keyspaces/shop/verify",
            json!({ "key": "x", "path": format!("/{key}"), "method": key, "scope": key }),
        ),
        (
            "/v1/keyspaces/shop/verify",
            json!({ "key": "x", "client_address": key, "context": { key: key } }),
        ),
        (
            "/v1/keyspaces/shop/explain",
            json!({ "key": key, "method": "GET", "path": "/" }),
        ),
        (
            "/v1/keyspaces/post/explain",
            json!({ "key": key, "method": "GET", "path": format!("/{key}") }),
        ),
        (
            "/v1/keyspaces/shop/usage",
            json!({ "batch": key, "keys": [{ "id": key, "count": 1, "last_used_at": "2026-11-21T20:14:00Z" }] }),
        ),
    ] {
        house.ask(operator, "POST", path, &[], Some(body));
    }
}

/// Puts a key into every place that the document has, and into every member of the dialects.
pub(super) fn misplace(house: &House, document: &Value, key: &str, callers: &[(&str, &str)]) {
    let operator = format!("Bearer {}", house.world.operator);
    for request in misplaced::requests(document, key) {
        let headers: Vec<_> = request
            .headers
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        house.ask_by(
            &operator,
            &request.method,
            &request.path,
            &headers,
            request.body,
        );
    }
    let encoded = misplaced::encoded(key);
    for (keys, authorization) in callers {
        for query in [
            "name",
            "name_contains",
            "page",
            "per_page",
            "page_token",
            "limit",
            &encoded,
        ] {
            let path = format!("{keys}?{query}={encoded}");
            house.ask_by(authorization, "GET", &path, &[], None);
        }
        house.ask_by(
            authorization,
            "GET",
            &format!("{keys}/{encoded}"),
            &[],
            None,
        );
        for member in [
            "name",
            "scope",
            "role",
            "active",
            "sending_domain_id",
            "id",
            "api_key",
            key,
        ] {
            for value in [json!(key), json!([key]), json!({ key: key })] {
                let mut members = serde_json::Map::from_iter([("name".to_owned(), json!("x"))]);
                members.insert(member.to_owned(), value);
                for body in [json!(members), json!({ "api_key": members })] {
                    house.ask_by(authorization, "POST", keys, &[], Some(body.clone()));
                    let one = format!("{keys}/0");
                    house.ask_by(authorization, "POST", &one, &[], Some(body.clone()));
                    house.ask_by(authorization, "PUT", &one, &[], Some(body));
                }
            }
        }
    }
}
