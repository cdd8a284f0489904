//! What the types of the bodies do not say of themselves: how texts are written, and which members exclude one another.
//! So that what the document allows is what the server takes.

use serde_json::{Map, Value};
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{AllOf, AllOfBuilder, ArrayBuilder, ArrayItems, OneOf};
use utoipa::openapi::{Object, ObjectBuilder, OpenApi, RefOr, Schema, Type};

use crate::service::Right;

/// Added to the schemas of the same names, member by member. A pattern that begins with `@` is one of [`PATTERNS`].
const RULES: &str = include_str!("rules.json");

const PATTERNS: [(&str, &str); 5] = [
    ("@keyspace", KEYSPACE),
    ("@account", ACCOUNT),
    ("@key", KEY),
    ("@batch", "^[!-~]{1,128}$"),
    ("@text", TEXT),
];

pub(super) const KEYSPACE: &str = "^[a-z0-9][a-z0-9_-]{0,63}$";
pub(super) const ACCOUNT: &str = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
/// Nine digits are enough for more than there can be; none begins with these last ones.
pub(super) const KEY: &str = "^key_[0-9A-Za-e][0-9A-Za-z]{8}$";
/// Nothing that hides or reorders what is around it. The server refuses some characters beyond U+FFFF as well, which
/// readers of patterns write differently.
pub(super) const TEXT: &str = r"^[^\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]*$";

/// Adds the rules.
pub(super) fn apply(document: &mut OpenApi) {
    let rules: Map<String, Value> = serde_json::from_str(RULES).expect("the rules are JSON");
    if let Some(components) = &mut document.components {
        for (name, rule) in &rules {
            if let (Some(schema), Some(rule)) = (components.schemas.get_mut(name), rule.as_object())
            {
                narrow(schema, rule);
            }
        }
    }
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.post, &mut item.put, &mut item.patch];
        operations.into_iter().flatten().for_each(body);
    }
}

fn narrow(schema: &mut RefOr<Schema>, rule: &Map<String, Value>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            for (keyword, value) in rule {
                narrow_object(object, keyword, value);
            }
        }
        RefOr::T(Schema::Array(array)) => {
            let count = |keyword: &str| usize::try_from(rule.get(keyword)?.as_u64()?).ok();
            array.min_items = count("minItems");
            array.max_items = count("maxItems");
            array.unique_items = rule.contains_key("uniqueItems");
            if let (ArrayItems::RefOrSchema(items), Some(rule)) = (
                &mut array.items,
                rule.get("items").and_then(Value::as_object),
            ) {
                narrow(items, rule);
            }
        }
        _ => {}
    }
}

fn narrow_object(object: &mut Object, keyword: &str, value: &Value) {
    match (keyword, value) {
        ("properties", Value::Object(rules)) => {
            for (member, rule) in rules {
                if let (Some(member), Some(rule)) =
                    (object.properties.get_mut(member), rule.as_object())
                {
                    narrow(member, rule);
                }
            }
        }
        ("pattern", Value::String(name)) => {
            let known = PATTERNS.iter().find(|(known, _)| known == name);
            object.pattern = known.map(|(_, pattern)| (*pattern).to_owned());
        }
        ("enum", Value::Array(values)) => object.enum_values = Some(values.clone()),
        ("minLength", value) => {
            object.min_length = value
                .as_u64()
                .and_then(|length| usize::try_from(length).ok());
        }
        ("maximum", value) => {
            let most = value.as_u64();
            object.maximum = most
                .and_then(|most| usize::try_from(most).ok())
                .map(Into::into);
        }
        // Of one member against another, for which the types have no place.
        _ => {
            let others = object.extensions.get_or_insert_default();
            others.insert(keyword.to_owned(), value.clone());
        }
    }
}

fn body(operation: &mut Operation) {
    let id = operation.operation_id.as_deref();
    let is_over_the_server = id == Some("create_operator");
    let Some(RefOr::T(body)) = &mut operation.request_body else {
        return;
    };
    let Some(RefOr::T(content)) = body.content.get_mut("application/json") else {
        return;
    };
    let Some(schema) = &mut content.schema else {
        return;
    };
    // A body that may be left out is told by `required`; in JSON it is no `null`.
    if let RefOr::T(Schema::OneOf(OneOf { items, .. })) = schema {
        let mut own = items.iter().filter(|item| matches!(item, RefOr::Ref(_)));
        if let Some(own) = own.next().cloned() {
            *schema = own;
        }
    }
    if is_over_the_server {
        *schema = RefOr::T(Schema::AllOf(over_the_server(schema.clone())));
    }
}

/// Rights over the server are those of Keyward alone, and levels are a profile's.
fn over_the_server(operator: RefOr<Schema>) -> AllOf {
    let right = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(Right::ALL.map(Right::as_str)));
    let own = ObjectBuilder::new()
        .property("rights", ArrayBuilder::new().items(right))
        .property("levels", ObjectBuilder::new().schema_type(Type::Null));
    AllOfBuilder::new().item(operator).item(own).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_of_something_that_is_there() {
        let (_, mut document) = super::super::documented().split_for_parts();
        let before = serde_json::to_value(&document).expect("JSON");
        let rules: Value = serde_json::from_str(RULES).expect("JSON");
        for (schema, rule) in rules.as_object().expect("an object") {
            let known = &before["components"]["schemas"][schema];
            assert!(known.is_object(), "{schema}");
            for (member, rule) in rule["properties"].as_object().into_iter().flatten() {
                assert!(known["properties"][member].is_object(), "{schema}.{member}");
                assert!(rule.is_object(), "{schema}.{member}");
            }
        }
        apply(&mut document);
        let after = serde_json::to_value(&document).expect("JSON");
        for (schema, rule) in rules.as_object().expect("an object") {
            let schema = &after["components"]["schemas"][schema];
            for (member, rule) in rule["properties"].as_object().into_iter().flatten() {
                for (keyword, value) in rule.as_object().expect("checked above") {
                    let found = &schema["properties"][member][keyword];
                    match keyword.as_str() {
                        "pattern" => assert!(found.as_str().is_some_and(|it| it.starts_with('^'))),
                        "items" => assert_eq!(found["enum"], value["enum"], "{member}"),
                        _ => assert_eq!(found, value, "{member}.{keyword}"),
                    }
                }
            }
        }
    }
}
