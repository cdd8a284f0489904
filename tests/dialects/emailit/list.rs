//! `GET /api-keys`: M12 to M19.

use serde_json::{Value, json};

use crate::house::{Customer, EMAILIT, House, number};
use crate::server::{Answer, Server, Settings, text};

/// A house with `count` more keys than the first, named by number.
fn with_keys(count: usize) -> House {
    let house = House::emailit();
    for number in 1..=count {
        // An id is ordered by the millisecond of its making.
        house.server.clock.advance(1);
        let name = format!("key {number}");
        house.key("acme", json!({ "name": name, "level": "sending" }));
    }
    house
}

fn names(answer: &Answer) -> Vec<String> {
    let list = answer.json();
    let items = list["data"].as_array().expect("a list").iter();
    items.map(|item| text(&item["name"])).collect()
}

/// The path and query of a URL that the server gave.
fn followed(house: &House, url: &Value) -> String {
    let base = format!("http://{}", house.server.address);
    let url = text(url);
    url.strip_prefix(&base)
        .unwrap_or_else(|| panic!("{url} does not begin with {base}"))
        .to_owned()
}

fn caller(house: &House) -> Customer<'_> {
    house.server.clock.advance(1);
    house.full()
}

#[test]
fn m12_the_list_has_all_keys_of_the_account_oldest_first() {
    let house = with_keys(3);
    house.account("main", "other");
    house.key("other", json!({ "name": "foreign", "level": "full" }));
    let customer = caller(&house);
    for base in ["/v2/api-keys", "/api-keys"] {
        let answer = customer.get(base).expect(200);
        assert_eq!(names(&answer), ["key 1", "key 2", "key 3", "first"]);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[test]
fn m13_pages_start_at_1() {
    let house = with_keys(3);
    let customer = caller(&house);
    let page = |page: &str| customer.get(&format!("{EMAILIT}?limit=2&page={page}"));
    assert_eq!(names(&page("1").expect(200)), ["key 1", "key 2"]);
    assert_eq!(names(&page("2").expect(200)), ["key 3", "first"]);
    assert_eq!(names(&page("3").expect(200)), [""; 0]);
    assert_eq!(names(&page("4294967295").expect(200)), [""; 0]);
    for wrong in [
        "0",
        "-1",
        "1.5",
        "x",
        "",
        "4294967296",
        "18446744073709551616",
        "1&page=2",
    ] {
        let answer = page(wrong).expect(400);
        let body = r#"{"error":{"code":400,"message":"Bad Request"}}"#;
        assert_eq!(answer.text(), body, "{wrong}");
    }
}

#[test]
fn m14_a_page_has_1_to_100_keys_and_10_by_default() {
    let house = with_keys(101);
    let customer = caller(&house);
    let count = |query: &str| names(&customer.get(&format!("{EMAILIT}{query}")).expect(200)).len();
    assert_eq!(count(""), 10);
    assert_eq!(count("?limit=1"), 1);
    assert_eq!(count("?limit=100"), 100);
    assert_eq!(count("?limit=100&page=2"), 2);
    for wrong in [
        "0",
        "101",
        "-1",
        "ten",
        "",
        "4294967297",
        "5&limit=6",
        "5&cursor=x",
    ] {
        customer
            .get(&format!("{EMAILIT}?limit={wrong}"))
            .expect(400);
    }
}

#[test]
fn m15_data_next_and_previous_and_nothing_else() {
    let house = House::emailit();
    let body = json!({
        "name": "My API Key", "level": "sending",
        "constraints": { "sending_domain_id": [1_234_567_890] },
    });
    let (_, one) = house.key("acme", body);
    house.server.clock.advance(24 * 60 * 60 * 1000);
    let (key, two) = house.key(
        "acme",
        json!({ "name": "Another API Key", "level": "full" }),
    );
    let answer = house.with(&key).get(EMAILIT).expect(200);
    assert_eq!(
        answer.text(),
        format!(
            concat!(
                r#"{{"data":[{{"id":{},"name":"My API Key","scope":"sending","sending_domain_id":1234567890,"last_used_at":null,"created_at":"2026-11-21T20:14:00Z","updated_at":"2026-11-21T20:14:00Z"}},"#,
                r#"{{"id":{},"name":"Another API Key","scope":"full","sending_domain_id":null,"last_used_at":null,"created_at":"2026-11-22T20:14:00Z","updated_at":"2026-11-22T20:14:00Z"}}],"#,
                r#""next_page_url":null,"previous_page_url":null}}"#
            ),
            one, two
        )
    );
}

#[test]
fn m16_items_have_neither_object_nor_key() {
    let house = with_keys(2);
    let customer = caller(&house);
    let list = customer.get(EMAILIT).expect(200).json();
    let mut members = [
        "id",
        "name",
        "scope",
        "sending_domain_id",
        "last_used_at",
        "created_at",
        "updated_at",
    ];
    members.sort_unstable();
    for item in list["data"].as_array().expect("a list") {
        let item = item.as_object().expect("an object");
        let mut found: Vec<_> = item.keys().collect();
        found.sort_unstable();
        assert_eq!(found, members);
    }
}

#[test]
fn m17_the_next_page_has_an_absolute_url() {
    let house = with_keys(20);
    let customer = caller(&house);
    let mut seen = Vec::new();
    let mut path = EMAILIT.to_owned();
    loop {
        let answer = customer.get(&path).expect(200);
        seen.extend(names(&answer));
        let next = &answer.json()["next_page_url"];
        if next.is_null() {
            break;
        }
        path = followed(&house, next);
    }
    assert_eq!(path, format!("{EMAILIT}?page=3&limit=10"));
    assert_eq!(seen.len(), 21);
    assert_eq!(seen.last().map(String::as_str), Some("first"));
    // Where the paths are called without version, the URL has it all the same.
    let next = customer.get("/api-keys?limit=5").expect(200).json();
    assert_eq!(
        followed(&house, &next["next_page_url"]),
        format!("{EMAILIT}?page=2&limit=5")
    );
}

#[test]
fn m17_the_url_is_the_public_one_or_that_of_a_strict_host_header() {
    let public = Server::start_with(Settings {
        public_url: Some("https://api.emailit.com".to_owned()),
        ..Settings::default()
    });
    let house = House::start(public, "emailit", "Bearer", "acme");
    for name in ["a", "b"] {
        house.key("acme", json!({ "name": name, "level": "sending" }));
    }
    let answer = house.full().get(&format!("{EMAILIT}?limit=1&page=2"));
    assert_eq!(
        answer.json()["next_page_url"],
        "https://api.emailit.com/v2/api-keys?page=3&limit=1"
    );

    let house = with_keys(2);
    let (key, _) = house.key("acme", json!({ "name": "first", "level": "full" }));
    let authorization = format!("Bearer {key}");
    let list = |host: &str| {
        let headers = [("authorization", &*authorization), ("host", host)];
        house
            .server
            .send("GET", "/v2/api-keys?limit=1", &headers, [])
    };
    assert_eq!(
        list("keys.example.com:8443").json()["next_page_url"],
        "http://keys.example.com:8443/v2/api-keys?page=2&limit=1"
    );
    for host in ["evil.com/x?", "a@b", "a b", "host:0", "\"", "a,b"] {
        let answer = list(host).expect(400);
        assert!(!answer.text().contains("evil"), "{host}");
    }
}

#[test]
fn m18_there_is_no_page_before_the_first() {
    let house = with_keys(3);
    let customer = caller(&house);
    let previous = |page: u32| {
        let answer = customer.get(&format!("{EMAILIT}?limit=2&page={page}"));
        answer.expect(200).json()["previous_page_url"].clone()
    };
    assert_eq!(previous(1), Value::Null);
    let query = |page: u32| format!("{EMAILIT}?page={page}&limit=2");
    assert_eq!(followed(&house, &previous(2)), query(1));
    // From beyond the end it leads back to where something is.
    assert_eq!(followed(&house, &previous(3)), query(2));
    assert_eq!(followed(&house, &previous(1000)), query(2));
}

#[test]
fn m19_what_is_null_is_shown_as_null() {
    let house = with_keys(1);
    let customer = caller(&house);
    let answer = customer.get(EMAILIT).expect(200);
    let text = answer.text();
    assert!(
        text.contains(r#""sending_domain_id":null,"last_used_at":null"#),
        "{text}"
    );
    assert_eq!(answer.json()["data"][0]["last_used_at"], Value::Null);
    assert!(number(&answer.json()["data"][0]["id"]) > 0);
}
