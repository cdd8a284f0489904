//! Filters of lists and of the search across accounts, and cursors that go with them.

use serde_json::{Value, json};

use super::{KEYS, make, server};
use crate::server::{Server, text};

const SEARCH: &str = "/v1/keyspaces/shop/keys";

fn names(server: &Server, path: &str) -> Vec<String> {
    let list = server.call("GET", path, None).expect(200).json();
    let items = list["data"].as_array().expect("a list").iter();
    items.map(|item| text(&item["description"])).collect()
}

/// Keys of two accounts, one each minute; the state of some is changed.
fn shop() -> Server {
    let server = server("esputnik");
    server.account("shop", "rival");
    for (account, name, level, subject) in [
        ("acme", "CRM Berlin", "full", "user-1"),
        ("acme", "crm berlin", "events", "user-2"),
        ("acme", "Straße", "events", "user-1"),
        ("rival", "CRM Wien", "full", "user-1"),
        ("acme", "100%_sure", "full", "user-3"),
    ] {
        server.clock.advance(60_000);
        let path = format!("/v1/keyspaces/shop/accounts/{account}/keys");
        let body = json!({ "description": name, "level": level, "subject": subject });
        server.call("POST", &path, Some(body)).expect(201);
    }
    server
}

#[test]
fn each_filter_leaves_what_it_says() {
    let server = shop();
    let found = |query: &str| names(&server, &format!("{KEYS}?{query}"));
    assert_eq!(
        found(""),
        ["100%_sure", "Straße", "crm berlin", "CRM Berlin"]
    );
    assert_eq!(found("name=Crm%20Berlin"), ["crm berlin", "CRM Berlin"]);
    assert_eq!(found("name=STRASSE"), ["Straße"]);
    assert_eq!(found("name=CRM"), [""; 0]);
    assert_eq!(found("name_contains=berl"), ["crm berlin", "CRM Berlin"]);
    assert_eq!(found("name_contains=%25"), ["100%_sure"], "no wildcard");
    assert_eq!(found("name_contains=_"), ["100%_sure"], "nor this");
    assert_eq!(found("level=full"), ["100%_sure", "CRM Berlin"]);
    assert_eq!(found("subject=user-1"), ["Straße", "CRM Berlin"]);
    assert_eq!(found("subject=USER-1"), [""; 0], "a subject is exact");
    assert_eq!(found("level=full&subject=user-1"), ["CRM Berlin"]);
    assert_eq!(
        found("created_after=2026-11-21T20:17:00Z"),
        ["100%_sure", "Straße"]
    );
    assert_eq!(found("created_before=2026-11-21T20:16:00Z"), ["CRM Berlin"]);
    assert_eq!(
        found("created_after=2026-11-21T20:16:00Z&created_before=2026-11-21T20:17:00.000Z"),
        ["crm berlin"]
    );
    assert_eq!(
        found("used_before=2027-01-01T00:00:00Z").len(),
        4,
        "or never"
    );
    assert_eq!(found("used_after=2020-01-01T00:00:00Z"), [""; 0]);
}

#[test]
fn the_state_is_that_of_the_moment() {
    let server = server("esputnik");
    let state = |status: &str| names(&server, &format!("{KEYS}?status={status}"));
    for name in ["active", "disabled", "deactivated", "expired"] {
        let mut body = json!({ "description": name, "level": "full" });
        if name == "expired" {
            body["expires_at"] = json!("2026-11-21T20:15:00Z");
        }
        server.clock.advance(1);
        let (path, _) = make(&server, body);
        let verb = name.strip_suffix('d').filter(|_| name != "expired");
        if let Some(verb) = verb {
            server
                .call("POST", &format!("{path}/{verb}"), None)
                .expect(200);
        }
    }
    assert_eq!(state("active"), ["expired", "active"]);
    server.clock.advance(60_000);
    for name in ["active", "disabled", "deactivated", "expired"] {
        assert_eq!(state(name), [name]);
    }
    let problem = server
        .call("GET", &format!("{KEYS}?status=on"), None)
        .problem(400, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "status");
}

#[test]
fn a_search_goes_across_accounts() {
    let server = shop();
    let found = |query: &str| names(&server, &format!("{SEARCH}?{query}"));
    assert_eq!(found("").len(), 5);
    assert_eq!(
        found("name_contains=crm"),
        ["CRM Wien", "crm berlin", "CRM Berlin"]
    );
    assert_eq!(found("name_contains=crm&account=rival"), ["CRM Wien"]);
    server
        .call("GET", &format!("{SEARCH}?account=none"), None)
        .problem(404, "not_found");
    server
        .call("GET", "/v1/keyspaces/none/keys", None)
        .problem(404, "not_found");
    server
        .call("GET", &format!("{KEYS}?account=acme"), None)
        .problem(400, "invalid_query");

    // Whoever has one account finds what is in it, and may not ask for more.
    let one = server.operator("shop", Some("acme"), &["keys.read"]);
    let ask = |path: &str| server.call_as(Some(&one), "GET", path, None);
    ask(SEARCH).problem(403, "missing_right");
    let own = ask(&format!("{SEARCH}?account=acme")).expect(200).json();
    assert_eq!(own["data"].as_array().map(Vec::len), Some(4));
    ask(&format!("{SEARCH}?account=rival")).problem(404, "not_found");
}

#[test]
fn bad_filters_are_told_all_at_once() {
    let server = server("esputnik");
    let path = format!("{KEYS}?name=&status=on&created_after=yesterday&used_before=0");
    let problem = server
        .call("GET", &path, None)
        .problem(400, "invalid_field");
    assert_eq!(super::fields(&problem).len(), 4, "{problem}");
}

#[test]
fn a_cursor_goes_with_its_filters() {
    let server = shop();
    let page = |path: &str| server.call("GET", path, None).expect(200).json();
    let first = page(&format!("{KEYS}?level=full&limit=1"));
    let cursor = text(&first["next_cursor"]);
    let next = page(&format!("{KEYS}?level=full&limit=1&cursor={cursor}"));
    assert_eq!(next["data"][0]["description"], "CRM Berlin");
    assert_eq!(next["next_cursor"], Value::Null);
    for other in [
        format!("{KEYS}?cursor={cursor}"),
        format!("{KEYS}?level=events&cursor={cursor}"),
        format!("{KEYS}?level=full&subject=user-1&cursor={cursor}"),
        format!("{KEYS}?name=full&cursor={cursor}"),
        format!("{SEARCH}?level=full&cursor={cursor}"),
        format!("/v1/keyspaces/shop/accounts/rival/keys?level=full&cursor={cursor}"),
        format!("/v1/keyspaces/shop/accounts?cursor={cursor}"),
    ] {
        server
            .call("GET", &other, None)
            .problem(400, "invalid_cursor");
    }
}

#[test]
fn a_search_meets_each_key_once_while_others_come_and_go() {
    let server = shop();
    let list = server.call("GET", SEARCH, None).expect(200).json();
    let before = list["data"].as_array().expect("a list").clone();
    let mut met = Vec::new();
    let mut path = format!("{SEARCH}?limit=2");
    loop {
        let page = server.call("GET", &path, None).expect(200).json();
        met.extend(page["data"].as_array().expect("a list").clone());
        server.clock.advance(1);
        make(&server, super::crm());
        if met.len() == 2 {
            // One that comes later, and the very one behind which the next part starts.
            for gone in [&before[1], &before[3]] {
                let account = text(&gone["account"]);
                let id = text(&gone["id"]);
                let path = format!("/v1/keyspaces/shop/accounts/{account}/keys/{id}");
                server.call("DELETE", &path, None).expect(204);
            }
        }
        match &page["next_cursor"] {
            Value::Null => break,
            cursor => path = format!("{SEARCH}?limit=2&cursor={}", text(cursor)),
        }
    }
    let ids = |keys: &[Value]| keys.iter().map(|key| text(&key["id"])).collect::<Vec<_>>();
    let mut expected = ids(&before);
    expected.remove(3);
    assert_eq!(ids(&met), expected);
}
