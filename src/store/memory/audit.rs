//! The audit trail.

use super::State;
use crate::store::{Act, AuditEntry, AuditFilter, StoreError, chain};

/// What a change did.
pub(super) struct Entry<'a> {
    pub(super) action: &'static str,
    pub(super) account: Option<&'a str>,
    pub(super) target: &'a str,
    pub(super) details: serde_json::Value,
}

impl State {
    /// Raises the epoch and notes the change of what is published.
    pub(super) fn record(
        &mut self,
        keyspace: &str,
        act: &Act,
        entry: Entry<'_>,
    ) -> Result<(), StoreError> {
        let known = &mut self.space_mut(keyspace)?.keyspace;
        known.edition.epoch += 1;
        known.changed_at = act.at;
        let epoch = known.edition.epoch;
        self.note(Some(keyspace), Some(epoch), act, entry);
        Ok(())
    }

    /// Notes a change that published nothing new.
    #[expect(clippy::needless_pass_by_value, reason = "an entry is noted once")]
    pub(super) fn note(
        &mut self,
        keyspace: Option<&str>,
        epoch: Option<u64>,
        act: &Act,
        entry: Entry<'_>,
    ) {
        let last = self.audit.last();
        let previous = last.map_or(chain::START, |last| last.hash);
        let mut entry = AuditEntry {
            sequence: last.map_or(0, |last| last.sequence) + 1,
            at: act.at,
            actor: act.actor.clone(),
            action: entry.action.to_owned(),
            account: entry.account.map(str::to_owned),
            target: entry.target.to_owned(),
            keyspace: keyspace.map(str::to_owned),
            epoch,
            details: entry.details.to_string(),
            hash: previous,
        };
        entry.hash = chain::link(&previous, &entry);
        self.audit.push(entry);
    }

    pub(super) fn audit_page(
        &self,
        keyspace: &str,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Vec<AuditEntry> {
        let is = |asked: &Option<String>, said: Option<&String>| {
            asked.is_none() || asked.as_ref() == said
        };
        let entries = self.audit.iter().rev().filter(|entry| {
            entry.keyspace.as_deref() == Some(keyspace)
                && before.is_none_or(|before| entry.sequence < before)
                && is(&filter.account, entry.account.as_ref())
                && is(&filter.target, Some(&entry.target))
                && is(&filter.actor, Some(&entry.actor))
                && is(&filter.action, Some(&entry.action))
        });
        entries.take(limit).cloned().collect()
    }
}
