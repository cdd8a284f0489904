//! What a server and its pages need to know and no edge does: columns, dialect, privileges, and what can be wrong with
//! them.

#[cfg(feature = "server")]
use schemars::JsonSchema;
use serde::Deserialize;

use super::check::{NO_NAME, is_name, twice};
use super::document::{At, Document, Text};
use super::fields::NamedField;
use super::lifecycle::LifecycleRules;
use super::limits::MAX_TITLE;
use super::mistakes::Mistakes;
use crate::profile::{Dialect, Management};

/// What a list of keys can show besides fields and constraints.
const COLUMNS: &[&str] = &[
    "key",
    "id",
    "level",
    "status",
    "subject",
    "created_by",
    "created_at",
    "updated_at",
    "expires_at",
    "last_used_at",
];

/// The one field that the dialects know.
const FIELD_OF_DIALECTS: &str = "name";

#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(JsonSchema), schemars(rename = "Dialect"))]
#[serde(rename_all = "snake_case")]
pub(super) enum Wire {
    /// `/api-keys`, pages by number, `{"error": {"code", "message"}}`.
    Emailit,
    /// `/api_keys` and `/organization/{id}/api_keys`, pages by number or token, an envelope around every answer.
    Inboxfirst,
}

pub(super) fn put_together(document: &Document) -> Management {
    let texts = |texts: &[Text]| texts.iter().map(|text| text.get().clone()).collect();
    let mut privileges: Vec<_> = document.privileges.iter().collect();
    privileges.sort_by_key(|(_, rights)| rights.place());
    Management {
        dialect: document
            .dialect
            .as_ref()
            .map(|dialect| match dialect.get() {
                Wire::Emailit => Dialect::Emailit,
                Wire::Inboxfirst => Dialect::Inboxfirst,
            }),
        columns: document
            .columns
            .as_ref()
            .map(|columns| texts(columns.get()))
            .unwrap_or_default(),
        privileges: privileges
            .into_iter()
            .map(|(name, rights)| (name.clone(), texts(rights.get())))
            .collect(),
    }
}

pub(super) fn check(document: &Document, mistakes: &mut Mistakes<'_>) {
    if let Some(columns) = &document.columns {
        check_columns(document, columns, mistakes);
    }
    if let Some(dialect) = &document.dialect {
        check_dialect(document, dialect, mistakes);
    }
    for (name, rights) in &document.privileges {
        check_privilege(name, rights, mistakes);
    }
}

fn check_columns(document: &Document, columns: &At<Vec<Text>>, mistakes: &mut Mistakes<'_>) {
    if columns.get().is_empty() {
        let message = "columns lists nothing; leave it out for a page's own order";
        mistakes.add(columns.place(), message);
    }
    let fields = document.fields.iter().map(|field| field.get().name.get());
    let constraints = document.constraints.iter();
    let constraints = constraints.map(|dimension| dimension.get().name.get());
    let known: Vec<&str> = fields
        .chain(constraints)
        .map(|name| &**name)
        .chain(COLUMNS.iter().copied())
        .collect();
    for column in columns.get() {
        if !known.contains(&&**column.get()) {
            let message = format!(
                "column {:?} is neither a field nor a constraint; there are: {}",
                column.get(),
                known.join(", ")
            );
            mistakes.add(column.place(), message);
        }
    }
    twice(columns.get(), "column", mistakes);
}

/// That keys can be made through it.
fn check_dialect(document: &Document, dialect: &At<Wire>, mistakes: &mut Mistakes<'_>) {
    let known = |field: &NamedField| &**field.name.get() == FIELD_OF_DIALECTS;
    let mut fields = document.fields.iter().map(At::get);
    if !fields.clone().next().is_some_and(known) {
        let message = format!(
            "the first field of a dialect's keys is their {FIELD_OF_DIALECTS}; add [[fields]] with name = \
             \"{FIELD_OF_DIALECTS}\" before all others, or take dialect out"
        );
        mistakes.add(dialect.place(), message);
    } else if let Some(other) = fields.find(|field| field.required && !known(field)) {
        let message = format!(
            "field {:?} is required, and no dialect has it, so that no key could be made there; write required = false, or \
             take dialect out",
            other.name.get()
        );
        mistakes.add(other.name.place(), message);
    }
    let LifecycleRules {
        expires_in_days,
        max_expires_in_days,
        ..
    } = &document.lifecycle;
    let choices = expires_in_days.as_ref().map(At::place);
    if let Some(place) = choices.or(max_expires_in_days.as_ref().map(At::place)) {
        let message = "keys of this profile need an end, and no dialect has one, so that no key could be made there; take this or \
                       dialect out";
        mistakes.add(place, message);
    }
}

/// Which rights there are is the service's to know.
fn check_privilege(name: &str, rights: &At<Vec<Text>>, mistakes: &mut Mistakes<'_>) {
    if name.trim().is_empty() || name.len() > MAX_TITLE || name.contains(char::is_control) {
        let message =
            format!("privilege {name:?}: use 1 to {MAX_TITLE} bytes without control characters");
        mistakes.add(rights.place(), message);
    }
    if rights.get().is_empty() {
        let message = format!("privilege {name:?} stands for no right; list some, or take it out");
        mistakes.add(rights.place(), message);
    }
    for right in rights.get() {
        if !is_name(right.get()) {
            mistakes.add(right.place(), format!("right {:?} {NO_NAME}", right.get()));
        }
    }
    twice(rights.get(), "right", mistakes);
}
