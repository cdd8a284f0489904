//! Refusals of every kind, each in the envelope of its dialect: also those of the router, of the database and of the
//! program.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::house::{Customer, EMAILIT, House, INBOXFIRST};
use crate::server::{Answer, Server};

/// One dialect: where its keys are, a body that makes one, and how its refusals look.
struct Dialect {
    keys: &'static str,
    below: &'static str,
    good: &'static str,
    change: &'static str,
    is_refusal: fn(&Value, u16) -> bool,
}

const DIALECTS: [Dialect; 2] = [
    Dialect {
        keys: EMAILIT,
        below: "/v2",
        good: r#"{"name":"new"}"#,
        change: "POST",
        is_refusal: |body, status| {
            let members = body.as_object().map(serde_json::Map::len);
            members == Some(1)
                && body["error"]["code"] == status
                && body["error"]["message"]
                    .as_str()
                    .is_some_and(|message| !message.is_empty())
        },
    },
    Dialect {
        keys: INBOXFIRST,
        below: "/ga/api/v2",
        good: r#"{"api_key":{"name":"new"}}"#,
        change: "PUT",
        is_refusal: |body, _| {
            let members = body.as_object().map(serde_json::Map::len);
            let is_text = |member: &str| body[member].as_str().is_some_and(|text| !text.is_empty());
            members == Some(4)
                && body["success"] == false
                && body["data"].is_null()
                && is_text("error_code")
                && is_text("error_message")
        },
    },
];

impl Dialect {
    fn open(&self) -> (House, String) {
        if self.keys == EMAILIT {
            let house = House::emailit();
            let (key, _) = house.key("acme", json!({ "name": "first", "level": "full" }));
            (house, key)
        } else {
            let house = House::inboxfirst();
            let body = json!({ "name": "first", "level": "organization_admin" });
            let (key, _) = house.key("1", body);
            (house, key)
        }
    }

    #[track_caller]
    fn refused(&self, answer: Answer, status: u16) -> Answer {
        let answer = answer.expect(status);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("vary"), "authorization");
        assert!(
            (self.is_refusal)(&answer.json(), status),
            "{}",
            answer.text()
        );
        answer
    }

    /// A request with this content type and these bytes.
    fn send(
        &self,
        house: &House,
        customer: &Customer<'_>,
        kind: Option<&str>,
        body: &[u8],
    ) -> Answer {
        let mut headers = vec![("authorization", customer.authorization())];
        headers.extend(kind.map(|kind| ("content-type", kind)));
        house.server.send("POST", self.keys, &headers, body)
    }
}

#[test]
fn paths_and_methods_that_are_not_there() {
    for dialect in DIALECTS {
        let (house, key) = dialect.open();
        let customer = house.with(&key);
        let (keys, below) = (dialect.keys, dialect.below);
        for path in [
            below.to_owned(),
            format!("{below}/"),
            format!("{below}/emails"),
            format!("{keys}/"),
            format!("{keys}/1/2"),
            format!("{keys}x"),
            format!("{below}/API-KEYS"),
        ] {
            dialect.refused(customer.get(&path), 404);
            // Whoever calls: there is nothing to be allowed.
            dialect.refused(house.server.send("GET", &path, &[], []), 404);
        }
        let sorted = |answer: &Answer| {
            let mut methods: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
            methods.sort_unstable();
            methods.join(",")
        };
        let send = |method: &str, path: &str| {
            let headers = [("authorization", customer.authorization())];
            house.server.send(method, path, &headers, [])
        };
        let one = format!("{keys}/7");
        let mut all = ["DELETE", "GET", "HEAD", dialect.change];
        all.sort_unstable();
        for method in ["PATCH", "OPTIONS", "TRACE"] {
            let answer = dialect.refused(send(method, keys), 405);
            assert_eq!(sorted(&answer), "GET,HEAD,POST");
            let answer = dialect.refused(send(method, &one), 405);
            assert_eq!(sorted(&answer), all.join(","));
        }
        dialect.refused(send("DELETE", keys), 405);
    }
}

#[test]
fn a_dialect_that_no_keyspace_speaks_is_not_there() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    for dialect in DIALECTS {
        for authorization in ["Bearer x", "Basic MTo2ZGNk", ""] {
            let headers = [("authorization", authorization)];
            dialect.refused(server.send("GET", dialect.keys, &headers, []), 404);
        }
    }
    // One dialect does not answer for the other.
    let (house, key) = DIALECTS[0].open();
    let answer = house.with(&key).get(DIALECTS[1].keys);
    DIALECTS[1].refused(answer, 404);
}

#[test]
fn bodies_of_another_kind_or_size() {
    for dialect in DIALECTS {
        let (house, key) = dialect.open();
        let customer = house.with(&key);
        let send = |kind: Option<&str>, body: &[u8]| dialect.send(&house, &customer, kind, body);
        for kind in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("application/jsonp"),
        ] {
            dialect.refused(send(kind, dialect.good.as_bytes()), 415);
        }
        let json = Some("application/json; charset=utf-8");
        for body in [
            &b""[..],
            b"nonsense",
            b"[]",
            b"\xff",
            b"{\"name\":\"\xff\"}",
            "[".repeat(10_000).as_bytes(),
            format!("{}{}", r#"{"name":"#.repeat(300), "}".repeat(300)).as_bytes(),
        ] {
            dialect.refused(send(json, body), 400);
        }
        let padded = |length: usize| {
            let blank = length - dialect.good.len();
            format!("{}{}", dialect.good, " ".repeat(blank))
        };
        dialect.refused(send(json, padded(64 * 1024 + 1).as_bytes()), 413);
        let made = send(json, padded(64 * 1024).as_bytes());
        assert!([200, 201].contains(&made.status));
        for query in ["?x=1", "?limit=x&per_page=x", "?name=a&name=b&x=%ff"] {
            let answer = customer.get(&format!("{}{query}", dialect.keys));
            let answer = dialect.refused(answer, 400);
            assert!(!answer.text().contains("%ff"));
        }
        // Calls that take no query take none.
        let answer = customer.get(&format!("{}/7?key=x", dialect.keys));
        dialect.refused(answer, 400);
    }
}

#[test]
fn a_locked_database_is_a_503_that_says_when_to_come_back() {
    for dialect in DIALECTS {
        let (house, key) = dialect.open();
        let customer = house.with(&key);
        let database = house.server.data().join("keyward.db");
        let other = rusqlite::Connection::open(database).expect("the file");
        other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
        let answer = dialect.refused(customer.post(dialect.keys, dialect.good), 503);
        assert_eq!(answer.header("retry-after"), "2");
        other.execute_batch("ROLLBACK").expect("unlocked");
        let list = customer.get(dialect.keys).expect(200).json();
        let list = list["data"].as_array().map(Vec::len);
        assert_eq!(list, Some(1), "what was refused did not happen");
        customer.make(dialect.keys, dialect.good);
    }
}

#[test]
fn a_damaged_database_and_a_panic_are_a_500_that_tells_nothing() {
    for dialect in DIALECTS {
        let (house, key) = dialect.open();
        let customer = house.with(&key);
        let database = house.server.data().join("keyward.db");
        let other = rusqlite::Connection::open(database).expect("the file");
        let rename = "ALTER TABLE audit RENAME TO hidden";
        other.execute_batch(rename).expect("done");
        let answer = dialect.refused(customer.post(dialect.keys, dialect.good), 500);
        let told = answer.text();
        assert!(!told.contains("audit") && !told.contains("table"), "{told}");
        let back = "ALTER TABLE hidden RENAME TO audit";
        other.execute_batch(back).expect("mended");

        house.server.clock.broken.store(true, Ordering::SeqCst);
        let answer = dialect.refused(customer.get(dialect.keys), 500);
        assert!(!answer.text().contains("canary"));
        house.server.clock.broken.store(false, Ordering::SeqCst);
        customer.make(dialect.keys, dialect.good);
    }
}
