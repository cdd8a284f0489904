//! `DELETE /api-keys/{id}`: M26, M27.

use serde_json::json;

use crate::house::{EMAILIT, House, number};
use crate::server::text;

#[test]
fn m26_a_deleted_key_is_revoked_and_gone() {
    let house = House::emailit();
    let customer = house.full();
    let made = customer.make(EMAILIT, r#"{"name":"My API Key"}"#);
    let (id, key) = (number(&made["id"]), text(&made["key"]));
    let path = format!("{EMAILIT}/{id}");
    house.with(&key).get(EMAILIT).expect(200);
    let answer = customer.delete(&path).expect(200);
    assert_eq!(
        answer.text(),
        format!(r#"{{"object":"api_key","id":{id},"name":"My API Key","deleted":true}}"#)
    );
    house.with(&key).get(EMAILIT).expect(401);
    assert_eq!(house.verify(&json!({ "key": key }))["allowed"], false);
    customer.get(&path).expect(404);
    // A key can end itself, and only once.
    let last = customer.make(EMAILIT, r#"{"name":"My API Key"}"#);
    let own = house.with(&text(&last["key"]));
    let path = format!("/api-keys/{}", number(&last["id"]));
    own.delete(&path).expect(200);
    own.delete(&path).expect(401);
}

#[test]
fn m27_a_key_that_is_not_there_is_a_404() {
    let house = House::emailit();
    let customer = house.full();
    house.account("main", "other");
    let (key, foreign) = house.key("other", json!({ "name": "theirs", "level": "full" }));
    let made = customer.make(EMAILIT, r#"{"name":"gone"}"#);
    let gone = number(&made["id"]);
    customer.delete(&format!("{EMAILIT}/{gone}")).expect(200);
    for id in [foreign, gone, 1_234_567_890] {
        let answer = customer.delete(&format!("{EMAILIT}/{id}")).expect(404);
        assert_eq!(
            answer.text(),
            r#"{"error":{"code":404,"message":"API key not found"}}"#
        );
    }
    house.with(&key).get(EMAILIT).expect(200);
}
