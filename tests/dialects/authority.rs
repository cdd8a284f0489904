//! Who may call a dialect, and what a key can make by it: never more than it is itself.

use serde_json::json;

use crate::house::{EMAILIT, House, INBOXFIRST, number};
use crate::server::text;

const UNAUTHORIZED: &str = r#"{"error":{"code":401,"message":"this needs a valid API key"}}"#;

#[test]
fn whatever_is_wrong_with_the_key_itself_is_answered_alike() {
    let house = House::emailit();
    house.full();
    let made = |name: &str| house.key("acme", json!({ "name": name, "level": "full" }));
    let (disabled, id) = made("disabled");
    house.act("acme", id, "disable");
    let (deactivated, id) = made("deactivated");
    house.act("acme", id, "deactivate");
    let body = json!({ "name": "expired", "level": "full", "expires_in_days": 1 });
    let (expired, _) = house.key("acme", body);
    let (live, _) = made("live");
    house.server.clock.advance(24 * 60 * 60 * 1000);
    house.with(&live).get(EMAILIT).expect(200);
    let unknown = "em_live_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";
    let mistyped = format!("{}x", &live[..live.len() - 1]);
    let token = house.server.token("main", &["keys.verify"]);
    for key in [
        &*disabled,
        &deactivated,
        &expired,
        unknown,
        &mistyped,
        "em_live_",
        "x",
        &house.server.operator,
        &token,
    ] {
        for answer in [
            house.with(key).get(EMAILIT),
            house.with(key).post(EMAILIT, "nonsense"),
            house.with(key).delete(&format!("{EMAILIT}/7")),
        ] {
            let answer = answer.expect(401);
            assert_eq!(answer.text(), UNAUTHORIZED, "{key}");
            assert_eq!(
                answer.header("www-authenticate"),
                "Bearer realm=\"Emailit API\""
            );
        }
    }
    let answer = house.server.send("GET", EMAILIT, &[], []).expect(401);
    assert_eq!(answer.text(), UNAUTHORIZED);
}

#[test]
fn credentials_that_cannot_be_read_in_one_way_are_400() {
    let house = House::emailit();
    let (key, _) = house.key("acme", json!({ "name": "a", "level": "full" }));
    let bearer = format!("Bearer {key}");
    let joined = format!("Bearer {key}, Bearer {key}");
    for headers in [
        vec![("authorization", &*bearer), ("authorization", &*bearer)],
        vec![("authorization", &*joined)],
        vec![("authorization", "Bearer")],
        vec![("authorization", "Bearer a b")],
        vec![("authorization", "")],
    ] {
        let answer = house.server.send("GET", EMAILIT, &headers, []);
        assert_eq!(answer.status, 400, "{headers:?}");
        assert_eq!(answer.json()["error"]["code"], 400);
    }
    for path in ["/v2/api-keys//7", "/v2/api-keys/a%2Fb", "/v2/api-keys/%25"] {
        let answer = house.with(&key).get(path);
        assert!([400, 404].contains(&answer.status), "{path}");
        assert!(answer.json()["error"]["code"].is_u64());
    }
}

#[test]
fn a_key_without_the_scope_is_refused_by_every_endpoint() {
    let house = House::emailit();
    let (sending, id) = house.key("acme", json!({ "name": "a", "level": "sending" }));
    let sending = house.with(&sending);
    let own = format!("{EMAILIT}/{id}");
    for answer in [
        sending.get(EMAILIT),
        sending.get(&own),
        sending.post(EMAILIT, r#"{"name":"b"}"#),
        sending.post(&own, r#"{"name":"b"}"#),
        sending.delete(&own),
        sending.get("/api-keys"),
        // Nor does a stranger to an endpoint learn what else would be wrong.
        sending.post(EMAILIT, "nonsense"),
        sending.get(&format!("{EMAILIT}?page=0")),
    ] {
        let answer = answer.expect(403);
        assert_eq!(
            answer.text(),
            r#"{"error":{"code":403,"message":"the API key may not do this"}}"#
        );
        assert_eq!(answer.header("www-authenticate"), "");
    }
    assert_eq!(house.record("acme", id)["name"], "a");
}

#[test]
fn a_key_that_is_narrowed_makes_no_wider_one() {
    let house = House::emailit();
    let body = json!({
        "name": "narrowed", "level": "full", "constraints": { "sending_domain_id": [7] },
    });
    let (narrowed, _) = house.key("acme", body);
    let narrowed = house.with(&narrowed);
    for wider in [
        r#"{"name":"a"}"#,
        r#"{"name":"a","scope":"sending"}"#,
        r#"{"name":"a","sending_domain_id":null}"#,
        r#"{"name":"a","sending_domain_id":8}"#,
    ] {
        let answer = narrowed.post(EMAILIT, wider).expect(403);
        assert_eq!(answer.json()["error"]["code"], 403);
    }
    for (name, scope) in [("a", "full"), ("b", "sending")] {
        let body = json!({ "name": name, "scope": scope, "sending_domain_id": 7 });
        narrowed.post(EMAILIT, &body.to_string()).expect(201);
    }
}

#[test]
fn limits_that_the_dialect_has_no_word_for_are_handed_on() {
    let house = House::emailit();
    let body = json!({
        "name": "limited", "level": "full", "expires_in_days": 30,
        "rate": { "limit": 10, "window_seconds": 60 },
    });
    let (limited, id) = house.key("acme", body);
    house.server.clock.advance(24 * 60 * 60 * 1000);
    let made = house.with(&limited).make(EMAILIT, r#"{"name":"a"}"#);
    let (maker, made) = (
        house.record("acme", id),
        house.record("acme", number(&made["id"])),
    );
    for member in ["expires_at", "rate"] {
        assert!(maker[member] != json!(null), "{maker}");
        assert_eq!(made[member], maker[member]);
    }
}

#[test]
fn a_key_is_shown_no_key_that_is_stronger() {
    let house = House::inboxfirst();
    let lasting = house.administrator("lasting");
    let body = json!({
        "name": "ending", "level": "organization_admin", "expires_in_days": 30,
    });
    let (ending, id) = house.key("1", body);
    let shown = |customer: &crate::house::Customer<'_>| {
        let list = customer.get(INBOXFIRST).expect(200).json();
        let items = list["data"].as_array().expect("a list").clone();
        items
            .iter()
            .map(|item| item["api_key"].is_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(&lasting), [true, true]);
    let mut seen = shown(&house.with(&ending));
    seen.sort_unstable();
    assert_eq!(seen, [false, true]);
    let own = house.with(&ending).get(&format!("{INBOXFIRST}/{id}"));
    assert_eq!(own.json()["data"]["api_key"], ending);
}

#[test]
fn a_key_with_a_rate_is_told_when_it_may_call_again() {
    let house = House::emailit();
    let body = json!({
        "name": "slow", "level": "full", "rate": { "limit": 2, "window_seconds": 60 },
    });
    let (slow, _) = house.key("acme", body);
    let slow = house.with(&slow);
    slow.get(EMAILIT).expect(200);
    slow.get(EMAILIT).expect(200);
    let answer = slow.get(EMAILIT).expect(429);
    assert_eq!(answer.header("retry-after"), "30");
    assert_eq!(answer.json()["error"]["code"], 429);
    house.server.clock.advance(30_000);
    slow.get(EMAILIT).expect(200);
}

#[test]
fn a_customers_key_is_no_operators() {
    let house = House::emailit();
    let (key, id) = house.key("acme", json!({ "name": "a", "level": "full" }));
    let id = keyward::key::KeyId::from_u64(id).expect("53 bits");
    for (method, path) in [
        ("GET", "/v1/me".to_owned()),
        ("GET", "/v1/keyspaces".to_owned()),
        ("GET", "/v1/keyspaces/main/accounts/acme/keys".to_owned()),
        (
            "DELETE",
            format!("/v1/keyspaces/main/accounts/acme/keys/{id}"),
        ),
    ] {
        let answer = house.server.call_as(Some(&key), method, &path, None);
        answer.problem(401, "invalid_credential");
    }
    house.record("acme", id.get());
}

#[test]
fn what_a_key_does_is_in_the_audit_trail_under_its_name() {
    let house = House::emailit();
    let (key, first) = house.key("acme", json!({ "name": "a", "level": "full" }));
    let customer = house.with(&key);
    let made = customer.make(EMAILIT, r#"{"name":"b"}"#);
    let path = format!("{EMAILIT}/{}", number(&made["id"]));
    customer.post(&path, r#"{"name":"c"}"#).expect(200);
    customer.delete(&path).expect(200);
    let actor = keyward::key::KeyId::from_u64(first)
        .expect("53 bits")
        .to_string();
    let actions: Vec<_> = house
        .audit()
        .iter()
        .filter(|entry| entry["actor"] == actor)
        .map(|entry| text(&entry["action"]))
        .collect();
    assert_eq!(actions, ["key.delete", "key.update", "key.create"]);
}
