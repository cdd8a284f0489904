//! A profile as a Postman Collection v2.1 (system row E3): how a key is sent, and every call that a key can open.

use std::fmt::Write as _;

use serde::Serialize;

use crate::access::{RouteAccess, RouteRule};
use crate::profile::Profile;
use crate::request::{AUTHORIZATION, Transport};

/// What names the format; Postman reads the collection by it.
const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/// A profile takes any user name; some clients refuse an empty one.
const ANY_USER: &str = "api";

/// Stands in every call, and is filled in once, in the collection's variables.
const BASE_URL: &str = "{{baseUrl}}";
const KEY: &str = "{{apiKey}}";
const VERSION: &str = "{{version}}";

/// A collection: the same profile makes the same one, byte by byte.
#[derive(Serialize)]
pub(super) struct Collection<'a> {
    info: Info<'a>,
    item: Vec<Folder<'a>>,
    auth: Auth,
    variable: Vec<Variable>,
}

#[derive(Serialize)]
struct Info<'a> {
    name: String,
    description: String,
    schema: &'a str,
}

/// The calls of one scope.
#[derive(Serialize)]
struct Folder<'a> {
    name: &'a str,
    description: String,
    item: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    name: String,
    request: Request,
}

#[derive(Serialize)]
struct Request {
    method: String,
    header: [(); 0],
    url: Url,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
}

#[derive(Serialize)]
struct Url {
    raw: String,
    host: [&'static str; 1],
    path: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    variable: Vec<Variable>,
}

/// A value that whoever imports the collection fills in.
#[derive(Serialize)]
struct Variable {
    key: String,
    value: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// How a key is sent: the first of the profile's ways.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Auth {
    Basic { basic: Vec<Variable> },
    Bearer { bearer: Vec<Variable> },
    Apikey { apikey: Vec<Variable> },
}

impl<'a> Collection<'a> {
    /// The collection of a profile, for the API at `base_url`: what stands before the profile's base path, without a
    /// slash at its end.
    pub(super) fn of(profile: &'a Profile, base_url: &str) -> Self {
        let folders = (0..).zip(profile.scopes()).map(|(index, scope)| Folder {
            name: &scope.title,
            description: format!(
                "Scope `{}`, of the levels: {}.",
                scope.id,
                levels(profile, index)
            ),
            item: calls(profile, index),
        });
        let mut variable = vec![
            Variable::new("baseUrl", base_url),
            Variable::new("apiKey", ""),
        ];
        if profile.has_version_segment() {
            variable.push(Variable::new("version", "v1"));
        }
        Self {
            info: Info {
                name: format!("{} API", profile.title()),
                description: description(profile),
                schema: SCHEMA,
            },
            item: folders.filter(|folder| !folder.item.is_empty()).collect(),
            auth: Auth::of(profile.transports()),
            variable,
        }
    }
}

impl Auth {
    fn of(transports: &[Transport]) -> Self {
        match transports.first() {
            Some(Transport::BasicPassword) => Self::Basic {
                basic: vec![
                    Variable::new("username", ANY_USER),
                    Variable::new("password", KEY),
                ],
            },
            // The key is the encoded payload already; what Postman calls Basic would encode it once more.
            Some(Transport::BasicWhole) => Self::header(AUTHORIZATION, &format!("Basic {KEY}")),
            Some(Transport::Header(name)) => Self::header(name, KEY),
            Some(Transport::Bearer) | None => Self::Bearer {
                bearer: vec![Variable::new("token", KEY)],
            },
        }
    }

    fn header(name: &str, value: &str) -> Self {
        Self::Apikey {
            apikey: vec![
                Variable::new("key", name),
                Variable::new("value", value),
                Variable::new("in", "header"),
            ],
        }
    }
}

impl Variable {
    fn new(key: &str, value: &str) -> Self {
        Self {
            key: key.to_owned(),
            value: value.to_owned(),
            kind: "string",
        }
    }
}

/// What the profile says of itself, what to fill in, and what no key may call.
fn description(profile: &Profile) -> String {
    let mut text = profile.description().to_owned();
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(
        "Put your key into the collection's variable `apiKey`; every call takes it from there.",
    );
    let closed = profile
        .routes()
        .rules()
        .iter()
        .filter_map(|rule| match &rule.access {
            RouteAccess::Closed(why) => Some((rule, why)),
            RouteAccess::Scope(_) => None,
        });
    for (rule, why) in closed {
        let (method, base, pattern) = (&rule.method, profile.base_path(), &rule.pattern);
        let _ = write!(text, "\n\n`{method} {base}{pattern}`: {why}");
    }
    text
}

/// The titles of the levels that open a scope.
fn levels(profile: &Profile, scope: u16) -> String {
    let levels = profile.levels().iter();
    let titles = levels
        .filter(|level| level.everything || level.scopes.contains(scope))
        .map(|level| &*level.title);
    titles.collect::<Vec<_>>().join(", ")
}

fn calls(profile: &Profile, scope: u16) -> Vec<Item> {
    let rules = profile.routes().rules().iter();
    let own = rules.filter(|rule| matches!(rule.access, RouteAccess::Scope(own) if own == scope));
    own.map(|rule| call(profile, rule)).collect()
}

fn call(profile: &Profile, rule: &RouteRule) -> Item {
    let is_any = &*rule.method == "*";
    let url = Url::of(profile, rule);
    Item {
        name: format!(
            "{} {}",
            if is_any { "Any method" } else { &rule.method },
            rule.pattern
        ),
        request: Request {
            method: if is_any { "GET" } else { &rule.method }.to_owned(),
            header: [],
            url,
            description: if is_any {
                "Stands for every method that no other call of this path names.".to_owned()
            } else {
                String::new()
            },
        },
    }
}

impl Url {
    /// `{id}` becomes the path variable `:id`, and what a tail `**` stands for `:rest`.
    fn of(profile: &Profile, rule: &RouteRule) -> Self {
        let mut path = Vec::new();
        let mut variable: Vec<Variable> = Vec::new();
        path.extend(segments(profile.base_path()).map(str::to_owned));
        if profile.has_version_segment() {
            path.push(VERSION.to_owned());
        }
        for segment in segments(&rule.pattern) {
            let name = segment
                .strip_prefix('{')
                .and_then(|segment| segment.strip_suffix('}'));
            let Some(name) = name.or((segment == "**").then_some("rest")) else {
                path.push(segment.to_owned());
                continue;
            };
            path.push(format!(":{name}"));
            if variable.iter().all(|known| known.key != name) {
                variable.push(Variable::new(name, ""));
            }
        }
        Self {
            raw: format!("{BASE_URL}/{}", path.join("/")),
            host: [BASE_URL],
            path,
            variable,
        }
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}
