//! The TOML that profiles are written in.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Field, Lifecycle, Profile, Scope};
use crate::access::{Level, MAX_SCOPES, RouteRule, RouteTable, ScopeSet};
use crate::error::{Code, Error};
use crate::key::KeyFormat;
use crate::request::Transport;

/// The one version of the schema that this crate reads.
const SCHEMA_VERSION: u16 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema_version: u16,
    id: Box<str>,
    title: Box<str>,
    #[serde(default)]
    description: Box<str>,
    key: Key,
    request: Request,
    scopes: Vec<NamedScope>,
    levels: Vec<NamedLevel>,
    #[serde(default)]
    routes: Vec<Routes>,
    #[serde(default)]
    fields: Vec<NamedField>,
    #[serde(default)]
    lifecycle: LifecycleRules,
    #[serde(default)]
    vocabulary: BTreeMap<Box<str>, Box<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    prefix: Box<str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    transports: Vec<Box<str>>,
    realm: Box<str>,
    #[serde(default)]
    base_path: Box<str>,
    #[serde(default)]
    version_segment: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedScope {
    id: Box<str>,
    title: Box<str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedLevel {
    id: Box<str>,
    title: Box<str>,
    #[serde(default)]
    help: Box<str>,
    #[serde(default)]
    scopes: Vec<Box<str>>,
    #[serde(default)]
    everything: bool,
}

/// Calls that need the same scope.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Routes {
    scope: Box<str>,
    calls: Vec<Box<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedField {
    name: Box<str>,
    label: Box<str>,
    #[serde(default)]
    help: Box<str>,
    #[serde(default)]
    required: bool,
    max_length: u16,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LifecycleRules {
    idle_disable_days: Option<u16>,
}

/// Reads a document; the parser's own errors name line and column.
pub(super) fn read(text: &str) -> Result<Profile, Error> {
    let document: Document = toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
    if document.schema_version != SCHEMA_VERSION {
        let message = format!(
            "schema_version {}: this version of Keyward reads {SCHEMA_VERSION}",
            document.schema_version
        );
        return Err(invalid(message));
    }
    if document.scopes.len() > MAX_SCOPES {
        return Err(invalid(format!(
            "{} scopes; a profile has at most {MAX_SCOPES}",
            document.scopes.len()
        )));
    }
    let transports = document
        .request
        .transports
        .iter()
        .map(|name| transport(name))
        .collect::<Result<_, _>>()?;
    let levels = document
        .levels
        .iter()
        .map(|level| document.level(level))
        .collect::<Result<_, _>>()?;
    let routes = document.route_rules()?;
    let fields = document.fields.into_iter().map(
        |NamedField {
             name,
             label,
             help,
             required,
             max_length,
         }| {
            Field {
                name,
                label,
                help,
                required,
                max_length,
            }
        },
    );
    Ok(Profile {
        id: document.id,
        title: document.title,
        description: document.description,
        key_format: KeyFormat::checksummed(&document.key.prefix)?,
        transports,
        realm: document.request.realm,
        scopes: document
            .scopes
            .into_iter()
            .map(|NamedScope { id, title }| Scope { id, title })
            .collect(),
        levels,
        routes: RouteTable::compile(
            &document.request.base_path,
            document.request.version_segment,
            routes,
        )?,
        fields: fields.collect(),
        vocabulary: document.vocabulary.into_iter().collect(),
        lifecycle: Lifecycle {
            idle_disable_days: document.lifecycle.idle_disable_days,
        },
    })
}

fn invalid(message: String) -> Error {
    Error::new(Code::InvalidProfile, message)
}

fn transport(name: &str) -> Result<Transport, Error> {
    Transport::from_name(name).ok_or_else(|| {
        invalid(format!(
            "transport {name:?} is unknown; there are: basic_password, bearer"
        ))
    })
}

impl Document {
    fn scope_index(&self, id: &str, place: &str) -> Result<u16, Error> {
        let index = self.scopes.iter().position(|scope| &*scope.id == id);
        index
            .and_then(|index| u16::try_from(index).ok())
            .ok_or_else(|| {
                let known = self
                    .scopes
                    .iter()
                    .map(|scope| &*scope.id)
                    .collect::<Vec<_>>()
                    .join(", ");
                invalid(format!(
                    "{place}: scope {id:?} is not declared; there are: {known}"
                ))
            })
    }

    fn level(
        &self,
        NamedLevel {
            id,
            title,
            help,
            scopes,
            everything,
        }: &NamedLevel,
    ) -> Result<Level, Error> {
        let place = format!("level {id:?}");
        let scopes = scopes.iter().try_fold(ScopeSet::EMPTY, |set, scope| {
            self.scope_index(scope, &place).map(|index| set.with(index))
        })?;
        Ok(Level {
            id: id.clone(),
            title: title.clone(),
            help: help.clone(),
            scopes,
            everything: *everything,
        })
    }

    fn route_rules(&self) -> Result<Vec<RouteRule>, Error> {
        let mut rules = Vec::new();
        for group in &self.routes {
            let scope = self.scope_index(&group.scope, "routes")?;
            for call in &group.calls {
                let (method, pattern) = call.split_once(' ').ok_or_else(|| {
                    invalid(format!(
                        "call {call:?}: write a method, a space and a path pattern"
                    ))
                })?;
                rules.push(RouteRule {
                    method: method.into(),
                    pattern: pattern.trim_start().into(),
                    scope,
                });
            }
        }
        Ok(rules)
    }
}

#[cfg(test)]
mod tests {
    use crate::profile::Profile;

    const GOOD: &str = include_str!("presets/esputnik.toml");

    fn message(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from}");
        Profile::from_toml(&GOOD.replacen(from, to, 1))
            .expect_err(to)
            .to_string()
    }

    #[test]
    fn mistakes_are_named_with_their_place_and_mend() {
        for (from, to, expected) in [
            ("schema_version = 1", "schema_version = 2", "reads 1"),
            ("realm =", "relm =", "unknown field `relm`"),
            (
                "\"basic_password\"",
                "\"cookie\"",
                "there are: basic_password, bearer",
            ),
            (
                "scope = \"events\"",
                "scope = \"event\"",
                "\"event\" is not declared",
            ),
            (
                "\"POST /event\"",
                "\"POST/event\"",
                "write a method, a space",
            ),
            (
                "\"POST /event\"",
                "\"POST /past_events\"",
                "matches the same calls",
            ),
            ("prefix = \"es\"", "prefix = \"e s\"", "key prefix"),
            ("everything = true", "everything = false", "grants nothing"),
            (
                "name = \"description\"",
                "name = \"level\"",
                "every key has",
            ),
        ] {
            let message = message(from, to);
            assert!(message.contains(expected), "{to}: {message}");
        }
    }
}
