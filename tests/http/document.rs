//! The document against every answer that any test gets: its status, its media type, its body, and the body of the
//! request where that was taken.

use std::cell::RefCell;
use std::collections::HashMap;

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use serde_json::Value;

use crate::server::Answer;

const ADDRESS: &str = "https://keyward.test/openapi.json";

/// The document, with the schemas in it ready to be asked.
pub(crate) struct Document {
    operations: Vec<Operation>,
    json: Value,
    schemas: RefCell<Compiled>,
}

struct Operation {
    method: String,
    path: String,
}

struct Compiled {
    compiler: Compiler,
    schemas: Schemas,
    known: HashMap<String, SchemaIndex>,
}

/// The body of a request, as the document is asked about it.
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) body: &'a [u8],
}

impl Document {
    pub(crate) fn new(json: Value) -> Self {
        let paths = json["paths"].as_object().expect("paths");
        let operations = paths.iter().flat_map(|(path, item)| {
            let methods = item.as_object().expect("operations").keys();
            methods.map(|method| Operation {
                method: method.to_uppercase(),
                path: path.clone(),
            })
        });
        let operations = operations.collect();
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler
            .add_resource(ADDRESS, json.clone())
            .expect("a resource");
        let schemas = RefCell::new(Compiled {
            compiler,
            schemas: Schemas::new(),
            known: HashMap::new(),
        });
        Self {
            operations,
            json,
            schemas,
        }
    }

    /// Holds an answer to what the document says of its operation. What the document does not list is nothing to it.
    #[track_caller]
    pub(crate) fn hold(&self, asked: &Asked<'_>, answer: &Answer) {
        let Some(operation) = self.operation(asked) else {
            return;
        };
        let what = format!("{} {}", operation.method, operation.path);
        let pointer = format!(
            "/paths/{}/{}",
            escape(&operation.path),
            operation.method.to_lowercase()
        );
        let status = answer.status;
        let responses = format!("{pointer}/responses/{status}");
        let response = self.json.pointer(&responses);
        let response = response.unwrap_or_else(|| panic!("{what} answers {status}, undocumented"));
        let responses = match response["$ref"].as_str() {
            Some(shared) => shared.trim_start_matches('#').to_owned(),
            None => responses,
        };
        let response = &self.json.pointer(&responses).expect("a response");
        if asked.method != "HEAD" {
            match response["content"].as_object() {
                None => assert_eq!(answer.body, b"", "{what} {status} has a body"),
                Some(content) => {
                    let media_type = answer.header("content-type");
                    assert!(
                        content.contains_key(media_type),
                        "{what} {status} is {media_type:?}"
                    );
                    if media_type == "application/problem+json" {
                        let code = format!("`{}`", answer.json()["code"].as_str().expect("a code"));
                        let told = response["description"].as_str().expect("a description");
                        assert!(told.contains(&code), "{what} {status} is {code}: {told}");
                    }
                    if media_type.ends_with("json") {
                        let place = format!("{responses}/content/{}/schema", escape(media_type));
                        self.valid(&place, &answer.json(), &format!("{what} {status}"));
                    }
                }
            }
        }
        for (header, _) in response["headers"].as_object().into_iter().flatten() {
            let is_optional = response["headers"][header]["schema"]["type"].is_array();
            assert!(
                is_optional || !answer.header(&header.to_lowercase()).is_empty(),
                "{what} {status} lacks {header}"
            );
        }
        if (200..300).contains(&status) && !asked.body.is_empty() {
            let place = format!("{pointer}/requestBody/content/application~1json/schema");
            if self.json.pointer(&place).is_some() {
                let body = serde_json::from_slice(asked.body).expect("it was taken");
                self.valid(&place, &body, &format!("{what}, the request"));
            }
        }
    }

    fn operation(&self, asked: &Asked<'_>) -> Option<&Operation> {
        let path = asked.target.split('?').next().unwrap_or_default();
        let method = if asked.method == "HEAD" {
            "GET"
        } else {
            asked.method
        };
        self.operations
            .iter()
            .find(|operation| operation.method == method && fits(&operation.path, path))
    }

    /// Holds a value to the schema at this place of the document.
    #[track_caller]
    pub(crate) fn valid(&self, pointer: &str, value: &Value, what: &str) {
        let mut compiled = self.schemas.borrow_mut();
        let Compiled {
            compiler,
            schemas,
            known,
        } = &mut *compiled;
        let index = *known.entry(pointer.to_owned()).or_insert_with(|| {
            let place = format!("{ADDRESS}#{}", in_fragment(pointer));
            let compiled = compiler.compile(&place, schemas);
            compiled.unwrap_or_else(|error| panic!("{what}: no schema: {error:#}"))
        });
        if let Err(error) = schemas.validate(value, index) {
            panic!("{what} is not as documented: {error:#}\n{value:#}");
        }
    }
}

/// Whether a path is one of a pattern.
fn fits(pattern: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    pattern.split('/').all(|part| {
        let segment = segments.next();
        segment
            .is_some_and(|segment| part == segment || part.starts_with('{') && !segment.is_empty())
    }) && segments.next().is_none()
}

/// A name as a part of a JSON pointer.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A JSON pointer in the fragment of a URL.
fn in_fragment(pointer: &str) -> String {
    let others = [('{', "%7B"), ('}', "%7D"), (' ', "%20"), (';', "%3B")];
    others
        .iter()
        .fold(pointer.to_owned(), |text, (mark, code)| {
            text.replace(*mark, code)
        })
}
