//! `POST /api-keys/{id}`: M20 to M25.

use serde_json::json;

use crate::house::{EMAILIT, House, number};
use crate::server::text;

#[test]
fn m20_a_post_to_a_key_renames_it() {
    let house = House::emailit();
    let customer = house.full();
    let made = customer.make(EMAILIT, r#"{"name":"My API Key"}"#);
    let id = number(&made["id"]);
    for (base, name) in [("/v2/api-keys", "One"), ("/api-keys", "Two")] {
        let body = json!({ "name": name }).to_string();
        let renamed = customer.post(&format!("{base}/{id}"), &body).expect(200);
        assert_eq!(renamed.json()["name"], name);
        let shown = customer.get(&format!("{base}/{id}")).expect(200);
        assert_eq!(shown.text(), renamed.text());
    }
    // It is the same key: what it opens, and the key itself, stay.
    house.with(&text(&made["key"])).get(EMAILIT).expect(200);
}

#[test]
fn m21_the_name_is_required_and_nothing_else_can_change() {
    let house = House::emailit();
    let customer = house.full();
    let made = customer.make(EMAILIT, r#"{"name":"My API Key","scope":"sending"}"#);
    let path = format!("{EMAILIT}/{}", number(&made["id"]));
    let before = customer.get(&path).expect(200).text();
    for body in [
        "{}",
        r#"{"name":null}"#,
        r#"{"scope":"full"}"#,
        r#"{"name":"x","scope":"full"}"#,
        r#"{"name":"x","scope":"sending"}"#,
        r#"{"name":"x","sending_domain_id":7}"#,
        r#"{"name":"x","sending_domain_id":null}"#,
        r#"{"name":"x","id":7}"#,
        r#"{"name":"x","key":"em_live_x"}"#,
        r#"{"name":"x","name":"y"}"#,
    ] {
        customer.post(&path, body).expect(400);
    }
    assert_eq!(customer.get(&path).expect(200).text(), before);
}

#[test]
fn m22_the_answer_is_the_documents_with_a_new_updated_at() {
    let house = House::emailit();
    let customer = house.full();
    let body = r#"{"name":"My API Key","scope":"sending","sending_domain_id":1234567890}"#;
    let id = number(&customer.make(EMAILIT, body)["id"]);
    house.server.clock.advance(12 * 60 * 60 * 1000);
    let answer = customer
        .post(
            &format!("{EMAILIT}/{id}"),
            r#"{"name":"Updated API Key Name"}"#,
        )
        .expect(200);
    assert_eq!(
        answer.text(),
        format!(
            r#"{{"object":"api_key","id":{id},"name":"Updated API Key Name","scope":"sending","sending_domain_id":1234567890,"last_used_at":null,"created_at":"2026-11-21T20:14:00Z","updated_at":"2026-11-22T08:14:00Z"}}"#
        )
    );
}

#[test]
fn m23_what_is_wrong_is_a_400_in_the_documents_words() {
    let house = House::emailit();
    let customer = house.full();
    let made = customer.make(EMAILIT, r#"{"name":"My API Key"}"#);
    let path = format!("{EMAILIT}/{}", number(&made["id"]));
    let long = json!({ "name": "x".repeat(256) }).to_string();
    for body in [
        "",
        "nonsense",
        "[]",
        r#"{"name":" "}"#,
        r#"{"name":"a\u0000"}"#,
        &long,
    ] {
        let answer = customer.post(&path, body).expect(400);
        let expected = r#"{"error":{"code":400,"message":"Bad Request"}}"#;
        assert_eq!(answer.text(), expected, "{body}");
    }
}

#[test]
fn m24_a_key_that_is_not_there_is_a_404() {
    let house = House::emailit();
    let customer = house.full();
    house.account("main", "other");
    let (_, foreign) = house.key("other", json!({ "name": "theirs", "level": "full" }));
    for id in [foreign.to_string(), "1234567890".to_owned(), "x".to_owned()] {
        let answer = customer
            .post(&format!("{EMAILIT}/{id}"), r#"{"name":"mine"}"#)
            .expect(404);
        assert_eq!(
            answer.text(),
            r#"{"error":{"code":404,"message":"API key not found"}}"#
        );
    }
    assert_eq!(house.record("other", foreign)["name"], "theirs");
}

#[test]
fn m25_a_taken_name_is_a_409_without_the_other_key() {
    let house = House::emailit();
    let customer = house.full();
    customer.make(EMAILIT, r#"{"name":"One"}"#);
    let two = number(&customer.make(EMAILIT, r#"{"name":"Two"}"#)["id"]);
    let path = format!("{EMAILIT}/{two}");
    for name in ["One", "ONE", " one "] {
        let answer = customer
            .post(&path, &json!({ "name": name }).to_string())
            .expect(409);
        assert_eq!(
            answer.text(),
            r#"{"error":{"code":409,"message":"API key name already exists"}}"#
        );
    }
    // Its own name is not in its way.
    customer.post(&path, r#"{"name":"Two"}"#).expect(200);
    customer.post(&path, r#"{"name":"TWO"}"#).expect(200);
}
