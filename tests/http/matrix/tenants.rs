//! Whom the matrix is about: an account, another one beside it, one in another keyspace, and one that never was.

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::{Value, json};

use super::Shape;
use super::callers::{Caller, Reach};
use super::operations::{Kind, Operation};
use crate::server::{Server, text};

/// An account, with one of everything in it and in its keyspace.
#[derive(Clone)]
pub(super) struct Tenant {
    pub(super) keyspace: String,
    pub(super) account: String,
    /// A key as it is presented.
    pub(super) key: String,
    key_id: String,
    server_operator: String,
    keyspace_operator: String,
    account_operator: String,
    link: String,
    token: String,
    /// What is known in this account only.
    words: Vec<String>,
    /// What is known in its keyspace only.
    keyspace_words: Vec<String>,
}

impl Tenant {
    /// The id of what an operation is about.
    pub(super) fn id(&self, kind: Option<Kind>) -> String {
        let id = match kind {
            None => "",
            Some(Kind::Key) => &self.key_id,
            Some(Kind::ServerOperator) => &self.server_operator,
            Some(Kind::KeyspaceOperator) => &self.keyspace_operator,
            Some(Kind::AccountOperator) => &self.account_operator,
            Some(Kind::Link) => &self.link,
            Some(Kind::Token) => &self.token,
        };
        id.to_owned()
    }

    fn path(&self, rest: &str) -> String {
        format!(
            "/v1/keyspaces/{}/accounts/{}/{rest}",
            self.keyspace, self.account
        )
    }

    fn keyspace_path(&self, rest: &str) -> String {
        format!("/v1/keyspaces/{}/{rest}", self.keyspace)
    }

    /// One that is there, with everything in it.
    fn made(server: &Server, keyspace: &str, account: &str) -> Self {
        let empty = Self::absent(String::new());
        let place = Self {
            keyspace: keyspace.to_owned(),
            account: account.to_owned(),
            ..empty
        };
        let canary = format!("canary-of-{account}");
        let make =
            |path: String, body: Value| server.call("POST", &path, Some(body)).expect(201).json();
        let named = json!({ "name": canary });
        server
            .call("PATCH", place.path("").trim_end_matches('/'), Some(named))
            .expect(200);
        let body = json!({ "name": canary, "level": "organization_admin", "subject": format!("subject-{canary}"), "meta": { "note": canary } });
        let key = make(place.path("keys"), body);
        let operator = json!({ "name": canary, "rights": ["keys.read"] });
        let account_operator = make(place.path("operators"), operator);
        let link = make(
            place.path("portal-links"),
            json!({ "name": canary, "rights": ["keys.read"] }),
        );
        let of_keyspace = format!("canary-in-{keyspace}-beside-{account}");
        let operator = json!({ "name": of_keyspace, "rights": ["keys.read"] });
        let keyspace_operator = make(place.keyspace_path("operators"), operator);
        let server_operator = make(
            "/v1/operators".to_owned(),
            json!({ "name": "of the server", "rights": ["keys.read"] }),
        );
        let token = make(
            place.keyspace_path("tokens"),
            json!({ "name": of_keyspace, "rights": ["snapshot.read"] }),
        );
        server
            .call(
                "POST",
                &place.keyspace_path("verify"),
                Some(json!({ "key": key["key"] })),
            )
            .expect(200);
        let words = [
            json!(account),
            json!(canary),
            key["key"].clone(),
            key["record"]["id"].clone(),
            key["record"]["hint"].clone(),
            account_operator["key"].clone(),
            account_operator["operator"]["id"].clone(),
            account_operator["operator"]["hint"].clone(),
            link["token"].clone(),
            link["record"]["id"].clone(),
        ];
        let keyspace_words = [
            json!(of_keyspace),
            keyspace_operator["key"].clone(),
            keyspace_operator["operator"]["id"].clone(),
            token["token"].clone(),
            token["record"]["id"].clone(),
        ];
        Self {
            key: text(&key["key"]),
            key_id: text(&key["record"]["id"]),
            server_operator: text(&server_operator["operator"]["id"]),
            keyspace_operator: text(&keyspace_operator["operator"]["id"]),
            account_operator: text(&account_operator["operator"]["id"]),
            link: text(&link["record"]["id"]),
            token: text(&token["record"]["id"]),
            words: words.iter().map(text).collect(),
            keyspace_words: keyspace_words.iter().map(text).collect(),
            ..place
        }
    }

    /// One that never was; `key` is of nobody.
    fn absent(key: String) -> Self {
        Self {
            keyspace: "nowhere".to_owned(),
            account: "999999999".to_owned(),
            key,
            key_id: "key_000000000".to_owned(),
            server_operator: "op_000000000".to_owned(),
            keyspace_operator: "op_000000000".to_owned(),
            account_operator: "op_000000000".to_owned(),
            link: "prt_000000000".to_owned(),
            token: "tok_000000000".to_owned(),
            words: Vec::new(),
            keyspace_words: Vec::new(),
        }
    }
}

/// A server with all of them.
pub(super) struct World {
    pub(super) server: Server,
    pub(super) own: Tenant,
    pub(super) sibling: Tenant,
    pub(super) foreign: Tenant,
    pub(super) none: Tenant,
    /// What callers are answered who ask for what is absent; it never changes.
    pub(super) twins: RefCell<HashMap<String, Shape>>,
}

impl World {
    pub(super) fn new() -> Self {
        let server = Server::start();
        server.keyspace_of("inboxfirst", "shopkeep", "710044417");
        server.account("shopkeep", "720055518");
        server.keyspace_of("inboxfirst", "clubhouse", "830066619");
        let own = Tenant::made(&server, "shopkeep", "710044417");
        let sibling = Tenant::made(&server, "shopkeep", "720055518");
        let foreign = Tenant::made(&server, "clubhouse", "830066619");
        // A key that is well formed, and of nobody any more.
        let body = json!({ "name": "gone", "level": "organization_admin" });
        let gone = server
            .call("POST", &own.path("keys"), Some(body))
            .expect(201)
            .json();
        let id = text(&gone["record"]["id"]);
        server
            .call("DELETE", &own.path(&format!("keys/{id}")), None)
            .expect(204);
        server.call("POST", "/v1/maintain", None).expect(200);
        let none = Tenant::absent(text(&gone["key"]));
        Self {
            server,
            own,
            sibling,
            foreign,
            none,
            twins: RefCell::default(),
        }
    }

    /// Something of the own account's that an operation may change or remove; its id.
    pub(super) fn fresh(&self, operation: &Operation, kind: Kind) -> String {
        let own = &self.own;
        let operator = json!({ "name": "fresh", "rights": ["keys.read"] });
        let (path, body, id) = match kind {
            Kind::Key => {
                let body = json!({ "name": "fresh", "level": "organization_admin" });
                (own.path("keys"), body, "/record/id")
            }
            Kind::ServerOperator => ("/v1/operators".to_owned(), operator, "/operator/id"),
            Kind::KeyspaceOperator => (own.keyspace_path("operators"), operator, "/operator/id"),
            Kind::AccountOperator => (own.path("operators"), operator, "/operator/id"),
            Kind::Link => (
                own.path("portal-links"),
                json!({ "rights": ["keys.read"] }),
                "/record/id",
            ),
            Kind::Token => (
                own.keyspace_path("tokens"),
                json!({ "rights": ["snapshot.read"] }),
                "/record/id",
            ),
        };
        let made = self
            .server
            .call("POST", &path, Some(body))
            .expect(201)
            .json();
        let id = text(made.pointer(id).expect("an id"));
        if operation.id == "enable_key" {
            let disable = own.path(&format!("keys/{id}/disable"));
            self.server.call("POST", &disable, None).expect(200);
        }
        id
    }

    /// What a caller must never be told.
    pub(super) fn words_beyond(&self, caller: &Caller) -> Vec<String> {
        let mut words = Vec::new();
        for tenant in [&self.own, &self.sibling, &self.foreign] {
            let (is_in_keyspace, sees_keyspace, sees_account) = match &caller.reach {
                _ if !caller.is_known => (false, false, false),
                Reach::Server => (true, true, true),
                Reach::Keyspace(keyspace) => {
                    let is_in = *keyspace == tenant.keyspace;
                    (is_in, is_in, is_in)
                }
                Reach::Account(keyspace, account) => (
                    *keyspace == tenant.keyspace,
                    false,
                    *account == tenant.account,
                ),
            };
            if !is_in_keyspace {
                words.push(tenant.keyspace.clone());
            }
            if !sees_keyspace {
                words.extend(tenant.keyspace_words.iter().cloned());
            }
            if !sees_account {
                words.extend(tenant.words.iter().cloned());
            }
        }
        words
    }

    /// Everything that can be read of those who are not to be touched.
    pub(super) fn records(&self, operations: &[Operation]) -> Vec<(String, u16, String)> {
        let reads = operations
            .iter()
            .filter(|operation| operation.method == "GET");
        let mut records = Vec::new();
        for operation in reads {
            for tenant in [&self.sibling, &self.foreign] {
                let is_of_it = operation.has("{account}")
                    || operation.has("{keyspace}") && tenant.keyspace == self.foreign.keyspace;
                if is_of_it {
                    let path = operation.path_of(
                        &tenant.keyspace,
                        &tenant.account,
                        &tenant.id(operation.kind),
                    );
                    let answer = self.server.call("GET", &path, None);
                    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
                    records.push((
                        path,
                        answer.status,
                        String::from_utf8_lossy(&answer.body).into_owned(),
                    ));
                }
            }
        }
        records
    }
}
