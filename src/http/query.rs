//! What stands in the query: only what the operation's documentation lists, and each member once.
//!
//! The document is the rule: a member that it does not list is refused on every operation, also on those that take
//! none. Held to it is every request whose caller is known ([`Caller`](super::caller::Caller) asks), so that a stranger
//! learns nothing but that a credential is missing.

use std::collections::{BTreeSet, HashMap};

use axum::extract::{FromRequestParts, MatchedPath, Query};
use axum::http::Method;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::{OpenApi, RefOr};

use super::problem::Problem;
use crate::key::misplaced::plain_word;

/// The members that each documented operation takes, by path and method.
#[derive(Default)]
pub(super) struct Queries(HashMap<String, Vec<(Method, BTreeSet<String>)>>);

impl Queries {
    /// Those of this document.
    pub(super) fn of(document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter();
        Self(
            paths
                .map(|(path, item)| (path.clone(), operations(item)))
                .collect(),
        )
    }

    /// Refuses a query with a member that the operation does not take, or with one twice.
    pub(super) async fn hold(&self, parts: &mut Parts) -> Result<(), Problem> {
        if parts.uri.query().is_none_or(str::is_empty) {
            return Ok(());
        }
        let members = Query::<Vec<(String, String)>>::from_request_parts(parts, &())
            .await
            .map_err(|_| Problem::invalid_query(UNREADABLE))?;
        let known = self.known(parts);
        let mut seen = BTreeSet::new();
        for (name, _) in &members.0 {
            if !known.is_some_and(|known| known.contains(name)) {
                return Err(Problem::invalid_query(unknown(known)));
            }
            if !seen.insert(name) {
                let detail = format!("`{name}` stands in the query twice; give it once");
                return Err(Problem::invalid_query(detail));
            }
        }
        Ok(())
    }

    fn known(&self, parts: &Parts) -> Option<&BTreeSet<String>> {
        let path = parts.extensions.get::<MatchedPath>()?;
        let method = match &parts.method {
            method if *method == Method::HEAD => &Method::GET,
            method => method,
        };
        let operations = self.0.get(path.as_str())?.iter();
        let mut operations = operations.filter(|(own, _)| own == method);
        operations.next().map(|(_, members)| members)
    }
}

/// What is said of a query of which nothing else can be said.
const UNREADABLE: &str = "the query has a member whose value is out of range or of another kind";

/// `rejection` says `…: <member>: <why>`; of what was sent, only the member's name is repeated, and only if it is a
/// word.
fn unreadable(rejection: &str) -> String {
    let member = rejection.split(": ").nth(1).and_then(plain_word);
    member.map_or_else(
        || UNREADABLE.to_owned(),
        |name| format!("`{name}` has a value that is out of range or of another kind"),
    )
}

/// Never says what was sent: it may be a key in the wrong place.
fn unknown(known: Option<&BTreeSet<String>>) -> String {
    let listed = known
        .into_iter()
        .flatten()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>();
    if listed.is_empty() {
        "this endpoint takes nothing in the query".to_owned()
    } else {
        format!(
            "the query has a member that this endpoint does not take; it takes {}",
            listed.join(", ")
        )
    }
}

fn operations(item: &PathItem) -> Vec<(Method, BTreeSet<String>)> {
    [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, members(operation.as_ref()?))))
    .collect()
}

fn members(operation: &Operation) -> BTreeSet<String> {
    let parameters = operation.parameters.iter().flatten();
    parameters
        .filter_map(|parameter| match parameter {
            RefOr::T(Parameter {
                name,
                parameter_in: ParameterIn::Query,
                ..
            }) => Some(name.clone()),
            _ => None,
        })
        .collect()
}

/// Some members of the query. Others may stand beside them for another extractor; what belongs to none was refused.
pub(super) struct Members<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Members<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await;
        query
            .map(|Query(members)| Self(members))
            .map_err(|rejection| Problem::invalid_query(unreadable(&rejection.body_text())))
    }
}
