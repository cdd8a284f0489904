//! Who may do what: only by the credential, and only what it was given.

use serde_json::json;

use crate::rights::ALL;
use crate::server::{Server, text};

const HEAD: &str = "/v1/keyspaces/shop/head";

#[test]
fn credentials_are_read_to_the_letter() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let (customer, _) = server.key("shop", "acme", "full");
    let get = |headers: &[(&str, &str)]| server.send("GET", "/v1/keyspaces", headers, []);
    let answer = get(&[]);
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer realm=\"Keyward\""
    );
    answer.problem(401, "missing_credential");
    get(&[("authorization", "Basic dXNlcjpwYXNz")]).problem(401, "missing_credential");

    let good = &server.operator;
    get(&[("authorization", &format!("bearer {good}"))]).expect(200);
    let mistyped = format!(
        "{}{}",
        &good[..good.len() - 1],
        if good.ends_with('0') { '1' } else { '0' }
    );
    let unknown = "kw_op_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";
    for wrong in [
        &*mistyped,
        unknown,
        &customer,
        "kw_op_",
        "x",
        &good.to_uppercase(),
    ] {
        let answer = get(&[("authorization", &format!("Bearer {wrong}"))]);
        assert_eq!(
            answer.header("www-authenticate"),
            "Bearer realm=\"Keyward\", error=\"invalid_token\""
        );
        answer.problem(401, "invalid_credential");
    }
    let twice = [
        ("authorization", &*format!("Bearer {good}")),
        ("authorization", &*format!("Bearer {good}")),
    ];
    get(&twice).problem(400, "ambiguous_credential");
    get(&[("authorization", &format!("Bearer {good}, Bearer {good}"))])
        .problem(400, "ambiguous_credential");
    get(&[("authorization", &format!("Bearer {good} {good}"))])
        .problem(400, "malformed_credential");
    // Nothing else carries a credential.
    server
        .send(
            "GET",
            &format!("/v1/keyspaces?access_token={good}"),
            &[],
            [],
        )
        .problem(401, "missing_credential");
    get(&[("x-api-key", good), ("cookie", good)]).problem(401, "missing_credential");
}

#[test]
fn an_edge_token_reads_its_own_keyspace_and_does_nothing_else() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    server.keyspace("club", "acme");
    let (_, id) = server.key("shop", "acme", "full");
    let token = server.token("shop", &["snapshot.read"]);
    let call = |method: &str, path: &str| server.call_as(Some(&token), method, path, None);
    call("GET", HEAD).expect(200);
    call("GET", "/v1/keyspaces/shop/snapshot/0").expect(200);
    call("GET", "/v1/keyspaces/club/head").problem(404, "not_found");
    call("GET", "/v1/keyspaces/club/snapshot/0").problem(404, "not_found");
    call("GET", "/v1/keyspaces/none/head").problem(404, "not_found");
    let keys = "/v1/keyspaces/shop/accounts/acme/keys";
    for (method, path) in [
        ("GET", keys.to_owned()),
        ("DELETE", format!("{keys}/{id}")),
        ("POST", format!("{keys}/{id}/disable")),
        ("POST", format!("{keys}/{id}/deactivate")),
        ("GET", "/v1/keyspaces/shop/tokens".to_owned()),
        ("GET", "/v1/keyspaces/shop/audit".to_owned()),
    ] {
        let answer = server.call_as(Some(&token), method, &path, None);
        assert_eq!(
            answer.header("www-authenticate"),
            "Bearer realm=\"Keyward\", error=\"insufficient_scope\""
        );
        answer.problem(403, "missing_right");
    }
}

#[test]
fn a_right_that_was_not_given_is_missing() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let token = server.token("shop", &["usage.write", "keys.verify"]);
    for path in [HEAD, "/v1/keyspaces/shop/snapshot/0"] {
        server
            .call_as(Some(&token), "GET", path, None)
            .problem(403, "missing_right");
    }
    server
        .call_as(Some(&token), "GET", "/v1/keyspaces/club/head", None)
        .problem(404, "not_found");
}

#[test]
fn anybody_may_ask_who_they_are() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let me = |credential: &str| {
        server
            .call_as(Some(credential), "GET", "/v1/me", None)
            .expect(200)
            .json()
    };
    let first = me(&server.operator);
    assert_eq!(first["kind"], "operator");
    assert_eq!(first["name"], "first operator");
    assert_eq!(first["reach"], json!({ "keyspace": null, "account": null }));
    assert_eq!(first["rights"], json!(ALL));
    assert_eq!(
        (&first["levels"], &first["expires_at"]),
        (&json!(null), &json!(null))
    );
    let token = me(&server.token("shop", &["usage.write", "snapshot.read"]));
    assert_eq!(token["kind"], "edge_token");
    assert_eq!(
        token["reach"],
        json!({ "keyspace": "shop", "account": null })
    );
    assert_eq!(token["rights"], json!(["snapshot.read", "usage.write"]));
    let path = "/v1/keyspaces/shop/accounts/acme/portal-links";
    let body = json!({ "levels": ["events"] });
    let made = server.call("POST", path, Some(body)).expect(201).json();
    let link = me(&text(&made["token"]));
    assert_eq!(link["kind"], "portal_link");
    assert_eq!(
        link["reach"],
        json!({ "keyspace": "shop", "account": "acme" })
    );
    assert_eq!(
        (&link["id"], &link["levels"], &link["expires_at"]),
        (
            &made["record"]["id"],
            &json!(["events"]),
            &json!("2026-11-21T20:29:00.000Z")
        )
    );
}
