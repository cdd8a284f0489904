//! When a key ends: what the profile leaves to choose (system rows S10, S17).

use crate::profile::Lifecycle;
use crate::service::error::FieldError;
use crate::service::instant::{self, DAY_MILLIS};
use crate::time::Timestamp;

/// The end of a key that is being made.
pub(super) fn on_creation(
    rules: &Lifecycle,
    expires_at: Option<&str>,
    expires_in_days: Option<u32>,
    now: Timestamp,
) -> Result<Option<Timestamp>, FieldError> {
    if !rules.expires_in_days.is_empty() {
        let choices = choices(rules);
        return match (expires_at, expires_in_days) {
            (Some(_), _) => refuse(
                "expires_at",
                format!(
                    "keys of this profile last as long as `expires_in_days` says, one of: {choices}"
                ),
            ),
            (None, None) => refuse("expires_in_days", format!("is required, one of: {choices}")),
            (None, Some(days))
                if rules
                    .expires_in_days
                    .iter()
                    .any(|&one| u32::from(one) == days) =>
            {
                instant::expiry(None, Some(days), now)
            }
            (None, Some(_)) => refuse("expires_in_days", format!("must be one of: {choices}")),
        };
    }
    let end = instant::expiry(expires_at, expires_in_days, now)?;
    let field = if expires_at.is_some() {
        "expires_at"
    } else {
        "expires_in_days"
    };
    within(rules, field, end, now)?;
    Ok(end)
}

/// The end of a key that is there already; `end` is what is asked for, or that it shall have none.
pub(super) fn on_update(
    rules: &Lifecycle,
    end: Option<&str>,
    created_at: Timestamp,
    now: Timestamp,
) -> Result<Option<Timestamp>, FieldError> {
    if !rules.expires_in_days.is_empty() {
        return refuse(
            "expires_at",
            "was chosen when the key was made and stays; make another key instead",
        );
    }
    let end = instant::expiry(end, None, now)?;
    within(rules, "expires_at", end, created_at)?;
    Ok(end)
}

/// Holds an end against the longest life of a key that began at `start`.
fn within(
    rules: &Lifecycle,
    field: &str,
    end: Option<Timestamp>,
    start: Timestamp,
) -> Result<(), FieldError> {
    let Some(days) = rules.max_expires_in_days else {
        return Ok(());
    };
    let last = start.saturating_add_millis(i64::from(days) * DAY_MILLIS);
    match end {
        Some(end) if end <= last => Ok(()),
        Some(_) => refuse(
            field,
            format!("keys of this profile last {days} days at most"),
        ),
        None => refuse(
            field,
            format!("is required: keys of this profile last {days} days at most"),
        ),
    }
}

fn choices(rules: &Lifecycle) -> String {
    let days = rules.expires_in_days.iter().map(u16::to_string);
    days.collect::<Vec<_>>().join(", ")
}

fn refuse<T>(field: &str, message: impl Into<String>) -> Result<T, FieldError> {
    Err(FieldError {
        field: field.to_owned(),
        message: message.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    fn now() -> Timestamp {
        Timestamp::from_millis(1_795_292_040_123).expect("positive")
    }

    fn in_days(days: i64) -> Timestamp {
        now().saturating_add_millis(days * DAY_MILLIS)
    }

    fn rules(max: Option<u16>) -> Lifecycle {
        let profile = Profile::preset("keyward").expect("a preset");
        Lifecycle {
            max_expires_in_days: max,
            ..profile.lifecycle().clone()
        }
    }

    #[test]
    fn one_of_the_choices_is_taken_and_kept() {
        let smashfly = Profile::preset("smashfly").expect("a preset");
        let rules = smashfly.lifecycle();
        for days in [90, 180, 365] {
            let end = on_creation(rules, None, Some(days), now());
            assert_eq!(end, Ok(Some(in_days(i64::from(days)))));
        }
        for (expires_at, days, field) in [
            (None, None, "expires_in_days"),
            (None, Some(91), "expires_in_days"),
            (None, Some(0), "expires_in_days"),
            (Some("2026-12-31T00:00:00Z"), None, "expires_at"),
            (Some("2026-12-31T00:00:00Z"), Some(90), "expires_at"),
        ] {
            let error = on_creation(rules, expires_at, days, now()).expect_err("refused");
            assert_eq!(error.field, field);
            assert!(error.message.contains("90, 180, 365"), "{}", error.message);
        }
        for end in [None, Some("2026-12-31T00:00:00Z")] {
            assert!(on_update(rules, end, now(), now()).is_err());
        }
    }

    #[test]
    fn the_longest_life_counts_from_the_beginning() {
        let rules = rules(Some(30));
        assert_eq!(
            on_creation(&rules, None, Some(30), now()),
            Ok(Some(in_days(30)))
        );
        assert!(on_creation(&rules, None, Some(31), now()).is_err());
        assert!(on_creation(&rules, None, None, now()).is_err());
        let at = |end| instant::rfc3339(end);
        let created = in_days(-20);
        let last = in_days(10);
        assert_eq!(
            on_update(&rules, Some(&at(last)), created, now()),
            Ok(Some(last))
        );
        let beyond = at(last.saturating_add_millis(1));
        assert!(on_update(&rules, Some(&beyond), created, now()).is_err());
        assert!(on_update(&rules, None, created, now()).is_err());
        assert!(on_update(&rules, Some(&at(now())), created, now()).is_err());
    }

    #[test]
    fn where_nothing_is_said_everything_goes() {
        let rules = rules(None);
        assert_eq!(on_creation(&rules, None, None, now()), Ok(None));
        assert_eq!(on_update(&rules, None, now(), now()), Ok(None));
        assert_eq!(
            on_creation(&rules, None, Some(36_500), now()),
            Ok(Some(in_days(36_500)))
        );
    }
}
