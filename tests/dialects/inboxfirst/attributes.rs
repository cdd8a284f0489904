//! The attributes of a key: I1 to I5, I22, I30.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::house::{Customer, House, INBOXFIRST, number};
use crate::server::text;

fn make(customer: &Customer<'_>, attributes: &str) -> Value {
    let body = format!(r#"{{"api_key":{attributes}}}"#);
    customer.make(INBOXFIRST, &body)["data"].clone()
}

#[test]
fn i1_id_is_a_fixed_integer() {
    let house = House::inboxfirst();
    let customer = house.administrator("MyString");
    let made = make(&customer, r#"{"name":"a"}"#);
    let id = number(&made["id"]);
    assert!(id < 1 << 53);
    customer
        .post(INBOXFIRST, r#"{"api_key":{"id":7,"name":"b"}}"#)
        .expect(400);
    let path = format!("{INBOXFIRST}/{id}");
    let change = |id: &str| customer.put(&path, &format!(r#"{{"api_key":{{"id":{id}}}}}"#));
    assert_eq!(change(&id.to_string()).expect(200).json()["data"], made);
    for other in [&*(id + 1).to_string(), "7", "null", "\"7\"", "-1", "1.5"] {
        change(other).expect(400);
    }
    assert_eq!(customer.get(&path).expect(200).json()["data"], made);
}

#[test]
fn i2_a_name_of_1_to_100_characters_is_required() {
    let house = House::inboxfirst();
    let customer = house.administrator("MyString");
    let create = |name: &Value| {
        let body = json!({ "api_key": { "name": name } }).to_string();
        customer.post(INBOXFIRST, &body).status
    };
    let long = |length: usize| json!("ё".repeat(length));
    for good in [json!("a"), json!("Магазин №1"), long(100)] {
        assert_eq!(create(&good), 200, "{good}");
    }
    for bad in [
        json!(""),
        json!("  "),
        json!(null),
        json!(7),
        json!(["a"]),
        json!("a\u{0}b"),
        json!("\u{202e}x"),
        long(101),
    ] {
        assert_eq!(create(&bad), 400, "{bad}");
    }
    for body in [r#"{"api_key":{}}"#, r#"{"api_key":{"active":true}}"#, "{}"] {
        customer.post(INBOXFIRST, body).expect(400);
    }
    let id = number(&make(&customer, r#"{"name":"b"}"#)["id"]);
    let path = format!("{INBOXFIRST}/{id}");
    for bad in [json!(""), json!(null), long(101)] {
        let body = json!({ "api_key": { "name": bad } }).to_string();
        customer.put(&path, &body).expect(400);
    }
}

#[test]
fn i3_role_is_organization_admin_said_or_not() {
    let house = House::inboxfirst();
    let customer = house.administrator("MyString");
    let made = make(&customer, r#"{"name":"a"}"#);
    assert_eq!(made["role"], "organization_admin");
    let said = make(&customer, r#"{"name":"b","role":"organization_admin"}"#);
    assert_eq!(said["role"], "organization_admin");
    let path = format!("{INBOXFIRST}/{}", number(&made["id"]));
    for role in [
        r#""system_admin""#,
        r#""""#,
        "null",
        "1",
        r#""Organization_Admin""#,
    ] {
        let body = format!(r#"{{"api_key":{{"name":"c","role":{role}}}}}"#);
        customer.post(INBOXFIRST, &body).expect(400);
        customer.put(&path, &body).expect(400);
    }
    let body = r#"{"api_key":{"role":"organization_admin"}}"#;
    customer.put(&path, body).expect(200);
    assert_eq!(customer.get(&path).expect(200).json()["data"], made);
}

#[test]
fn i4_a_key_is_active_unless_it_is_made_otherwise() {
    let house = House::inboxfirst();
    let customer = house.administrator("MyString");
    let active = make(&customer, r#"{"name":"a"}"#);
    assert_eq!(active["active"], true);
    let said = make(&customer, r#"{"name":"b","active":true}"#);
    assert_eq!(said["active"], true);
    let inactive = make(&customer, r#"{"name":"c","active":false}"#);
    assert_eq!(inactive["active"], false);
    let works = |made: &Value| house.with(&text(&made["api_key"])).get(INBOXFIRST).status;
    assert_eq!((works(&active), works(&said)), (200, 200));
    assert_eq!(works(&inactive), 401);
    for wrong in ["null", "0", r#""true""#] {
        let body = format!(r#"{{"api_key":{{"name":"d","active":{wrong}}}}}"#);
        customer.post(INBOXFIRST, &body).expect(400);
    }
    // One that has expired may not be used, whatever it is switched to.
    let body = json!({ "name": "e", "level": "organization_admin", "expires_in_days": 1 });
    let (_, id) = house.key("1", body);
    let path = format!("{INBOXFIRST}/{id}");
    assert_eq!(customer.get(&path).json()["data"]["active"], true);
    house.server.clock.advance(24 * 60 * 60 * 1000);
    assert_eq!(customer.get(&path).json()["data"]["active"], false);
}

#[test]
fn i5_the_key_itself_is_shown_and_fixed() {
    let house = House::inboxfirst();
    let customer = house.administrator("MyString");
    let made = make(&customer, r#"{"name":"a"}"#);
    let key = text(&made["api_key"]);
    house.with(&key).get(INBOXFIRST).expect(200);
    let chosen = format!(r#"{{"api_key":{{"name":"b","api_key":"{key}"}}}}"#);
    customer.post(INBOXFIRST, &chosen).expect(400);
    let path = format!("{INBOXFIRST}/{}", number(&made["id"]));
    let change = |key: &Value| {
        let body = json!({ "api_key": { "api_key": key } }).to_string();
        customer.put(&path, &body)
    };
    // Also as it is shown where it cannot be.
    for same in [json!(key), Value::Null] {
        assert_eq!(change(&same).expect(200).json()["data"], made);
    }
    let other = make(&customer, r#"{"name":"c"}"#);
    for wrong in [
        other["api_key"].clone(),
        json!(""),
        json!(7),
        json!("MTo2ZGNkNGNlMjNkODhlMmVlOTU2OGJhNTQ2YzAwN2M2M2Q5MTMxYzFi"),
        json!(key.to_lowercase()),
    ] {
        change(&wrong).expect(400);
    }
    house.with(&key).get(INBOXFIRST).expect(200);
}

#[test]
fn i22_names_may_be_given_twice() {
    let house = House::inboxfirst();
    let customer = house.administrator("MyString");
    let one = make(&customer, r#"{"name":"other_name"}"#);
    let two = make(&customer, r#"{"name":"other_name"}"#);
    assert_ne!(one["id"], two["id"]);
    assert_ne!(one["api_key"], two["api_key"]);
}

#[test]
fn i30_a_key_is_a_basic_credential_that_names_its_organization() {
    let house = House::inboxfirst();
    house.account("main", "27");
    let body = json!({ "name": "first", "level": "organization_admin" });
    let (first, _) = house.key("27", body);
    let made = make(&house.with(&first), r#"{"name":"second"}"#);
    let key = text(&made["api_key"]);
    for key in [&first, &key] {
        let content = STANDARD.decode(key).expect("base64");
        let content = String::from_utf8(content).expect("ASCII");
        let digits = content.strip_prefix("27:").expect("its organization");
        assert_eq!(digits.len(), 40, "{content}");
        assert!(
            digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)),
            "{content}"
        );
        // As it stands behind the scheme; in no other place.
        house.with(key).get(INBOXFIRST).expect(200);
        let bearer = format!("Bearer {key}");
        let send = |headers: &[(&str, &str)], path: &str| {
            house.server.send("GET", path, headers, []).status
        };
        assert_eq!(send(&[("authorization", &bearer)], INBOXFIRST), 401);
        assert_eq!(send(&[("x-api-key", key)], INBOXFIRST), 401);
        let query = format!("{INBOXFIRST}?api_key={key}");
        assert_eq!(send(&[], &query), 401);
    }
}
