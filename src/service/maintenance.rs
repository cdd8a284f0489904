//! What time brings: keys that nobody uses are switched off, what is over is forgotten, recoverable keys move under the
//! present master key, and owners are told of ends (`notices`).
//!
//! No rule waits for it: what has expired is refused by the clock alone, and is in nobody's way.

use std::collections::HashSet;
use std::sync::PoisonError;

use super::Service;
use super::error::ServiceError;
use super::instant::{self, DAY_MILLIS};
use super::principal;
use super::revocations::Loss;
use crate::store::{KeyPath, Keyspace, Right, Token};
use crate::time::Timestamp;

/// How many keys are switched off in one transaction. For so long nobody else is decided about.
const DISABLED_AT_ONCE: u32 = 200;

/// How many edge tokens are looked at before the next ones are read.
const TOKENS_AT_ONCE: u32 = 1_000;

/// How many keys are sealed anew before the next ones are looked for.
const SEALED_AT_ONCE: u32 = 200;

/// So many that do not open, and the others wait until somebody has looked.
const MAX_UNOPENED: usize = 10_000;

/// An edge that reads but has not reported for so long owes a report.
const PATIENCE_WITH_EDGES: i64 = DAY_MILLIS;

/// For how many days it is kept how often keys were used: a year, and the month that is compared with it.
const USES_KEPT_DAYS: u32 = 400;

/// What a round of maintenance came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintenance {
    /// Keys whose uses were written down.
    pub uses_written: u64,
    /// Keys that were switched off because nobody used them.
    pub idle_disabled: u64,
    /// Keyspaces in which none was, because an edge there owes a report of what was used.
    pub held_off: Vec<String>,
    /// Rows of what is over that were forgotten.
    pub purged: u64,
    /// Recoverable keys that were sealed under the present master key.
    pub resealed: u64,
    /// Recoverable keys that no master key at hand opens.
    pub unopened: u64,
    /// Owners who were told of their keys' ends.
    pub noticed: u64,
    /// Owners who are not told, as the mail server refuses their addresses for good.
    pub notices_refused: u64,
    /// Owners who are told later, as the mail server took no letter now.
    pub notices_failed: u64,
}

impl Service {
    /// One round, and behind it one of notices, for which it waits a few seconds. A part that fails does not keep the
    /// others back; the first error is returned in the end.
    pub fn maintain(&self) -> Result<Maintenance, ServiceError> {
        let done = self.tidy();
        let told = self.have_owners_told()?;
        done.map(|done| Maintenance {
            noticed: told.sent,
            notices_refused: told.refused,
            notices_failed: told.failed,
            ..done
        })
    }

    /// All that waits for nobody outside.
    pub(super) fn tidy(&self) -> Result<Maintenance, ServiceError> {
        let _alone = self
            .maintaining
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut done = Maintenance::default();
        let mut first_error = None;
        let mut part = |result: Result<(), ServiceError>| {
            if let Err(error) = result {
                first_error.get_or_insert(error);
            }
        };
        part(self.flush_uses().map(|count| done.uses_written = count));
        part(self.disable_idle(&mut done));
        part(self.purge().map(|count| done.purged = count));
        part(self.reseal(&mut done));
        first_error.map_or(Ok(done), Err)
    }

    /// System row E20.
    fn disable_idle(&self, done: &mut Maintenance) -> Result<(), ServiceError> {
        let mut first_error = None;
        for keyspace in self.store.keyspaces()? {
            // It keeps no other back.
            if let Err(error) = self.disable_idle_in(keyspace, done) {
                first_error.get_or_insert(error);
            }
        }
        first_error.map_or(Ok(()), Err)
    }

    fn disable_idle_in(
        &self,
        keyspace: Keyspace,
        done: &mut Maintenance,
    ) -> Result<(), ServiceError> {
        let loaded = self.profiles.of(&keyspace)?;
        let Some(days) = loaded.profile.lifecycle().idle_disable_days else {
            return Ok(());
        };
        let now = self.clock.now();
        let idle = i64::from(days) * DAY_MILLIS;
        let cutoff = now.saturating_add_millis(-idle);
        // So that nobody waits in vain.
        if !self.store.has_idle(&keyspace.id, cutoff)? {
            return Ok(());
        }
        if let Some(token) = self.owing(&keyspace, cutoff, now)? {
            tracing::warn!(
                keyspace = keyspace.id,
                token = token.id,
                "an edge reads snapshots and has not reported usage for a day; no key is switched off for want of use"
            );
            done.held_off.push(keyspace.id);
            return Ok(());
        }
        done.idle_disabled += self.disable_idle_of(&keyspace.id, cutoff)?;
        Ok(())
    }

    /// An edge of which it is known that it owes a report.
    fn owing(
        &self,
        keyspace: &Keyspace,
        cutoff: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Token>, ServiceError> {
        let mut after: Option<String> = None;
        loop {
            let tokens = self
                .store
                .tokens(&keyspace.id, after.as_deref(), TOKENS_AT_ONCE)?
                .unwrap_or_default();
            after = tokens.last().map(|token| token.id.clone());
            let mut tokens = tokens.into_iter();
            let owing = tokens.find(|token| owes_report(token, cutoff, now));
            if owing.is_some() || after.is_none() {
                return Ok(owing);
            }
        }
    }

    /// Uses and idleness are judged in one go: a key that was allowed is not switched off by this, and one that is
    /// switched off is not allowed any more.
    fn disable_idle_of(&self, keyspace: &str, cutoff: Timestamp) -> Result<u64, ServiceError> {
        let mut disabled = 0;
        loop {
            let paths = {
                let _judging = self.uses.judging();
                self.flush_uses()?;
                self.store
                    .disable_idle(keyspace, cutoff, DISABLED_AT_ONCE, self.own_act())?
            };
            for path in &paths {
                if let Some(record) = self.store.key(path)? {
                    self.note_key_loss(path, &record, Loss::Disabled);
                }
            }
            disabled += paths.len() as u64;
            if paths.len() < DISABLED_AT_ONCE as usize {
                return Ok(disabled);
            }
        }
    }

    fn purge(&self) -> Result<u64, ServiceError> {
        let act = self.own_act();
        let oldest = instant::day_of(act.at).saturating_sub(USES_KEPT_DAYS);
        Ok(self.store.purge(oldest, act)?)
    }

    /// Seals what is sealed under an earlier master key under the present one: all of it.
    fn reseal(&self, done: &mut Maintenance) -> Result<(), ServiceError> {
        let Some(master) = self.master_keys.current_id() else {
            return Ok(());
        };
        let mut unopened = HashSet::new();
        while unopened.len() < MAX_UNOPENED {
            // Those that do not open come again each time, before the others.
            let known = u32::try_from(unopened.len()).unwrap_or(u32::MAX);
            let limit = SEALED_AT_ONCE.saturating_add(known);
            let found = self.store.sealed_under_others(master, limit)?;
            let mut is_done = true;
            for (path, digest, sealed) in found {
                if unopened.contains(&name(&path)) {
                    continue;
                }
                is_done = false;
                match self.master_keys.open(&path, &digest, &sealed) {
                    Ok(secret) => {
                        let sealed =
                            self.master_keys
                                .seal(&path, &digest, &secret, &*self.entropy)?;
                        // A rotation in between has sealed another one under the present key.
                        done.resealed += u64::from(self.store.reseal(path, digest, sealed)?);
                    }
                    Err(_) => {
                        unopened.insert(name(&path));
                    }
                }
            }
            if is_done {
                break;
            }
        }
        done.unopened = unopened.len() as u64;
        if done.unopened > 0 {
            tracing::warn!(
                keys = done.unopened,
                "recoverable keys are sealed under a master key that this server does not have; start it with that one \
                 among the previous ones"
            );
        }
        Ok(())
    }
}

fn name(path: &KeyPath) -> (String, crate::key::KeyId) {
    (path.account.keyspace.clone(), path.id)
}

/// Whether an edge has read in the time in which keys had to be used, and has not said since yesterday which were. What
/// it never reported, it owes from the day after it was made.
fn owes_report(token: &Token, cutoff: Timestamp, now: Timestamp) -> bool {
    let last = token.last_reported_at.unwrap_or(token.created_at);
    token.rights.contains(&Right::UsageWrite)
        && !principal::is_over(token.expires_at, now)
        && token.last_read_at.is_some_and(|read| read >= cutoff)
        && now.as_millis() - last.as_millis() > PATIENCE_WITH_EDGES
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_edge_that_reads_has_to_report() {
        let now = Timestamp::from_millis(1_795_292_040_123).expect("positive");
        let ago = |days: i64| now.saturating_add_millis(-days * DAY_MILLIS);
        let owes = |right, read: Option<i64>, reported: Option<i64>, created: i64| {
            let token = Token {
                id: "tok_1".to_owned(),
                keyspace: "shop".to_owned(),
                rights: BTreeSet::from([Right::SnapshotRead, right]),
                name: None,
                hint: String::new(),
                last_read_at: read.map(ago),
                last_reported_at: reported.map(ago),
                expires_at: None,
                created_at: ago(created),
                created_by: "op_1".to_owned(),
            };
            owes_report(&token, ago(90), now)
        };
        let reports = Right::UsageWrite;
        assert!(owes(reports, Some(0), Some(2), 300));
        assert!(owes(reports, Some(89), None, 300));
        assert!(
            !owes(reports, Some(0), Some(1), 300),
            "a day is no more than a day"
        );
        assert!(!owes(reports, Some(0), None, 1), "it is new");
        assert!(!owes(reports, Some(91), Some(200), 300), "it is gone");
        assert!(!owes(reports, None, None, 300), "it never was there");
        assert!(
            !owes(Right::KeysVerify, Some(0), None, 300),
            "it cannot report"
        );
    }
}
