//! The checks that a profile passes as a whole before anything is decided by it.

use std::collections::HashSet;

use super::Profile;
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
    if profile
        .realm
        .bytes()
        .any(|byte| !(b' '..=b'~').contains(&byte) || b"\"\\".contains(&byte))
    {
        return invalid(format!(
            "realm {:?}: use printable ASCII without quotes and backslashes",
            profile.realm
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
