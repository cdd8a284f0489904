//! The rows of the five systems that the server decides, asked over HTTP with the preset alone.

mod emailit;
mod esputnik;
mod inboxfirst;
mod optimove;
mod smashfly;

use serde_json::{Value, json};

use crate::server::{Server, text};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A server with one account of a system.
struct System {
    server: Server,
    keys: String,
}

/// A key that was made: its id, its path, and itself.
struct Made {
    path: String,
    key: String,
    record: Value,
}

impl System {
    fn new(profile: &str) -> Self {
        Self::with_account(profile, "acme")
    }

    fn with_account(profile: &str, account: &str) -> Self {
        let server = Server::start();
        server.keyspace_of(profile, "shop", account);
        Self {
            server,
            keys: format!("/v1/keyspaces/shop/accounts/{account}/keys"),
        }
    }

    fn make(&self, body: Value) -> Made {
        let created = self.server.call("POST", &self.keys, Some(body));
        let created = created.expect(201).json();
        Made {
            path: format!("{}/{}", self.keys, text(&created["record"]["id"])),
            key: text(&created["key"]),
            record: created["record"].clone(),
        }
    }

    /// Makes no key, and says why.
    fn refuse(&self, body: Value, status: u16, code: &str) -> Value {
        let answer = self.server.call("POST", &self.keys, Some(body));
        answer.problem(status, code)
    }

    fn verb(&self, made: &Made, verb: &str) -> Value {
        let path = format!("{}/{verb}", made.path);
        self.server.call("POST", &path, None).expect(200).json()
    }

    fn ask(&self, body: Value) -> Value {
        let answer = self
            .server
            .call("POST", "/v1/keyspaces/shop/verify", Some(body));
        answer.expect(200).json()
    }

    /// `allowed`, or the reason why not. The explanation has to say the same.
    fn decide(&self, body: Value) -> String {
        let path = "/v1/keyspaces/shop/explain";
        let explanation = self.server.call("POST", path, Some(body.clone()));
        let explanation = explanation.expect(200).json();
        let decision = self.ask(body);
        let reason = decision["reason"].as_str();
        assert_eq!(decision["allowed"], json!(reason.is_none()));
        assert_eq!(explanation["reason"].as_str(), reason, "{explanation}");
        assert_eq!(
            explanation["verdict"],
            if reason.is_none() { "allow" } else { "deny" }
        );
        if let Some(status) = decision["status"].as_u64() {
            assert_eq!(explanation["status"], json!(status));
        }
        reason.unwrap_or("allowed").to_owned()
    }

    /// What becomes of a call with this key.
    fn call(&self, key: &str, call: &str) -> String {
        self.call_about(key, call, &json!({}))
    }

    fn call_about(&self, key: &str, call: &str, context: &Value) -> String {
        let (method, path) = call.split_once(' ').expect("method and path");
        self.decide(json!({ "key": key, "method": method, "path": path, "context": context }))
    }

    /// The keys of the account, as a list shows them.
    fn list(&self) -> Vec<Value> {
        let list = self.server.call("GET", &self.keys, None).expect(200).json();
        list["data"].as_array().expect("a list").clone()
    }

    /// Changes a key.
    fn edit(&self, made: &Made, body: Value) -> Value {
        let changed = self.server.call("PATCH", &made.path, Some(body));
        changed.expect(200).json()
    }

    fn show(&self, made: &Made) -> Value {
        self.server.call("GET", &made.path, None).expect(200).json()
    }

    /// What a round of maintenance switches off.
    fn idle_disabled(&self) -> Value {
        let round = self.server.call("POST", "/v1/maintain", None);
        round.expect(200).json()["idle_disabled"].clone()
    }

    /// An edge reports so many uses, the last of them now.
    fn report(&self, edge: &str, batch: &str, made: &Made, count: u64) {
        let used = json!({
            "id": made.record["id"], "count": count, "last_used_at": "2100-01-01T00:00:00Z",
        });
        let body = json!({ "batch": batch, "keys": [used] });
        let usage = "/v1/keyspaces/shop/usage";
        self.server
            .call_as(Some(edge), "POST", usage, Some(body))
            .expect(200);
    }

    fn alive(&self, key: &str) -> String {
        self.decide(json!({ "key": key }))
    }
}
