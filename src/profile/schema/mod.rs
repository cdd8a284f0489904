//! The TOML that profiles are written in (`document`), read and checked as a whole, so that every mistake is found at
//! once.

mod check;
mod document;
mod fields;
mod levels;
mod lifecycle;
mod limits;
mod management;
mod mistakes;
mod routes;
#[cfg(test)]
mod tests;

use serde::Deserialize;

use self::document::{At, Document, Format, Key, Kind, NamedDimension, Text};
use self::limits::{MAX_DOCUMENT, SCHEMA_VERSION};
use self::mistakes::{Mistakes, unreadable};
use super::{MAX_OWN_HEADERS, Profile, Scope, scopes_like};
use crate::access::{self, Dimension, DimensionKind, ScopeSet};
use crate::error::{Code, Error};
use crate::key::KeyFormat;
use crate::request::Transport;

/// Headers that mean something else, or that a host does not hand on.
const TAKEN_HEADERS: &[&str] = &[
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "forwarded",
    "host",
    "origin",
    "proxy-authorization",
    "referer",
    "set-cookie",
    "transfer-encoding",
    "user-agent",
    "x-forwarded-for",
];

/// Reads a document, or says all that is wrong with it.
pub(super) fn read(text: &str) -> Result<Profile, Vec<Error>> {
    if text.len() > MAX_DOCUMENT {
        let message = format!("{} bytes; a profile has at most {MAX_DOCUMENT}", text.len());
        return Err(vec![Error::new(Code::InvalidProfile, message)]);
    }
    let mut mistakes = Mistakes::new(text);
    // First of all, since another version has other members.
    if let Ok(Versioned { schema_version }) = toml::from_str(text)
        && *schema_version.get() != i64::from(SCHEMA_VERSION)
    {
        let message = format!(
            "schema_version {}: this version of Keyward reads {SCHEMA_VERSION}",
            schema_version.get()
        );
        mistakes.add(schema_version.place(), message);
        return mistakes.conclude(None);
    }
    let document: Document =
        toml::from_str(text).map_err(|error| vec![unreadable(text, &error)])?;
    check::check_counts(&document, &mut mistakes);
    if mistakes.count() > 0 {
        return mistakes.conclude(None);
    }
    check::check(&document, &mut mistakes);
    let profile = put_together(document, &mut mistakes);
    mistakes.conclude(profile)
}

/// The JSON Schema of the document, as text.
#[cfg(feature = "server")]
pub(super) fn json_schema() -> String {
    let mut text = format!("{:#}", document::json_schema().as_value());
    text.push('\n');
    text
}

/// What every version of the document has.
#[derive(Deserialize)]
struct Versioned {
    schema_version: At<i64>,
}

fn put_together(document: Document, mistakes: &mut Mistakes<'_>) -> Option<Profile> {
    let key_format = key_format(&document.key, mistakes);
    let transports = transports(&document.request.transports, mistakes);
    let levels = levels::resolve(&document, mistakes);
    let routes = routes::compile(&document, mistakes);
    let dimensions = document
        .constraints
        .iter()
        .map(|dimension| self::dimension(&document, dimension.get(), mistakes))
        .collect();
    let lifecycle = document.lifecycle.to_lifecycle();
    let management = management::put_together(&document);
    let fields = document.fields.into_iter();
    let fields = fields.map(|field| field.into_inner().into_field());
    let scopes = document.scopes.into_iter().map(|scope| {
        let scope = scope.into_inner();
        Scope {
            id: scope.id.into_inner(),
            title: scope.title.into_inner(),
        }
    });
    let vocabulary = document.vocabulary.into_iter();
    Some(Profile {
        id: document.id.into_inner(),
        title: document.title.into_inner(),
        description: optional(document.description.as_ref()),
        key_format: key_format?,
        transports,
        realm: document.request.realm.into_inner(),
        scopes: scopes.collect(),
        levels,
        routes: routes?,
        dimensions,
        fields: fields.collect(),
        vocabulary: vocabulary
            .map(|(word, text)| (word, text.into_inner()))
            .collect(),
        lifecycle,
        management,
    })
}

/// A text that may be left out.
fn optional(text: Option<&Text>) -> Box<str> {
    text.map(|text| text.get().clone()).unwrap_or_default()
}

fn key_format(key: &At<Key>, mistakes: &mut Mistakes<'_>) -> Option<KeyFormat> {
    let Key { format, prefix } = key.get();
    match (format, prefix) {
        (Format::Checksummed, Some(prefix)) => KeyFormat::checksummed(prefix.get())
            .map_err(|error| mistakes.add(prefix.place(), error.message()))
            .ok(),
        (Format::Checksummed, None) => {
            let message = "keys of the format checksummed begin with a prefix; add prefix = \"…\", such as \"em_live\"";
            mistakes.add(key.place(), message);
            None
        }
        (Format::AccountHex, None) => Some(KeyFormat::AccountHex),
        (Format::Opaque, None) => Some(KeyFormat::Opaque),
        (Format::AccountHex | Format::Opaque, Some(prefix)) => {
            let message = "keys of this format have no prefix; take it out";
            mistakes.add(prefix.place(), message);
            None
        }
    }
}

fn transports(names: &At<Vec<Text>>, mistakes: &mut Mistakes<'_>) -> Vec<Transport> {
    if names.get().is_empty() {
        let message = "no transport: say where in a request the key stands, such as `bearer`";
        mistakes.add(names.place(), message);
    }
    let mut transports: Vec<Transport> = Vec::new();
    for name in names.get() {
        let Some(transport) = Transport::from_name(name.get()) else {
            let message = format!(
                "transport {:?} is unknown; there are: basic_password, basic_whole, bearer, header(name) with the name in \
                 lower case",
                name.get()
            );
            mistakes.add(name.place(), message);
            continue;
        };
        let is_taken =
            matches!(&transport, Transport::Header(name) if TAKEN_HEADERS.contains(&&**name));
        if is_taken {
            let message = format!("{transport}: this header means something else; choose another");
            mistakes.add(name.place(), message);
        }
        if transports.contains(&transport) {
            let message = format!("transport \"{transport}\" stands there twice; take one out");
            mistakes.add(name.place(), message);
            continue;
        }
        if transport.scheme() == Some("Basic")
            && transports
                .iter()
                .any(|other| other.scheme() == Some("Basic"))
        {
            let message =
                "basic_password and basic_whole read the same header in two ways; take one out";
            mistakes.add(name.place(), message);
        }
        transports.push(transport);
        let own = transports
            .iter()
            .filter(|transport| matches!(transport, Transport::Header(_)));
        if own.count() == MAX_OWN_HEADERS + 1 {
            let message = format!(
                "too many headers: a key comes in at most {MAX_OWN_HEADERS} besides Authorization"
            );
            mistakes.add(name.place(), message);
        }
    }
    transports
}

fn dimension(
    document: &Document,
    dimension: &NamedDimension,
    mistakes: &mut Mistakes<'_>,
) -> Dimension {
    let applies_to = dimension.applies_to.as_ref().map(|scopes| {
        if scopes.get().is_empty() {
            let message = "applies_to lists no scope, so that it would never be checked; leave it out for every call";
            mistakes.add(scopes.place(), message);
        }
        scopes_of(document, scopes.get(), mistakes)
    });
    let levels = dimension.levels.as_ref().map(|levels| {
        if levels.get().is_empty() {
            let message =
                "levels lists none, so that no key could be limited in it; leave it out for all";
            mistakes.add(levels.place(), message);
        }
        check::twice(levels.get(), "level", mistakes);
        let numbers = levels.get().iter();
        numbers
            .filter_map(|level| level_number(document, level, mistakes))
            .collect()
    });
    Dimension {
        name: dimension.name.get().clone(),
        title: dimension.title.get().clone(),
        help: optional(dimension.help.as_ref()),
        kind: match dimension.kind.get() {
            Kind::Integer => DimensionKind::Integer,
            Kind::Text => DimensionKind::Text,
            Kind::Network => DimensionKind::Network,
        },
        levels: levels.unwrap_or_default(),
        applies_to,
        max_values: *dimension.max_values.get(),
        values: dimension
            .values
            .iter()
            .map(|value| value.get().clone())
            .collect(),
    }
}

fn level_number(document: &Document, level: &Text, mistakes: &mut Mistakes<'_>) -> Option<u16> {
    let levels = document.levels.get();
    let index = levels
        .iter()
        .position(|known| known.get().id.get() == level.get());
    if index.is_none() {
        let known: Vec<_> = levels.iter().map(|level| &**level.get().id.get()).collect();
        let message = format!(
            "level {:?} is not declared; there are: {}",
            level.get(),
            known.join(", ")
        );
        mistakes.add(level.place(), message);
    }
    index.and_then(|index| u16::try_from(index).ok())
}

/// The number of one scope.
fn declared(document: &Document, scope: &Text, mistakes: &mut Mistakes<'_>) -> Option<u16> {
    let index = document
        .scopes
        .iter()
        .position(|known| known.get().id.get() == scope.get());
    if index.is_none() {
        mistakes.add(scope.place(), undeclared(document, scope.get()));
    }
    index.and_then(|index| u16::try_from(index).ok())
}

/// The scopes that patterns mean; each has to mean one.
fn scopes_of(document: &Document, patterns: &[Text], mistakes: &mut Mistakes<'_>) -> ScopeSet {
    let mut scopes = ScopeSet::EMPTY;
    for pattern in patterns {
        let ids = document.scopes.iter().map(|scope| &**scope.get().id.get());
        let meant = scopes_like(ids, pattern.get());
        if meant.is_empty() {
            mistakes.add(pattern.place(), undeclared(document, pattern.get()));
        }
        scopes = scopes.union(meant);
    }
    scopes
}

fn undeclared(document: &Document, pattern: &str) -> String {
    let known: Vec<_> = document
        .scopes
        .iter()
        .map(|scope| &**scope.get().id.get())
        .collect();
    let known = known.join(", ");
    if pattern.contains('*') && !access::is_pattern_well_formed(pattern) {
        format!(
            "scope {pattern:?}: `*` stands for a whole segment, as in `contacts.*`; there are: {known}"
        )
    } else if pattern.contains('*') {
        format!(
            "scope {pattern:?} means no scope that is declared; `*` stands for one segment; there are: {known}"
        )
    } else {
        format!("scope {pattern:?} is not declared; there are: {known}")
    }
}
