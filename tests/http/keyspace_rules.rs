//! Other rules for a keyspace whose keys are there already.

use keyward::profile::Profile;
use serde_json::{Value, json};

use crate::rights::OF_ACCOUNTS;
use crate::server::{Answer, Server, text};

const SHOP: &str = "/v1/keyspaces/shop";
const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

fn preset(id: &str) -> &'static str {
    Profile::preset_toml(id).expect("a preset")
}

/// The text with a part of it replaced, which must be there.
#[track_caller]
fn with(toml: &str, part: &str, other: &str) -> String {
    assert!(toml.contains(part), "{part}");
    toml.replacen(part, other, 1)
}

fn world() -> Server {
    let server = Server::start();
    server.keyspace_of("keyward", "shop", "acme");
    server
}

fn make(server: &Server, name: &str, level: &str) -> (String, String) {
    let body = json!({ "name": name, "level": level });
    let made = server.call("POST", KEYS, Some(body)).expect(201).json();
    let path = format!("{KEYS}/{}", text(&made["record"]["id"]));
    (text(&made["key"]), path)
}

fn patch(server: &Server, body: &Value, if_match: Option<&str>) -> Answer {
    let authorization = format!("Bearer {}", server.operator);
    let mut headers = vec![
        ("authorization", &*authorization),
        ("content-type", "application/json"),
    ];
    headers.extend(if_match.map(|tag| ("if-match", tag)));
    server.send("PATCH", SHOP, &headers, body.to_string())
}

fn rules(server: &Server, toml: &str) -> Answer {
    patch(server, &json!({ "profile_toml": toml }), None)
}

fn shop(server: &Server) -> Value {
    server.call("GET", SHOP, None).expect(200).json()
}

fn decide(server: &Server, key: &str, call: &str) -> String {
    let (method, path) = call.split_once(' ').expect("method and path");
    let body = json!({ "key": key, "method": method, "path": path });
    let verify = format!("{SHOP}/verify");
    let decision = server.call("POST", &verify, Some(body)).expect(200).json();
    decision["reason"].as_str().unwrap_or("allowed").to_owned()
}

/// What is in the way.
#[track_caller]
fn in_the_way(answer: Answer) -> Vec<String> {
    let problem = answer.problem(409, "keys_do_not_fit");
    let told = text(&problem["detail"]);
    assert_eq!(told.matches("profile: ").count(), 1, "{told}");
    let errors = problem["errors"].as_array().expect("a list").iter();
    errors
        .map(|error| {
            assert_eq!(error["field"], "profile");
            text(&error["detail"])
        })
        .collect()
}

#[test]
fn what_a_level_opens_changes_under_the_keys_that_have_it() {
    let mut server = world();
    let (key, path) = make(&server, "reader", "read");
    assert_eq!(decide(&server, &key, "POST /reports"), "insufficient_scope");
    let before = shop(&server);
    assert_eq!(
        (&before["revision"], &before["preset"]),
        (&json!(1), &json!(true))
    );
    let head = |server: &Server| server.call("GET", &format!("{SHOP}/head"), None).body;
    let head_before = head(&server);

    let toml = with(
        preset("keyward"),
        "[[constraints]]",
        "[[routes]]\nscope = \"read\"\ncalls = [\"POST /reports\"]\n\n[[constraints]]",
    );
    let toml = with(&toml, "title = \"Read\"", "title = \"Look\"");
    let body = json!({ "profile_toml": toml });
    patch(&server, &body, Some("\"2\"")).problem(412, "precondition_failed");
    let changed = patch(&server, &body, Some("\"1\"")).expect(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.json();
    assert_eq!(changed, shop(&server));
    assert_eq!(
        (&changed["revision"], &changed["preset"]),
        (&json!(2), &json!(false))
    );
    assert_eq!(changed["profile_toml"], json!(toml));
    let epoch = |shop: &Value| shop["epoch"].as_u64().expect("a number");
    assert_eq!(epoch(&changed), epoch(&before) + 1);

    assert_eq!(decide(&server, &key, "POST /reports"), "allowed");
    assert_eq!(decide(&server, &key, "POST /other"), "insufficient_scope");
    assert_ne!(head(&server), head_before, "edges are told as well");
    let record = server.call("GET", &path, None).expect(200).json();
    assert_eq!(record["revision"], 1, "the key itself is what it was");

    let audit = server
        .call("GET", &format!("{SHOP}/audit"), None)
        .expect(200);
    assert!(!audit.text().contains("POST /reports"));
    let entry = &audit.json()["data"][0];
    assert_eq!(
        (&entry["action"], &entry["target"], &entry["epoch"]),
        (&json!("keyspace.update"), &json!("shop"), &changed["epoch"])
    );
    let details = &entry["details"];
    assert_eq!(details["before"]["profile_toml"], Value::Null);
    assert!(text(&details["after"]["profile_toml"]).starts_with("sha256:"));

    server.restart();
    assert_eq!(shop(&server)["epoch"], changed["epoch"]);
    assert_eq!(decide(&server, &key, "POST /reports"), "allowed");
    // Back to the preset, in the same way.
    patch(&server, &json!({ "profile": "keyward" }), None).expect(200);
    assert_eq!(decide(&server, &key, "POST /reports"), "insufficient_scope");
    assert_eq!(shop(&server)["profile_toml"], Value::Null);
}

#[test]
fn what_a_key_consists_of_stays_possible() {
    let server = world();
    let toml = with(
        preset("keyward"),
        "[[levels]]\nid = \"full\"",
        "[[levels]]\nid = \"more\"\ntitle = \"More\"\nscopes = [\"read\", \"write\"]\n\n[[levels]]\nid = \"full\"",
    );
    rules(&server, &toml).expect(200);
    make(&server, "one", "more");
    let (_, two) = make(&server, "two", "more");
    let body = json!({ "constraints": { "ip": ["192.0.2.0/24"] }, "description": "0123456789" });
    server.call("PATCH", &two, Some(body)).expect(200);

    let before = (shop(&server), server.call("GET", KEYS, None).body);
    let constraint =
        &toml[toml.find("[[constraints]]").expect("one")..toml.find("[[fields]]").expect("one")];
    for (other, expected) in [
        (preset("keyward").to_owned(), "level more: 2 keys"),
        (with(&toml, constraint, ""), "constraints.ip: 1 key needs"),
        (
            with(&toml, "max_length = 500", "max_length = 9"),
            "description: 1 key needs",
        ),
        (
            with(&toml, "name = \"description\"", "name = \"purpose\""),
            "description: 1 key needs",
        ),
        (
            with(
                &toml,
                "max_length = 500",
                "max_length = 500\nrequired = true",
            ),
            "description: 1 key needs",
        ),
        (
            with(&toml, "kw_live", "kw_test"),
            "the format of keys: 2 keys",
        ),
        (
            with(&toml, "[lifecycle]\n", "[lifecycle]\nrecoverable = true\n"),
            "whether keys are recoverable: 2 keys",
        ),
    ] {
        let said = in_the_way(rules(&server, &other));
        assert!(said.len() == 1 && said[0].starts_with(expected), "{said:?}");
        let body = json!({ "profile_toml": other, "dry_run": true });
        assert_eq!(in_the_way(patch(&server, &body, None)), said);
    }
    let both = with(&with(&toml, "kw_live", "kw_test"), constraint, "");
    assert_eq!(in_the_way(rules(&server, &both)).len(), 2, "all at once");
    assert_eq!((shop(&server), server.call("GET", KEYS, None).body), before);

    for list in server.call("GET", KEYS, None).json()["data"]
        .as_array()
        .expect("a list")
    {
        let path = format!("{KEYS}/{}", text(&list["id"]));
        server.call("DELETE", &path, None).expect(204);
    }
    rules(&server, &with(preset("keyward"), "kw_live", "kw_test")).expect(200);
    let (key, _) = make(&server, "three", "read");
    assert!(key.starts_with("kw_test_"), "{key}");
}

#[test]
fn a_name_becomes_unique_where_it_is() {
    let server = world();
    make(&server, "Billing", "read");
    let (_, path) = make(&server, "billing", "read");
    let toml = with(
        preset("keyward"),
        "max_length = 100",
        "max_length = 100\nunique = \"account\"",
    );
    let said = in_the_way(rules(&server, &toml));
    assert!(
        said.len() == 1 && said[0].starts_with("name: the key key_"),
        "{said:?}"
    );
    let rename = |name: &str| server.call("PATCH", &path, Some(json!({ "name": name })));
    rename("shipping").expect(200);
    rules(&server, &toml).expect(200);
    rename("BILLING").problem(409, "already_exists");
    let body = json!({ "name": "Shipping", "level": "read" });
    server
        .call("POST", KEYS, Some(body.clone()))
        .problem(409, "already_exists");
    // And no longer.
    rules(&server, preset("keyward")).expect(200);
    server.call("POST", KEYS, Some(body)).expect(201);
    rename("BILLING").expect(200);
}

/// What people know a key by is the first field, whichever that is.
#[test]
fn keys_are_found_by_the_name_of_the_new_rules() {
    let server = world();
    let (_, path) = make(&server, "billing", "read");
    let body = json!({ "description": "the night shift" });
    server.call("PATCH", &path, Some(body)).expect(200);
    let found = |part: &str| {
        let list = server.call("GET", &format!("{KEYS}?name_contains={part}"), None);
        list.expect(200).json()["data"].as_array().map(Vec::len)
    };
    assert_eq!((found("billing"), found("night")), (Some(1), Some(0)));
    let toml = preset("keyward");
    let start = toml.find("[[fields]]").expect("fields");
    let second = start + 1 + toml[start + 1..].find("[[fields]]").expect("two");
    let end = toml.find("# After a rotation").expect("what follows");
    let turned = [
        &toml[..start],
        &toml[second..end],
        &toml[start..second],
        &toml[end..],
    ]
    .concat();
    rules(&server, &turned).expect(200);
    assert_eq!((found("billing"), found("night")), (Some(0), Some(1)));
}

#[test]
fn a_trial_changes_nothing_and_says_what_would_be() {
    let server = world();
    make(&server, "one", "read");
    let before = (
        shop(&server),
        server.call("GET", &format!("{SHOP}/audit"), None).body,
    );
    let body =
        json!({ "profile_toml": preset("keyward"), "fresh_for_seconds": 60, "dry_run": true });
    let tried = patch(&server, &body, None).expect(200).json();
    assert_eq!(
        (
            &tried["fresh_for_seconds"],
            &tried["revision"],
            &tried["preset"]
        ),
        (&json!(60), &json!(2), &json!(false))
    );
    let after = (
        shop(&server),
        server.call("GET", &format!("{SHOP}/audit"), None).body,
    );
    assert_eq!(after, before);
    let same = patch(
        &server,
        &json!({ "profile": "keyward", "fresh_for_seconds": 300 }),
        None,
    );
    assert_eq!(
        same.expect(200).json(),
        before.0,
        "what holds already is no change"
    );
    for (body, field) in [
        (json!({ "fresh_for_seconds": 9 }), "fresh_for_seconds"),
        (json!({ "valid_for_seconds": 60 }), "valid_for_seconds"),
        (
            json!({ "profile": "keyward", "profile_toml": "x" }),
            "profile_toml",
        ),
        (json!({ "profile_toml": "not toml" }), "profile_toml"),
    ] {
        let problem = patch(&server, &body, None).problem(400, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    patch(&server, &json!({ "profile": "nobody" }), None).problem(400, "unknown_profile");
    patch(&server, &json!({ "id": "other" }), None).problem(400, "invalid_json");
    assert_eq!(shop(&server), before.0);
}

#[test]
fn nobody_of_an_account_changes_the_rules() {
    let server = world();
    server.keyspace_of("keyward", "club", "acme");
    let (key, _) = make(&server, "one", "full");
    let body = json!({ "fresh_for_seconds": 60 });
    let ask = |credential: &str, path: &str| {
        server.call_as(Some(credential), "PATCH", path, Some(body.clone()))
    };
    let admin = server.operator("shop", Some("acme"), &OF_ACCOUNTS);
    ask(&admin, SHOP).problem(403, "missing_right");
    let links = format!("{SHOP}/accounts/acme/portal-links");
    let link = server
        .call("POST", &links, Some(json!({})))
        .expect(201)
        .json();
    ask(&text(&link["token"]), SHOP).problem(403, "missing_right");
    ask(&key, SHOP).problem(401, "invalid_credential");
    let reader = server.operator("shop", None, &["keyspaces.read"]);
    ask(&reader, SHOP).problem(403, "missing_right");
    let owner = server.operator("shop", None, &["keyspaces.read", "keyspaces.write"]);
    ask(&owner, SHOP).expect(200);
    ask(&owner, "/v1/keyspaces/club").problem(404, "not_found");
    ask(&owner, "/v1/keyspaces/none").problem(404, "not_found");

    // Whoever may give one level only does not write into it what they like.
    let operators = format!("{SHOP}/operators");
    let body = json!({ "name": "x", "rights": ["keyspaces.write"], "levels": ["read"] });
    let limited = server
        .call("POST", &operators, Some(body))
        .expect(201)
        .json();
    let rules = json!({ "profile_toml": format!("{}\n# mine", preset("keyward")) });
    server
        .call_as(Some(&text(&limited["key"])), "PATCH", SHOP, Some(rules))
        .problem(403, "stronger_than_maker");
}

/// The paths of a dialect answer from the change on, and no longer than the rules say.
#[test]
fn a_dialect_comes_and_goes_with_the_rules() {
    let server = Server::start();
    server.keyspace_of("emailit", "shop", "acme");
    let (key, _) = make(&server, "one", "full");
    let list = || {
        server
            .call_as(Some(&key), "GET", "/v2/api-keys", None)
            .status
    };
    assert_eq!(list(), 200);
    let silent = with(preset("emailit"), "dialect = \"emailit\"", "");
    rules(&server, &silent).expect(200);
    assert_eq!(list(), 404);
    patch(&server, &json!({ "profile": "emailit" }), None).expect(200);
    assert_eq!(list(), 200);
}

/// Whoever could give a level gives no other one that comes by its name later.
#[test]
fn a_level_that_goes_and_comes_back_is_nobodys() {
    let server = world();
    let with_more = |opens: &str| {
        let level = format!(
            "[[levels]]\nid = \"more\"\ntitle = \"More\"\nscopes = [{opens}]\n\n[[levels]]\nid = \"full\""
        );
        with(preset("keyward"), "[[levels]]\nid = \"full\"", &level)
    };
    rules(&server, &with_more("\"read\"")).expect(200);
    let made = |path: &str, body: Value| server.call("POST", path, Some(body)).expect(201).json();
    let operators = format!("{SHOP}/operators");
    let manager = made(
        &operators,
        json!({ "name": "x", "rights": ["keys.read", "keys.write"], "levels": ["more", "read"] }),
    );
    let link = made(
        &format!("{SHOP}/accounts/acme/portal-links"),
        json!({ "levels": ["more"] }),
    );
    let (manager_key, token) = (text(&manager["key"]), text(&link["token"]));
    let levels = |credential: &str| {
        let me = server.call_as(Some(credential), "GET", "/v1/me", None);
        me.expect(200).json()["levels"].clone()
    };
    let try_to_make = |credential: &str, name: &str| {
        let body = json!({ "name": name, "level": "more" });
        server.call_as(Some(credential), "POST", KEYS, Some(body))
    };
    let key = try_to_make(&token, "one").expect(201).json();
    in_the_way(rules(&server, preset("keyward")));
    assert_eq!(levels(&token), json!(["more"]), "nothing was changed");
    let path = format!("{KEYS}/{}", text(&key["record"]["id"]));
    server.call("DELETE", &path, None).expect(204);
    rules(&server, preset("keyward")).expect(200);
    rules(&server, &with_more("\"read\", \"write\"")).expect(200);

    assert_eq!(
        (levels(&manager_key), levels(&token)),
        (json!(["read"]), json!([]))
    );
    for credential in [&manager_key, &token] {
        try_to_make(credential, "two").problem(403, "stronger_than_maker");
    }
    try_to_make(&server.operator, "three").expect(201);
    let audit = format!("{SHOP}/audit?action=operator.narrow");
    let entry = &server.call("GET", &audit, None).expect(200).json()["data"][0];
    assert_eq!(entry["target"], manager["operator"]["id"]);
    assert_eq!(
        entry["details"],
        json!({ "before": { "levels": ["more", "read"] }, "after": { "levels": ["read"] } })
    );
}
