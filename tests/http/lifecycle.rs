//! The whole life of a key, and what is written down of it.

use serde_json::json;

use crate::server::{Server, text};

const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

#[test]
fn a_key_is_made_shown_once_switched_off_and_on_and_deleted() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let body = json!({
        "description": "Магазин №1", "level": "events", "expires_in_days": 90,
        "subject": "user-7", "meta": { "plan": "pro", "limits": [1, 2.5, null] },
    });
    let answer = server.call("POST", KEYS, Some(body)).expect(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    let created = answer.json();
    let key = text(&created["key"]);
    let record = &created["record"];
    assert!(
        key.starts_with("es_") && key.len() == 39,
        "a checksummed key of the profile's prefix"
    );
    assert_eq!(record["level"], "events");
    assert_eq!(record["status"], "active");
    assert_eq!(record["account"], "acme");
    assert_eq!(record["description"], "Магазин №1");
    assert_eq!(record["subject"], "user-7");
    assert_eq!(
        record["meta"],
        json!({ "plan": "pro", "limits": [1, 2.5, null] })
    );
    assert_eq!(record["created_at"], "2026-11-21T20:14:00.000Z");
    assert_eq!(record["updated_at"], "2026-11-21T20:14:00.000Z");
    assert_eq!(record["expires_at"], "2027-02-19T20:14:00.000Z");
    assert_eq!(record["last_used_at"], json!(null));
    assert!(text(&record["created_by"]).starts_with("op_"));
    let hint = text(&record["hint"]);
    assert!(
        hint.chars().count() <= key.len() / 4 + 1 && hint.starts_with("es_"),
        "{hint}"
    );

    let path = format!("{KEYS}/{}", text(&record["id"]));
    let shown = server.call("GET", &path, None).expect(200);
    assert_eq!(&shown.json(), record);
    assert!(
        !String::from_utf8_lossy(&shown.body).contains(&key),
        "never shown again"
    );

    server.clock.advance(1000);
    let disabled = server
        .call("POST", &format!("{path}/disable"), None)
        .expect(200)
        .json();
    assert_eq!(
        (&disabled["status"], &disabled["updated_at"]),
        (&json!("disabled"), &json!("2026-11-21T20:14:01.000Z"))
    );
    server.clock.advance(1000);
    let again = server
        .call("POST", &format!("{path}/disable"), None)
        .expect(200)
        .json();
    assert_eq!(again, disabled, "switching off what is off changes nothing");
    let enabled = server
        .call("POST", &format!("{path}/enable"), None)
        .expect(200)
        .json();
    assert_eq!(
        (&enabled["status"], &enabled["updated_at"]),
        (&json!("active"), &json!("2026-11-21T20:14:02.000Z"))
    );

    assert_eq!(server.call("DELETE", &path, None).expect(204).body, b"");
    server.call("GET", &path, None).problem(404, "not_found");
    server.call("DELETE", &path, None).problem(404, "not_found");
    server
        .call("POST", &format!("{path}/enable"), None)
        .problem(404, "not_found");
}

#[test]
fn nothing_leads_back_from_a_deactivated_key() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let (_, id) = server.key("shop", "acme", "full");
    let path = format!("{KEYS}/{id}");
    let gone = server
        .call("POST", &format!("{path}/deactivate"), None)
        .expect(200)
        .json();
    assert_eq!(gone["status"], "deactivated");
    assert_eq!(
        server
            .call("POST", &format!("{path}/deactivate"), None)
            .expect(200)
            .json(),
        gone
    );
    for verb in ["enable", "disable"] {
        let problem = server
            .call("POST", &format!("{path}/{verb}"), None)
            .problem(409, "deactivated");
        assert!(
            text(&problem["detail"]).contains("create a new one"),
            "{problem}"
        );
    }
    assert_eq!(server.call("GET", &path, None).expect(200).json(), gone);
}

#[test]
fn every_change_raises_the_epoch_by_one_and_is_written_down() {
    let server = Server::start();
    let keyspace = server.keyspace("shop", "acme");
    assert_eq!(
        (&keyspace["era"], &keyspace["epoch"]),
        (&json!(1), &json!(1))
    );
    let (key, id) = server.key("shop", "acme", "full");
    let path = format!("{KEYS}/{id}");
    let token = server.token("shop", &["snapshot.read"]);
    for verb in [
        "disable",
        "disable",
        "enable",
        "enable",
        "deactivate",
        "deactivate",
    ] {
        server
            .call("POST", &format!("{path}/{verb}"), None)
            .expect(200);
    }
    server.call("DELETE", &path, None).expect(204);
    // Refusals leave no trace.
    server
        .call("POST", KEYS, Some(json!({ "level": "none" })))
        .expect(400);
    server.call("DELETE", &path, None).expect(404);

    let audit = server
        .call("GET", "/v1/keyspaces/shop/audit", None)
        .expect(200);
    let entries = audit.json()["data"].as_array().expect("a list").clone();
    let actions = entries
        .iter()
        .rev()
        .map(|entry| (text(&entry["action"]), entry["epoch"].as_u64()));
    let expected = [
        "keyspace.create",
        "account.create",
        "key.create",
        "token.create",
        "key.disable",
        "key.enable",
        "key.deactivate",
        "key.delete",
    ];
    let expected = expected
        .iter()
        .zip(1..)
        .map(|(action, epoch)| ((*action).to_owned(), Some(epoch)));
    assert!(actions.eq(expected), "{entries:#?}");
    assert!(
        entries
            .iter()
            .all(|entry| text(&entry["actor"]).starts_with("op_"))
    );
    assert_eq!(entries[0]["target"], id);
    assert_eq!(entries[0]["account"], "acme");
    assert_eq!(entries[5]["details"]["after"]["level"], "full");
    let trail = String::from_utf8_lossy(&audit.body);
    assert!(
        !trail.contains(&key) && !trail.contains(&token),
        "no secrets in the trail"
    );
    assert_eq!(
        server
            .call("GET", "/v1/keyspaces/shop", None)
            .expect(200)
            .json()["epoch"],
        8
    );
}

#[test]
fn everything_is_there_after_a_restart() {
    let mut server = Server::start();
    let keyspace = server.keyspace("shop", "acme");
    let (_, id) = server.key("shop", "acme", "events");
    let before = server
        .call("GET", &format!("{KEYS}/{id}"), None)
        .expect(200)
        .json();
    server.restart();
    assert_eq!(
        server
            .call("GET", &format!("{KEYS}/{id}"), None)
            .expect(200)
            .json(),
        before
    );
    let after = server
        .call("GET", "/v1/keyspaces/shop", None)
        .expect(200)
        .json();
    assert_eq!(after["public_keys"], keyspace["public_keys"]);
    assert_eq!(after["epoch"], 3, "a restart is no change");
}

#[test]
fn the_root_key_may_be_kept_elsewhere() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let root = server.data().join("root.key");
    let away = server.directory.path().join("root.key");
    std::fs::rename(&root, &away).expect("moved");
    server.key("shop", "acme", "full");
    let body = json!({ "id": "second", "profile": "esputnik" });
    let problem = server
        .call("POST", "/v1/keyspaces", Some(body.clone()))
        .problem(409, "root_key_missing");
    assert!(
        text(&problem["detail"]).contains("put it back"),
        "{problem}"
    );
    std::fs::rename(&away, &root).expect("moved back");
    server.call("POST", "/v1/keyspaces", Some(body)).expect(201);
}

#[test]
fn a_profile_that_compiles_to_other_bytes_is_a_change() {
    let mut server = Server::start();
    server.keyspace("shop", "acme");
    server.stop();
    let file = rusqlite::Connection::open(server.data().join("keyward.db")).expect("the file");
    let changed = file.execute("UPDATE keyspaces SET profile_digest = zeroblob(32)", []);
    assert_eq!(changed, Ok(1), "as if an older version had published it");
    drop(file);
    for _ in 0..2 {
        server.restart();
        let audit = server.call("GET", "/v1/keyspaces/shop/audit", None);
        let newest = audit.expect(200).json()["data"][0].clone();
        assert_eq!(newest["action"], "keyspace.profile");
        assert_eq!(
            (&newest["actor"], &newest["epoch"]),
            (&json!("system"), &json!(3))
        );
    }
}
