//! What time and people do to a key: `[lifecycle]` as it is written, and what can be wrong with it.

#[cfg(feature = "server")]
use schemars::JsonSchema;
use serde::Deserialize;

use super::document::At;
use super::limits::MAX_DAYS;
use super::mistakes::Mistakes;
use crate::profile::Lifecycle;

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(JsonSchema), schemars(rename = "Lifecycle"))]
#[serde(deny_unknown_fields, default)]
pub(super) struct LifecycleRules {
    /// A key that was not used for so many days is disabled; never, if left out.
    #[cfg_attr(feature = "server", schemars(range(min = 1, max = MAX_DAYS)))]
    pub(super) idle_disable_days: Option<At<u16>>,
    /// The lifetimes, in days, of which one has to be chosen when a key is made; ascending. Any or none, if left out.
    #[cfg_attr(feature = "server", schemars(length(min = 1), inner(range(min = 1, max = MAX_DAYS))))]
    pub(super) expires_in_days: Option<At<Vec<At<u16>>>>,
    /// The longest lifetime, in days; any, if left out. A key without an end is refused then.
    #[cfg_attr(feature = "server", schemars(range(min = 1, max = MAX_DAYS)))]
    pub(super) max_expires_in_days: Option<At<u16>>,
    /// For how many days at most the secret before a rotation may still count; 0, if left out: it ends at once.
    #[cfg_attr(feature = "server", schemars(range(max = MAX_DAYS)))]
    pub(super) rotation_grace_days: Option<At<u16>>,
    /// How many days before its end a key's owner is told; never, if left out.
    #[cfg_attr(feature = "server", schemars(range(min = 1, max = MAX_DAYS)))]
    pub(super) notice_days: Option<At<u16>>,
    /// Whether a key that was switched off can be switched on again.
    pub(super) reversible: bool,
    /// Whether a key can be shown again after it was made; it is kept sealed then.
    pub(super) recoverable: bool,
}

impl Default for LifecycleRules {
    fn default() -> Self {
        Self {
            idle_disable_days: None,
            expires_in_days: None,
            max_expires_in_days: None,
            rotation_grace_days: None,
            notice_days: None,
            reversible: true,
            recoverable: false,
        }
    }
}

impl LifecycleRules {
    pub(super) fn to_lifecycle(&self) -> Lifecycle {
        let days = |days: &Option<At<u16>>| days.as_ref().map(|days| *days.get());
        Lifecycle {
            idle_disable_days: days(&self.idle_disable_days),
            expires_in_days: self.choices().map(|days| *days.get()).collect(),
            max_expires_in_days: days(&self.max_expires_in_days),
            rotation_grace_days: days(&self.rotation_grace_days).unwrap_or_default(),
            notice_days: days(&self.notice_days),
            reversible: self.reversible,
            recoverable: self.recoverable,
        }
    }

    fn choices(&self) -> impl Iterator<Item = &At<u16>> {
        self.expires_in_days.iter().flat_map(At::get)
    }
}

pub(super) fn check(lifecycle: &LifecycleRules, mistakes: &mut Mistakes<'_>) {
    for (member, days, least, without) in [
        (
            "idle_disable_days",
            &lifecycle.idle_disable_days,
            1,
            "for never",
        ),
        (
            "max_expires_in_days",
            &lifecycle.max_expires_in_days,
            1,
            "for any lifetime",
        ),
        (
            "rotation_grace_days",
            &lifecycle.rotation_grace_days,
            0,
            "for none",
        ),
        ("notice_days", &lifecycle.notice_days, 1, "for no notice"),
    ] {
        if let Some(days) = days
            && !(least..=MAX_DAYS).contains(days.get())
        {
            let message = format!(
                "{member} = {}: write {least} to {MAX_DAYS}; leave it out {without}",
                days.get()
            );
            mistakes.add(days.place(), message);
        }
    }
    check_choices(lifecycle, mistakes);
    check_notice(lifecycle, mistakes);
}

fn check_choices(lifecycle: &LifecycleRules, mistakes: &mut Mistakes<'_>) {
    let Some(choices) = &lifecycle.expires_in_days else {
        return;
    };
    if choices.get().is_empty() {
        let message = "expires_in_days lists nothing, so that no key could be made; leave it out for a free choice";
        mistakes.add(choices.place(), message);
    }
    let mut before = 0;
    for days in choices.get() {
        if !(1..=MAX_DAYS).contains(days.get()) {
            let message = format!(
                "expires_in_days: {} is not from 1 to {MAX_DAYS}",
                days.get()
            );
            mistakes.add(days.place(), message);
        } else if *days.get() <= before {
            let message = format!(
                "expires_in_days: {} stands behind {before}; list each once, the shortest first",
                days.get()
            );
            mistakes.add(days.place(), message);
        }
        before = *days.get();
        if let Some(most) = &lifecycle.max_expires_in_days
            && (1..*days.get()).contains(most.get())
        {
            let message = format!(
                "expires_in_days: {} is more than max_expires_in_days, which is {}; raise that, or take this out",
                days.get(),
                most.get()
            );
            mistakes.add(days.place(), message);
        }
    }
}

/// A notice that every key would get on its first day is none.
fn check_notice(lifecycle: &LifecycleRules, mistakes: &mut Mistakes<'_>) {
    let lifetimes = lifecycle.choices().chain(&lifecycle.max_expires_in_days);
    let shortest = lifetimes
        .map(|days| *days.get())
        .filter(|&days| days > 0)
        .min();
    if let (Some(notice), Some(shortest)) = (&lifecycle.notice_days, shortest)
        && *notice.get() >= shortest
    {
        let message = format!(
            "notice_days = {}: a key of {shortest} days would be near its end from the start; write less than {shortest}",
            notice.get()
        );
        mistakes.add(notice.place(), message);
    }
}
