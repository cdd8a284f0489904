//! Giving a key another secret under the same id (system row O22).

use super::change::{changed_since, seen, too_busy};
use super::create::not_enabled;
use super::once::Once;
use super::{Ceiling, Created, TRIES, has_expired, key_path};
use crate::profile::Profile;
use crate::service::Service;
use crate::service::error::{Code, ServiceError};
use crate::service::principal::{Place, Principal};
use crate::service::revocations::Loss;
use crate::store::{AccountPath, Act, KeyRecord, KeyState, Premise, RetiringPlan, Right, Rotation};
use crate::time::Timestamp;

/// How long the secret before a rotation still counts.
#[derive(Clone, Debug, Default)]
pub struct RotateKey {
    /// For so many seconds; left out, not at all. At most what the profile allows.
    pub grace_seconds: Option<u32>,
    /// The seconds count from the first use of the new secret. If that never comes, the secret before ends when the
    /// longest time is over that the profile allows.
    pub after_first_use: bool,
}

impl Service {
    /// Gives a key another secret. With `once`, a request that is sent again gets the answer that it got before.
    pub fn rotate_key(
        &self,
        caller: &Principal,
        account: &AccountPath,
        id: &str,
        rotate: &RotateKey,
        if_match: Option<u64>,
        once: Option<&Once>,
    ) -> Result<Created<KeyRecord>, ServiceError> {
        caller.must(Right::KeysWrite, Place::Account(account))?;
        if let Some(answer) = self.answered_before(once)? {
            return Ok(answer);
        }
        let path = key_path(account, id)?;
        for _ in 0..TRIES {
            let (loaded, rules) = self.rules_of(&account.keyspace)?;
            let profile = &loaded.profile;
            self.must_be_enabled(profile, account)?;
            let record = self.key_at(&path)?;
            let revision = seen(&record, if_match)?;
            let act = Act {
                premise: Premise {
                    rules: Some(rules),
                    keys_enabled: true,
                },
                ..self.act(caller)
            };
            must_be_usable(&record, act.at)?;
            Ceiling::of(caller).check(profile, &record.content)?;
            let (secret, new) = self.new_secret(profile, &path)?;
            let retiring = plan(profile, rotate, act.at)?;
            let loss = Loss::Rotated(new.digest, retiring);
            let rotation = Rotation {
                secret: new,
                retiring,
            };
            let remember = once.map(|once| once.remember(&secret, act.at, &self.entropy));
            let error =
                match self
                    .store
                    .rotate_key(path.clone(), rotation, Some(revision), remember, act)
                {
                    Ok(Some(record)) => {
                        self.note_key_loss(&path, &record, loss);
                        return Ok(Created {
                            secret: Some(secret),
                            record,
                            replayed: false,
                        });
                    }
                    Ok(None) => return Err(ServiceError::not_found("key")),
                    // Neither is the first one's answer theirs any more.
                    Err(error) if error.is_unauthorized() => return Err(error.into()),
                    Err(error) => error,
                };
            // The same request, sent twice at once: whichever was second gets the first one's answer.
            if let Some(answer) = self.answered_before(once)? {
                return Ok(answer);
            }
            if error.is_not_enabled() {
                return Err(not_enabled(profile));
            }
            let is_moved = error.is_stale() && if_match.is_none();
            if !(is_moved || error.is_exists() || error.is_outdated()) {
                return Err(changed_since(error, if_match));
            }
        }
        Err(too_busy())
    }
}

fn must_be_usable(record: &KeyRecord, now: Timestamp) -> Result<(), ServiceError> {
    if matches!(record.state, KeyState::Deactivated { .. }) {
        let message =
            "the key was deactivated, and nothing brings a deactivated key back; create a new one";
        return Err(ServiceError::new(Code::Deactivated, message));
    }
    if has_expired(&record.content, now) {
        let message = "the key has expired, and so would be its new secret; create a new key";
        return Err(ServiceError::new(Code::Expired, message));
    }
    Ok(())
}

/// How long the secret before still counts; `None`: it ends at once.
fn plan(
    profile: &Profile,
    rotate: &RotateKey,
    now: Timestamp,
) -> Result<Option<RetiringPlan>, ServiceError> {
    let days = profile.lifecycle().rotation_grace_days;
    let most = i64::from(days) * 86_400;
    let grace = i64::from(rotate.grace_seconds.unwrap_or(0));
    if grace > most {
        let message = match days {
            0 => "the profile lets no secret outlive its rotation; leave it out".to_owned(),
            _ => format!("must be at most {most}, which is {days} days"),
        };
        return Err(ServiceError::invalid_field("grace_seconds", message));
    }
    if rotate.after_first_use {
        if days == 0 {
            let message = "the profile lets no secret outlive its rotation; leave it out";
            return Err(ServiceError::invalid_field("after_first_use", message));
        }
        return Ok(Some(RetiringPlan {
            ends_at: now.saturating_add_millis(most * 1000),
            ends_after_use: Some(grace * 1000),
        }));
    }
    Ok((grace > 0).then(|| RetiringPlan {
        ends_at: now.saturating_add_millis(grace * 1000),
        ends_after_use: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grace_is_what_the_profile_allows() {
        let now = Timestamp::from_millis(1_795_292_040_123).expect("positive");
        let after = |seconds: i64| now.saturating_add_millis(seconds * 1000);
        let ask = |profile: &str, grace_seconds, after_first_use| {
            let profile = Profile::preset(profile).expect("a preset");
            let rotate = RotateKey {
                grace_seconds,
                after_first_use,
            };
            plan(&profile, &rotate, now)
        };
        let week = 7 * 86_400;
        assert_eq!(ask("optimove", None, false).expect("at once"), None);
        assert_eq!(ask("optimove", Some(0), false).expect("at once"), None);
        assert_eq!(
            ask("optimove", Some(60), false).expect("a minute"),
            Some(RetiringPlan {
                ends_at: after(60),
                ends_after_use: None
            })
        );
        assert_eq!(
            ask("optimove", Some(60), true).expect("armed"),
            Some(RetiringPlan {
                ends_at: after(week),
                ends_after_use: Some(60_000)
            })
        );
        assert!(ask("optimove", Some(7 * 86_400), false).is_ok());
        assert!(ask("optimove", Some(7 * 86_400 + 1), false).is_err());
        assert!(ask("emailit", Some(1), false).is_err());
        assert!(ask("emailit", None, true).is_err());
        assert_eq!(ask("emailit", None, false).expect("at once"), None);
    }
}
