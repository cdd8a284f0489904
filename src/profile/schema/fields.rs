//! What is filled in when a key is made: `[[fields]]` as it is written, and what can be wrong with it.

#[cfg(feature = "server")]
use schemars::JsonSchema;
use serde::Deserialize;

use super::check::{optional_text, text, unique};
#[cfg(feature = "server")]
use super::document::NAME;
use super::document::{At, Document, Text};
#[cfg(feature = "server")]
use super::limits::MAX_HELP;
use super::limits::{MAX_FIELD_LENGTH, MAX_TITLE};
use super::mistakes::Mistakes;
use super::optional;
use crate::profile::{Field, FieldKind, Uniqueness};

/// Members that every key has beside the profile's fields.
const RESERVED_FIELDS: &[&str] = &[
    "id",
    "key",
    "account",
    "keyspace",
    "level",
    "scopes",
    "constraints",
    "rate",
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
    "enabled_at",
    "rotated_at",
    "retiring",
    "recoverable",
    "revision",
];

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(JsonSchema), schemars(rename = "Field"))]
#[serde(deny_unknown_fields)]
pub(super) struct NamedField {
    /// The member's name in HTTP.
    #[cfg_attr(feature = "server", schemars(regex(pattern = NAME)))]
    pub(super) name: Text,
    /// What people read.
    #[cfg_attr(feature = "server", schemars(length(max = MAX_TITLE)))]
    pub(super) label: Text,
    /// A sentence that explains it.
    #[cfg_attr(feature = "server", schemars(length(max = MAX_HELP)))]
    pub(super) help: Option<Text>,
    /// Whether it must be filled in.
    #[serde(default)]
    pub(super) required: bool,
    /// The most characters that it may have.
    #[cfg_attr(feature = "server", schemars(range(min = 1, max = MAX_FIELD_LENGTH)))]
    pub(super) max_length: At<u16>,
    #[serde(default)]
    pub(super) kind: Content,
    /// Among which keys its value may not be found twice; small and capital letters are alike. Any, if left out.
    pub(super) unique: Option<Unique>,
    /// How many of its characters a list shows; all of them, if left out.
    #[cfg_attr(feature = "server", schemars(range(min = 1, max = MAX_FIELD_LENGTH)))]
    pub(super) shown_characters: Option<At<u16>>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "server", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum Content {
    /// Any text.
    #[default]
    Text,
    /// An e-mail address.
    Email,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum Unique {
    /// All keys of an account, whatever their state.
    Account,
    /// The active keys of an account that have the same level.
    AccountAndLevel,
}

impl NamedField {
    pub(super) fn into_field(self) -> Field {
        Field {
            name: self.name.into_inner(),
            label: self.label.into_inner(),
            help: optional(self.help.as_ref()),
            required: self.required,
            max_length: self.max_length.into_inner(),
            kind: match self.kind {
                Content::Text => FieldKind::Text,
                Content::Email => FieldKind::Email,
            },
            unique: self.unique.map(|unique| match unique {
                Unique::Account => Uniqueness::Account,
                Unique::AccountAndLevel => Uniqueness::AccountAndLevel,
            }),
            shown_characters: self.shown_characters.map(At::into_inner),
        }
    }
}

pub(super) fn check(document: &Document, mistakes: &mut Mistakes<'_>) {
    let fields = &document.fields;
    unique(
        fields.iter().map(|field| &field.get().name),
        "field",
        mistakes,
    );
    for field in fields {
        let NamedField {
            name,
            label,
            help,
            max_length,
            shown_characters,
            ..
        } = field.get();
        text(label, "a field's label", MAX_TITLE, mistakes);
        optional_text(help.as_ref(), "a field's help", mistakes);
        if RESERVED_FIELDS.contains(&&**name.get()) {
            let message = format!(
                "field {:?} is a member that every key has; choose another name",
                name.get()
            );
            mistakes.add(name.place(), message);
        }
        let most = *max_length.get();
        if !(1..=MAX_FIELD_LENGTH).contains(&most) {
            let message =
                format!("max_length {most}: a field has from 1 to {MAX_FIELD_LENGTH} characters");
            mistakes.add(max_length.place(), message);
        } else if let Some(shown) = shown_characters
            && !(1..=most).contains(shown.get())
        {
            let message = format!(
                "shown_characters {}: write 1 to {most}, which is max_length; leave it out to show all",
                shown.get()
            );
            mistakes.add(shown.place(), message);
        }
    }
}
