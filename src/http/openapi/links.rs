//! Which operations what an operation answers leads to, as links of the document: clients can follow them, and tests
//! do.

use std::collections::BTreeMap;

use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{OpenApi, RefOr};

/// An operation, where its answer has the id of what it made (empty where it made nothing new), and what can be done
/// next.
type Next = (&'static str, &'static str, &'static [&'static str]);

const NEXT: [Next; 18] = [
    (
        "create_keyspace",
        "/id",
        &[
            "show_keyspace",
            "create_account",
            "create_token",
            "create_keyspace_operator",
            "get_head",
        ],
    ),
    (
        "create_account",
        "/id",
        &[
            "show_account",
            "update_account",
            "create_key",
            "create_account_operator",
            "create_portal_link",
        ],
    ),
    (
        "create_key",
        "/record/id",
        &[
            "show_key",
            "update_key",
            "rotate_key",
            "reveal_key",
            "disable_key",
            "deactivate_key",
            "delete_key",
        ],
    ),
    ("update_key", "", &["show_key", "rotate_key"]),
    ("rotate_key", "", &["show_key", "disable_key", "delete_key"]),
    (
        "disable_key",
        "",
        &["enable_key", "rotate_key", "deactivate_key"],
    ),
    ("enable_key", "", &["show_key", "disable_key"]),
    (
        "deactivate_key",
        "",
        &["enable_key", "update_key", "rotate_key", "delete_key"],
    ),
    ("delete_key", "", &["show_key", "delete_key"]),
    (
        "create_operator",
        "/operator/id",
        &["show_operator", "rotate_operator", "delete_operator"],
    ),
    ("rotate_operator", "", &["show_operator", "delete_operator"]),
    (
        "create_keyspace_operator",
        "/operator/id",
        &[
            "show_keyspace_operator",
            "rotate_keyspace_operator",
            "delete_keyspace_operator",
        ],
    ),
    (
        "rotate_keyspace_operator",
        "",
        &["show_keyspace_operator", "delete_keyspace_operator"],
    ),
    (
        "create_account_operator",
        "/operator/id",
        &[
            "show_account_operator",
            "rotate_account_operator",
            "delete_account_operator",
        ],
    ),
    (
        "rotate_account_operator",
        "",
        &["show_account_operator", "delete_account_operator"],
    ),
    ("create_token", "/record/id", &["delete_token"]),
    ("create_portal_link", "/record/id", &["delete_portal_link"]),
    ("update_account", "", &["show_account", "create_key"]),
];

/// Adds the links. An operation that is named here and is not in the document is a mistake, which the tests find.
pub(super) fn add(document: &mut OpenApi) {
    let places = places(document);
    for (path, item) in &mut document.paths.paths {
        let operations = [&mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            from(path, operation, &places);
        }
    }
}

fn from(path: &str, operation: &mut Operation, places: &BTreeMap<String, String>) {
    let id = operation.operation_id.as_deref();
    let Some((_, made, next)) = NEXT.iter().find(|(own, _, _)| id == Some(own)) else {
        return;
    };
    let mut responses = operation.responses.responses.iter_mut();
    let Some(RefOr::T(success)) = responses
        .find(|(status, _)| status.starts_with('2'))
        .map(|(_, response)| response)
    else {
        return;
    };
    let known: Vec<_> = segments(path).collect();
    for to in *next {
        let Some(target) = places.get(*to) else {
            continue;
        };
        let mut link = LinkBuilder::new().operation_id(*to);
        for name in segments(target) {
            let value = if known.contains(&name) {
                format!("$request.path.{name}")
            } else {
                format!("$response.body#{made}")
            };
            link = link.parameter(name, value);
        }
        success
            .links
            .insert((*to).to_owned(), RefOr::T(link.build()));
    }
}

/// The path of each operation, by its id.
fn places(document: &OpenApi) -> BTreeMap<String, String> {
    let paths = document.paths.paths.iter();
    paths
        .flat_map(|(path, item)| {
            let ids = operations(item).filter_map(|operation| operation.operation_id.clone());
            ids.map(|id| (id, path.clone())).collect::<Vec<_>>()
        })
        .collect()
}

fn operations(item: &PathItem) -> impl Iterator<Item = &Operation> {
    let all = [&item.get, &item.post, &item.put, &item.patch, &item.delete];
    all.into_iter().flatten()
}

/// The variable segments of a path.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_leads_somewhere() {
        let (_, mut document) = super::super::documented().split_for_parts();
        let places = places(&document);
        for (from, made, next) in NEXT {
            let known: Vec<_> = segments(&places[from]).map(str::to_owned).collect();
            for to in next {
                let new =
                    segments(&places[*to]).filter(|name| !known.iter().any(|own| own == name));
                assert_eq!(new.count(), usize::from(!made.is_empty()), "{from} {to}");
            }
        }
        add(&mut document);
        let linked = document.paths.paths.values().flat_map(operations);
        let linked = linked.filter(|operation| {
            let responses = operation.responses.responses.values();
            let mut responses = responses.filter_map(|response| match response {
                RefOr::T(response) => Some(response),
                RefOr::Ref(_) => None,
            });
            responses.any(|response| !response.links.is_empty())
        });
        assert_eq!(linked.count(), NEXT.len());
    }
}
