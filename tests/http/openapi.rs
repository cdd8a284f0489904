//! The document against the server: what it lists exists, and what exists it lists.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::Document;
use crate::server::Server;

const OPERATIONS: [&str; 56] = [
    "GET /healthz",
    "GET /metrics",
    "GET /openapi.json",
    "GET /readyz",
    "GET /v1/audit",
    "GET /v1/audit/check",
    "GET /v1/keyspaces",
    "POST /v1/keyspaces",
    "GET /v1/keyspaces/{keyspace}",
    "GET /v1/keyspaces/{keyspace}/accounts",
    "POST /v1/keyspaces/{keyspace}/accounts",
    "GET /v1/keyspaces/{keyspace}/accounts/{account}",
    "PATCH /v1/keyspaces/{keyspace}",
    "PATCH /v1/keyspaces/{keyspace}/accounts/{account}",
    "GET /v1/keyspaces/{keyspace}/accounts/{account}/audit",
    "GET /v1/keyspaces/{keyspace}/accounts/{account}/keys",
    "POST /v1/keyspaces/{keyspace}/accounts/{account}/keys",
    "GET /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}",
    "PATCH /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}",
    "DELETE /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}",
    "POST /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/deactivate",
    "POST /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/disable",
    "POST /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/enable",
    "POST /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/reveal",
    "POST /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/rotate",
    "GET /v1/keyspaces/{keyspace}/accounts/{account}/operators",
    "POST /v1/keyspaces/{keyspace}/accounts/{account}/operators",
    "GET /v1/keyspaces/{keyspace}/accounts/{account}/operators/{id}",
    "DELETE /v1/keyspaces/{keyspace}/accounts/{account}/operators/{id}",
    "POST /v1/keyspaces/{keyspace}/accounts/{account}/operators/{id}/rotate",
    "POST /v1/keyspaces/{keyspace}/accounts/{account}/portal-links",
    "DELETE /v1/keyspaces/{keyspace}/accounts/{account}/portal-links/{id}",
    "GET /v1/keyspaces/{keyspace}/accounts/{account}/profile",
    "GET /v1/keyspaces/{keyspace}/audit",
    "POST /v1/keyspaces/{keyspace}/explain",
    "GET /v1/keyspaces/{keyspace}/head",
    "GET /v1/keyspaces/{keyspace}/keys",
    "GET /v1/keyspaces/{keyspace}/operators",
    "POST /v1/keyspaces/{keyspace}/operators",
    "GET /v1/keyspaces/{keyspace}/operators/{id}",
    "DELETE /v1/keyspaces/{keyspace}/operators/{id}",
    "POST /v1/keyspaces/{keyspace}/operators/{id}/rotate",
    "GET /v1/keyspaces/{keyspace}/snapshot/{shard}",
    "GET /v1/keyspaces/{keyspace}/tokens",
    "POST /v1/keyspaces/{keyspace}/tokens",
    "DELETE /v1/keyspaces/{keyspace}/tokens/{id}",
    "GET /v1/keyspaces/{keyspace}/usage",
    "POST /v1/keyspaces/{keyspace}/usage",
    "POST /v1/keyspaces/{keyspace}/verify",
    "POST /v1/maintain",
    "GET /v1/me",
    "GET /v1/operators",
    "POST /v1/operators",
    "GET /v1/operators/{id}",
    "DELETE /v1/operators/{id}",
    "POST /v1/operators/{id}/rotate",
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

#[test]
fn every_operation_is_told_in_full() {
    let server = Server::start();
    let document = server
        .send("GET", "/openapi.json", &[], [])
        .expect(200)
        .json();
    let tags = document["tags"].as_array().expect("tags");
    let tags = tags.iter().map(|tag| &tag["name"]).collect::<Vec<_>>();
    let mut ids = BTreeSet::new();
    for (method, path) in operations(&document) {
        let what = format!("{method} {path}");
        let operation = &document["paths"][&path][method.to_lowercase()];
        let id = operation["operationId"].as_str().expect(&what);
        assert!(ids.insert(id), "{what}: {id} names another one too");
        assert!(operation["summary"].is_string(), "{what} has no summary");
        assert!(
            tags.contains(&&operation["tags"][0]),
            "{what}: {}",
            operation["tags"]
        );
        let parameters = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        for parameter in &parameters {
            let name = parameter["name"].as_str().expect("a name");
            let is_described = parameter["description"]
                .as_str()
                .is_some_and(|text| !text.is_empty());
            assert!(is_described, "{what}: {name} is not described");
            if parameter["in"] == "path" {
                assert!(path.contains(&format!("{{{name}}}")), "{what}: {name}");
                assert_eq!(parameter["required"], true, "{what}: {name}");
            }
        }
        let segments = path.matches('{').count();
        let documented = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path");
        assert_eq!(documented.count(), segments, "{what}");
        let responses = operation["responses"].as_object().expect("responses");
        assert!(
            !responses.contains_key("default"),
            "{what}: every status is told by itself"
        );
        for (status, response) in responses {
            let shared = response["$ref"]
                .as_str()
                .map(|place| place.trim_start_matches('#'));
            let response = shared.map_or(response, |place| document.pointer(place).expect(place));
            let is_problem = response["content"]["application/problem+json"].is_object();
            assert_eq!(is_problem, status.as_str() >= "400", "{what} {status}");
            assert!(
                response["headers"]["X-Request-Id"].is_object(),
                "{what} {status}"
            );
        }
    }
}

#[test]
fn examples_are_what_they_are_examples_of() {
    let server = Server::start();
    let document = server
        .send("GET", "/openapi.json", &[], [])
        .expect(200)
        .json();
    let schemas = document["components"]["schemas"]
        .as_object()
        .expect("schemas");
    let documented = Document::new(document.clone());
    let mut met = 0;
    for (name, schema) in schemas {
        if let Some(example) = schema.get("example") {
            documented.valid(&format!("/components/schemas/{name}"), example, name);
            met += 1;
        }
    }
    assert!(met >= 4, "{met}");
}
