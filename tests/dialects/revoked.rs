//! Calling keys that are revoked, or become less, while the body of their call is on its way (threat 36): what comes of
//! it is what an unknown key gets, in the dialect's envelope, and nothing is changed.

use serde_json::{Value, json};

use crate::house::{EMAILIT, House, INBOXFIRST, number};
use crate::server::Answer;
use crate::slow::{Late, Slow};

fn begin(house: &House, authorization: &str, method: &str, path: &str, body: &Value) -> Slow {
    Slow::begin(&house.server, authorization, method, path, &[], body)
}

#[track_caller]
fn is_a_strangers(late: &Late, stranger: &Answer) {
    assert_eq!((late.status, &late.body), (401, &stranger.text()));
    assert_eq!(stranger.status, 401);
    let challenge = stranger.header("www-authenticate").to_ascii_lowercase();
    let challenge = format!("www-authenticate: {challenge}");
    assert!(late.head.contains(&challenge), "{}", late.head);
    assert_eq!(late.head.matches("www-authenticate").count(), 1);
}

#[test]
fn a_key_of_emailit_that_is_switched_off_meanwhile_changes_nothing() {
    let house = House::emailit();
    let (_, other) = house.key("acme", json!({ "name": "other", "level": "full" }));
    let one = format!("{EMAILIT}/{other}");
    let stranger = house.with("em_live_none").get(EMAILIT);
    for (number, verb) in ["disable", "deactivate"].into_iter().enumerate() {
        for (path, body) in [
            (EMAILIT, json!({ "name": "late" })),
            (&*one, json!({ "name": "late" })),
            // What would change nothing, and show it.
            (&*one, json!({ "name": "other" })),
            (EMAILIT, json!({ "nonsense": true })),
        ] {
            let name = format!("caller {number} {body} {path}");
            let (key, id) = house.key("acme", json!({ "name": name, "level": "full" }));
            let caller = house.with(&key);
            let slow = begin(&house, caller.authorization(), "POST", path, &body);
            house.act("acme", id, verb);
            let before = house.audit().len();
            is_a_strangers(&slow.end(), &stranger);
            assert_eq!(house.audit().len(), before, "{name}");
        }
    }
    assert_eq!(house.record("acme", other)["name"], "other");
    let (key, _) = house.key("acme", json!({ "name": "slow", "level": "full" }));
    let caller = house.with(&key);
    let body = json!({ "name": "late" });
    let slow = begin(&house, caller.authorization(), "POST", &one, &body);
    house.key("acme", json!({ "name": "meanwhile", "level": "full" }));
    let late = slow.end();
    assert_eq!(late.status, 200, "{}", late.body);
}

#[test]
fn a_key_that_is_narrowed_meanwhile_makes_nothing() {
    let house = House::emailit();
    let (key, id) = house.key("acme", json!({ "name": "caller", "level": "full" }));
    let stranger = house.with("em_live_none").get(EMAILIT);
    let caller = house.with(&key);
    let slow = begin(
        &house,
        caller.authorization(),
        "POST",
        EMAILIT,
        &json!({ "name": "late" }),
    );
    let path = keyward::key::KeyId::from_u64(id).expect("53 bits");
    let path = format!("/v1/keyspaces/main/accounts/acme/keys/{path}");
    let narrower = json!({ "constraints": { "sending_domain_id": [7] } });
    house
        .server
        .call("PATCH", &path, Some(narrower))
        .expect(200);
    is_a_strangers(&slow.end(), &stranger);
    assert_eq!(house.record("acme", id)["name"], "caller");
}

#[test]
fn a_key_of_inboxfirst_that_is_deleted_meanwhile_changes_nothing() {
    let house = House::inboxfirst();
    let keeper = house.administrator("keeper");
    let mut callers = 0;
    let mut caller = || {
        callers += 1;
        let name = format!("caller {callers}");
        house.key("1", json!({ "name": name, "level": "organization_admin" }))
    };
    let other = keeper.make(INBOXFIRST, r#"{"api_key":{"name":"other"}}"#);
    let one = format!("{INBOXFIRST}/{}", number(&other["data"]["id"]));
    let stranger = house.with("bm9ib2R5OmFueXRoaW5n").get(INBOXFIRST);
    for (method, path, body) in [
        ("POST", INBOXFIRST, json!({ "name": "late" })),
        ("PUT", &*one, json!({ "name": "late" })),
        ("PUT", &*one, json!({ "name": "late", "active": false })),
        ("PUT", &*one, json!({ "active": false })),
        ("PUT", &*one, json!({})),
    ] {
        let (key, id) = caller();
        let authorization = house.with(&key).authorization().to_owned();
        let body = json!({ "api_key": body });
        let slow = begin(&house, &authorization, method, path, &body);
        keeper.delete(&format!("{INBOXFIRST}/{id}")).expect(200);
        let before = house.audit().len();
        is_a_strangers(&slow.end(), &stranger);
        assert_eq!(house.audit().len(), before, "{method} {body}");
    }
    let data = &keeper.get(&one).expect(200).json()["data"];
    assert_eq!(
        (&data["name"], &data["active"]),
        (&json!("other"), &json!(true))
    );
}

#[test]
fn a_key_that_changes_itself_in_two_steps_is_not_its_own_stranger() {
    let house = House::inboxfirst();
    house.administrator("keeper");
    let body = json!({ "name": "own", "level": "organization_admin" });
    let (key, id) = house.key("1", body);
    let both = r#"{"api_key":{"name":"renamed","active":false}}"#;
    let changed = house.with(&key).put(&format!("{INBOXFIRST}/{id}"), both);
    let data = &changed.expect(200).json()["data"];
    assert_eq!(
        (&data["name"], &data["active"]),
        (&json!("renamed"), &json!(false))
    );
}
