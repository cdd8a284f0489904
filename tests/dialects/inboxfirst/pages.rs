//! The two ways through a list: I10 to I14, I16 to I19.

use serde_json::{Value, json};

use crate::house::{Customer, House, INBOXFIRST, number};
use crate::server::{Answer, text};

/// Organization 1 with so many keys, named by number from 0, of which the first calls.
fn with_keys(house: &House, count: usize) -> Customer<'_> {
    let mut first = None;
    for number in 0..count {
        house.server.clock.advance(1);
        let name = format!("key {number}");
        let body = json!({ "name": name, "level": "organization_admin" });
        let (key, _) = house.key("1", body);
        first.get_or_insert(key);
    }
    house.with(&first.expect("one at least"))
}

fn list(customer: &Customer<'_>, query: &str) -> Answer {
    customer.get(&format!("{INBOXFIRST}{query}"))
}

fn names(list: &Value) -> Vec<String> {
    let items = list["data"].as_array().expect("a list").iter();
    items.map(|item| text(&item["name"])).collect()
}

/// The members of a list beside the envelope's.
fn extra(list: &Value) -> Vec<String> {
    let envelope = ["success", "data", "error_code", "error_message"];
    let members = list.as_object().expect("an object").keys();
    members
        .filter(|name| !envelope.contains(&name.as_str()))
        .cloned()
        .collect()
}

#[test]
fn i10_pages_start_at_0() {
    let house = House::inboxfirst();
    let customer = with_keys(&house, 5);
    let page = |page: u32| {
        list(&customer, &format!("?per_page=2&page={page}"))
            .expect(200)
            .json()
    };
    assert_eq!(names(&page(0)), ["key 0", "key 1"]);
    assert_eq!(names(&page(1)), ["key 2", "key 3"]);
    assert_eq!(names(&page(2)), ["key 4"]);
    assert_eq!(names(&page(3)), [""; 0]);
    assert_eq!(page(3)["page"], 3);
    // As the document writes it.
    let answer = customer.get("/ga/api/v2/api_keys?&page=1&per_page=100");
    assert_eq!(names(&answer.expect(200).json()), [""; 0]);
    for wrong in ["-1", "x", "", "1.5", "4294967296", "0&page=1"] {
        list(&customer, &format!("?page={wrong}")).expect(400);
    }
}

#[test]
fn i11_a_page_has_1_to_500_keys_and_100_by_default() {
    let house = House::inboxfirst();
    let customer = with_keys(&house, 101);
    let all = list(&customer, "").expect(200).json();
    assert_eq!((names(&all).len(), &all["per_page"]), (100, &json!(100)));
    let all = list(&customer, "?per_page=500").expect(200).json();
    assert_eq!((names(&all).len(), &all["per_page"]), (101, &json!(500)));
    let one = list(&customer, "?per_page=1").expect(200).json();
    assert_eq!((names(&one).len(), &one["num_pages"]), (1, &json!(101)));
    for wrong in ["0", "501", "-1", "x", "", "4294967297"] {
        let answer = list(&customer, &format!("?per_page={wrong}")).expect(400);
        assert_eq!(answer.json()["success"], false);
    }
}

#[test]
fn i12_a_token_leads_to_what_follows() {
    let house = House::inboxfirst();
    let customer = with_keys(&house, 5);
    let first = list(&customer, "?per_page=2").expect(200).json();
    let token = text(&first["next_page_token"]);
    let query = format!("?per_page=2&page_token={token}");
    let second = list(&customer, &query).expect(200).json();
    assert_eq!(names(&second), ["key 2", "key 3"]);
    assert_eq!(list(&customer, &query).expect(200).json(), second);
}

#[test]
fn i12_a_token_is_of_one_list_and_cannot_be_made_up() {
    let house = House::inboxfirst();
    let customer = with_keys(&house, 5);
    let first = list(&customer, "?per_page=2").expect(200).json();
    let token = text(&first["next_page_token"]);
    house.account("main", "6");
    let body = json!({ "name": "theirs", "level": "organization_admin" });
    let (other, _) = house.key("6", body);
    let other = house.with(&other);
    let query = format!("?page_token={token}");
    list(&other, &query).expect(400);
    // With another filter it would point to another place.
    list(&customer, &format!("{query}&name_contains=key")).expect(400);
    let mut changed = token.clone().into_bytes();
    let last = changed.last_mut().expect("a token");
    *last = if *last == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).expect("ASCII");
    for token in [
        &*changed,
        "",
        "x",
        "AAAA",
        &"A".repeat(500),
        &format!("{token}A"),
    ] {
        let answer = list(&customer, &format!("?page_token={token}")).expect(400);
        assert_eq!(answer.json()["error_code"], "invalid_cursor", "{token}");
    }
}

#[test]
fn i13_page_and_token_together_are_refused() {
    let house = House::inboxfirst();
    let customer = with_keys(&house, 3);
    let first = list(&customer, "?per_page=2").expect(200).json();
    let token = text(&first["next_page_token"]);
    for page in [0, 1] {
        let answer = list(&customer, &format!("?page={page}&page_token={token}"));
        let problem = answer.expect(400).json();
        assert!(text(&problem["error_message"]).contains("one of the two"));
    }
}

#[test]
fn i14_the_extra_keys_are_those_of_the_way_that_was_taken() {
    let house = House::inboxfirst();
    let customer = with_keys(&house, 5);
    let ask = |query: &str| list(&customer, query).expect(200).json();
    let page = ["page", "per_page", "num_records", "num_pages"];
    let mut paged = page.map(str::to_owned).to_vec();
    paged.sort_unstable();
    let sorted = |list: &Value| {
        let mut extra = extra(list);
        extra.sort_unstable();
        extra
    };
    // All on one page: the document's examples have no token.
    assert_eq!(sorted(&ask("")), paged);
    assert_eq!(sorted(&ask("?page=0&per_page=2")), paged);
    // More follows, and nobody has said how the rest is to be read.
    let open = ask("?per_page=2");
    let mut with_token = [&paged[..], &["next_page_token".to_owned()]].concat();
    with_token.sort_unstable();
    assert_eq!(sorted(&open), with_token);
    assert_eq!(
        (&open["num_records"], &open["num_pages"], &open["page"]),
        (&json!(5), &json!(3), &json!(0))
    );
    // With a token there is no number of page.
    let token = text(&open["next_page_token"]);
    let next = ask(&format!("?per_page=2&page_token={token}"));
    let mut tokens = vec![
        "page_token",
        "next_page_token",
        "per_page",
        "num_records",
        "num_pages",
    ];
    tokens.sort_unstable();
    assert_eq!(sorted(&next), tokens);
    assert_eq!(next["page_token"], json!(token));
    // Of nothing there are no pages.
    let none = ask("?name=nobody");
    assert_eq!(
        (&none["num_records"], &none["num_pages"]),
        (&json!(0), &json!(0))
    );
}

/// Removes the key with this name, made before.
fn remove(customer: &Customer<'_>, name: &str) {
    let found = list(customer, &format!("?name={}", name.replace(' ', "%20"))).expect(200);
    let id = number(&found.json()["data"][0]["id"]);
    customer.delete(&format!("{INBOXFIRST}/{id}")).expect(200);
}

#[test]
fn i16_pages_by_number_shift_with_what_is_removed_meanwhile() {
    let house = House::inboxfirst();
    let customer = with_keys(&house, 6);
    let page = |page: u32| names(&list(&customer, &format!("?per_page=2&page={page}")).json());
    assert_eq!(page(0), ["key 0", "key 1"]);
    remove(&customer, "key 1");
    assert_eq!(
        page(1),
        ["key 3", "key 4"],
        "key 2 is missed, as documented"
    );
}

#[test]
fn i17_tokens_lead_past_every_key_once_whatever_is_removed_and_made_meanwhile() {
    let house = House::inboxfirst();
    let customer = with_keys(&house, 7);
    let mut answer = list(&customer, "?per_page=2").expect(200).json();
    let mut seen = names(&answer);
    let mut step = 0;
    while let Some(token) = answer["next_page_token"].as_str() {
        match step {
            0 => remove(&customer, "key 1"),
            // The very one at which the token points.
            1 => remove(&customer, "key 3"),
            _ => {}
        }
        house.server.clock.advance(1);
        if step < 2 {
            let body = format!(r#"{{"api_key":{{"name":"new {step}"}}}}"#);
            customer.make(INBOXFIRST, &body);
        }
        step += 1;
        let query = format!("?per_page=2&page_token={token}");
        answer = list(&customer, &query).expect(200).json();
        seen.extend(names(&answer));
    }
    let expected = [
        "key 0", "key 1", "key 2", "key 3", "key 4", "key 5", "key 6", "new 0", "new 1",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn i18_a_next_token_of_null_is_the_last_page() {
    let house = House::inboxfirst();
    let customer = with_keys(&house, 4);
    let first = list(&customer, "?per_page=2").expect(200).json();
    let token = text(&first["next_page_token"]);
    let last = list(&customer, &format!("?per_page=2&page_token={token}")).expect(200);
    let body = last.text();
    assert!(body.ends_with(r#","next_page_token":null}"#), "{body}");
    assert_eq!(
        names(&last.json()),
        ["key 2", "key 3"],
        "full, and the last"
    );
}

#[test]
fn i19_tokens_read_everything_at_the_pace_of_the_largest_page() {
    let house = House::inboxfirst();
    let customer = with_keys(&house, 620);
    let first = list(&customer, "?per_page=500").expect(200).json();
    let token = text(&first["next_page_token"]);
    let query = format!("?per_page=500&page_token={token}");
    let second = list(&customer, &query).expect(200).json();
    assert_eq!((names(&first).len(), names(&second).len()), (500, 120));
    assert_eq!(second["next_page_token"], Value::Null);
    assert_eq!(second["num_records"], 620);
}
