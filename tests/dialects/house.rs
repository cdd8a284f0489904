//! A server with one keyspace of a system, and customers who call it with their keys.

use keyward::key::KeyId;
use serde_json::{Value, json};

use crate::server::{Answer, Server, text};

pub(crate) const EMAILIT: &str = "/v2/api-keys";
pub(crate) const INBOXFIRST: &str = "/ga/api/v2/api_keys";

/// The keyspace, of the system that the server is started for.
const KEYSPACE: &str = "main";

pub(crate) struct House {
    pub(crate) server: Server,
    scheme: &'static str,
}

impl House {
    /// Emailit, with an account.
    pub(crate) fn emailit() -> Self {
        Self::start(Server::start(), "emailit", "Bearer", "acme")
    }

    /// InboxFirst, with organization 1.
    pub(crate) fn inboxfirst() -> Self {
        Self::start(Server::start(), "inboxfirst", "Basic", "1")
    }

    pub(crate) fn start(
        server: Server,
        profile: &str,
        scheme: &'static str,
        account: &str,
    ) -> Self {
        let house = Self { server, scheme };
        house.keyspace(KEYSPACE, &json!({ "profile": profile }));
        house.account(KEYSPACE, account);
        house
    }

    /// One more keyspace.
    pub(crate) fn keyspace(&self, id: &str, members: &Value) {
        let mut body = members.clone();
        body["id"] = json!(id);
        self.server
            .call("POST", "/v1/keyspaces", Some(body))
            .expect(201);
    }

    pub(crate) fn account(&self, keyspace: &str, account: &str) {
        self.server.account(keyspace, account);
    }

    /// The key of a new customer, made by the operator; and its number.
    pub(crate) fn key_in(&self, keyspace: &str, account: &str, body: Value) -> (String, u64) {
        let path = format!("/v1/keyspaces/{keyspace}/accounts/{account}/keys");
        let made = self.server.call("POST", &path, Some(body)).expect(201);
        let made = made.json();
        let id: KeyId = text(&made["record"]["id"]).parse().expect("a key id");
        (text(&made["key"]), id.get())
    }

    /// The same in the keyspace of the house.
    pub(crate) fn key(&self, account: &str, body: Value) -> (String, u64) {
        self.key_in(KEYSPACE, account, body)
    }

    /// Who calls with this key.
    pub(crate) fn with(&self, key: &str) -> Customer<'_> {
        Customer {
            server: &self.server,
            authorization: format!("{} {key}", self.scheme),
        }
    }

    /// A customer of Emailit's with a key that opens everything, named `first`.
    pub(crate) fn full(&self) -> Customer<'_> {
        let (key, _) = self.key("acme", json!({ "name": "first", "level": "full" }));
        self.with(&key)
    }

    /// A customer of InboxFirst's, with a key of organization 1 with this name.
    pub(crate) fn administrator(&self, name: &str) -> Customer<'_> {
        let body = json!({ "name": name, "level": "organization_admin" });
        let (key, _) = self.key("1", body);
        self.with(&key)
    }

    /// The record of a key, as operators see it.
    pub(crate) fn record(&self, account: &str, number: u64) -> Value {
        let id = KeyId::from_u64(number).expect("53 bits");
        let path = format!("/v1/keyspaces/{KEYSPACE}/accounts/{account}/keys/{id}");
        self.server.call("GET", &path, None).expect(200).json()
    }

    /// Does something to a key as an operator, such as `disable`.
    pub(crate) fn act(&self, account: &str, number: u64, verb: &str) {
        let id = KeyId::from_u64(number).expect("53 bits");
        let path = format!("/v1/keyspaces/{KEYSPACE}/accounts/{account}/keys/{id}/{verb}");
        self.server.call("POST", &path, None).expect(200);
    }

    /// What the verifier says of a key.
    pub(crate) fn verify(&self, question: &Value) -> Value {
        let path = format!("/v1/keyspaces/{KEYSPACE}/verify");
        self.server
            .call("POST", &path, Some(question.clone()))
            .expect(200)
            .json()
    }

    /// The audit entries of the keyspace, newest first.
    pub(crate) fn audit(&self) -> Vec<Value> {
        let path = format!("/v1/keyspaces/{KEYSPACE}/audit?limit=100");
        let page = self.server.call("GET", &path, None).expect(200).json();
        page["data"].as_array().expect("a list").clone()
    }
}

/// Whoever calls a dialect with one key.
pub(crate) struct Customer<'a> {
    server: &'a Server,
    authorization: String,
}

impl Customer<'_> {
    /// Its `Authorization` header.
    pub(crate) fn authorization(&self) -> &str {
        &self.authorization
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, Some(body))
    }

    pub(crate) fn put(&self, path: &str, body: &str) -> Answer {
        self.send("PUT", path, Some(body))
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None)
    }

    /// Makes a key by the dialect, and says which.
    pub(crate) fn make(&self, path: &str, body: &str) -> Value {
        let answer = self.post(path, body);
        assert!([200, 201].contains(&answer.status), "{}", answer.text());
        answer.json()
    }

    fn send(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        let mut headers = vec![("authorization", &*self.authorization)];
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let body = body.unwrap_or_default();
        self.server.send(method, path, &headers, body.as_bytes())
    }
}

/// The number in a JSON value.
pub(crate) fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}
