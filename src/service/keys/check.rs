//! What may stand in a key's record: holds it against the profile, and finds all mistakes at once.

use std::collections::BTreeMap;

use crate::key::misplaced;
use crate::profile::{FieldKind, Profile};
use crate::service::error::{Code, FieldError, ServiceError};
use crate::service::{meta as json, text};

/// The most characters of a subject.
pub(super) const MAX_SUBJECT: usize = 256;

/// What is wrong with a request, member by member.
#[derive(Default)]
pub(super) struct Mistakes {
    errors: Vec<FieldError>,
    /// Kept apart: alone, it has a code of its own.
    unknown_level: Option<String>,
}

impl Mistakes {
    pub(super) fn refuse(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.errors.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
    }

    /// What came out well, or nothing and one more mistake.
    pub(super) fn note<T>(&mut self, result: Result<T, FieldError>) -> Option<T> {
        result.map_err(|error| self.errors.push(error)).ok()
    }

    /// The members at fault.
    pub(super) fn members(&self) -> impl Iterator<Item = &str> {
        self.errors.iter().map(|error| &*error.field)
    }

    /// The refusal, where there is something to refuse.
    pub(super) fn conclude(mut self) -> Result<(), ServiceError> {
        match self.unknown_level.take() {
            Some(message) if self.errors.is_empty() => {
                return Err(ServiceError::about_field(
                    Code::UnknownLevel,
                    "level",
                    message,
                ));
            }
            Some(message) => self.refuse("level", message),
            None => {}
        }
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(ServiceError::invalid(self.errors))
        }
    }
}

/// Writes the fields that are `given` into those of a key: a value replaces, none takes away.
pub(super) fn fields(
    profile: &Profile,
    given: &BTreeMap<String, Option<String>>,
    fields: &mut BTreeMap<String, String>,
    mistakes: &mut Mistakes,
) {
    for (name, value) in given {
        let Some(field) = profile.field(name) else {
            let known = profile.fields().iter().map(|field| &*field.name);
            let known = known.collect::<Vec<_>>().join(", ");
            mistakes.refuse(
                misplaced::shown(name),
                format!("is no member of a key of this profile, whose fields are: {known}"),
            );
            continue;
        };
        let Some(value) = value else {
            fields.remove(name);
            continue;
        };
        let value = text::normalise(value);
        let objection =
            text::objection(&value, usize::from(field.max_length)).or_else(|| match field.kind {
                FieldKind::Email => text::email(&value).err(),
                FieldKind::Text => None,
            });
        match objection {
            Some(objection) => mistakes.refuse(name, objection),
            None => drop(fields.insert(name.clone(), value.into_owned())),
        }
    }
    for field in profile.fields() {
        let was_refused = given.get(&*field.name).is_some_and(Option::is_some);
        if field.required && !was_refused && !fields.contains_key(&*field.name) {
            mistakes.refuse(&*field.name, format!("is required: {}", field.label));
        }
    }
}

/// The position of the level in the profile.
pub(super) fn level(
    profile: &Profile,
    level: Option<&str>,
    mistakes: &mut Mistakes,
) -> Option<u16> {
    let known = || {
        let levels = profile.levels().iter().map(|level| &*level.id);
        levels.collect::<Vec<_>>().join(", ")
    };
    let Some(level) = level else {
        mistakes.refuse("level", format!("is required; there are: {}", known()));
        return None;
    };
    let index = profile.level_index(level);
    if index.is_none() {
        mistakes.unknown_level = Some(format!("there is no such level; there are: {}", known()));
    }
    index
}

/// The subject as it is kept.
pub(super) fn subject(subject: Option<&str>, mistakes: &mut Mistakes) -> Option<String> {
    let subject = text::normalise(subject?);
    if let Some(objection) = text::objection(&subject, MAX_SUBJECT) {
        mistakes.refuse("subject", objection);
    }
    Some(subject.into_owned())
}

/// The JSON object as it is kept, which is as it was sent.
pub(super) fn meta(meta: Option<&str>, mistakes: &mut Mistakes) -> Option<String> {
    let meta = meta?;
    if let Some(objection) = json::objection(meta) {
        mistakes.refuse("meta", objection);
    }
    Some(meta.to_owned())
}
