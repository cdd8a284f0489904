//! Portal links: a customer's administrator, one account, for a while.

use serde_json::{Value, json};

use crate::server::{Answer, Server, Settings, text};

const LINKS: &str = "/v1/keyspaces/shop/accounts/acme/portal-links";
const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

const MINUTE: i64 = 60 * 1000;

fn world() -> Server {
    let server = Server::start();
    server.keyspace("shop", "acme");
    server.account("shop", "rival");
    server
}

fn link(server: &Server, body: Value) -> Value {
    let made = server.call("POST", LINKS, Some(body)).expect(201);
    assert_eq!(made.header("cache-control"), "no-store");
    made.json()
}

fn me(server: &Server, token: &str) -> Answer {
    server.call_as(Some(token), "GET", "/v1/me", None)
}

#[test]
fn a_link_works_for_a_quarter_of_an_hour_and_then_is_nothing() {
    let server = world();
    let made = link(&server, json!({}));
    let token = text(&made["token"]);
    assert!(
        token.starts_with("kw_portal_") && token.len() == 46,
        "{token}"
    );
    assert_eq!(
        made["url"],
        json!(null),
        "nobody said where people reach the server"
    );
    let record = &made["record"];
    assert!(text(&record["id"]).starts_with("prt_"), "{record}");
    assert_eq!(record["kind"], "portal_link");
    assert_eq!(record["name"], "portal link");
    assert_eq!(
        record["reach"],
        json!({ "keyspace": "shop", "account": "acme" })
    );
    assert_eq!(
        record["rights"],
        json!(["accounts.read", "keys.read", "keys.write", "usage.read"])
    );
    assert_eq!(record["expires_at"], "2026-11-21T20:29:00.000Z");

    let body = json!({ "description": "CRM", "level": "full" });
    let key = server
        .call_as(Some(&token), "POST", KEYS, Some(body))
        .expect(201)
        .json();
    assert_eq!(key["record"]["created_by"], record["id"]);
    let path = format!("{KEYS}/{}", text(&key["record"]["id"]));
    server
        .call_as(Some(&token), "POST", &format!("{path}/disable"), None)
        .expect(200);

    server.clock.advance(15 * MINUTE - 1);
    me(&server, &token).expect(200);
    server.clock.advance(1);
    let over = me(&server, &token);
    let unknown = me(&server, "kw_portal_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17");
    assert_eq!(over.body, unknown.body, "as one that never was");
    over.problem(401, "invalid_credential");
    server.call("GET", &path, None).expect(200);
}

#[test]
fn a_link_is_ended_before_its_time() {
    let server = world();
    let made = link(&server, json!({ "expires_in_seconds": 86400 }));
    let token = text(&made["token"]);
    let id = text(&made["record"]["id"]);
    // It is no operator, and nobody else's.
    for path in [
        "/v1/keyspaces/shop/accounts/acme/operators",
        "/v1/keyspaces/shop/accounts/rival/portal-links",
    ] {
        server
            .call("DELETE", &format!("{path}/{id}"), None)
            .problem(404, "not_found");
    }
    let operators = server
        .call("GET", "/v1/keyspaces/shop/accounts/acme/operators", None)
        .expect(200)
        .json();
    assert_eq!(operators["data"], json!([]));
    me(&server, &token).expect(200);
    server
        .call("DELETE", &format!("{LINKS}/{id}"), None)
        .expect(204);
    me(&server, &token).problem(401, "invalid_credential");
    server
        .call("DELETE", &format!("{LINKS}/{id}"), None)
        .problem(404, "not_found");
}

#[test]
fn a_link_leads_to_where_people_reach_the_server() {
    let server = Server::start_with(Settings {
        public_url: Some("https://keys.example.com/".to_owned()),
        ..Settings::default()
    });
    server.keyspace("shop", "acme");
    let made = link(&server, json!({ "name": "Ada" }));
    let expected = format!(
        "https://keys.example.com/console#link={}",
        text(&made["token"])
    );
    assert_eq!(
        made["url"], expected,
        "behind the #, where no server and no log sees it"
    );
    assert_eq!(made["record"]["name"], "Ada");
}

#[test]
fn what_a_link_is_made_of_is_checked() {
    let server = world();
    let refused = |body: Value, field: &str| {
        let problem = server
            .call("POST", LINKS, Some(body))
            .problem(400, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    };
    for seconds in [0, 59, 86_401, u32::MAX] {
        refused(
            json!({ "expires_in_seconds": seconds }),
            "expires_in_seconds",
        );
    }
    for seconds in [60, 86_400] {
        link(&server, json!({ "expires_in_seconds": seconds }));
    }
    for right in [
        "operators.write",
        "accounts.write",
        "keyspaces.read",
        "portal_links.write",
        "tokens.read",
        "server.maintain",
        "*",
    ] {
        refused(json!({ "rights": ["keys.read", right] }), "rights");
    }
    refused(json!({ "rights": [] }), "rights");
    refused(json!({ "levels": [] }), "levels");
    refused(json!({ "levels": ["god"] }), "levels");
    refused(json!({ "name": "\u{200b}" }), "name");
    for body in [
        json!({ "expires_in_seconds": -1 }),
        json!({ "account": "rival" }),
        json!({ "expires_in_seconds": "60" }),
    ] {
        server
            .call("POST", LINKS, Some(body))
            .problem(400, "invalid_json");
    }
    for path in [
        "/v1/keyspaces/shop/accounts/none/portal-links",
        "/v1/keyspaces/none/accounts/acme/portal-links",
    ] {
        server
            .call("POST", path, Some(json!({})))
            .problem(404, "not_found");
    }
}

/// Threats 33 and 52.
#[test]
fn a_link_is_no_stronger_than_its_maker() {
    let server = world();
    let operator = |body: Value| {
        let made = server.call("POST", "/v1/keyspaces/shop/operators", Some(body));
        text(&made.expect(201).json()["key"])
    };
    let maker = operator(json!({
        "name": "maker", "rights": ["portal_links.write", "keys.read", "keys.write"], "levels": ["events"],
        "expires_at": "2026-11-21T20:24:00Z",
    }));
    let ask = |body: Value| server.call_as(Some(&maker), "POST", LINKS, Some(body));
    for (body, field) in [
        (json!({ "rights": ["keys.read", "keys.reveal"] }), "rights"),
        (json!({ "levels": ["full"] }), "levels"),
        (json!({ "expires_in_seconds": 601 }), "expires_in_seconds"),
    ] {
        let problem = ask(body).problem(403, "stronger_than_maker");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    // Where nothing is said, it has what its maker has.
    let link = ask(json!({})).expect(201).json();
    assert_eq!(link["record"]["rights"], json!(["keys.read", "keys.write"]));
    assert_eq!(link["record"]["levels"], json!(["events"]));
    assert_eq!(link["record"]["expires_at"], "2026-11-21T20:24:00.000Z");
    let shown = text(&link["token"]);
    let make = |level: &str| {
        let body = json!({ "description": "CRM", "level": level });
        server.call_as(Some(&shown), "POST", KEYS, Some(body))
    };
    make("events").expect(201);
    make("full").problem(403, "stronger_than_maker");
    let nobody = operator(json!({ "name": "none", "rights": ["portal_links.write"] }));
    server
        .call_as(Some(&nobody), "POST", LINKS, Some(json!({})))
        .problem(403, "stronger_than_maker");
    // A link makes neither links nor operators.
    let operators = "/v1/keyspaces/shop/accounts/acme/operators";
    let body = json!({ "name": "x", "rights": ["keys.read"] });
    server
        .call_as(Some(&shown), "POST", operators, Some(body))
        .problem(403, "missing_right");
    server
        .call_as(Some(&shown), "POST", LINKS, Some(json!({})))
        .problem(403, "missing_right");
}
