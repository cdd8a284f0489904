//! `GET /api-keys/{id}`: M9 to M11; and M28.

use serde_json::json;

use crate::house::{EMAILIT, House, number};

#[test]
fn m9_one_key_is_shown_by_its_number() {
    let house = House::emailit();
    let customer = house.full();
    let made = customer.make(EMAILIT, r#"{"name":"My API Key"}"#);
    let id = number(&made["id"]);
    for base in ["/v2/api-keys", "/api-keys"] {
        let answer = customer.get(&format!("{base}/{id}")).expect(200);
        assert_eq!(number(&answer.json()["id"]), id);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[test]
fn m10_the_answer_is_the_documents_with_the_last_use_and_without_the_key() {
    let house = House::emailit();
    let customer = house.full();
    let body = json!({
        "name": "My API Key", "level": "full",
        "constraints": { "sending_domain_id": [1_234_567_890] },
    });
    let (key, id) = house.key("acme", body);
    let shown = || customer.get(&format!("{EMAILIT}/{id}")).expect(200).text();
    let expected = |last_used: &str| {
        format!(
            r#"{{"object":"api_key","id":{id},"name":"My API Key","scope":"full","sending_domain_id":1234567890,"last_used_at":{last_used},"created_at":"2026-11-21T20:14:00Z","updated_at":"2026-11-21T20:14:00Z"}}"#
        )
    };
    assert_eq!(shown(), expected("null"));
    // Twelve hours later it is used, be it for a call of this very API.
    house.server.clock.advance(12 * 60 * 60 * 1000 + 345);
    house.with(&key).get(EMAILIT).expect(200);
    house.server.call("POST", "/v1/maintain", None).expect(200);
    assert_eq!(shown(), expected(r#""2026-11-22T08:14:00Z""#));
}

#[test]
fn m11_what_is_not_there_is_a_404_in_the_documents_words() {
    let house = House::emailit();
    let customer = house.full();
    house.account("main", "other");
    let (_, foreign) = house.key("other", json!({ "name": "x", "level": "full" }));
    let made = customer.make(EMAILIT, r#"{"name":"My API Key"}"#);
    let own = number(&made["id"]);
    let ids = [
        foreign.to_string(),
        "1234567890".to_owned(),
        "0".to_owned(),
        format!("0{own}"),
        format!("+{own}"),
        format!("{own}.0"),
        "9007199254740992".to_owned(),
        "99999999999999999999".to_owned(),
        "-1".to_owned(),
        "key_000000007".to_owned(),
        "%C3%A9".to_owned(),
        "null".to_owned(),
    ];
    for id in ids {
        let answer = customer.get(&format!("{EMAILIT}/{id}")).expect(404);
        assert_eq!(
            answer.text(),
            r#"{"error":{"code":404,"message":"API key not found"}}"#,
            "{id}"
        );
    }
}

#[test]
fn m28_times_are_utc_with_z_ids_are_numbers_in_bodies_and_text_in_paths() {
    let house = House::emailit();
    let customer = house.full();
    house.server.clock.advance(987);
    let made = customer.make(EMAILIT, r#"{"name":"My API Key"}"#);
    assert_eq!(made["created_at"], "2026-11-21T20:14:00Z");
    let id = number(&made["id"]);
    assert!(made["id"].is_u64() && id < 1 << 53, "{id}");
    let deleted = customer.delete(&format!("{EMAILIT}/{id}")).expect(200);
    assert_eq!(deleted.json()["id"], id);
    // The base path is /v2, and no other version.
    for path in ["/v1/api-keys", "/v3/api-keys", "/api/api-keys"] {
        assert_eq!(customer.get(path).status, 404, "{path}");
    }
}
