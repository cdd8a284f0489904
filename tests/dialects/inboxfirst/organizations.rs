//! The current organization, and one that is named: I6, I7.

use serde_json::{Value, json};

use crate::house::{House, INBOXFIRST, number};

const NAMED: &str = "/ga/api/v2/organization/1/api_keys";
const FOREIGN: &str = "/ga/api/v2/organization/6/api_keys";

fn ids(list: &Value) -> Vec<u64> {
    let items = list["data"].as_array().expect("a list").iter();
    items.map(|item| number(&item["id"])).collect()
}

#[test]
fn i6_the_current_organization_is_that_of_the_calling_key() {
    let house = House::inboxfirst();
    house.account("main", "6");
    let body = |name: &str| json!({ "name": name, "level": "organization_admin" });
    let (one, first) = house.key("1", body("a"));
    let (six, sixth) = house.key("6", body("b"));
    for (key, id) in [(one, first), (six, sixth)] {
        let customer = house.with(&key);
        house.server.clock.advance(1);
        assert_eq!(ids(&customer.get(INBOXFIRST).expect(200).json()), [id]);
        let made = customer.make(INBOXFIRST, r#"{"api_key":{"name":"c"}}"#);
        let made = number(&made["data"]["id"]);
        assert_eq!(
            ids(&customer.get(INBOXFIRST).expect(200).json()),
            [id, made]
        );
    }
}

#[test]
fn i7_an_organization_can_be_named_and_a_foreign_one_is_not_there() {
    let house = House::inboxfirst();
    house.account("main", "6");
    let body = json!({ "name": "theirs", "level": "organization_admin" });
    let (theirs, foreign) = house.key("6", body);
    let customer = house.administrator("ours");
    let list = customer.get(NAMED).expect(200);
    assert_eq!(list.text(), customer.get(INBOXFIRST).expect(200).text());
    let made = customer.make(NAMED, r#"{"api_key":{"name":"a"}}"#);
    let path = format!("{NAMED}/{}", number(&made["data"]["id"]));
    assert_eq!(customer.get(&path).expect(200).json(), made);
    customer
        .put(&path, r#"{"api_key":{"name":"b"}}"#)
        .expect(200);
    customer.delete(&path).expect(200);

    let absent = customer
        .get(&format!("{INBOXFIRST}/1234567890"))
        .expect(404)
        .text();
    for organization in ["6", "7", "01", "1.0", "+1", "x", "1%20", "%31%00"] {
        let answer = customer.get(&format!("/ga/api/v2/organization/{organization}/api_keys"));
        assert!([400, 404].contains(&answer.status), "{organization}");
        assert_eq!(answer.json()["success"], false);
    }
    let body = r#"{"api_key":{"name":"mine"}}"#;
    for answer in [
        customer.get(FOREIGN),
        customer.post(FOREIGN, body),
        customer.get(&format!("{FOREIGN}/{foreign}")),
        customer.put(&format!("{FOREIGN}/{foreign}"), body),
        customer.delete(&format!("{FOREIGN}/{foreign}")),
        customer.get(&format!("{NAMED}/{foreign}")),
        customer.put(&format!("{NAMED}/{foreign}"), body),
        customer.delete(&format!("{INBOXFIRST}/{foreign}")),
        // Its own key, by the way of a foreign organization.
        customer.get("/ga/api/v2/organization/7/api_keys/1"),
    ] {
        let answer = answer.expect(404);
        assert_eq!(answer.json()["error_code"], "not_found");
        assert!(
            answer.text().len() < 200 && !answer.text().contains("theirs"),
            "{}",
            answer.text()
        );
    }
    assert!(absent.contains("not_found"), "{absent}");
    assert_eq!(house.record("6", foreign)["name"], "theirs");
    house.with(&theirs).get(INBOXFIRST).expect(200);
}
