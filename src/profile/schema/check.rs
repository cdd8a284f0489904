//! What can be seen of a document without putting it together: names, lengths, numbers, lists.

use std::collections::HashMap;

use super::document::{At, Document, Kind, NamedDimension, Text};
use super::limits::{MAX_CALLS, MAX_HELP, MAX_LISTED, MAX_NAME, MAX_TITLE, MAX_VALUES};
use super::mistakes::Mistakes;
use super::{fields, lifecycle, management};
use crate::access::{MAX_DIMENSIONS, MAX_SCOPES, MAX_TEXT_VALUE};
use crate::profile::compiled::realm_holds;
use crate::profile::notice;

/// That nothing stands there too often. The other checks compare each with each, so this one comes first.
pub(super) fn check_counts(document: &Document, mistakes: &mut Mistakes<'_>) {
    fn place<T>(beyond: Option<&At<T>>) -> Option<usize> {
        beyond.map(At::place)
    }
    let mut calls = document
        .routes
        .iter()
        .flat_map(|group| group.get().calls.get());
    let columns = document.columns.as_ref().map(At::get);
    let mut privileges = document.privileges.values();
    let mut words = document.vocabulary.values();
    for (what, most, beyond) in [
        ("scopes", MAX_SCOPES, place(document.scopes.get(MAX_SCOPES))),
        (
            "levels",
            MAX_LISTED,
            place(document.levels.get().get(MAX_LISTED)),
        ),
        ("calls", MAX_CALLS, place(calls.nth(MAX_CALLS))),
        (
            "constraints",
            MAX_DIMENSIONS,
            place(document.constraints.get(MAX_DIMENSIONS)),
        ),
        ("fields", MAX_LISTED, place(document.fields.get(MAX_LISTED))),
        (
            "columns",
            MAX_LISTED,
            place(columns.and_then(|columns| columns.get(MAX_LISTED))),
        ),
        ("privileges", MAX_LISTED, place(privileges.nth(MAX_LISTED))),
        ("words", MAX_LISTED, place(words.nth(MAX_LISTED))),
    ] {
        if let Some(place) = beyond {
            let message = format!("too many {what}: a profile has at most {most}");
            mistakes.add(place, message);
        }
    }
    for rights in document.privileges.values() {
        if let Some(beyond) = rights.get().get(MAX_LISTED) {
            let message = format!("too many rights: a privilege lists at most {MAX_LISTED}");
            mistakes.add(beyond.place(), message);
        }
    }
    for dimension in &document.constraints {
        if let Some(beyond) = dimension.get().values.get(MAX_LISTED) {
            let message = format!("too many values: a constraint lists at most {MAX_LISTED}");
            mistakes.add(beyond.place(), message);
        }
    }
}

pub(super) fn check(document: &Document, mistakes: &mut Mistakes<'_>) {
    name(&document.id, "id", mistakes);
    text(&document.title, "title", MAX_TITLE, mistakes);
    optional_text(document.description.as_ref(), "description", mistakes);
    let realm = &document.request.realm;
    text(realm, "realm", MAX_TITLE, mistakes);
    if !realm_holds(realm.get()) {
        let message = format!(
            "realm {:?}: use printable ASCII without quotes and backslashes",
            realm.get()
        );
        mistakes.add(realm.place(), message);
    }
    check_scopes(document, mistakes);
    check_levels(document, mistakes);
    check_dimensions(document, mistakes);
    fields::check(document, mistakes);
    lifecycle::check(&document.lifecycle, mistakes);
    management::check(document, mistakes);
    check_vocabulary(document, mistakes);
}

fn check_scopes(document: &Document, mistakes: &mut Mistakes<'_>) {
    let scopes = &document.scopes;
    unique(
        scopes.iter().map(|scope| &scope.get().id),
        "scope",
        mistakes,
    );
    for scope in scopes {
        text(&scope.get().title, "a scope's title", MAX_TITLE, mistakes);
        let id = &scope.get().id;
        if id.get().split('.').any(str::is_empty) {
            let message = format!(
                "scope {:?} has an empty segment; write one dot between two words",
                id.get()
            );
            mistakes.add(id.place(), message);
        }
    }
}

fn check_levels(document: &Document, mistakes: &mut Mistakes<'_>) {
    let levels = document.levels.get();
    if levels.is_empty() {
        mistakes.add(
            document.levels.place(),
            "no level: a key of this profile could not do anything; add [[levels]]",
        );
    }
    unique(
        levels.iter().map(|level| &level.get().id),
        "level",
        mistakes,
    );
    for level in levels {
        text(&level.get().title, "a level's title", MAX_TITLE, mistakes);
        optional_text(level.get().help.as_ref(), "a level's help", mistakes);
    }
}

fn check_dimensions(document: &Document, mistakes: &mut Mistakes<'_>) {
    let dimensions = &document.constraints;
    unique(
        dimensions.iter().map(|dimension| &dimension.get().name),
        "constraint",
        mistakes,
    );
    for dimension in dimensions {
        check_dimension(dimension.get(), mistakes);
    }
}

fn check_dimension(dimension: &NamedDimension, mistakes: &mut Mistakes<'_>) {
    text(
        &dimension.title,
        "a constraint's title",
        MAX_TITLE,
        mistakes,
    );
    optional_text(dimension.help.as_ref(), "a constraint's help", mistakes);
    let max_values = &dimension.max_values;
    if !(1..=MAX_VALUES).contains(max_values.get()) {
        let message = format!(
            "max_values {}: a key lists from 1 to {MAX_VALUES} values",
            max_values.get()
        );
        mistakes.add(max_values.place(), message);
    }
    let kind = *dimension.kind.get();
    if matches!(kind, Kind::Network)
        && let Some(applies_to) = &dimension.applies_to
    {
        let message = "a network is checked on every call; take applies_to out";
        mistakes.add(applies_to.place(), message);
    }
    let values = &dimension.values;
    if let Some(first) = values.first()
        && !matches!(kind, Kind::Text)
    {
        let message =
            "only texts have a closed list of values; take `values` out, or write kind = \"text\"";
        mistakes.add(first.place(), message);
    }
    for value in values {
        text(value, "a value", MAX_TEXT_VALUE, mistakes);
        if value.get().is_empty() {
            mistakes.add(value.place(), "an empty value; take it out");
        }
    }
    twice(values, "value", mistakes);
}

fn check_vocabulary(document: &Document, mistakes: &mut Mistakes<'_>) {
    for (word, meaning) in &document.vocabulary {
        if !is_name(word) {
            mistakes.add(meaning.place(), format!("word {word:?} {NO_NAME}"));
        }
        text(meaning, "a word's text", MAX_HELP, mistakes);
        if notice::WORDS.contains(&&**word) {
            check_places(document, meaning, mistakes);
        }
    }
}

/// That all that is to be filled in is there.
fn check_places(document: &Document, meaning: &Text, mistakes: &mut Mistakes<'_>) {
    let fields = document
        .fields
        .iter()
        .map(|field| &**field.get().name.get());
    let known: Vec<&str> = notice::PLACES.into_iter().chain(fields).collect();
    notice::fill(meaning.get(), &mut |place| {
        if !known.contains(&place) {
            let message = format!(
                "there is nothing to write for {{{place}}}; there are: {}",
                known.join(", ")
            );
            mistakes.add(meaning.place(), message);
        }
        None
    });
}

pub(super) const NO_NAME: &str =
    "is no name: use 1 to 64 of a-z, 0-9, `_`, `-` and `.`, the first a letter or digit";

/// Names become members of JSON and JavaScript objects, where these two would mean something else.
pub(super) fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte)
        })
        && name != "constructor"
}

fn name(name: &Text, what: &str, mistakes: &mut Mistakes<'_>) {
    if *name.get() == "constructor".into() {
        let message = format!("{what} \"constructor\" is taken in JavaScript; choose another name");
        mistakes.add(name.place(), message);
    } else if !is_name(name.get()) {
        mistakes.add(name.place(), format!("{what} {:?} {NO_NAME}", name.get()));
    }
}

/// Names, each of which names one thing.
pub(super) fn unique<'a>(
    names: impl Iterator<Item = &'a Text> + Clone,
    what: &str,
    mistakes: &mut Mistakes<'_>,
) {
    for each in names.clone() {
        name(each, what, mistakes);
    }
    twice(names, what, mistakes);
}

/// Texts, none of which may stand there twice.
pub(super) fn twice<'a>(
    texts: impl IntoIterator<Item = &'a Text>,
    what: &str,
    mistakes: &mut Mistakes<'_>,
) {
    let mut seen = HashMap::new();
    for each in texts {
        if let Some(first) = seen.insert(each.get(), each.place()) {
            mistakes.add_with(each.place(), |lines| {
                format!(
                    "{what} {:?} stands there twice, first in line {}; take one out",
                    each.get(),
                    lines.number(first)
                )
            });
        }
    }
}

/// A text that people read, on one line or on several.
pub(super) fn text(text: &Text, what: &str, most: usize, mistakes: &mut Mistakes<'_>) {
    let length = text.get().len();
    if length > most {
        let message = format!("{what} of {length} bytes; at most {most}");
        mistakes.add(text.place(), message);
    }
    let breaks = |character: char| character == '\n' && most == MAX_HELP;
    if text
        .get()
        .contains(|character: char| character.is_control() && !breaks(character))
    {
        let message = format!("{what} holds a control character; take it out");
        mistakes.add(text.place(), message);
    }
}

pub(super) fn optional_text(given: Option<&Text>, what: &str, mistakes: &mut Mistakes<'_>) {
    if let Some(given) = given {
        text(given, what, MAX_HELP, mistakes);
    }
}
