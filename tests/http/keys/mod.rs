//! The endpoints of keys, one file each for what belongs together.

mod idempotency;
mod preconditions;
mod recoverable;
mod restrictions;
mod rotation;
mod search;
mod update;

use serde_json::{Value, json};

use crate::server::{Answer, Server, text};

/// Where the keys of account `acme` in keyspace `shop` are.
const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

/// A server with such an account, under this profile.
fn server(profile: &str) -> Server {
    let server = Server::start();
    server.keyspace_of(profile, "shop", "acme");
    server
}

/// Makes a key: its path and what the answer said.
fn make(server: &Server, body: Value) -> (String, Value) {
    let created = server.call("POST", KEYS, Some(body)).expect(201).json();
    (
        format!("{KEYS}/{}", text(&created["record"]["id"])),
        created,
    )
}

/// A POST as the operator with these headers beside the usual ones.
fn post(server: &Server, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    with(server, "POST", path, headers, Some(body))
}

/// A request as the operator with these headers beside the usual ones.
fn with(
    server: &Server,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Answer {
    let authorization = format!("Bearer {}", server.operator);
    let mut all = vec![("authorization", &*authorization)];
    all.extend(body.map(|_| ("content-type", "application/json")));
    all.extend(headers);
    let body = body.map_or_else(String::new, Value::to_string);
    server.send(method, path, &all, body)
}

/// The members at fault.
fn fields(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().expect("members at fault");
    errors.iter().map(|error| text(&error["field"])).collect()
}

/// A body that makes a key of eSputnik's profile.
fn crm() -> Value {
    json!({ "description": "CRM", "level": "events" })
}
