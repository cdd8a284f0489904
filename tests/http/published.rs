//! What an edge reads: signed, current, cheap to ask for, and decided by the same engine.

use std::sync::atomic::{AtomicBool, Ordering};

use keyward::access::Context;
use keyward::snapshot::{Head, PublicKey, Snapshot};
use keyward::time::Timestamp;
use keyward::verify::{Ask, Decision, Reason};
use serde_json::json;

use crate::server::{START, Server, text};

const BASE: &str = "/v1/keyspaces/shop";

/// What an edge of keyspace `shop` has at hand.
struct Edge<'a> {
    server: &'a Server,
    token: String,
    root: PublicKey,
}

impl<'a> Edge<'a> {
    fn new(server: &'a Server) -> Self {
        let keyspace = server.call("GET", BASE, None).expect(200).json();
        let root = text(&keyspace["public_keys"][0])
            .parse()
            .expect("a public key");
        Self {
            server,
            token: server.token("shop", &["snapshot.read"]),
            root,
        }
    }

    fn get(&self, path: &str) -> crate::server::Answer {
        self.server
            .call_as(Some(&self.token), "GET", &format!("{BASE}/{path}"), None)
    }

    fn head(&self) -> Head {
        Head::open(
            &self.get("head").expect(200).body,
            &[self.root],
            Some("shop"),
        )
        .expect("a signed head")
    }

    fn snapshot(&self) -> Snapshot {
        let head = self.get("head").expect(200).body;
        let shard = self.get("snapshot/0").expect(200).body;
        let pinned = (1, 1);
        Snapshot::open(&head, shard, &[self.root], Some("shop"), pinned, Vec::new())
            .expect("a snapshot that fits its head")
    }
}

fn decide(
    snapshot: &Snapshot,
    key: &str,
    method: &str,
    path: &str,
) -> Result<(String, String), Reason> {
    let now = Timestamp::from_millis(START).expect("after 1970");
    let ask = Ask::Call {
        method: method.as_bytes(),
        path: path.as_bytes(),
    };
    match snapshot
        .verifier
        .verify_key(key.as_bytes(), ask, Context::default(), now)
    {
        Decision::Allow(grant) => Ok((
            grant.account().unwrap_or_default().to_owned(),
            grant.subject().unwrap_or_default().to_owned(),
        )),
        Decision::Deny(denial) => Err(denial.reason()),
    }
}

#[test]
fn a_key_is_allowed_what_its_level_opens_until_it_is_revoked() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let edge = Edge::new(&server);
    assert_eq!(
        decide(&edge.snapshot(), "es_x", "GET", "/api/v1/contacts"),
        Err(Reason::MalformedKey),
        "an empty snapshot"
    );

    let keys = format!("{BASE}/accounts/acme/keys");
    let body = serde_json::json!({ "description": "CRM", "level": "events", "subject": "user-7", "meta": { "a": 1 } });
    let created = server.call("POST", &keys, Some(body)).expect(201).json();
    let (key, id) = (text(&created["key"]), text(&created["record"]["id"]));
    let snapshot = edge.snapshot();
    assert_eq!(
        decide(&snapshot, &key, "POST", "/api/v1/event"),
        Ok(("acme".to_owned(), "user-7".to_owned()))
    );
    assert_eq!(
        decide(&snapshot, &key, "GET", "/api/v1/contacts"),
        Err(Reason::InsufficientScope)
    );

    for (verb, expected) in [
        ("disable", Err(Reason::UnknownKey)),
        ("enable", Ok(())),
        ("deactivate", Err(Reason::UnknownKey)),
    ] {
        server
            .call("POST", &format!("{keys}/{id}/{verb}"), None)
            .expect(200);
        assert_eq!(
            decide(&edge.snapshot(), &key, "POST", "/api/v1/event").map(drop),
            expected,
            "{verb}"
        );
    }
    let (key, id) = server.key("shop", "acme", "full");
    assert!(decide(&edge.snapshot(), &key, "GET", "/api/v1/contacts").is_ok());
    server
        .call("DELETE", &format!("{keys}/{id}"), None)
        .expect(204);
    assert_eq!(
        decide(&edge.snapshot(), &key, "GET", "/api/v1/contacts"),
        Err(Reason::UnknownKey)
    );
}

#[test]
fn a_head_says_how_long_it_holds_and_is_signed_anew_in_time() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let edge = Edge::new(&server);
    let head = edge.head();
    assert_eq!(
        (head.keyspace.as_str(), head.era, head.epoch),
        ("shop", 1, 3)
    );
    assert_eq!(head.issued_at.as_millis(), START);
    assert_eq!(
        (head.fresh_for_seconds, head.valid_until.as_millis()),
        (300, START + 86_400_000)
    );

    server.clock.advance(29_999);
    assert_eq!(
        edge.head().issued_at.as_millis(),
        START,
        "not a tenth of 300 s yet"
    );
    server.clock.advance(1);
    assert_eq!(edge.head().issued_at.as_millis(), START + 30_000);
    assert_eq!(edge.head().epoch, 3, "signing is no change");
}

#[test]
fn within_an_epoch_no_head_is_older_than_the_one_before() {
    let mut server = Server::start();
    server.keyspace("shop", "acme");
    server.token("shop", &["snapshot.read"]);
    let head = |server: &Server| {
        let head = server
            .call("GET", &format!("{BASE}/head"), None)
            .expect(200);
        let keyspace = server.call("GET", BASE, None).expect(200).json();
        let root = text(&keyspace["public_keys"][0]).parse::<PublicKey>();
        let root = root.expect("a public key");
        let head = Head::open(&head.body, &[root], Some("shop")).expect("a signed head");
        (head.epoch, head.issued_at.as_millis())
    };
    server.clock.advance(60_000);
    assert_eq!(head(&server), (3, START + 60_000));
    server.clock.advance(-300_000);
    assert_eq!(
        head(&server),
        (3, START + 60_000),
        "a clock that is a little behind is waited for"
    );
    server.clock.advance(-1);
    let behind = START - 240_001;
    assert_eq!(
        head(&server),
        (4, behind),
        "one that is further back is not"
    );
    assert_eq!(head(&server), (4, behind), "once is enough");
    let audit = server.call("GET", &format!("{BASE}/audit"), None);
    let entry = audit.expect(200).json()["data"][0].clone();
    assert_eq!(
        (&entry["actor"], &entry["action"], &entry["epoch"]),
        (&"system".into(), &"keyspace.epoch".into(), &4.into())
    );

    server.clock.advance(-60_000);
    server.restart();
    assert_eq!(
        head(&server),
        (4, behind),
        "not before the change that made the epoch, also after a restart"
    );
}

#[test]
fn a_clock_that_was_far_ahead_leaves_no_key_out() {
    const TEN_YEARS: i64 = 3650 * 86_400_000;
    let server = Server::start();
    server.keyspace("shop", "acme");
    let keys = format!("{BASE}/accounts/acme/keys");
    let create = || {
        let body = json!({ "description": "x", "level": "full", "expires_in_days": 30 });
        let created = server.call("POST", &keys, Some(body)).expect(201).json();
        text(&created["key"])
    };
    let early = create();
    let edge = Edge::new(&server);
    server.clock.advance(TEN_YEARS);
    server.account("shop", "other");
    assert!(decide(&edge.snapshot(), &early, "GET", "/api/v1/contacts").is_err());
    server.clock.advance(-TEN_YEARS);
    assert!(decide(&edge.snapshot(), &early, "GET", "/api/v1/contacts").is_ok());

    server.clock.advance(TEN_YEARS);
    server.account("shop", "another");
    server.clock.advance(-TEN_YEARS);
    let late = create();
    for key in [&early, &late] {
        assert!(decide(&edge.snapshot(), key, "GET", "/api/v1/contacts").is_ok());
    }
}

/// Twenty thousand copies of a key, made past the program.
fn many_keys(server: &Server) {
    let db = rusqlite::Connection::open(server.data().join("keyward.db")).expect("the file");
    db.execute_batch(
        "INSERT INTO keys (keyspace, id, account, name, scheme, digest, hint, level, constraints, fields, state, created_at,
                           created_by, updated_at, revision)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
         SELECT keyspace, id + (i << 13), account, name, scheme, randomblob(32), hint, level, constraints, fields, state,
                created_at, created_by, updated_at, revision
         FROM n, (SELECT * FROM keys LIMIT 1);
         INSERT OR IGNORE INTO digests SELECT keyspace, digest, id, 0 FROM keys",
    )
    .expect("many keys");
}

#[test]
fn however_many_edges_ask_operators_get_through() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let ids = (0..5)
        .map(|_| server.key("shop", "acme", "full").1)
        .collect::<Vec<_>>();
    many_keys(&server);
    let edge = Edge::new(&server);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for number in 0..200 {
            let (edge, over) = (&edge, &over);
            let path = ["head", "snapshot/0"][number % 2];
            scope.spawn(move || {
                while !over.load(Ordering::SeqCst) {
                    edge.get(path).expect(200);
                }
            });
        }
        let disabled = ids.iter().map(|id| {
            let path = format!("{BASE}/accounts/acme/keys/{id}/disable");
            server.call("POST", &path, None).status
        });
        let disabled = disabled.collect::<Vec<_>>();
        over.store(true, Ordering::SeqCst);
        assert_eq!(disabled, [200; 5]);
    });
    assert_eq!(edge.snapshot().verifier.table().len(), 20_000);
}

#[test]
fn a_key_that_cannot_be_published_keeps_no_other_back() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let (lost, id) = server.key("shop", "acme", "full");
    let (good, _) = server.key("shop", "acme", "full");
    let db = rusqlite::Connection::open(server.data().join("keyward.db")).expect("the file");
    let id = id.parse::<keyward::key::KeyId>().expect("an id").get();
    let changed = db.execute(
        "UPDATE keys SET level = 'gone' WHERE id = ?1",
        [id.cast_signed()],
    );
    assert_eq!(changed, Ok(1));
    let snapshot = Edge::new(&server).snapshot();
    assert!(decide(&snapshot, &good, "GET", "/api/v1/contacts").is_ok());
    assert_eq!(
        decide(&snapshot, &lost, "GET", "/api/v1/contacts"),
        Err(Reason::UnknownKey)
    );
}

#[test]
fn files_have_entity_tags_and_unchanged_ones_are_not_sent_again() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let edge = Edge::new(&server);
    for (path, media_type) in [
        ("head", "application/vnd.keyward.head"),
        ("snapshot/0", "application/vnd.keyward.shard"),
    ] {
        let first = edge.get(path).expect(200);
        let etag = first.header("etag").to_owned();
        assert_eq!(first.header("content-type"), media_type);
        assert_eq!(first.header("cache-control"), "no-cache");
        assert_eq!(first.header("vary"), "authorization");
        assert!(
            etag.starts_with('"') && etag.ends_with('"') && etag.len() > 40,
            "a strong tag: {etag}"
        );
        assert_eq!(edge.get(path).header("etag"), etag);

        let authorization = format!("Bearer {}", edge.token);
        let ask = |tags: &str| {
            let headers = [("authorization", &*authorization), ("if-none-match", tags)];
            server.send("GET", &format!("{BASE}/{path}"), &headers, [])
        };
        for tags in [
            &*etag,
            &format!("W/{etag}"),
            &format!("\"other\", {etag}"),
            "*",
        ] {
            let answer = ask(tags).expect(304);
            assert_eq!(
                (answer.body.len(), answer.header("etag")),
                (0, &*etag),
                "{tags}"
            );
            assert_eq!(answer.header("cache-control"), "no-cache");
        }
        ask("\"other\"").expect(200);
        server.key("shop", "acme", "full");
        assert_ne!(ask(&etag).expect(200).header("etag"), etag);
    }
    edge.get("snapshot/1").problem(404, "not_found");
    edge.get("snapshot/x").problem(404, "not_found");
}

#[test]
fn one_epoch_is_one_content_also_after_time_and_restarts() {
    let mut server = Server::start();
    server.keyspace("shop", "acme");
    let keys = format!("{BASE}/accounts/acme/keys");
    let soon = serde_json::json!({ "description": "x", "level": "full", "expires_in_days": 1 });
    server.call("POST", &keys, Some(soon)).expect(201);
    let shard = |server: &Server| {
        server
            .call("GET", &format!("{BASE}/snapshot/0"), None)
            .expect(200)
    };
    let before = shard(&server);
    server.clock.advance(3 * 86_400_000);
    server.restart();
    let after = shard(&server);
    assert_eq!(
        (after.header("etag"), &after.body),
        (before.header("etag"), &before.body)
    );
    server.key("shop", "acme", "full");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let edge = Edge::new(&server);
    assert_eq!(
        edge.snapshot().verifier.table().len(),
        1,
        "the expired key left with the next change: {}",
        text(b"")
    );
}

#[test]
fn no_file_names_a_person_or_holds_a_key() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let keys = format!("{BASE}/accounts/acme/keys");
    let body = serde_json::json!({ "description": "canary-description", "level": "full" });
    let created = server.call("POST", &keys, Some(body)).expect(201).json();
    let edge = Edge::new(&server);
    for path in ["head", "snapshot/0"] {
        let file = String::from_utf8_lossy(&edge.get(path).expect(200).body).into_owned();
        for canary in [
            "canary-description",
            &text(&created["key"]),
            "op_",
            "first operator",
        ] {
            assert!(!file.contains(canary), "{path} holds {canary}");
        }
    }
}
