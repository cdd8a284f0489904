//! What lists hold: I8, I9, I15, I20, I21, I23 to I25.

use serde_json::{Value, json};

use crate::house::{Customer, House, INBOXFIRST, number};
use crate::server::text;

fn names(customer: &Customer<'_>, query: &str) -> Vec<String> {
    let list = customer.get(&format!("{INBOXFIRST}{query}")).expect(200);
    let list = list.json();
    let items = list["data"].as_array().expect("a list").iter();
    items.map(|item| text(&item["name"])).collect()
}

/// A customer with the keys of the document's example, the first of which calls.
fn documented(house: &House) -> Customer<'_> {
    let customer = house.administrator("MyString");
    for name in ["some_name", "other_name", "other_name"] {
        house.server.clock.advance(1);
        let body = json!({ "api_key": { "name": name } }).to_string();
        customer.make(INBOXFIRST, &body);
    }
    customer
}

#[test]
fn i8_name_filters_by_the_whole_name_whatever_its_case() {
    let house = House::inboxfirst();
    let customer = documented(&house);
    assert_eq!(names(&customer, "?name=some_name"), ["some_name"]);
    assert_eq!(names(&customer, "?name=SOME_Name"), ["some_name"]);
    assert_eq!(names(&customer, "?name=other_name"), ["other_name"; 2]);
    for none in [
        "name",
        "some",
        "some_nam_",
        "%25",
        "some%name",
        "some_name%20x",
    ] {
        assert_eq!(
            names(&customer, &format!("?name={none}")),
            [""; 0],
            "{none}"
        );
    }
    let body = r#"{"api_key":{"name":"Straße №1"}}"#;
    customer.make(INBOXFIRST, body);
    let query = "?name=STRASSE%20%E2%84%961";
    assert_eq!(names(&customer, query), ["Straße №1"]);
}

#[test]
fn i9_name_contains_filters_by_a_part_of_it_whatever_its_case() {
    let house = House::inboxfirst();
    let customer = documented(&house);
    let all = ["some_name", "other_name", "other_name"];
    assert_eq!(names(&customer, "?name_contains=name"), all);
    assert_eq!(names(&customer, "?name_contains=NAME"), all);
    assert_eq!(names(&customer, "?name_contains=mystr"), ["MyString"]);
    assert_eq!(names(&customer, "?name_contains=_n"), all);
    // What other filters take for placeholders is a character like any other.
    for none in ["nam%25", "%25", "s%5Fm%5F", "*", "some.name", "xyz"] {
        let query = format!("?name_contains={none}");
        assert_eq!(names(&customer, &query), [""; 0], "{none}");
    }
    assert_eq!(
        names(&customer, "?name_contains=name&name=some_name"),
        ["some_name"]
    );
    for wrong in [
        "?name_contains=a&name_contains=b",
        "?name=a&name=b",
        "?nam=a",
        "?NAME=a",
    ] {
        customer.get(&format!("{INBOXFIRST}{wrong}")).expect(400);
    }
}

#[test]
fn i15_ids_ascend() {
    let house = House::inboxfirst();
    let customer = documented(&house);
    let list = customer.get(INBOXFIRST).expect(200).json();
    let ids: Vec<_> = list["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| number(&item["id"]))
        .collect();
    assert!(ids.len() == 4 && ids.is_sorted(), "{ids:?}");
}

#[test]
fn i20_every_answer_has_the_envelope() {
    let house = House::inboxfirst();
    let customer = house.administrator("MyString");
    let body = r#"{"api_key":{"name":"a"}}"#;
    let made = customer.post(INBOXFIRST, body).expect(200);
    let path = format!("{INBOXFIRST}/{}", number(&made.json()["data"]["id"]));
    for answer in [
        made,
        customer.get(INBOXFIRST),
        customer.get(&path),
        customer.put(&path, body),
        customer.delete(&path),
    ] {
        let answer = answer.expect(200);
        let text = answer.text();
        assert!(text.starts_with(r#"{"success":true,"data":"#), "{text}");
        assert!(
            text.contains(r#","error_code":null,"error_message":null"#),
            "{text}"
        );
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let refused = customer.get(&path).expect(404);
    assert_eq!(
        refused.text(),
        r#"{"success":false,"data":null,"error_code":"not_found","error_message":"there is no such key here"}"#
    );
}

#[test]
fn i21_lists_show_whole_keys_each_time_and_each_time_is_written_down() {
    let house = House::inboxfirst();
    let customer = documented(&house);
    let list = || customer.get(INBOXFIRST).expect(200);
    let first = list();
    assert_eq!(list().text(), first.text());
    let first = first.json();
    for item in first["data"].as_array().expect("a list") {
        house
            .with(&text(&item["api_key"]))
            .get(&format!("{INBOXFIRST}?name=nobody"))
            .expect(200);
    }
    let audit = house.audit();
    let reveals: Vec<_> = audit
        .iter()
        .filter(|entry| entry["action"] == "key.reveal")
        .collect();
    assert_eq!(reveals.len(), 2, "one for each list that showed keys");
    let entry = reveals[0].to_string();
    assert!(text(&reveals[0]["actor"]).starts_with("key_"), "{entry}");
    for item in first["data"].as_array().expect("a list") {
        let id = keyward::key::KeyId::from_u64(number(&item["id"])).expect("53 bits");
        assert!(entry.contains(&id.to_string()), "{entry} names {id}");
        assert!(!entry.contains(&text(&item["api_key"])));
    }
}

#[test]
fn i23_answers_are_compact() {
    let house = House::inboxfirst();
    let customer = documented(&house);
    for path in [INBOXFIRST, "/ga/api/v2/api_keys/7", "/ga/api/v2/nothing"] {
        let text = customer.get(path).text();
        assert!(!text.contains('\n') && !text.contains("\": "), "{text}");
    }
}

/// The document's envelope around these items, which are the document's with the ids and keys of today.
fn expected(list: &Value, names: &[&str]) -> String {
    let items = list["data"].as_array().expect("a list").iter().zip(names);
    let items: Vec<_> = items
        .map(|(item, name)| {
            format!(
                r#"{{"id":{},"name":"{name}","role":"organization_admin","active":true,"api_key":"{}"}}"#,
                number(&item["id"]),
                text(&item["api_key"])
            )
        })
        .collect();
    format!(
        r#"{{"success":true,"data":[{}],"error_code":null,"error_message":null,"page":0,"per_page":100,"num_records":{},"num_pages":1}}"#,
        items.join(","),
        names.len()
    )
}

#[test]
fn i24_the_first_example_is_reproduced() {
    let house = House::inboxfirst();
    let customer = documented(&house);
    let answer = customer.get("/ga/api/v2/api_keys").expect(200);
    let names = ["MyString", "some_name", "other_name", "other_name"];
    assert_eq!(answer.text(), expected(&answer.json(), &names));
}

#[test]
fn i25_the_second_example_is_reproduced() {
    let house = House::inboxfirst();
    let customer = documented(&house);
    let answer = customer
        .get("/ga/api/v2/api_keys?name_contains=name")
        .expect(200);
    let names = ["some_name", "other_name", "other_name"];
    assert_eq!(answer.text(), expected(&answer.json(), &names));
}

#[test]
fn i21_one_key_that_does_not_open_keeps_back_no_other() {
    let mut house = House::inboxfirst();
    let (key, _) = house.key(
        "1",
        json!({ "name": "lost", "level": "organization_admin" }),
    );
    house.server.restart_sealing(Some([8; 32]));
    house.server.clock.advance(1);
    let (other, _) = house.key(
        "1",
        json!({ "name": "kept", "level": "organization_admin" }),
    );
    let list = house.with(&key).get(INBOXFIRST).expect(200).json();
    assert_eq!(
        (&list["data"][0]["name"], &list["data"][0]["api_key"]),
        (&json!("lost"), &Value::Null)
    );
    assert_eq!(list["data"][1]["api_key"], json!(other));
    let body = r#"{"api_key":{"name":"new"}}"#;
    house.with(&key).make(INBOXFIRST, body);

    house.server.restart_sealing(None);
    let before = house.audit().len();
    let list = house.with(&key).get(INBOXFIRST).expect(200).json();
    for item in list["data"].as_array().expect("a list") {
        assert_eq!(item["api_key"], Value::Null);
        let one = format!("{INBOXFIRST}/{}", number(&item["id"]));
        let shown = house.with(&key).get(&one).expect(200).json();
        assert_eq!(shown["data"], *item);
    }
    assert_eq!(list["num_records"], 3);
    assert_eq!(house.audit().len(), before, "nothing was shown");
    let refused = house.with(&key).post(INBOXFIRST, body).expect(503);
    assert_eq!(refused.json()["error_code"], "master_key_missing");
    assert_eq!(refused.json()["success"], false);
}

#[test]
fn i21_nothing_is_shown_that_cannot_be_written_down() {
    let house = House::inboxfirst();
    let customer = documented(&house);
    let whole = customer.get(INBOXFIRST).expect(200).json();
    let database = house.server.data().join("keyward.db");
    let other = rusqlite::Connection::open(database).expect("the file");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let list = customer.get(INBOXFIRST).expect(200).json();
    other.execute_batch("ROLLBACK").expect("unlocked");
    let mut expected = whole.clone();
    for item in expected["data"].as_array_mut().expect("a list") {
        item["api_key"] = Value::Null;
    }
    assert_eq!(list, expected);
    assert_eq!(customer.get(INBOXFIRST).expect(200).json(), whole);
}
