//! The limits that the document states are those that are tried out.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{LIMITS, OF_PROFILE};
use crate::server::text;

/// The bounds that the document states of members of bodies, by operation.
fn stated(document: &Value) -> BTreeSet<(String, String, u64)> {
    let mut stated = BTreeSet::new();
    for item in document["paths"].as_object().expect("paths").values() {
        for operation in item.as_object().expect("operations").values() {
            let schema = operation.pointer("/requestBody/content/application~1json/schema");
            if let Some(schema) = schema {
                let mut found = Vec::new();
                walk(document, schema, "", &mut found);
                let id = text(&operation["operationId"]);
                stated.extend(found.into_iter().map(|(at, most)| (id.clone(), at, most)));
            }
        }
    }
    stated
}

fn walk(document: &Value, schema: &Value, at: &str, found: &mut Vec<(String, u64)>) {
    if let Some(name) = schema["$ref"].as_str() {
        let schema = document.pointer(name.trim_start_matches('#'));
        return walk(document, schema.expect("a schema"), at, found);
    }
    for bound in ["maximum", "maxLength", "maxItems"] {
        let most = schema[bound].as_u64();
        found.extend(most.map(|most| (at.to_owned(), most)));
    }
    if schema["maxLength"].is_null() {
        // A pattern bounds the length as well.
        let longest = schema["pattern"].as_str().and_then(longest);
        found.extend(longest.map(|most| (at.to_owned(), most)));
    }
    let below = |name: &str| match at {
        "" => name.to_owned(),
        at => format!("{at}/{name}"),
    };
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        walk(document, member, &below(name), found);
    }
    if schema["items"].is_object() {
        walk(document, &schema["items"], &below("0"), found);
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        for part in schema[several].as_array().into_iter().flatten() {
            walk(document, part, at, found);
        }
    }
}

/// The most characters that one of the document's patterns takes.
fn longest(pattern: &str) -> Option<u64> {
    match pattern {
        "^[a-z0-9][a-z0-9_-]{0,63}$" | "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" => Some(64),
        "^[!-~]{1,128}$" => Some(128),
        "^key_[0-9A-Za-e][0-9A-Za-z]{8}$" => Some(13),
        "\\S" => None,
        other => panic!("{other}: say how long it may be"),
    }
}

#[test]
fn the_document_states_the_same_limits() {
    let document = serde_json::from_str(&keyward::http::openapi()).expect("JSON");
    let own = LIMITS[..LIMITS.len() - OF_PROFILE].iter();
    let mut own: BTreeSet<_> = own
        .flat_map(|limit| {
            let operations = limit.operations.iter();
            operations.map(|id| ((*id).to_owned(), limit.member.to_owned(), limit.most))
        })
        .collect();
    for (operation, member, most) in [
        // Never reached: operators of the server have no levels, which are each profile's.
        ("create_operator", "levels", 64),
        // The largest number that can be read; the profile's is less.
        ("rotate_key", "grace_seconds", u32::MAX.into()),
    ] {
        own.insert((operation.to_owned(), member.to_owned(), most));
    }
    assert_eq!(stated(&document), own);
}
