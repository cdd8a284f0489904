//! Where a key can be put that does not belong there: every segment of every path of the document, every member of its
//! queries, headers and bodies, and every name of a member. What is asked is taken from the document itself.

use serde_json::{Map, Value, json};

/// A request with a key in the wrong place.
pub(crate) struct Misplaced {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
}

/// All of them, for this key.
pub(crate) fn requests(document: &Value, key: &str) -> Vec<Misplaced> {
    let mut requests = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let walk = Walk {
                document,
                key,
                method: method.to_uppercase(),
                path,
                operation,
            };
            walk.all(&mut requests);
        }
    }
    requests
}

/// What of a key can stand in a target.
pub(crate) fn encoded(key: &str) -> String {
    key.replace('=', "%3D")
        .replace('+', "%2B")
        .replace('/', "%2F")
}

struct Walk<'a> {
    document: &'a Value,
    key: &'a str,
    method: String,
    path: &'a str,
    operation: &'a Value,
}

impl Walk<'_> {
    fn all(&self, requests: &mut Vec<Misplaced>) {
        let schema = self
            .operation
            .pointer("/requestBody/content/application~1json/schema");
        let sample = schema.map(|schema| self.sample(schema));
        let plain = self.filled("");
        let mut add = |path: String, headers: &[(&str, &str)], body: Option<Value>| {
            let headers = headers.iter();
            requests.push(Misplaced {
                method: self.method.clone(),
                path,
                headers: headers
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect(),
                body,
            });
        };
        let key = encoded(self.key);
        for parameter in self.operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let name = parameter["name"].as_str().expect("a name");
            match parameter["in"].as_str() {
                Some("path") => add(self.filled(name), &[], sample.clone()),
                Some("query") => add(format!("{plain}?{name}={key}"), &[], sample.clone()),
                _ => add(plain.clone(), &[(name, self.key)], sample.clone()),
            }
        }
        add(format!("{plain}?{key}"), &[], sample.clone());
        add(
            format!("{plain}?{key}={key}&{key}={key}"),
            &[],
            sample.clone(),
        );
        for header in [
            "content-type",
            "accept",
            "idempotency-key",
            "if-match",
            "if-none-match",
        ] {
            add(plain.clone(), &[(header, self.key)], sample.clone());
        }
        let Some((schema, sample)) = schema.zip(sample) else {
            return;
        };
        for body in self.spoiled(schema, &sample) {
            add(plain.clone(), &[], Some(body));
        }
    }

    /// The path with what is there, and the key in the place of the parameter `of`.
    fn filled(&self, of: &str) -> String {
        let mut path = self.path.to_owned();
        for (name, value) in [
            ("keyspace", "shop"),
            ("account", "7"),
            ("id", "key_000000000"),
            ("shard", "0"),
        ] {
            let key = encoded(self.key);
            path = path.replace(
                &format!("{{{name}}}"),
                if name == of { &key } else { value },
            );
        }
        path
    }

    /// `sample` with the key in each place that its schema has, once, and under names that no schema has.
    fn spoiled(&self, schema: &Value, sample: &Value) -> Vec<Value> {
        let key = self.key;
        let mut spoiled = vec![
            json!(key),
            json!([key]),
            json!({ key: key }),
            json!({ key: { key: [key] } }),
        ];
        let schema = self.resolved(schema);
        if let Some(members) = sample.as_object() {
            for value in [json!(key), json!(1), json!([key])] {
                let mut members = members.clone();
                members.insert(key.to_owned(), value);
                spoiled.push(members.into());
            }
            for (name, of) in self.members(&schema) {
                let inner = members.get(&name).cloned();
                let inner = inner.unwrap_or_else(|| self.sample(&of));
                for value in self.spoiled(&of, &inner) {
                    let mut members = members.clone();
                    members.insert(name.clone(), value);
                    spoiled.push(members.into());
                }
            }
        }
        if schema["items"].is_object() {
            let inner = self.sample(&schema["items"]);
            let items = self.spoiled(&schema["items"], &inner);
            spoiled.extend(items.into_iter().map(|item| json!([item])));
        }
        spoiled
    }

    fn members(&self, schema: &Value) -> Vec<(String, Value)> {
        let own = schema["properties"].as_object().into_iter().flatten();
        let own = own.map(|(name, of)| (name.clone(), of.clone()));
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let parts = parts.flat_map(|part| self.members(&self.resolved(part)));
        own.chain(parts).collect()
    }

    /// A value that would do, as far as the schema says.
    fn sample(&self, schema: &Value) -> Value {
        let schema = self.resolved(schema);
        if !schema["example"].is_null() {
            return schema["example"].clone();
        }
        if let Some(first) = schema["enum"].get(0) {
            return first.clone();
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().find(|kind| **kind != "null").cloned(),
            kind => Some(kind.clone()),
        };
        match kind.as_ref().and_then(Value::as_str) {
            Some("integer" | "number") => schema["minimum"].as_i64().unwrap_or(1).into(),
            Some("boolean") => true.into(),
            Some("string") => "x".into(),
            Some("array") => json!([self.sample(&schema["items"])]),
            _ => {
                let required = schema["required"].as_array().into_iter().flatten();
                let required: Vec<_> = required.filter_map(Value::as_str).collect();
                let members = self.members(&schema).into_iter();
                let members = members.filter(|(name, _)| required.contains(&name.as_str()));
                Value::Object(
                    members
                        .map(|(name, of)| (name, self.sample(&of)))
                        .collect::<Map<_, _>>(),
                )
            }
        }
    }

    /// The schema itself, where it is named, and of several the first that says something.
    fn resolved(&self, schema: &Value) -> Value {
        if let Some(name) = schema["$ref"].as_str() {
            let place = name.trim_start_matches('#');
            return self.resolved(self.document.pointer(place).expect("a schema"));
        }
        for several in ["oneOf", "anyOf"] {
            let several = schema[several].as_array().into_iter().flatten();
            let mut several = several.filter(|part| part["type"] != "null");
            if let Some(first) = several.next() {
                return self.resolved(first);
            }
        }
        schema.clone()
    }
}
