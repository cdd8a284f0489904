//! What holds of many operations and is said of each: refusals that follow from what an operation takes, headers that
//! every answer has. Operations that say it themselves are left as they are.

use std::collections::BTreeMap;

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::{Header, ObjectBuilder, OpenApi, Ref, RefOr, Response, Type};

use super::rules::{ACCOUNT, KEY, KEYSPACE, TEXT};
use super::{FORBIDDEN, UNAUTHORIZED, UNAVAILABLE, links, problem, rules};

/// Refusals that are the same wherever they stand, by status: their name among the components, and their words.
const SHARED: [(&str, &str, &str); 9] = [
    ("401", "Unauthorized", UNAUTHORIZED),
    ("403", "Forbidden", FORBIDDEN),
    (
        "404",
        "NotFound",
        "There is no such thing, or it is beyond the caller's reach: `not_found`",
    ),
    (
        "412",
        "PreconditionFailed",
        "The record has changed since the caller saw it: `precondition_failed`",
    ),
    (
        "413",
        "BodyTooLarge",
        "The body has more than 64 KiB: `body_too_large`",
    ),
    (
        "415",
        "UnsupportedMediaType",
        "The body is not `application/json`: `unsupported_media_type`",
    ),
    (
        "422",
        "IdempotencyMismatch",
        "The idempotency key was used for another request: `idempotency_mismatch`",
    ),
    (
        "500",
        "Internal",
        "A fault of the server; its log says why: `internal`",
    ),
    ("503", "Unavailable", UNAVAILABLE),
];

const REQUEST_ID: &str = "X-Request-Id";

/// Completes every operation.
pub(crate) fn complete(document: &mut OpenApi) {
    let shared = shared();
    for (path, item) in &mut document.paths.paths {
        let has_segments = path.contains('{');
        for (takes_body, operation) in operations(item) {
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(parameter) = parameter {
                    written(path, parameter);
                }
            }
            refusals(operation, has_segments, takes_body);
            for (status, response) in &mut operation.responses.responses {
                headers(status, response);
                match shared.get(status.as_str()) {
                    Some((name, same)) if response == same => {
                        *response = RefOr::Ref(Ref::from_response_name(*name));
                    }
                    _ => {}
                }
            }
            if operation.summary.is_none() {
                operation.summary = operation.operation_id.as_deref().map(in_words);
            }
        }
    }
    links::add(document);
    rules::apply(document);
    let components = document.components.get_or_insert_default();
    components.headers.insert(
        REQUEST_ID.to_owned(),
        RefOr::T(text_header(
            "The id under which the log tells of this request",
        )),
    );
    for (name, response) in shared.into_values() {
        components.responses.insert(name.to_owned(), response);
    }
}

fn shared() -> BTreeMap<&'static str, (&'static str, RefOr<Response>)> {
    let shared = SHARED.iter().map(|(status, name, description)| {
        let mut response = problem(description);
        headers(status, &mut response);
        (*status, (*name, response))
    });
    shared.collect()
}

/// The operations at a path, and whether a body that comes with one is read.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let all = [
        (false, item.get.as_mut()),
        (true, item.post.as_mut()),
        (true, item.put.as_mut()),
        (true, item.patch.as_mut()),
        (false, item.delete.as_mut()),
    ];
    all.into_iter()
        .filter_map(|(takes_body, operation)| Some((takes_body, operation?)))
}

fn refusals(operation: &mut Operation, has_segments: bool, takes_body: bool) {
    if !operation.responses.responses.contains_key("401") {
        return;
    }
    let mut malformed = "The request is malformed, or a value of it breaks a rule: `invalid_query`, `invalid_field`, \
                         `ambiguous_credential`, `malformed_credential`"
        .to_owned();
    let mut statuses = vec!["500"];
    if has_segments {
        statuses.push("404");
    }
    if takes_body {
        malformed += ", `invalid_json`, `incomplete_body`";
        statuses.extend(["413", "415"]);
    }
    if has_parameter(operation, &ParameterIn::Query, "cursor") {
        malformed += ", `invalid_cursor`";
    }
    let is_conditional = has_parameter(operation, &ParameterIn::Header, "If-Match");
    let is_idempotent = has_parameter(operation, &ParameterIn::Header, "Idempotency-Key");
    if is_conditional || is_idempotent {
        malformed += ", `invalid_header`";
    }
    statuses.extend(is_conditional.then_some("412"));
    statuses.extend(is_idempotent.then_some("422"));
    let responses = &mut operation.responses.responses;
    for (status, _, description) in SHARED {
        if statuses.contains(&status) {
            let entry = responses.entry(status.to_owned());
            entry.or_insert_with(|| problem(description));
        }
    }
    // What an operation says of its own stands before what is said of all.
    if let Some(RefOr::T(own)) = responses.get("400") {
        malformed = format!("{}. {malformed}", own.description);
    }
    responses.insert("400".to_owned(), problem(&malformed));
}

/// How a parameter of this name is written, wherever it stands.
fn written(path: &str, parameter: &mut Parameter) {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let (pattern, longest) = match (&parameter.parameter_in, &*parameter.name) {
        (ParameterIn::Header, "If-Match") => (r#"^(\*|"(0|[1-9][0-9]{0,18})")$"#, 21),
        (ParameterIn::Header, "Idempotency-Key") => ("^[!-~]{1,255}$", 255),
        // Any, and it may be none of ours.
        (ParameterIn::Header, "If-None-Match") => {
            parameter.schema = Some(text.build().into());
            return;
        }
        (ParameterIn::Query, "cursor") => ("^[A-Za-z0-9_-]{1,256}$", 256),
        (ParameterIn::Query, "target" | "actor" | "action") => (TEXT, 100),
        (ParameterIn::Query | ParameterIn::Path, "account") => (ACCOUNT, 64),
        (ParameterIn::Query, "key") => (KEY, 13),
        (ParameterIn::Path, "keyspace") => (KEYSPACE, 64),
        (ParameterIn::Path, "shard") => ("^(0|[1-9][0-9]{0,8})$", 9),
        (ParameterIn::Path, "id") => match path {
            path if path.contains("/keys/") => (KEY, 13),
            path if path.contains("/operators/") => ("^op_[0-9A-Za-z]{9}$", 12),
            path if path.contains("/tokens/") => ("^tok_[0-9A-Za-z]{9}$", 13),
            _ => ("^prt_[0-9A-Za-z]{9}$", 13),
        },
        _ => return,
    };
    let text = text
        .min_length(Some(1))
        .max_length(Some(longest))
        .pattern(Some(pattern));
    parameter.schema = Some(text.build().into());
}

fn has_parameter(operation: &Operation, place: &ParameterIn, name: &str) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| match parameter {
        RefOr::T(Parameter {
            name: own,
            parameter_in,
            ..
        }) => own == name && parameter_in == place,
        RefOr::Ref(_) => false,
    })
}

fn headers(status: &str, response: &mut RefOr<Response>) {
    let RefOr::T(response) = response else {
        return;
    };
    let request_id = Ref::new(format!("#/components/headers/{REQUEST_ID}"));
    let headers = &mut response.headers;
    headers.insert(REQUEST_ID.to_owned(), RefOr::Ref(request_id));
    let (name, description) = match status {
        "401" | "403" => ("WWW-Authenticate", "What is asked for (RFC 6750)"),
        "503" => ("Retry-After", "In how many seconds to try again"),
        _ => return,
    };
    let entry = headers.entry(name.to_owned());
    entry.or_insert_with(|| RefOr::T(text_header(description)));
}

fn text_header(description: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
        .description(Some(description))
        .build()
}

/// `create_key` as people say it.
fn in_words(operation_id: &str) -> String {
    let mut words = operation_id.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}
