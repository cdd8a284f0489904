//! `POST /api-keys`: M1 to M8.

use serde_json::{Value, json};

use crate::house::{EMAILIT, House, number};
use crate::server::text;

#[test]
fn m1_a_post_makes_a_key_that_works_at_once() {
    let house = House::emailit();
    let customer = house.full();
    let answer = customer
        .post(EMAILIT, r#"{"name":"My API Key"}"#)
        .expect(201);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let made = house.with(&text(&answer.json()["key"]));
    made.get(EMAILIT).expect(200);
    // The document writes its paths without the version.
    made.post("/api-keys", r#"{"name":"Another API Key"}"#)
        .expect(201);
}

#[test]
fn m2_a_name_is_required() {
    let house = House::emailit();
    let customer = house.full();
    for body in [
        "{}",
        r#"{"scope":"full"}"#,
        r#"{"name":null}"#,
        r#"{"name":""}"#,
        r#"{"name":"   "}"#,
        r#"{"name":7}"#,
        r#"{"name":["x"]}"#,
        r#"{"name":"line\nbreak"}"#,
        r#"{"name":"\u202egpj.exe"}"#,
        r#"{"name":"\ud800"}"#,
    ] {
        bad_request(&customer.post(EMAILIT, body).expect(400).text(), body);
    }
    let named = |length: usize| json!({ "name": "ё".repeat(length) }).to_string();
    customer.post(EMAILIT, &named(256)).expect(400);
    customer.post(EMAILIT, &named(255)).expect(201);
}

#[test]
fn m3_scope_is_full_or_sending_and_full_by_default() {
    let house = House::emailit();
    let customer = house.full();
    let made = |body: &str| customer.make(EMAILIT, body);
    assert_eq!(made(r#"{"name":"a"}"#)["scope"], "full");
    assert_eq!(made(r#"{"name":"b","scope":"full"}"#)["scope"], "full");
    let sending = made(r#"{"name":"c","scope":"sending"}"#);
    assert_eq!(sending["scope"], "sending");
    let sends = |path: &str| {
        let question = json!({ "key": sending["key"], "method": "POST", "path": path });
        house.verify(&question)["allowed"].clone()
    };
    assert_eq!(sends("/v2/emails"), true);
    assert_eq!(sends("/v2/domains"), false);
    for scope in [
        r#""admin""#,
        r#""""#,
        r#""Full""#,
        "null",
        "1",
        r#"["full"]"#,
    ] {
        let body = format!(r#"{{"name":"d","scope":{scope}}}"#);
        customer.post(EMAILIT, &body).expect(400);
    }
}

#[test]
fn m4_a_sending_domain_narrows_the_key_to_it() {
    let house = House::emailit();
    let customer = house.full();
    let body = r#"{"name":"a","scope":"sending","sending_domain_id":1234567890}"#;
    let narrowed = customer.make(EMAILIT, body);
    assert_eq!(narrowed["sending_domain_id"], 1_234_567_890);
    let free = customer.make(
        EMAILIT,
        r#"{"name":"b","scope":"sending","sending_domain_id":null}"#,
    );
    assert_eq!(free["sending_domain_id"], Value::Null);
    let sends_from = |key: &Value, domain: u64| {
        let question = json!({
            "key": key["key"], "method": "POST", "path": "/v2/emails",
            "context": { "sending_domain_id": domain },
        });
        house.verify(&question)["allowed"].clone()
    };
    assert_eq!(sends_from(&narrowed, 1_234_567_890), true);
    assert_eq!(sends_from(&narrowed, 1_234_567_891), false);
    assert_eq!(sends_from(&free, 1_234_567_891), true);
    for domain in [
        r#""7""#,
        "1.5",
        "1e3",
        "[7]",
        "[]",
        "true",
        "9007199254740992",
    ] {
        let body = format!(r#"{{"name":"c","sending_domain_id":{domain}}}"#);
        customer.post(EMAILIT, &body).expect(400);
    }
}

#[test]
fn m5_the_answer_is_the_documents_member_for_member() {
    let house = House::emailit();
    let customer = house.full();
    let body = r#"{"name":"My API Key","scope":"sending","sending_domain_id":1234567890}"#;
    let answer = customer.post(EMAILIT, body).expect(201);
    let made = answer.json();
    let (id, key) = (number(&made["id"]), text(&made["key"]));
    assert_eq!(
        answer.text(),
        format!(
            r#"{{"object":"api_key","id":{id},"name":"My API Key","scope":"sending","sending_domain_id":1234567890,"last_used_at":null,"created_at":"2026-11-21T20:14:00Z","updated_at":"2026-11-21T20:14:00Z","key":"{key}"}}"#
        )
    );
    assert!(key.starts_with("em_live_") && key.len() == 44, "{key}");
}

#[test]
fn m6_the_key_is_in_this_answer_and_nowhere_else() {
    let house = House::emailit();
    let customer = house.full();
    let made = customer.make(EMAILIT, r#"{"name":"My API Key"}"#);
    let (key, id) = (text(&made["key"]), number(&made["id"]));
    let path = format!("{EMAILIT}/{id}");
    let mut seen = vec![
        customer.get(&path),
        customer.get(EMAILIT),
        customer.post(&path, r#"{"name":"Renamed"}"#),
        customer.post(EMAILIT, r#"{"name":"Renamed"}"#),
    ];
    seen.push(
        house
            .server
            .call("GET", "/v1/keyspaces/main/accounts/acme/keys", None),
    );
    seen.push(house.server.call("GET", "/v1/keyspaces/main/audit", None));
    seen.push(customer.delete(&path));
    // What is random in a key, apart from its prefix and from what its hint shows.
    let secret = &key["em_live_".len() + 8..key.len() - 8];
    for answer in seen {
        let text = answer.text();
        assert!(
            !text.contains(secret) && !text.contains(r#""key":"#),
            "{text}"
        );
    }
}

#[test]
fn m7_what_is_wrong_is_a_400_in_the_documents_words() {
    let house = House::emailit();
    let customer = house.full();
    for body in [
        "",
        "nonsense",
        "[]",
        "null",
        r#""name""#,
        r#"{"name":"a""#,
        r#"{"name":"a"} {}"#,
        r#"{"name":"a","colour":"red"}"#,
        r#"{"name":"a","id":7}"#,
        r#"{"name":"a","account":"other"}"#,
        r#"{"name":"a","key":"em_live_0123456789"}"#,
        r#"{"name":"a","name":"b"}"#,
        r#"{"name":"a","scope":"full","scope":"sending"}"#,
    ] {
        let answer = customer.post(EMAILIT, body).expect(400);
        bad_request(&answer.text(), body);
        assert_ne!(answer.header("keyward-detail"), "", "{body}");
    }
    let answer = customer.post(EMAILIT, r#"{"name":"a","scope":"admin"}"#);
    let detail = answer.header("keyward-detail");
    assert!(detail.contains("full, sending"), "{detail}");
}

#[track_caller]
fn bad_request(answer: &str, body: &str) {
    assert_eq!(
        answer, r#"{"error":{"code":400,"message":"Bad Request"}}"#,
        "{body}"
    );
}

#[test]
fn m8_a_taken_name_is_a_409_that_names_the_key() {
    let house = House::emailit();
    let customer = house.full();
    let made = customer.make(EMAILIT, r#"{"name":"My API Key","scope":"sending"}"#);
    let id = number(&made["id"]);
    // Names that people would take for one another are one.
    for name in ["My API Key", "my api key", " My  API KEY "] {
        let body = json!({ "name": name }).to_string();
        let answer = customer.post(EMAILIT, &body).expect(409);
        assert_eq!(
            answer.text(),
            format!(
                r#"{{"error":{{"code":409,"message":"API key already exists"}},"existing":{{"object":"api_key","id":{id},"name":"My API Key"}}}}"#
            )
        );
    }
    // Also while the key that has it is off; and never across accounts.
    house.act("acme", id, "disable");
    customer
        .post(EMAILIT, r#"{"name":"My API Key"}"#)
        .expect(409);
    house.account("main", "other");
    let (key, _) = house.key("other", json!({ "name": "x", "level": "full" }));
    house
        .with(&key)
        .post(EMAILIT, r#"{"name":"My API Key"}"#)
        .expect(201);
    customer.delete(&format!("{EMAILIT}/{id}")).expect(200);
    customer
        .post(EMAILIT, r#"{"name":"My API Key"}"#)
        .expect(201);
}

#[test]
fn m8_of_many_who_take_a_name_at_once_one_has_it_and_all_others_are_told_which() {
    let house = House::emailit();
    let customer = house.full();
    let answers = std::thread::scope(|scope| {
        let calls = (0..24).map(|_| scope.spawn(|| customer.post(EMAILIT, r#"{"name":"same"}"#)));
        let calls = calls.collect::<Vec<_>>();
        let answers = calls
            .into_iter()
            .map(|call| call.join().expect("an answer"));
        answers.collect::<Vec<_>>()
    });
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 23));
    let id = number(&made[0].json()["id"]);
    for answer in refused {
        assert_eq!(answer.status, 409);
        assert_eq!(answer.json()["existing"]["id"], id);
    }
}
