//! Rights by their names, as callers write them: those of Keyward, and a profile's own words for several at once.

use std::collections::BTreeSet;

use super::error::{Code, FieldError, ServiceError};
use super::principal::Principal;
use crate::key::misplaced;
use crate::profile::Profile;
use crate::store::Right;

/// The member that names rights.
const FIELD: &str = "rights";

/// The rights that `names` mean, all of them out of `allowed`. What is wrong goes to `errors`.
///
/// A name is a right's, or a privilege's of `profile`: several rights under the system's own name (system row S6).
pub(super) fn read(
    names: &[String],
    allowed: &[Right],
    profile: Option<&Profile>,
    errors: &mut Vec<FieldError>,
) -> BTreeSet<Right> {
    let privileges = profile.map_or(&[][..], Profile::privileges);
    let known = || {
        let rights = allowed.iter().map(|right| right.as_str());
        let privileges = privileges.iter().map(|(name, _)| &**name);
        rights.chain(privileges).collect::<Vec<_>>().join(", ")
    };
    let mut refuse = |message: String| {
        errors.push(FieldError {
            field: FIELD.to_owned(),
            message,
        });
    };
    if names.is_empty() {
        refuse(format!("must name at least one of: {}", known()));
    }
    let mut seen = BTreeSet::new();
    let mut rights = BTreeSet::new();
    for name in names {
        let privilege = privileges
            .iter()
            .find(|(privilege, _)| **privilege == **name);
        let meant = match (privilege, Right::parse(name)) {
            (Some((_, rights)), _) => rights
                .iter()
                .filter_map(|right| Right::parse(right))
                .collect(),
            (None, Some(right)) => vec![right],
            (None, None) => Vec::new(),
        };
        if !seen.insert(name) {
            refuse(format!("names {} twice", shown(name, &meant)));
        } else if meant.is_empty() || !meant.iter().all(|right| allowed.contains(right)) {
            refuse(format!(
                "{:?} cannot be given here; there are: {}",
                shown(name, &meant),
                known()
            ));
        }
        rights.extend(meant);
    }
    rights
}

/// The name, unless it is none of anything here.
fn shown<'a>(name: &'a str, meant: &[Right]) -> &'a str {
    if meant.is_empty() {
        misplaced::shown(name)
    } else {
        name
    }
}

/// Nobody gives what they lack.
pub(super) fn hold(caller: &Principal, rights: &BTreeSet<Right>) -> Result<(), ServiceError> {
    let lacking = rights
        .difference(caller.rights())
        .map(|right| right.as_str())
        .collect::<Vec<_>>();
    if lacking.is_empty() {
        return Ok(());
    }
    let message = format!(
        "you lack {} yourself, and nobody can give what they lack",
        lacking.join(", ")
    );
    Err(ServiceError::about_field(
        Code::StrongerThanMaker,
        FIELD,
        message,
    ))
}

/// Why a privilege of a profile cannot be one, or `None` where it can: it must have a name of its own, and rights that
/// an account's operator can have.
pub(super) fn privilege_objection(name: &str, rights: &[Box<str>]) -> Option<String> {
    if Right::parse(name).is_some() {
        return Some(format!(
            "[privileges] {name:?} is the name of a right; choose another"
        ));
    }
    let known = || Right::OF_ACCOUNTS.map(Right::as_str).join(", ");
    if rights.is_empty() {
        return Some(format!(
            "[privileges] {name:?} must name at least one of: {}",
            known()
        ));
    }
    let other = rights.iter().find(|right| {
        !Right::parse(right).is_some_and(|right| Right::OF_ACCOUNTS.contains(&right))
    })?;
    Some(format!(
        "[privileges] {name:?}: {other:?} is no right of an account's operator; there are: {}",
        known()
    ))
}
