//! Builds a verifier from records that the caller keeps, without any server.

use std::collections::{HashMap, HashSet};

use super::build::TableBuilder;
use super::record::{Record, Status};
use super::table::{KeyTable, Policy};
use super::verifier::Verifier;
use crate::access::ScopeSet;
use crate::error::{Code, Error};
use crate::profile::Profile;

/// Collects records for a [`Verifier`].
#[derive(Debug)]
pub struct Builder {
    profile: Profile,
    records: Vec<Record>,
}

impl Builder {
    pub(super) const fn new(profile: Profile) -> Self {
        Self {
            profile,
            records: Vec::new(),
        }
    }

    /// One more key.
    #[must_use]
    pub fn record(mut self, record: Record) -> Self {
        self.records.push(record);
        self
    }

    /// More keys.
    #[must_use]
    pub fn records(mut self, records: impl IntoIterator<Item = Record>) -> Self {
        self.records.extend(records);
        self
    }

    /// Checks the records and builds the verifier; the error names the record by its position.
    pub fn build(self) -> Result<Verifier, Error> {
        let mut table = TableBuilder::default();
        let mut ids = HashSet::new();
        let mut accounts = HashMap::new();
        for (ordinal, record) in self.records.iter().enumerate() {
            let within = |error: Error| error.within(format!("record {ordinal}"));
            if !ids.insert(&record.id) {
                let message = format!("the id '{}' is taken by an earlier record", record.id);
                return Err(within(Error::new(Code::InvalidRecord, message)));
            }
            let scopes = record.scopes.iter().map(|scope| &**scope);
            let policy = record_policy(
                &self.profile,
                record.status,
                record.level.as_deref(),
                scopes,
            )
            .map_err(within)?;
            let account = record.account.as_deref().map(|account| {
                *accounts
                    .entry(account)
                    .or_insert_with(|| table.account(account))
            });
            let note = (record.subject.as_deref(), record.meta.as_deref());
            table
                .add(
                    ordinal as u64,
                    &record.digest,
                    policy,
                    record.expires_at,
                    account,
                    note,
                )
                .map_err(within)?;
        }
        let table = KeyTable::from_sections(&table.finish()?, true)?;
        let ids = self.records.into_iter().map(|record| record.id).collect();
        Verifier::from_table(self.profile, table, None, ids)
    }
}

/// What a record may do: all that its level opens, or the scopes that it lists. Neither is an error, not a key for nothing.
pub(crate) fn record_policy<'a>(
    profile: &Profile,
    status: Status,
    level: Option<&str>,
    scopes: impl Iterator<Item = &'a str>,
) -> Result<Policy, Error> {
    let invalid = |message: String| Error::new(Code::InvalidRecord, message);
    let mut own = ScopeSet::EMPTY;
    for scope in scopes {
        let index = profile.scope_index(scope).ok_or_else(|| {
            invalid(format!(
                "scope '{scope}' is not one of profile '{}'",
                profile.id()
            ))
        })?;
        own = own.with(index);
    }
    let Some(level) = level else {
        if own.is_empty() {
            return Err(invalid(
                "it has neither a level nor scopes; a key that opens nothing is a mistake".into(),
            ));
        }
        return Ok(Policy {
            status,
            level: None,
            scopes: own,
            everything: false,
        });
    };
    if !own.is_empty() {
        return Err(invalid(
            "it has a level and scopes of its own; give one of the two".into(),
        ));
    }
    let Some(index) = profile.level_index(level) else {
        let mut message = format!("level '{level}' is not one of profile '{}':", profile.id());
        for level in profile.levels() {
            message.push(' ');
            message.push_str(&level.id);
        }
        return Err(invalid(message));
    };
    let level = &profile.levels()[usize::from(index)];
    Ok(Policy {
        status,
        level: Some(index),
        scopes: level.scopes,
        everything: level.everything,
    })
}
