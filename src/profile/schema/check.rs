//! The checks that a profile passes as a whole before anything is decided by it.

use std::collections::HashSet;

use super::Profile;
use super::compiled::realm_holds;
use crate::error::{Code, Error};

/// Members that every key has beside the profile's fields.
const RESERVED_FIELDS: &[&str] = &[
    "id",
    "key",
    "account",
    "keyspace",
    "level",
    "scopes",
    "constraints",
    "status",
    "hint",
    "digest",
    "subject",
    "meta",
    "created_at",
    "created_by",
    "updated_at",
    "expires_at",
    "expires_in_days",
    "last_used_at",
];

/// The most of anything that is listed in a compiled profile by a 16-bit count.
const MAX_LISTED: usize = 1_000;

pub(super) fn check(profile: &Profile) -> Result<(), Error> {
    check_names(profile)?;
    let invalid = |message: String| Err(Error::new(Code::InvalidProfile, message));
    if let Some(field) = profile
        .fields
        .iter()
        .find(|field| RESERVED_FIELDS.contains(&&*field.name))
    {
        return invalid(format!(
            "field {:?} is a member that every key has; choose another name",
            field.name
        ));
    }
    for (what, count) in [
        ("levels", profile.levels.len()),
        ("fields", profile.fields.len()),
        ("words", profile.vocabulary.len()),
    ] {
        if count > MAX_LISTED {
            return invalid(format!(
                "{count} {what}; a profile has at most {MAX_LISTED}"
            ));
        }
    }
    if profile.levels.is_empty() {
        return invalid("no level: a key of this profile could not do anything".into());
    }
    if let Some(level) = profile
        .levels
        .iter()
        .find(|level| level.scopes.is_empty() && !level.everything)
    {
        return invalid(format!(
            "level {:?} grants nothing; give it scopes, or `everything = true`",
            level.id
        ));
    }
    if profile.transports.is_empty() {
        return invalid(
            "no transport: say where in a request the key stands, such as `bearer`".into(),
        );
    }
    if !realm_holds(&profile.realm) {
        return invalid(format!(
            "realm {:?}: use printable ASCII without quotes and backslashes",
            profile.realm
        ));
    }
    if profile.lifecycle.idle_disable_days == Some(0) {
        return invalid(
            "idle_disable_days = 0 would disable every key at once; leave it out for never".into(),
        );
    }
    if let Some(field) = profile.fields.iter().find(|field| field.max_length == 0) {
        return invalid(format!(
            "field {:?} has max_length 0; nothing could be filled in",
            field.name
        ));
    }
    for (index, transport) in profile.transports.iter().enumerate() {
        if profile.transports[..index].contains(transport) {
            return invalid(format!(
                "transport {:?} stands there twice; remove one",
                transport.as_str()
            ));
        }
    }
    check_lengths(profile)
}

/// Nothing that people write is longer than people read.
fn check_lengths(profile: &Profile) -> Result<(), Error> {
    let texts = [
        ("title", &profile.title, 200),
        ("description", &profile.description, 1_000),
        ("realm", &profile.realm, 200),
    ]
    .into_iter()
    .chain(
        profile
            .scopes
            .iter()
            .map(|scope| ("a scope's title", &scope.title, 200)),
    )
    .chain(profile.levels.iter().flat_map(|level| {
        [
            ("a level's title", &level.title, 200),
            ("a level's help", &level.help, 1_000),
        ]
    }))
    .chain(profile.fields.iter().flat_map(|field| {
        [
            ("a field's label", &field.label, 200),
            ("a field's help", &field.help, 1_000),
        ]
    }))
    .chain(
        profile
            .vocabulary
            .iter()
            .flat_map(|(word, text)| [("a word", word, 64), ("a word's text", text, 1_000)]),
    )
    .chain(profile.routes.rules().iter().flat_map(|rule| {
        [
            ("a method", &rule.method, 32),
            ("a pattern", &rule.pattern, 1_024),
        ]
    }));
    for (what, text, most) in texts {
        if text.len() > most {
            let message = format!("{what} of {} bytes; at most {most}", text.len());
            return Err(Error::new(Code::InvalidProfile, message));
        }
    }
    if profile.routes.base_path().len() > 1_024 {
        return Err(Error::new(
            Code::InvalidProfile,
            "the base path is longer than 1,024 bytes",
        ));
    }
    Ok(())
}

fn check_names(profile: &Profile) -> Result<(), Error> {
    let is_name = |name: &str| {
        (1..=64).contains(&name.len())
            && name.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte)
            })
    };
    let names = std::iter::once(("id", &profile.id))
        .chain(profile.scopes.iter().map(|scope| ("scope", &scope.id)))
        .chain(profile.levels.iter().map(|level| ("level", &level.id)))
        .chain(profile.fields.iter().map(|field| ("field", &field.name)));
    let mut seen = HashSet::new();
    for (what, name) in names {
        let invalid = |why: &str| {
            Err(Error::new(
                Code::InvalidProfile,
                format!("{what} {name:?} {why}"),
            ))
        };
        if !is_name(name) {
            return invalid("is no name: use 1 to 64 of a-z, 0-9, `_`, `-` and `.`");
        }
        if !seen.insert((what, name)) {
            return invalid("stands there twice; remove one");
        }
    }
    Ok(())
}
