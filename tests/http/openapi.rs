//! The document against the server: what it lists exists, and what exists it lists.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::server::Server;

const OPERATIONS: [&str; 21] = [
    "GET /healthz",
    "GET /readyz",
    "POST /v1/keyspaces",
    "GET /v1/keyspaces",
    "GET /v1/keyspaces/{keyspace}",
    "POST /v1/keyspaces/{keyspace}/accounts",
    "GET /v1/keyspaces/{keyspace}/accounts",
    "POST /v1/keyspaces/{keyspace}/accounts/{account}/keys",
    "GET /v1/keyspaces/{keyspace}/accounts/{account}/keys",
    "GET /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}",
    "DELETE /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}",
    "POST /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/disable",
    "POST /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/enable",
    "POST /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/deactivate",
    "POST /v1/keyspaces/{keyspace}/tokens",
    "GET /v1/keyspaces/{keyspace}/tokens",
    "DELETE /v1/keyspaces/{keyspace}/tokens/{id}",
    "GET /v1/keyspaces/{keyspace}/head",
    "GET /v1/keyspaces/{keyspace}/snapshot/{shard}",
    "GET /v1/keyspaces/{keyspace}/audit",
    "GET /openapi.json",
];

fn operations(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item
            .as_object()
            .expect("operations")
            .keys()
            .map(|method| method.to_uppercase());
        methods.map(move |method| (method, path.clone()))
    });
    operations.collect()
}

#[test]
fn the_document_lists_every_operation() {
    let server = Server::start();
    let answer = server.send("GET", "/openapi.json", &[], []).expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let document = answer.json();
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1."))
    );
    let mut listed = operations(&document)
        .iter()
        .map(|(method, path)| format!("{method} {path}"))
        .collect::<BTreeSet<_>>();
    // The document does not describe itself.
    listed.insert("GET /openapi.json".to_owned());
    assert_eq!(listed, OPERATIONS.iter().map(ToString::to_string).collect());
    let problem = &document["components"]["schemas"]["ProblemBody"]["properties"];
    assert!(
        problem["code"].is_object() && problem["detail"].is_object(),
        "{problem}"
    );
    let key = &document["components"]["schemas"]["CreateKeyBody"];
    assert_eq!(
        key["additionalProperties"]["type"], "string",
        "the profile's fields stand beside the others: {key}"
    );
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                found.extend(
                    members
                        .get("$ref")
                        .and_then(Value::as_str)
                        .map(str::to_owned),
                );
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let server = Server::start();
    let document = server
        .send("GET", "/openapi.json", &[], [])
        .expect(200)
        .json();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference
            .strip_prefix('#')
            .expect("a reference within the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn every_operation_wants_a_credential_and_no_other_method_is_there() {
    let server = Server::start();
    let document = server
        .send("GET", "/openapi.json", &[], [])
        .expect(200)
        .json();
    let all = operations(&document);
    for (method, path) in all.iter().filter(|(_, path)| path.starts_with("/v1")) {
        let filled = path
            .replace("{keyspace}", "shop")
            .replace("{account}", "acme")
            .replace("{id}", "x")
            .replace("{shard}", "0");
        server
            .send(method, &filled, &[], [])
            .problem(401, "missing_credential");
        for other in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if !all.contains(&(other.to_owned(), path.clone())) {
                server
                    .send(other, &filled, &[], [])
                    .problem(405, "method_not_allowed");
            }
        }
        let operation = &document["paths"][path][method.to_lowercase()];
        for status in ["401", "403", "503"] {
            assert!(
                operation["responses"][status].is_object(),
                "{method} {path} documents {status}"
            );
        }
    }
}
