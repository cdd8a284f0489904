//! Threat 43: what the members of every body may hold, at its limit and one beyond it. The list is held against the
//! document, so that no limit stands in one of the two alone.

mod document;
mod others;
mod texts;

use std::cell::Cell;

use serde_json::{Value, json};

use crate::server::{Answer, Server, text};

const SHOP: &str = "/v1/keyspaces/shop";
const ACCOUNT: &str = "/v1/keyspaces/shop/accounts/acme";
const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

/// 2⁵³ − 1.
const EXACT: u64 = 9_007_199_254_740_991;

/// What is counted of a member.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// The characters of a text that people read.
    Text,
    /// The characters of a name in ASCII.
    Name,
    /// The characters of a key's id.
    KeyId,
    /// The number itself.
    Number,
    /// The items of a list of levels.
    Levels,
}

/// How much a member of these operations' bodies holds.
struct Limit {
    member: &'static str,
    of: Of,
    least: u64,
    most: u64,
    operations: &'static [&'static str],
}

const fn limit(
    member: &'static str,
    of: Of,
    (least, most): (u64, u64),
    operations: &'static [&'static str],
) -> Limit {
    Limit {
        member,
        of,
        least,
        most,
        operations,
    }
}

const LIMITS: [Limit; 18] = [
    limit(
        "name",
        Of::Text,
        (1, 100),
        &[
            "create_account",
            "update_account",
            "create_operator",
            "create_keyspace_operator",
            "create_account_operator",
            "create_portal_link",
            "create_token",
        ],
    ),
    limit("subject", Of::Text, (1, 256), &["create_key", "update_key"]),
    limit(
        "id",
        Of::Name,
        (1, 64),
        &["create_keyspace", "create_account"],
    ),
    limit("batch", Of::Name, (1, 128), &["report_usage"]),
    limit("keys/0/id", Of::KeyId, (13, 13), &["report_usage"]),
    limit("keys/0/count", Of::Number, (0, EXACT), &["report_usage"]),
    limit("expires_in_days", Of::Number, (1, 36_500), &["create_key"]),
    limit(
        "expires_in_seconds",
        Of::Number,
        (60, 86_400),
        &["create_portal_link"],
    ),
    limit(
        "fresh_for_seconds",
        Of::Number,
        (10, 86_400),
        &["create_keyspace", "update_keyspace"],
    ),
    limit(
        "valid_for_seconds",
        Of::Number,
        (10, 2_592_000),
        &["create_keyspace", "update_keyspace"],
    ),
    limit(
        "monthly_uses",
        Of::Number,
        (0, EXACT),
        &["create_account", "update_account"],
    ),
    limit(
        "rate/limit",
        Of::Number,
        (1, u32::MAX as u64),
        &["create_key", "update_key"],
    ),
    limit(
        "rate/window_seconds",
        Of::Number,
        (1, 2_678_400),
        &["create_key", "update_key"],
    ),
    limit(
        "cost",
        Of::Number,
        (0, u32::MAX as u64),
        &["verify_key", "explain_key"],
    ),
    limit(
        "levels",
        Of::Levels,
        (1, 64),
        &[
            "create_keyspace_operator",
            "create_account_operator",
            "create_portal_link",
        ],
    ),
    // These are the profile's, whose numbers the document does not know.
    limit(
        "grace_seconds",
        Of::Number,
        (0, 7 * 86_400),
        &["rotate_key"],
    ),
    limit("name", Of::Text, (1, 100), &["create_key", "update_key"]),
    limit(
        "description",
        Of::Text,
        (1, 500),
        &["create_key", "update_key"],
    ),
];

/// How many of them, at the end, are the profile's.
const OF_PROFILE: usize = 3;

/// A keyspace with a key, and bodies for what can be asked of it.
struct World {
    server: Server,
    key: String,
    id: String,
    next: Cell<u32>,
}

impl World {
    fn new() -> Self {
        let server = Server::start();
        server.keyspace_of("keyward", "shop", "acme");
        let body = json!({ "name": "own", "level": "full" });
        let made = server.call("POST", KEYS, Some(body)).expect(201).json();
        Self {
            server,
            key: text(&made["key"]),
            id: text(&made["record"]["id"]),
            next: Cell::new(0),
        }
    }

    /// How an operation is asked, with a body that is taken.
    fn request(&self, operation: &str) -> (&'static str, String, Value) {
        self.next.set(self.next.get() + 1);
        let unique = format!("made-{}", self.next.get());
        let own = format!("{KEYS}/{}", self.id);
        let operator = json!({ "name": "x", "rights": ["keys.read"] });
        let rate = json!({ "limit": 1, "window_seconds": 2_678_400 });
        let times = json!({ "fresh_for_seconds": 10, "valid_for_seconds": 2_592_000 });
        match operation {
            "create_keyspace" => {
                let mut body = times;
                body["id"] = json!(unique);
                body["profile"] = json!("keyward");
                ("POST", "/v1/keyspaces".to_owned(), body)
            }
            "update_keyspace" => ("PATCH", SHOP.to_owned(), times),
            "create_account" => ("POST", format!("{SHOP}/accounts"), json!({ "id": unique })),
            "update_account" => ("PATCH", ACCOUNT.to_owned(), json!({})),
            "create_operator" => ("POST", "/v1/operators".to_owned(), operator),
            "create_keyspace_operator" => ("POST", format!("{SHOP}/operators"), operator),
            "create_account_operator" => ("POST", format!("{ACCOUNT}/operators"), operator),
            "create_portal_link" => ("POST", format!("{ACCOUNT}/portal-links"), json!({})),
            "create_token" => (
                "POST",
                format!("{SHOP}/tokens"),
                json!({ "rights": ["snapshot.read"] }),
            ),
            "create_key" => {
                let body = json!({ "name": unique, "level": "full", "rate": rate });
                ("POST", KEYS.to_owned(), body)
            }
            "update_key" => ("PATCH", own, json!({ "rate": rate })),
            "rotate_key" => ("POST", format!("{own}/rotate"), json!({})),
            "verify_key" => ("POST", format!("{SHOP}/verify"), json!({ "key": self.key })),
            "explain_key" => (
                "POST",
                format!("{SHOP}/explain"),
                json!({ "key": self.key }),
            ),
            "report_usage" => {
                let used =
                    json!({ "id": self.id, "count": 1, "last_used_at": "2026-11-21T20:14:00Z" });
                let body = json!({ "batch": unique, "keys": [used] });
                ("POST", format!("{SHOP}/usage"), body)
            }
            other => panic!("{other}: say how it is asked"),
        }
    }

    /// The operation with this value of the member.
    fn with(&self, operation: &str, member: &str, value: Value) -> Answer {
        let (method, path, mut body) = self.request(operation);
        match body.pointer_mut(&format!("/{member}")) {
            Some(place) => *place = value,
            None => body[member] = value,
        }
        self.server.call(method, &path, Some(body))
    }

    /// Holds the answer to be the refusal of this member.
    #[track_caller]
    fn refused(&self, operation: &str, member: &str, value: Value) {
        let what = format!("{operation} {member}: {:.60}", value.to_string());
        let answer = self.with(operation, member, value);
        assert_eq!(answer.status, 400, "{what}: {}", answer.text());
        let problem = answer.json();
        // What a number of the machine does not hold is refused as it is read.
        if problem["code"] == "invalid_json" {
            return;
        }
        assert_eq!(problem["code"], "invalid_field", "{what}: {problem}");
        let named = text(&problem["errors"][0]["field"]);
        let whole = member.split('/').next().expect("a name");
        assert!(named.starts_with(whole), "{what}: {problem}");
    }
}

fn value(of: Of, size: u64) -> Value {
    let size = usize::try_from(size).expect("a size");
    match of {
        // A character is one however many bytes it has.
        Of::Text => json!("\u{1f511}".repeat(size)),
        Of::Name => json!("x".repeat(size)),
        Of::KeyId => json!(format!("key_{}", "0".repeat(size.saturating_sub(4)))),
        Of::Number => json!(size),
        Of::Levels => json!(vec!["read"; size]),
    }
}

#[test]
fn what_is_at_its_limit_is_taken_and_what_is_beyond_is_refused() {
    let world = World::new();
    for Limit {
        member,
        of,
        least,
        most,
        operations,
    } in &LIMITS
    {
        for operation in *operations {
            for size in [*least, *most] {
                let answer = world.with(operation, member, value(*of, size));
                let what = format!("{operation} {member} of {size}: {}", answer.text());
                assert!((200..300).contains(&answer.status), "{what}");
            }
            world.refused(operation, member, value(*of, most + 1));
            let less = least.checked_sub(1).map(|less| value(*of, less));
            world.refused(operation, member, less.unwrap_or(json!(-1)));
        }
    }
}
