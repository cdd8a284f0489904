//! The audit trail: who changed what, told apart, kept to the account, and checked.

use serde_json::{Value, json};

use crate::server::{Server, text};

const TRAIL: &str = "/v1/keyspaces/shop/audit";
const ACME: &str = "/v1/keyspaces/shop/accounts/acme/audit";

/// Two accounts, each with a key, and an operator of its own.
struct World {
    server: Server,
    key: String,
    rivals: String,
    admin: String,
}

fn world() -> World {
    let server = Server::start();
    server.keyspace("shop", "acme");
    server.account("shop", "rival");
    let (_, key) = server.key("shop", "acme", "full");
    let (_, rivals) = server.key("shop", "rival", "full");
    let admin = server.operator(
        "shop",
        Some("acme"),
        &["audit.read", "keys.read", "keys.write"],
    );
    let disable = format!("/v1/keyspaces/shop/accounts/acme/keys/{key}/disable");
    server
        .call_as(Some(&admin), "POST", &disable, None)
        .expect(200);
    World {
        server,
        key,
        rivals,
        admin,
    }
}

fn list(server: &Server, credential: &str, path: &str) -> Vec<Value> {
    let answer = server
        .call_as(Some(credential), "GET", path, None)
        .expect(200)
        .json();
    answer["data"].as_array().expect("a list").clone()
}

fn actions(entries: &[Value]) -> Vec<String> {
    entries.iter().map(|entry| text(&entry["action"])).collect()
}

#[test]
fn entries_are_found_by_account_target_actor_and_action() {
    let World {
        server, key, admin, ..
    } = world();
    let find = |query: &str| list(&server, &server.operator, &format!("{TRAIL}?{query}"));
    assert_eq!(
        actions(&find(&format!("target={key}"))),
        ["key.disable", "key.create"]
    );
    assert_eq!(
        actions(&find("action=key.create")),
        ["key.create", "key.create"]
    );
    assert_eq!(
        actions(&find(&format!("target={key}&action=key.create"))),
        ["key.create"]
    );
    assert_eq!(actions(&find("action=nothing.such")), [""; 0]);
    let id = text(
        &server
            .call_as(Some(&admin), "GET", "/v1/me", None)
            .expect(200)
            .json()["id"],
    );
    assert_eq!(actions(&find(&format!("actor={id}"))), ["key.disable"]);
    let of_acme = find("account=acme");
    assert_eq!(
        actions(&of_acme),
        [
            "key.disable",
            "operator.create",
            "key.create",
            "account.create"
        ]
    );
    assert!(
        of_acme.iter().all(|entry| entry["account"] == "acme"),
        "{of_acme:#?}"
    );
    let sequences = of_acme
        .iter()
        .map(|entry| entry["sequence"].as_i64())
        .collect::<Vec<_>>();
    assert!(
        sequences.is_sorted_by(|a, b| a > b),
        "newest first: {sequences:?}"
    );

    for query in [
        "account=",
        "target=%00",
        "actor=a%0Aaction=b",
        &format!("action={}", "x".repeat(101)),
    ] {
        server
            .call("GET", &format!("{TRAIL}?{query}"), None)
            .problem(400, "invalid_field");
    }
    for query in ["who=me", "action=a&action=b"] {
        server
            .call("GET", &format!("{TRAIL}?{query}"), None)
            .problem(400, "invalid_query");
    }
}

#[test]
fn a_cursor_goes_with_its_filters() {
    let World { server, .. } = world();
    let first = server
        .call("GET", &format!("{TRAIL}?limit=1&account=acme"), None)
        .expect(200)
        .json();
    let cursor = text(&first["next_cursor"]);
    let next = server
        .call(
            "GET",
            &format!("{TRAIL}?limit=1&account=acme&cursor={cursor}"),
            None,
        )
        .expect(200)
        .json();
    assert_eq!(
        actions(next["data"].as_array().expect("a list")),
        ["operator.create"]
    );
    for other in [
        "",
        "account=rival&",
        "account=acme&action=key.create&",
        "target=acme&",
    ] {
        server
            .call("GET", &format!("{TRAIL}?{other}cursor={cursor}"), None)
            .problem(400, "invalid_cursor");
    }
}

/// Threat 52.
#[test]
fn an_accounts_operator_sees_the_accounts_entries_and_no_others() {
    let World {
        server,
        rivals,
        admin,
        ..
    } = world();
    let own = list(&server, &admin, ACME);
    assert_eq!(
        actions(&own),
        [
            "key.disable",
            "operator.create",
            "key.create",
            "account.create"
        ]
    );
    assert!(
        own.iter().all(|entry| entry["account"] == "acme"),
        "{own:#?}"
    );
    assert!(!json!(own).to_string().contains("rival"), "{own:#?}");
    assert_eq!(
        list(&server, &admin, &format!("{ACME}?target={rivals}")),
        Vec::<Value>::new()
    );
    // The way around over the keyspace is closed, whatever is asked for.
    for path in [
        TRAIL.to_owned(),
        format!("{TRAIL}?account=acme"),
        "/v1/audit/check".to_owned(),
    ] {
        server
            .call_as(Some(&admin), "GET", &path, None)
            .problem(403, "missing_right");
    }
    let foreign = server.call_as(
        Some(&admin),
        "GET",
        "/v1/keyspaces/shop/accounts/rival/audit",
        None,
    );
    let absent = server.call_as(
        Some(&admin),
        "GET",
        "/v1/keyspaces/shop/accounts/none/audit",
        None,
    );
    assert_eq!(foreign.body, absent.body);
    foreign.problem(404, "not_found");
    server
        .call("GET", "/v1/keyspaces/shop/accounts/none/audit", None)
        .problem(404, "not_found");
    // A cursor of the whole keyspace opens no account, and the other way round.
    let cursor = |credential: &str, path: &str| {
        let first = server.call_as(Some(credential), "GET", &format!("{path}?limit=1"), None);
        text(&first.expect(200).json()["next_cursor"])
    };
    let whole = cursor(&server.operator, TRAIL);
    server
        .call_as(Some(&admin), "GET", &format!("{ACME}?cursor={whole}"), None)
        .problem(400, "invalid_cursor");
}

#[test]
fn a_change_is_told_with_what_was_before_and_after() {
    let World { server, .. } = world();
    server
        .call(
            "PATCH",
            "/v1/keyspaces/shop/accounts/acme",
            Some(json!({ "name": "Acme Ltd" })),
        )
        .expect(200);
    server
        .call(
            "PATCH",
            "/v1/keyspaces/shop/accounts/acme",
            Some(json!({ "monthly_uses": 7 })),
        )
        .expect(200);
    let changes = list(
        &server,
        &server.operator,
        &format!("{TRAIL}?action=account.update"),
    );
    let details = &changes[0]["details"];
    assert_eq!(
        (
            &details["before"]["monthly_uses"],
            &details["after"]["monthly_uses"]
        ),
        (&json!(null), &json!(7)),
        "{details}"
    );
    let details = &changes[1]["details"];
    assert_eq!(
        (&details["before"]["name"], &details["after"]["name"]),
        (&json!(null), &json!("Acme Ltd")),
        "{details}"
    );
}

#[test]
fn what_is_done_to_operators_and_links_is_written_down_without_their_keys() {
    let World { server, admin, .. } = world();
    let operators = "/v1/keyspaces/shop/accounts/acme/operators";
    let links = "/v1/keyspaces/shop/accounts/acme/portal-links";
    let made = server
        .call(
            "POST",
            operators,
            Some(json!({ "name": "x", "rights": ["keys.read"] })),
        )
        .expect(201)
        .json();
    let id = text(&made["operator"]["id"]);
    let rotated = server
        .call("POST", &format!("{operators}/{id}/rotate"), None)
        .expect(200)
        .json();
    server
        .call("DELETE", &format!("{operators}/{id}"), None)
        .expect(204);
    let link = server
        .call("POST", links, Some(json!({})))
        .expect(201)
        .json();
    let trail = server.call_as(Some(&admin), "GET", ACME, None).expect(200);
    let told = String::from_utf8_lossy(&trail.body);
    for secret in [&made["key"], &rotated["key"], &link["token"]] {
        assert!(!told.contains(&text(secret)), "{told}");
    }
    let of_it = list(&server, &server.operator, &format!("{TRAIL}?target={id}"));
    assert_eq!(
        actions(&of_it),
        ["operator.delete", "operator.rotate", "operator.create"]
    );
    assert_eq!(of_it[2]["details"]["after"]["rights"], json!(["keys.read"]));
    let linked = list(
        &server,
        &server.operator,
        &format!("{TRAIL}?target={}", text(&link["record"]["id"])),
    );
    assert_eq!(actions(&linked), ["portal_link.create"]);
}

#[test]
fn a_changed_removed_or_exchanged_entry_breaks_the_trail() {
    let World { server, .. } = world();
    let check = || {
        server
            .call("GET", "/v1/audit/check", None)
            .expect(200)
            .json()
    };
    let whole = check();
    assert_eq!(
        (&whole["intact"], &whole["first_broken"]),
        (&json!(true), &json!(null)),
        "{whole}"
    );
    let newest = &list(&server, &server.operator, TRAIL)[0];
    assert_eq!(
        whole["last"],
        json!({ "sequence": newest["sequence"], "hash": newest["hash"] })
    );
    let last = newest["sequence"].as_i64().expect("a number");
    assert_eq!(
        whole["entries"].as_i64(),
        Some(last),
        "the first operator's is the first"
    );

    let file = rusqlite::Connection::open(server.data().join("keyward.db")).expect("the file");
    let broken_by = |change: &str, mend: &str| {
        assert_ne!(file.execute(change, []), Ok(0), "{change}");
        let broken = check();
        assert_eq!(broken["intact"], false, "{change}: {broken}");
        let at = broken["first_broken"].as_i64().expect("a number");
        assert_eq!(broken["entries"], at - 1, "{broken}");
        file.execute_batch(mend).expect("mended");
        assert_eq!(check(), whole, "{mend}");
        at
    };
    file.execute_batch("CREATE TEMP TABLE kept AS SELECT * FROM audit")
        .expect("copied");
    let mend = "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept";
    assert_eq!(
        broken_by(
            "UPDATE audit SET actor = 'op_other' WHERE sequence = 3",
            mend
        ),
        3
    );
    assert_eq!(
        broken_by("UPDATE audit SET at = at + 1 WHERE sequence = 2", mend),
        2
    );
    assert_eq!(
        broken_by(
            "UPDATE audit SET account = 'rival' WHERE sequence = 5",
            mend
        ),
        5
    );
    assert_eq!(
        broken_by("UPDATE audit SET details = '{}' WHERE sequence = 4", mend),
        4
    );
    assert_eq!(
        broken_by(
            "UPDATE audit SET hash = zeroblob(32) WHERE sequence = 1",
            mend
        ),
        1
    );
    // An entry cut out of the middle shows at the one behind it. One cut off the end shows only to who kept `last`.
    assert_ne!(
        file.execute("DELETE FROM audit WHERE sequence = 3", []),
        Ok(0)
    );
    let broken = check();
    assert_eq!(
        (
            &broken["intact"],
            &broken["first_broken"],
            &broken["entries"]
        ),
        (&json!(false), &json!(4), &json!(2))
    );
    file.execute_batch(mend).expect("mended");
    assert_ne!(
        file.execute("DELETE FROM audit WHERE sequence = ?1", [last]),
        Ok(0)
    );
    let cut = check();
    assert_eq!(cut["intact"], true);
    assert_ne!(cut["last"], whole["last"], "{cut}");
}

#[test]
fn the_whole_trail_is_read_in_the_order_of_the_chain() {
    let World { server, admin, .. } = world();
    server.keyspace("club", "acme");
    let mut entries = Vec::new();
    let mut path = "/v1/audit?limit=4".to_owned();
    loop {
        let page = server.call("GET", &path, None).expect(200).json();
        entries.extend(page["data"].as_array().expect("a list").clone());
        match &page["next_cursor"] {
            Value::Null => break,
            cursor => path = format!("/v1/audit?limit=4&cursor={}", text(cursor)),
        }
    }
    let check = server
        .call("GET", "/v1/audit/check", None)
        .expect(200)
        .json();
    assert_eq!(check["entries"], entries.len());
    let sequences = entries.iter().map(|entry| entry["sequence"].as_u64());
    assert!(
        sequences.eq((1..=entries.len() as u64).map(Some)),
        "{entries:#?}"
    );
    // The server's own affairs stand here alone.
    assert_eq!(
        (
            &entries[0]["action"],
            &entries[0]["keyspace"],
            &entries[0]["actor"]
        ),
        (&json!("operator.create"), &Value::Null, &json!("system"))
    );
    let keyspaces = entries.iter().map(|entry| entry["keyspace"].as_str());
    assert_eq!(
        keyspaces
            .filter(|keyspace| *keyspace == Some("club"))
            .count(),
        2
    );
    let whole = server.operator("shop", None, &["audit.read"]);
    for credential in [&admin, &whole] {
        server
            .call_as(Some(credential), "GET", "/v1/audit", None)
            .problem(403, "missing_right");
    }
}
