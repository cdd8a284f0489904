//! A key reaches its own account, whatever else speaks the same dialect on the same server.

use serde_json::json;

use crate::house::{EMAILIT, House, INBOXFIRST, number};
use crate::server::text;

#[test]
fn a_foreign_key_answers_as_one_that_never_was() {
    let house = House::emailit();
    let customer = house.full();
    house.account("main", "other");
    house.keyspace("second", &json!({ "profile": "emailit" }));
    house.account("second", "acme");
    let body = json!({ "name": "theirs", "level": "full" });
    let (neighbour, one) = house.key("other", body.clone());
    let (namesake, two) = house.key_in("second", "acme", body);
    let absent = customer.get(&format!("{EMAILIT}/1234567890")).text();
    for id in [one, two] {
        let path = format!("{EMAILIT}/{id}");
        for answer in [
            customer.get(&path),
            customer.post(&path, r#"{"name":"mine"}"#),
            // A name that is taken here, too, tells nothing of what is there.
            customer.post(&path, r#"{"name":"first"}"#),
            customer.delete(&path),
        ] {
            assert_eq!(answer.expect(404).text(), absent);
        }
    }
    // Both keyspaces answer at the same paths, each to its own keys.
    for key in [neighbour, namesake] {
        let list = house.with(&key).get(EMAILIT).expect(200).json();
        let items = list["data"].as_array().expect("a list");
        assert_eq!(items.len(), 1);
        assert_eq!(items[0]["name"], "theirs");
        house
            .with(&key)
            .post(EMAILIT, r#"{"name":"first"}"#)
            .expect(201);
    }
}

#[test]
fn nothing_in_a_body_says_whose_key_it_is() {
    let house = House::inboxfirst();
    house.account("main", "6");
    let customer = house.administrator("ours");
    for member in [
        "organization",
        "organization_id",
        "account",
        "keyspace",
        "id",
        "digest",
    ] {
        let body = json!({ "api_key": { "name": "a", member: "6" } }).to_string();
        customer.post(INBOXFIRST, &body).expect(400);
        let body = json!({ "api_key": { "name": "a" }, member: "6" }).to_string();
        customer.post(INBOXFIRST, &body).expect(400);
    }
    let path = "/v1/keyspaces/main/accounts/6/keys";
    let list = house.server.call("GET", path, None).expect(200).json();
    assert_eq!(list["data"], json!([]));
}

#[test]
fn two_organizations_of_the_same_number_are_two() {
    let house = House::inboxfirst();
    house.keyspace("second", &json!({ "profile": "inboxfirst" }));
    house.account("second", "1");
    let ours = house.administrator("ours");
    let body = json!({ "name": "theirs", "level": "organization_admin" });
    let (theirs, _) = house.key_in("second", "1", body);
    let names = |list: serde_json::Value| {
        let items = list["data"].as_array().expect("a list").clone();
        items
            .iter()
            .map(|item| text(&item["name"]))
            .collect::<Vec<_>>()
    };
    let path = "/ga/api/v2/organization/1/api_keys";
    assert_eq!(names(ours.get(path).expect(200).json()), ["ours"]);
    let theirs = house.with(&theirs);
    assert_eq!(names(theirs.get(path).expect(200).json()), ["theirs"]);
    let made = theirs.make(path, r#"{"api_key":{"name":"second"}}"#);
    let path = format!("{path}/{}", number(&made["data"]["id"]));
    ours.get(&path).expect(404);
}
