//! Making, changing and removing keys: I26 to I29.

use serde_json::{Value, json};

use crate::house::{House, INBOXFIRST, number};
use crate::server::text;

#[test]
fn i26_the_documents_creation_is_reproduced() {
    let house = House::inboxfirst();
    let customer = house.administrator("MyString");
    let body =
        "{\n  \"api_key\": {\n    \"name\": \"Api Key Name\",\n    \"active\": true\n  }\n}\n";
    let answer = customer.post("/ga/api/v2/api_keys", body).expect(200);
    let data = &answer.json()["data"];
    assert_eq!(
        answer.text(),
        format!(
            r#"{{"success":true,"data":{{"id":{},"name":"Api Key Name","role":"organization_admin","active":true,"api_key":"{}"}},"error_code":null,"error_message":null}}"#,
            number(&data["id"]),
            text(&data["api_key"])
        )
    );
    for wrong in [
        "",
        "{}",
        "[]",
        r#"{"name":"a"}"#,
        r#"{"api_key":[]}"#,
        r#"{"api_key":["a",null,true]}"#,
        r#"{"api_key":null}"#,
        r#"{"api_key":{"name":"a"},"other":1}"#,
        r#"{"api_key":{"name":"a"},"api_key":{"name":"b"}}"#,
        r#"{"api_key":{"name":"a","name":"b"}}"#,
        r#"{"api_key":{"name":"a","colour":"red"}}"#,
        r#"{"api_key":{"name":"a","organization":6}}"#,
    ] {
        let answer = customer.post(INBOXFIRST, wrong).expect(400);
        assert_eq!(answer.json()["success"], false, "{wrong}");
    }
}

#[test]
fn i26_a_key_that_is_made_switched_off_was_never_on() {
    let house = House::inboxfirst();
    let customer = house.administrator("MyString");
    let before = house.audit().len();
    let off = r#"{"api_key":{"name":"later","active":false}}"#;
    let made = customer.make(INBOXFIRST, off)["data"].clone();
    assert_eq!(made["active"], false);
    let key = house.with(&text(&made["api_key"]));
    key.get(INBOXFIRST).expect(401);
    // One change, which says so.
    let entries = house.audit();
    assert_eq!(entries.len(), before + 1);
    assert_eq!(entries[0]["action"], "key.create");
    assert_eq!(entries[0]["details"]["after"]["status"], "disabled");
    let record = house.record("1", number(&made["id"]));
    assert_eq!(
        (
            &record["status"],
            &record["revision"],
            &record["enabled_at"]
        ),
        (&json!("disabled"), &json!(1), &json!(null))
    );
    let path = format!("{INBOXFIRST}/{}", number(&made["id"]));
    let on = r#"{"api_key":{"active":true}}"#;
    customer.put(&path, on).expect(200);
    key.get(INBOXFIRST).expect(200);
}

#[test]
fn i27_the_documents_update_is_reproduced() {
    let house = House::inboxfirst();
    let customer = house.administrator("MyString");
    let made = customer.make(INBOXFIRST, r#"{"api_key":{"name":"other_name"}}"#)["data"].clone();
    let (id, key) = (number(&made["id"]), text(&made["api_key"]));
    let path = format!("{INBOXFIRST}/{id}");
    let answer = customer
        .put(&path, r#"{"api_key":{"active":false}}"#)
        .expect(200);
    assert_eq!(
        answer.text(),
        format!(
            r#"{{"success":true,"data":{{"id":{id},"name":"other_name","role":"organization_admin","active":false,"api_key":"{key}"}},"error_code":null,"error_message":null}}"#
        )
    );
    house.with(&key).get(INBOXFIRST).expect(401);
    assert_eq!(house.verify(&json!({ "key": key }))["allowed"], false);
}

#[test]
fn i27_a_change_is_partial_and_what_is_fixed_may_come_back_as_it_was() {
    let house = House::inboxfirst();
    let customer = house.administrator("MyString");
    let made = customer.make(INBOXFIRST, r#"{"api_key":{"name":"a"}}"#)["data"].clone();
    let path = format!("{INBOXFIRST}/{}", number(&made["id"]));
    let put = |attributes: &Value| {
        let body = json!({ "api_key": attributes }).to_string();
        customer.put(&path, &body)
    };
    let with = |name: &str, value: Value| {
        let mut changed = made.clone();
        changed[name] = value;
        changed
    };
    let data = |attributes: &Value| put(attributes).expect(200).json()["data"].clone();
    assert_eq!(data(&json!({})), made, "nothing is nothing");
    assert_eq!(data(&made), made, "all of it as it was");
    let renamed = with("name", json!("b"));
    assert_eq!(data(&json!({ "name": "b" })), renamed);
    let both = json!({ "name": "c", "active": false });
    let changed = data(&both);
    assert_eq!(
        (&changed["name"], &changed["active"]),
        (&json!("c"), &json!(false))
    );
    assert_eq!(changed["api_key"], made["api_key"]);
    assert_eq!(data(&made), made, "and all of it back");

    // One mistake, and nothing is changed.
    for wrong in [
        json!({ "name": "d", "colour": "red" }),
        json!({ "name": "d", "created_at": "2021-01-01T00:00:00Z" }),
        json!({ "name": "d", "id": 7 }),
        json!({ "name": "d", "api_key": "x" }),
        json!({ "active": false, "name": "" }),
        json!({ "active": false, "role": "system_admin" }),
        json!({ "active": null }),
    ] {
        put(&wrong).expect(400);
        let shown = customer.get(&path).expect(200).json();
        assert_eq!(shown["data"], made, "{wrong}");
    }
    let twice = r#"{"api_key":{"active":true,"active":false}}"#;
    customer.put(&path, twice).expect(400);
    customer.put(&path, "{}").expect(400);
    let nobody = format!("{INBOXFIRST}/1234567890");
    customer.put(&nobody, r#"{"api_key":{}}"#).expect(404);
}

#[test]
fn i27_a_key_is_switched_off_where_none_can_be_shown() {
    let mut house = House::inboxfirst();
    let named = |name: &str| json!({ "name": name, "level": "organization_admin" });
    let (caller, own) = house.key("1", named("caller"));
    let (lost, id) = house.key("1", named("lost"));
    house.server.restart_sealing(None);
    let customer = house.with(&caller);
    let before = house.audit().len();
    let path = format!("{INBOXFIRST}/{id}");
    // What was read, with one member changed.
    let mut read = customer.get(&path).expect(200).json()["data"].clone();
    assert_eq!(read["api_key"], Value::Null);
    read["active"] = json!(false);
    let body = json!({ "api_key": read }).to_string();
    let changed = customer.put(&path, &body).expect(200).json();
    assert_eq!(changed["data"], read);
    house.with(&lost).get(INBOXFIRST).expect(401);
    // What is fixed is compared all the same.
    let with = |key: &str| json!({ "api_key": { "api_key": key, "active": true } }).to_string();
    customer.put(&path, &with(&caller)).expect(400);
    customer.put(&path, &with(&lost)).expect(200);
    house.with(&lost).get(INBOXFIRST).expect(200);
    let off = r#"{"api_key":{"active":false}}"#;
    customer
        .put(&format!("{INBOXFIRST}/{own}"), off)
        .expect(200);
    customer.get(INBOXFIRST).expect(401);
    let entries = house.audit();
    let since = &entries[..entries.len() - before];
    assert_eq!(since.len(), 3, "two switched off, one on again, none shown");
    assert!(since.iter().all(|entry| entry["action"] != "key.reveal"));
}

#[test]
fn i27_only_what_is_done_is_shown_and_a_key_sees_itself_off() {
    let house = House::inboxfirst();
    let reveals = || {
        let entries = house.audit();
        let reveals = entries
            .iter()
            .filter(|entry| entry["action"] == "key.reveal");
        reveals.count()
    };
    let body = json!({ "name": "own", "level": "organization_admin" });
    let (key, id) = house.key("1", body);
    let path = format!("{INBOXFIRST}/{id}");
    let put = |body: &str| house.with(&key).put(&path, body);
    for wrong in [
        r#"{"api_key":{"id":7,"active":false}}"#,
        r#"{"api_key":{"name":"","active":false}}"#,
    ] {
        put(wrong).expect(400);
    }
    assert_eq!(reveals(), 0);
    let off = put(r#"{"api_key":{"active":false}}"#).expect(200).json();
    assert_eq!(
        (&off["data"]["active"], &off["data"]["api_key"]),
        (&json!(false), &json!(key))
    );
    assert_eq!(reveals(), 1);
}

#[test]
fn i28_it_is_reactivated_in_the_same_way_and_is_the_same_key() {
    let house = House::inboxfirst();
    let customer = house.administrator("MyString");
    let made = customer.make(INBOXFIRST, r#"{"api_key":{"name":"a"}}"#)["data"].clone();
    let path = format!("{INBOXFIRST}/{}", number(&made["id"]));
    let key = house.with(&text(&made["api_key"]));
    for _ in 0..2 {
        for active in [false, false, true, true] {
            let body = json!({ "api_key": { "active": active } }).to_string();
            let data = customer.put(&path, &body).expect(200).json()["data"].clone();
            assert_eq!(data["active"], active);
            assert_eq!(data["api_key"], made["api_key"]);
            let expected = if active { 200 } else { 401 };
            key.get(INBOXFIRST).expect(expected);
        }
    }
    // What an operator has deactivated for good does not come back by it.
    house.act("1", number(&made["id"]), "deactivate");
    let back = r#"{"api_key":{"active":true}}"#;
    let refused = customer.put(&path, back).expect(409).json();
    assert_eq!(refused["error_code"], "deactivated");
    key.get(INBOXFIRST).expect(401);
}

#[test]
fn i29_the_documents_deletion_is_reproduced() {
    let house = House::inboxfirst();
    let customer = house.administrator("MyString");
    let made = customer.make(INBOXFIRST, r#"{"api_key":{"name":"a"}}"#)["data"].clone();
    let path = format!("{INBOXFIRST}/{}", number(&made["id"]));
    let answer = customer.delete(&path).expect(200);
    assert_eq!(
        answer.text(),
        r#"{"success":true,"data":null,"error_code":null,"error_message":null}"#
    );
    house
        .with(&text(&made["api_key"]))
        .get(INBOXFIRST)
        .expect(401);
    for answer in [customer.get(&path), customer.delete(&path)] {
        assert_eq!(answer.expect(404).json()["error_code"], "not_found");
    }
    let list = customer.get(INBOXFIRST).expect(200).json();
    assert_eq!(list["num_records"], 1);
}
