//! `keyward profile postman` (system row E3): what it writes is read here as Postman reads it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::access::RouteAccess;
use keyward::profile::Profile;
use keyward::request::{DecodeBuffer, RequestPath, extract};
use serde_json::{Map, Value, json};

use crate::program::directory::Directory;
use crate::world::World;
use crate::{output, text};

/// What the program writes for this profile.
#[track_caller]
fn written(arguments: &[&str]) -> String {
    let output = output(&[&["profile", "postman"], arguments].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// A collection that somebody has imported, and whose variables hold these values.
struct Imported {
    collection: Value,
    variables: Vec<(String, String)>,
}

impl Imported {
    fn new(written: &str, key: &str) -> Self {
        let collection: Value = serde_json::from_str(written).expect("JSON");
        let mut variables = values(&collection["variable"]);
        for (name, value) in &mut variables {
            if name == "apiKey" {
                assert_eq!(value, "", "a collection brings no key along");
                key.clone_into(value);
            }
        }
        Self {
            collection,
            variables,
        }
    }

    /// A text with each `{{variable}}` replaced.
    fn fill(&self, text: &Value) -> String {
        let text = text.as_str().expect("a text").to_owned();
        let filled = self.variables.iter().fold(text, |text, (name, value)| {
            text.replace(&format!("{{{{{name}}}}}"), value)
        });
        assert!(!filled.contains("{{"), "{filled} names an unknown variable");
        filled
    }

    /// The header that the collection's authorisation adds to each request.
    fn header(&self) -> (String, String) {
        let auth = &self.collection["auth"];
        let kind = auth["type"].as_str().expect("a type");
        let values = values(&auth[kind]);
        let value = |name: &str| {
            let found = values.iter().find(|(key, _)| key == name);
            self.fill(&json!(found.expect("a member").1))
        };
        match kind {
            "basic" => {
                let pair = format!("{}:{}", value("username"), value("password"));
                (
                    "Authorization".into(),
                    format!("Basic {}", STANDARD.encode(pair)),
                )
            }
            "bearer" => ("Authorization".into(), format!("Bearer {}", value("token"))),
            "apikey" => {
                assert_eq!(value("in"), "header");
                (value("key"), value("value"))
            }
            other => panic!("Postman has no {other}"),
        }
    }

    /// All requests, folder by folder: the folder's name, the request's, the method, and the URL with each path
    /// variable filled in.
    fn requests(&self) -> Vec<[String; 4]> {
        let mut requests = Vec::new();
        for folder in list(&self.collection["item"]) {
            for item in list(&folder["item"]) {
                let request = &item["request"];
                let url = &request["url"];
                let own = values(url.get("variable").unwrap_or(&json!([])));
                let path = list(&url["path"]).iter().map(|segment| {
                    let segment = self.fill(segment);
                    let Some(name) = segment.strip_prefix(':') else {
                        return segment;
                    };
                    assert!(own.iter().any(|(known, _)| known == name), "{url}");
                    "x7".to_owned()
                });
                let host = list(&url["host"]).iter().map(|part| self.fill(part));
                let whole = host.chain(path).collect::<Vec<_>>().join("/");
                let mut raw = self.fill(&url["raw"]);
                for (name, _) in &own {
                    raw = raw.replace(&format!("/:{name}"), "/x7");
                }
                assert_eq!(raw, whole, "the parts of the URL and the URL itself");
                requests.push([
                    text_of(&folder["name"]),
                    text_of(&item["name"]),
                    text_of(&request["method"]),
                    whole,
                ]);
            }
        }
        requests
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn text_of(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Postman's lists of `key` and `value`.
fn values(list: &Value) -> Vec<(String, String)> {
    let pairs = self::list(list).iter();
    pairs
        .map(|pair| {
            only(pair, &["key", "value", "type"]);
            assert_eq!(pair["type"], "string");
            (text_of(&pair["key"]), text_of(&pair["value"]))
        })
        .collect()
}

/// Holds an object to have no members but these, which are the ones that the format defines for it.
#[track_caller]
fn only<'a>(value: &'a Value, members: &[&str]) -> &'a Map<String, Value> {
    let object = value.as_object().expect("an object");
    let others: Vec<_> = object
        .keys()
        .filter(|name| !members.contains(&name.as_str()))
        .collect();
    assert!(others.is_empty(), "{others:?}");
    object
}

/// The members that Collection v2.1.0 requires are there, and none that it does not have.
fn hold(collection: &Value) {
    only(collection, &["info", "item", "auth", "variable"]);
    only(&collection["info"], &["name", "description", "schema"]);
    assert_eq!(
        collection["info"]["schema"],
        "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    );
    let kind = text_of(&collection["auth"]["type"]);
    assert_eq!(only(&collection["auth"], &["type", &kind]).len(), 2);
    for folder in list(&collection["item"]) {
        only(folder, &["name", "description", "item"]);
        assert!(!list(&folder["item"]).is_empty());
        for item in list(&folder["item"]) {
            only(item, &["name", "request"]);
            let request = &item["request"];
            only(request, &["method", "header", "url", "description"]);
            assert_eq!(request["header"], json!([]));
            only(&request["url"], &["raw", "host", "path", "variable"]);
        }
    }
}

#[test]
fn each_preset_has_a_collection_of_all_its_calls() {
    for preset in Profile::PRESETS {
        let profile = Profile::preset(preset).expect("a preset");
        let once = written(&[preset]);
        assert_eq!(once, written(&[preset]), "the same, byte by byte");
        let imported = Imported::new(&once, "the-key");
        hold(&imported.collection);

        // The verifier's own reader finds the key where the collection puts it.
        let (name, value) = imported.header();
        let headers = [(&*name, value.as_bytes())];
        let mut buffer = DecodeBuffer::default();
        if preset == &"inboxfirst" {
            assert_eq!((&*name, &*value), ("authorization", "Basic the-key"));
        } else {
            let found = extract(profile.transports(), &headers, &mut buffer);
            let found = found.unwrap_or_else(|_| panic!("{preset}: {name}: {value}"));
            assert_eq!(found.key, b"the-key", "{preset}");
            assert_eq!(found.transport, &profile.transports()[0]);
        }

        // Each request is one rule's, and each rule that keys can open has one.
        let table = profile.routes();
        let mut met = BTreeSet::new();
        for [folder, name, method, url] in imported.requests() {
            let path = url.strip_prefix("https://api.example.com");
            let path = path.unwrap_or_else(|| panic!("{preset}: {url}"));
            let path = RequestPath::parse(path.as_bytes()).expect("a path");
            let method = if name.starts_with("Any method") {
                "TRACE"
            } else {
                &method
            };
            let found = table.find(method.as_bytes(), path).expect("a rule");
            let RouteAccess::Scope(scope) = table.rules()[usize::from(found)].access else {
                panic!("{preset}: {name} is closed");
            };
            assert_eq!(folder, *profile.scopes()[usize::from(scope)].title);
            assert!(met.insert(found), "{preset}: {name} stands there twice");
        }
        let open = table
            .rules()
            .iter()
            .filter(|rule| matches!(rule.access, RouteAccess::Scope(_)));
        assert_eq!(met.len(), open.count(), "{preset}");
    }
    let smashfly: Value = serde_json::from_str(&written(&["smashfly"])).expect("JSON");
    let description = text_of(&smashfly["info"]["description"]);
    assert!(description.contains("`* /jobs/**`: The Jobs API takes no API key"));
}

/// The example that eSputnik's document promises: imported, given a key, and sent with.
#[test]
fn e3_the_example_of_basic_authorisation_works_with_a_key() {
    let world = World::of("esputnik");
    let (key, _) = world.key(&["--level", "events", "--field", "description=Postman"]);
    let imported = Imported::new(&written(&["esputnik"]), &key);
    assert_eq!(imported.collection["auth"]["type"], "basic");
    let (name, value) = imported.header();
    let encoded = value.strip_prefix("Basic ").expect("HTTP Basic");
    let decoded = text(&STANDARD.decode(encoded).expect("base64"));
    let (_, password) = decoded.split_once(':').expect("user name and password");
    assert_eq!((&*name, password), ("Authorization", &*key));

    let file = world.place.path().join("presented.key");
    std::fs::write(file, format!("{password}\n")).expect("a file");
    let requests = imported.requests();
    assert_eq!(requests.len(), 51);
    for (wanted, exit) in [
        ("GET /version", 0),
        ("POST /event", 0),
        ("GET /contact/{id}", 1),
        ("POST /message/email", 1),
    ] {
        let found = requests.iter().find(|[_, name, ..]| name == wanted);
        let [_, _, method, url] = found.expect("a request");
        let path = url.strip_prefix("https://api.example.com").expect("below");
        assert!(path.starts_with("/api/v1/"), "{path}");
        let verify = ["key", "verify", "-k", "shop", "--key-file", "presented.key"];
        let output = world.run(&[&verify[..], &[&**method, path]].concat());
        assert_eq!(
            output.status.code(),
            Some(exit),
            "{wanted}: {}",
            text(&output.stdout)
        );
    }
}

#[test]
fn a_profile_of_ones_own_an_address_and_a_file() {
    let place = Directory::new();
    let toml = Profile::preset_toml("keyward").expect("a preset");
    let (profile, out) = (place.path().join("own.toml"), place.path().join("own.json"));
    std::fs::write(&profile, toml.replace("id = \"keyward\"", "id = \"books\"")).expect("a file");
    let (profile, out) = (profile.to_str().expect("text"), out.to_str().expect("text"));
    let address = ["--base-url", "http://127.0.0.1:8080/books/"];
    let said = written(&[&[profile, "--out", out], &address[..]].concat());
    assert_eq!(said, "");
    let collection = std::fs::read_to_string(out).expect("a file");
    let imported = Imported::new(&collection, "the-key");
    let requests = imported.requests();
    assert_eq!(requests[0][3], "http://127.0.0.1:8080/books/x7");
    for wrong in ["books.example.com", "https://", "https://a?b", "ftp://a"] {
        let refused = output(&["profile", "postman", "keyward", "--base-url", wrong]);
        assert_eq!(refused.status.code(), Some(2), "{wrong}");
    }
    let refused = output(&["profile", "postman", "nobody"]);
    assert_eq!(refused.status.code(), Some(1));
}
