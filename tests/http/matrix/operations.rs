//! The operations of the document, and what this test knows of each: the right that it takes, and a body that would do.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::callers::Place;
use super::tenants::Tenant;

/// Which right each operation takes; `None` where a credential is enough.
const RIGHTS: &[(&str, Option<&str>)] = &[
    ("get_metrics", Some("server.maintain")),
    ("maintain", Some("server.maintain")),
    ("check_audit", Some("server.maintain")),
    ("show_me", None),
    ("list_whole_audit", Some("audit.read")),
    ("list_audit", Some("audit.read")),
    ("list_account_audit", Some("audit.read")),
    ("list_keyspaces", Some("keyspaces.read")),
    ("show_keyspace", Some("keyspaces.read")),
    ("create_keyspace", Some("keyspaces.write")),
    ("update_keyspace", Some("keyspaces.write")),
    ("list_accounts", Some("accounts.read")),
    ("show_account", Some("accounts.read")),
    ("show_account_profile", Some("keys.read")),
    ("create_account", Some("accounts.write")),
    ("update_account", Some("accounts.write")),
    ("list_keys", Some("keys.read")),
    ("search_keys", Some("keys.read")),
    ("show_key", Some("keys.read")),
    ("create_key", Some("keys.write")),
    ("update_key", Some("keys.write")),
    ("delete_key", Some("keys.write")),
    ("deactivate_key", Some("keys.write")),
    ("disable_key", Some("keys.write")),
    ("enable_key", Some("keys.write")),
    ("rotate_key", Some("keys.write")),
    ("reveal_key", Some("keys.reveal")),
    ("verify_key", Some("keys.verify")),
    ("explain_key", Some("keys.verify")),
    ("list_operators", Some("operators.read")),
    ("show_operator", Some("operators.read")),
    ("create_operator", Some("operators.write")),
    ("delete_operator", Some("operators.write")),
    ("rotate_operator", Some("operators.write")),
    ("list_keyspace_operators", Some("operators.read")),
    ("show_keyspace_operator", Some("operators.read")),
    ("create_keyspace_operator", Some("operators.write")),
    ("delete_keyspace_operator", Some("operators.write")),
    ("rotate_keyspace_operator", Some("operators.write")),
    ("list_account_operators", Some("operators.read")),
    ("show_account_operator", Some("operators.read")),
    ("create_account_operator", Some("operators.write")),
    ("delete_account_operator", Some("operators.write")),
    ("rotate_account_operator", Some("operators.write")),
    ("create_portal_link", Some("portal_links.write")),
    ("delete_portal_link", Some("portal_links.write")),
    ("list_tokens", Some("tokens.read")),
    ("create_token", Some("tokens.write")),
    ("delete_token", Some("tokens.write")),
    ("get_head", Some("snapshot.read")),
    ("get_snapshot", Some("snapshot.read")),
    ("show_usage", Some("usage.read")),
    ("report_usage", Some("usage.write")),
];

/// Members of a query that narrow down, and name nothing.
const FILTERS: [&str; 14] = [
    "limit",
    "cursor",
    "name",
    "name_contains",
    "status",
    "level",
    "subject",
    "created_before",
    "created_after",
    "used_before",
    "used_after",
    "action",
    "from",
    "to",
];

/// Members of a query that name something.
const REFERENCES: [&str; 4] = ["account", "key", "target", "actor"];

/// Whose id stands in a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Key,
    ServerOperator,
    KeyspaceOperator,
    AccountOperator,
    Link,
    Token,
}

/// An operation of the document.
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) right: Option<&'static str>,
    pub(super) is_public: bool,
    pub(super) kind: Option<Kind>,
    /// The members of its query that name something.
    pub(super) references: Vec<String>,
    takes_body: bool,
}

/// Every operation of the document.
pub(super) fn all() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&keyward::http::openapi()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().expect("operations").iter();
        operations.map(move |(method, operation)| read(path, method, operation))
    });
    operations.collect()
}

fn read(path: &str, method: &str, operation: &Value) -> Operation {
    let id = operation["operationId"].as_str().expect("an id").to_owned();
    let is_public = operation["security"] == json!([{}]);
    let right = RIGHTS.iter().find(|(known, _)| *known == id);
    let right = match right {
        Some((_, right)) => *right,
        None if is_public => None,
        None => panic!("{id}: say in RIGHTS which right it takes"),
    };
    let kinds = [
        ("/keys/{id}", Kind::Key),
        ("/v1/operators/{id}", Kind::ServerOperator),
        ("{keyspace}/operators/{id}", Kind::KeyspaceOperator),
        ("{account}/operators/{id}", Kind::AccountOperator),
        ("/portal-links/{id}", Kind::Link),
        ("/tokens/{id}", Kind::Token),
    ];
    let kind = kinds
        .iter()
        .find(|(part, _)| path.contains(part))
        .map(|(_, kind)| *kind);
    let known = ["{keyspace}", "{account}", "{id}", "{shard}"];
    let rest = known
        .iter()
        .fold(path.to_owned(), |path, segment| path.replace(segment, ""));
    assert!(
        !rest.contains('{') && (kind.is_some() == path.contains("{id}")),
        "{path}: say what stands there"
    );
    let parameters = operation["parameters"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let queries = parameters
        .iter()
        .filter(|parameter| parameter["in"] == "query");
    let names = queries.map(|parameter| parameter["name"].as_str().expect("a name").to_owned());
    let (references, filters): (Vec<_>, Vec<_>) =
        names.partition(|name| REFERENCES.contains(&name.as_str()));
    for filter in filters {
        assert!(
            FILTERS.contains(&filter.as_str()),
            "{id}: say whether {filter} names something"
        );
    }
    Operation {
        id,
        method: method.to_uppercase(),
        path: path.to_owned(),
        right,
        is_public,
        kind,
        references,
        takes_body: operation["requestBody"].is_object(),
    }
}

impl Operation {
    pub(super) fn has(&self, segment: &str) -> bool {
        self.path.contains(segment)
    }

    pub(super) fn path_of(&self, keyspace: &str, account: &str, id: &str) -> String {
        let path = self
            .path
            .replace("{keyspace}", keyspace)
            .replace("{account}", account);
        path.replace("{id}", id).replace("{shard}", "0")
    }

    /// Over what its right is asked.
    pub(super) fn place(&self, keyspace: &str, account: &str) -> Place {
        if self.has("{account}") {
            Place::Account(keyspace.to_owned(), account.to_owned())
        } else if self.has("{keyspace}") {
            Place::Keyspace(keyspace.to_owned())
        } else if self.id == "list_keyspaces" {
            // Those that the caller sees.
            Place::Any
        } else {
            Place::Server
        }
    }

    /// Whether its body names a key, by its id or as it is presented.
    pub(super) fn names_a_key(&self) -> bool {
        ["verify_key", "explain_key", "report_usage"].contains(&self.id.as_str())
    }

    /// A body that would do, about a key of this account where it is about one.
    pub(super) fn body(&self, about: &Tenant) -> Option<Value> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if !self.takes_body {
            return None;
        }
        let unique = NEXT.fetch_add(1, Ordering::Relaxed);
        let body = match self.id.as_str() {
            "create_keyspace" => json!({ "id": format!("made-{unique}"), "profile": "keyward" }),
            "update_keyspace" => json!({ "fresh_for_seconds": 60 + unique % 60 }),
            "create_account" => json!({ "id": format!("made-{unique}") }),
            "update_account" => json!({ "name": "A name" }),
            "create_key" => {
                json!({ "name": format!("made {unique}"), "level": "organization_admin" })
            }
            "update_key" => json!({ "name": format!("changed {unique}") }),
            "rotate_key" => json!({}),
            "verify_key" | "explain_key" => {
                json!({ "key": about.key, "method": "GET", "path": "/" })
            }
            "create_operator" | "create_keyspace_operator" | "create_account_operator" => {
                json!({ "name": "made", "rights": ["operators.read"] })
            }
            "create_portal_link" => json!({ "rights": ["keys.read"] }),
            "create_token" => json!({ "rights": ["snapshot.read"] }),
            "report_usage" => {
                let id = about.id(Some(Kind::Key));
                let keys =
                    json!([{ "id": id, "count": 1, "last_used_at": "2026-11-21T20:14:00Z" }]);
                json!({ "batch": format!("batch-{unique}"), "keys": keys })
            }
            id => panic!("{id}: say what a body for it is"),
        };
        Some(body)
    }
}
