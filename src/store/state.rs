//! The states of a key and the ways between them.

use super::Retiring;
use crate::time::Timestamp;

/// Whether a key may be used, apart from its expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It may.
    Active,
    /// Switched off since then, and can be switched on again.
    Disabled {
        /// When it was switched off.
        at: Timestamp,
    },
    /// Taken out of use for good.
    Deactivated {
        /// When it was.
        at: Timestamp,
    },
}

/// A way from one state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyTransition {
    /// Switch off; reversible.
    Disable,
    /// Switch on again.
    Enable,
    /// Take out of use for good.
    Deactivate,
}

/// The refusal of every way that leads back from a deactivated key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AlreadyDeactivated;

impl KeyState {
    /// The state as it appears outside: `active`, `disabled` or `deactivated`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled { .. } => "disabled",
            Self::Deactivated { .. } => "deactivated",
        }
    }

    /// Since when it may not be used; `None` where it may.
    pub(super) const fn since(self) -> Option<Timestamp> {
        match self {
            Self::Active => None,
            Self::Disabled { at } | Self::Deactivated { at } => Some(at),
        }
    }

    /// The state after `transition` at `now`. Going where the key already is keeps the state as it was.
    pub(super) const fn after(
        self,
        transition: KeyTransition,
        now: Timestamp,
    ) -> Result<Self, AlreadyDeactivated> {
        match (self, transition) {
            (Self::Active | Self::Disabled { .. }, KeyTransition::Enable) => Ok(Self::Active),
            (Self::Active, KeyTransition::Disable) => Ok(Self::Disabled { at: now }),
            (Self::Active | Self::Disabled { .. }, KeyTransition::Deactivate) => {
                Ok(Self::Deactivated { at: now })
            }
            (Self::Disabled { .. }, KeyTransition::Disable)
            | (Self::Deactivated { .. }, KeyTransition::Deactivate) => Ok(self),
            (Self::Deactivated { .. }, KeyTransition::Enable | KeyTransition::Disable) => {
                Err(AlreadyDeactivated)
            }
        }
    }
}

impl KeyTransition {
    /// The name of this change in the audit trail.
    pub const fn action(self) -> &'static str {
        match self {
            Self::Disable => "key.disable",
            Self::Enable => "key.enable",
            Self::Deactivate => "key.deactivate",
        }
    }
}

impl Retiring {
    /// Brings the end forward where it waited for the first use of the newest secret, which was at `used`. Whether that
    /// changed anything: what is over at `now` is over, and no end comes later by it.
    pub(super) fn bring_forward(&mut self, used: Timestamp, now: Timestamp) -> bool {
        let Some(delay) = self.ends_after_use else {
            return false;
        };
        let end = used.saturating_add_millis(delay);
        if self.ends_at <= now || end >= self.ends_at {
            return false;
        }
        self.ends_at = end;
        self.ends_after_use = None;
        true
    }

    /// Ends it at `end`: whether that is earlier.
    pub(super) fn end_by(&mut self, end: Timestamp) -> bool {
        let is_earlier = end < self.ends_at;
        if is_earlier {
            self.ends_at = end;
            self.ends_after_use = None;
        }
        is_earlier
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("positive")
    }

    #[test]
    fn disabling_is_reversible_and_idempotent() {
        let disabled = KeyState::Active
            .after(KeyTransition::Disable, at(1))
            .expect("allowed");
        assert_eq!(disabled, KeyState::Disabled { at: at(1) });
        assert_eq!(
            disabled.after(KeyTransition::Disable, at(2)),
            Ok(disabled),
            "keeps its time"
        );
        assert_eq!(
            disabled.after(KeyTransition::Enable, at(3)),
            Ok(KeyState::Active)
        );
        assert_eq!(
            KeyState::Active.after(KeyTransition::Enable, at(4)),
            Ok(KeyState::Active)
        );
    }

    #[test]
    fn nothing_leads_back_from_deactivated() {
        for start in [KeyState::Active, KeyState::Disabled { at: at(1) }] {
            let gone = start
                .after(KeyTransition::Deactivate, at(2))
                .expect("allowed");
            assert_eq!(gone, KeyState::Deactivated { at: at(2) });
            assert_eq!(
                gone.after(KeyTransition::Deactivate, at(3)),
                Ok(gone),
                "keeps its time"
            );
            assert_eq!(
                gone.after(KeyTransition::Enable, at(3)),
                Err(AlreadyDeactivated)
            );
            assert_eq!(
                gone.after(KeyTransition::Disable, at(3)),
                Err(AlreadyDeactivated)
            );
        }
    }
}
