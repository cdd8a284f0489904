//! Constraints of a key, held against the profile's dimensions with the very function that publishes them: what is
//! accepted here can be published.

use std::collections::BTreeMap;

use super::check::Mistakes;
use crate::access::{Constraint, ConstraintValue, MAX_TEXT_VALUE, pack};
use crate::key::misplaced;
use crate::profile::Profile;
use crate::service::text;

/// Finds what is wrong with the constraints of a key of this level; a level that is not known has been refused already.
pub(super) fn check(
    profile: &Profile,
    level: Option<u16>,
    constraints: &BTreeMap<String, Constraint>,
    mistakes: &mut Mistakes,
) {
    for (dimension, constraint) in constraints {
        let is_known = profile.dimension_index(dimension).is_some();
        let name = if is_known {
            dimension
        } else {
            misplaced::shown(dimension)
        };
        let field = format!("constraints.{name}");
        if let Some(objection) = hidden(constraint) {
            mistakes.refuse(field, objection);
            continue;
        }
        // Without a level, only what does not depend on it can be told.
        if level.is_none() && is_known {
            continue;
        }
        let one = std::iter::once((&**dimension, constraint));
        if let Err(error) = pack(profile.dimensions(), level, one) {
            let place = format!("constraint '{dimension}': ");
            let message = error.message();
            mistakes.refuse(field, message.strip_prefix(&place).unwrap_or(message));
        }
    }
}

/// Values are compared byte for byte and yet read by people: none may look like another.
fn hidden(constraint: &Constraint) -> Option<String> {
    let Constraint::Only(values) = constraint else {
        return None;
    };
    values.as_slice().iter().find_map(|value| match value {
        ConstraintValue::Text(value) => text::objection(value, MAX_TEXT_VALUE),
        ConstraintValue::Integer(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::error::ServiceError;

    fn held(
        profile: &str,
        level: &str,
        dimension: &str,
        constraint: Constraint,
    ) -> Result<(), ServiceError> {
        let profile = Profile::preset(profile).expect("a preset");
        let mut mistakes = Mistakes::default();
        let constraints = BTreeMap::from([(dimension.to_owned(), constraint)]);
        check(
            &profile,
            profile.level_index(level),
            &constraints,
            &mut mistakes,
        );
        mistakes.conclude()
    }

    fn only<V: Into<ConstraintValue>>(values: impl IntoIterator<Item = V>) -> Constraint {
        Constraint::only(values).expect("values")
    }

    #[test]
    fn what_can_be_published_is_accepted() {
        let held = |profile, level, dimension, constraint| {
            held(profile, level, dimension, constraint).expect("accepted");
        };
        held("emailit", "sending", "sending_domain_id", only([7]));
        held(
            "optimove",
            "integrations",
            "channel",
            only(["email", "sms"]),
        );
        held("optimove", "admin", "channel", Constraint::All);
        held(
            "keyward",
            "read",
            "ip",
            only(["192.0.2.0/24", "2001:db8::1"]),
        );
    }

    #[test]
    fn what_cannot_is_refused_with_its_mend() {
        for (profile, level, dimension, constraint, expected) in [
            (
                "emailit",
                "sending",
                "sending_domain_id",
                only([7, 8]),
                "at most 1",
            ),
            (
                "emailit",
                "sending",
                "sending_domain_id",
                only(["7"]),
                "whole numbers",
            ),
            ("emailit", "sending", "ip", Constraint::All, "there are:"),
            ("esputnik", "full", "ip", Constraint::All, "leave it out"),
            ("optimove", "admin", "channel", only(["sms"]), "level"),
            (
                "optimove",
                "integrations",
                "channel",
                only(["s\u{202e}ms"]),
                "invisible",
            ),
            (
                "keyward",
                "read",
                "ip",
                only(["192.0.2.1/24"]),
                "192.0.2.0/24",
            ),
        ] {
            let error = held(profile, level, dimension, constraint).expect_err(dimension);
            let [field] = error.fields() else {
                panic!("{error}")
            };
            assert_eq!(field.field, format!("constraints.{dimension}"));
            assert!(
                field.message.contains(expected),
                "{} for {expected}",
                field.message
            );
        }
    }
}
