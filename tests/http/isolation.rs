//! What belongs to another tenant is as absent as what never existed: every operation, every foreign id.

use serde_json::{Value, json};

use crate::server::{Answer, Server};

/// Every operation below a keyspace that is not there for `keyspace`, `account` and `key`, with a body that would do.
fn operations(
    keyspace: &str,
    account: &str,
    key: &str,
    token: &str,
) -> Vec<(&'static str, String, Option<Value>)> {
    let base = format!("/v1/keyspaces/{keyspace}");
    let keys = format!("{base}/accounts/{account}/keys");
    let new_key = json!({ "description": "x", "level": "full" });
    let mut list = vec![
        ("GET", keys.clone(), None),
        ("POST", keys.clone(), Some(new_key)),
        ("GET", format!("{keys}/{key}"), None),
        ("POST", format!("{keys}/{key}/disable"), None),
        ("POST", format!("{keys}/{key}/enable"), None),
        ("POST", format!("{keys}/{key}/deactivate"), None),
        ("DELETE", format!("{keys}/{key}"), None),
        ("DELETE", format!("{base}/tokens/{token}"), None),
        ("GET", format!("{base}/snapshot/1"), None),
    ];
    if keyspace == "none" {
        list.extend([
            ("GET", base.clone(), None),
            ("GET", format!("{base}/accounts"), None),
            (
                "POST",
                format!("{base}/accounts"),
                Some(json!({ "id": "x" })),
            ),
            ("GET", format!("{base}/tokens"), None),
            (
                "POST",
                format!("{base}/tokens"),
                Some(json!({ "rights": ["snapshot.read"] })),
            ),
            ("GET", format!("{base}/audit"), None),
            ("GET", format!("{base}/head"), None),
            ("GET", format!("{base}/snapshot/0"), None),
        ]);
    }
    list
}

fn shape(answer: &Answer) -> (u16, Vec<u8>) {
    (answer.status, answer.body.clone())
}

#[test]
fn foreign_ids_answer_like_absent_ones() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    server.account("shop", "rival");
    server.keyspace("club", "acme");
    let (_, key) = server.key("shop", "acme", "full");
    server.token("shop", &["snapshot.read"]);
    let tokens = server
        .call("GET", "/v1/keyspaces/shop/tokens", None)
        .expect(200)
        .json();
    let token = tokens["data"][0]["id"].as_str().expect("an id").to_owned();
    let key_path = format!("/v1/keyspaces/shop/accounts/acme/keys/{key}");
    let before = server.call("GET", &key_path, None).expect(200).json();
    let epoch = || {
        server
            .call("GET", "/v1/keyspaces/shop", None)
            .expect(200)
            .json()["epoch"]
            .clone()
    };
    let epoch_before = epoch();

    let absent_key = "key_000000000";
    for (keyspace, account) in [
        ("shop", "rival"),
        ("club", "acme"),
        ("club", "none"),
        ("shop", "none"),
        ("none", "acme"),
    ] {
        let foreign = operations(
            keyspace,
            account,
            &key,
            if keyspace == "shop" {
                "tok_000000000"
            } else {
                &token
            },
        );
        let absent = operations(keyspace, account, absent_key, "tok_000000000");
        for ((method, path, body), (_, absent_path, _)) in foreign.into_iter().zip(absent) {
            let whole_account_exists = account != "none" && keyspace != "none";
            if whole_account_exists && path.ends_with("/keys") {
                continue;
            }
            let answer = server.call(method, &path, body.clone());
            let reference = server.call(method, &absent_path, body);
            assert_eq!(shape(&answer), shape(&reference), "{method} {path}");
            answer.problem(404, "not_found");
        }
    }
    assert_eq!(
        server.call("GET", &key_path, None).expect(200).json(),
        before,
        "nothing was touched"
    );
    assert_eq!(epoch(), epoch_before);
    let rivals = server
        .call("GET", "/v1/keyspaces/shop/accounts/rival/keys", None)
        .expect(200)
        .json();
    assert_eq!(rivals["data"], json!([]));
}

#[test]
fn the_same_names_in_two_keyspaces_are_two_things() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    server.keyspace("club", "acme");
    let (_, shop) = server.key("shop", "acme", "full");
    let (_, club) = server.key("club", "acme", "events");
    let list = |keyspace: &str| {
        let path = format!("/v1/keyspaces/{keyspace}/accounts/acme/keys");
        server.call("GET", &path, None).expect(200).json()["data"].clone()
    };
    assert_eq!(
        (
            list("shop").as_array().map(Vec::len),
            &list("shop")[0]["id"]
        ),
        (Some(1), &json!(shop))
    );
    assert_eq!(
        (
            list("club").as_array().map(Vec::len),
            &list("club")[0]["id"]
        ),
        (Some(1), &json!(club))
    );
}
