//! Builds a verifier from records that the caller keeps, without any server.

use std::collections::{HashMap, HashSet};

use super::build::{NewRow, Place, TableBuilder};
use super::record::{Record, Status};
use super::table::{KeyTable, Policy};
use super::verifier::Verifier;
use crate::access::{self, ScopeSet};
use crate::error::{Code, Error};
use crate::key::Pepper;
use crate::limit::Rate;
use crate::profile::Profile;

/// Collects records for a [`Verifier`].
#[derive(Debug)]
pub struct Builder {
    profile: Profile,
    records: Vec<Record>,
    peppers: Vec<Pepper>,
}

impl Builder {
    pub(super) const fn new(profile: Profile) -> Self {
        Self {
            profile,
            records: Vec::new(),
            peppers: Vec::new(),
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

    /// The secrets behind digests of the scheme `hmac-sha256`. More than are needed do no harm, so that the next one
    /// can be given before it is used.
    #[must_use]
    pub fn peppers(mut self, peppers: impl IntoIterator<Item = Pepper>) -> Self {
        self.peppers.extend(peppers);
        self
    }

    /// Checks the records and builds the verifier; the error names the record by its position.
    pub fn build(self) -> Result<Verifier, Error> {
        let mut rows = Rows::default();
        let mut ids = HashSet::new();
        for (ordinal, record) in (0..).zip(&self.records) {
            let within = |error: Error| error.within(format!("record {ordinal}"));
            if !ids.insert(&record.id) {
                let message = format!("the id '{}' is taken by an earlier record", record.id);
                return Err(within(Error::new(Code::InvalidRecord, message)));
            }
            rows.add(&self.profile, ordinal, record).map_err(within)?;
        }
        let table = KeyTable::from_sections(rows.table.finish(Vec::new())?, true)?;
        let ids = self.records.into_iter().map(|record| record.id).collect();
        Verifier::from_table(self.profile, table, None, ids, self.peppers)
    }
}

/// A table in the making, with what many records share.
#[derive(Default)]
struct Rows<'a> {
    table: TableBuilder,
    accounts: HashMap<&'a str, u32>,
    limits: HashMap<Vec<u8>, Place>,
}

impl<'a> Rows<'a> {
    fn add(&mut self, profile: &Profile, ordinal: u64, record: &'a Record) -> Result<(), Error> {
        let policy = record_policy(
            profile,
            record.status,
            record.level.as_deref(),
            record.scopes.iter().map(|scope| &**scope),
            record.rate,
        )?;
        let constraints = record
            .constraints
            .iter()
            .map(|(dimension, constraint)| (&**dimension, constraint));
        let packed = access::pack(profile.dimensions(), policy.level, constraints)?;
        let limits = if let Some(&known) = self.limits.get(&packed) {
            known
        } else {
            let place = self.table.limits(&packed)?;
            self.limits.insert(packed, place);
            place
        };
        let account = record.account.as_deref().map(|account| {
            *self
                .accounts
                .entry(account)
                .or_insert_with(|| self.table.account(account))
        });
        let note = self
            .table
            .note(record.subject.as_deref(), record.meta.as_deref())?;
        for (digest, ends) in &record.digests {
            self.table.add(NewRow {
                id: ordinal,
                digest,
                policy,
                ends: [record.expires_at, *ends],
                account,
                note,
                limits,
            })?;
        }
        Ok(())
    }
}

/// What a record may do: all that its level opens, or the scopes that it lists. Neither is an error, not a key for
/// nothing.
pub(crate) fn record_policy<'a>(
    profile: &Profile,
    status: Status,
    level: Option<&str>,
    scopes: impl Iterator<Item = &'a str>,
    rate: Option<Rate>,
) -> Result<Policy, Error> {
    let invalid = |message: String| Error::new(Code::InvalidRecord, message);
    let mut own = ScopeSet::EMPTY;
    for scope in scopes {
        let meant = profile.scopes_like(scope);
        if meant.is_empty() {
            return Err(invalid(format!(
                "scope '{scope}' is not one of profile '{}'",
                profile.id()
            )));
        }
        own = own.union(meant);
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
            rate,
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
        rate: rate.or(level.rate),
    })
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::access::{Constraint, Context, Value};
    use crate::key::Digest;
    use crate::time::Timestamp;
    use crate::verify::{Ask, Reason};

    const PROFILE: &str = r#"
        schema_version = 1
        id = "small"
        title = "Small"
        key = { format = "opaque" }
        request = { transports = ["bearer"], realm = "" }
        scopes = [{ id = "all", title = "All" }]
        levels = [{ id = "any", title = "Any", scopes = ["all"] }]
        routes = [{ scope = "all", calls = ["GET /things/{id}"] }]
        constraints = [{ name = "n", title = "N", kind = "integer" }]
    "#;

    /// Small enough for Miri; tests/properties holds it for many.
    #[test]
    fn records_are_found_with_all_that_they_say() {
        let pepper = || {
            let id = "p".parse().expect("a good name");
            Pepper::new(id, &[7; 16]).expect("16 bytes")
        };
        let keys: Vec<String> = (0..4).map(|number| format!("key-{number}")).collect();
        let records = (0i64..).zip(&keys).map(|(number, key)| {
            let digest = if number % 2 == 0 {
                Digest::sha256_of(key.as_bytes())
            } else {
                pepper().digest(key.as_bytes())
            };
            let only = Constraint::only([number]).expect("a value");
            Record::new(key, digest)
                .level("any")
                .account("acme")
                .subject(key)
                .constraint("n", only)
        });
        let profile = Profile::from_toml(PROFILE).expect("a good profile");
        let verifier = Verifier::builder(profile)
            .records(records)
            .peppers([pepper()])
            .build()
            .expect("good records");
        let now = Timestamp::from_millis(1).expect("after 1970");
        let ask = |key: &str, number| {
            let context = Context {
                client: None,
                values: &[("n", Value::Integer(number))],
            };
            let call = Ask::Call {
                method: b"GET",
                path: b"/things/1",
            };
            verifier.verify_key(key.as_bytes(), call, context, now)
        };
        for (number, key) in (0..).zip(&keys) {
            let decision = ask(key, number);
            let grant = decision.grant().expect("its own key and value");
            assert_eq!(
                (grant.key_id(), grant.subject()),
                (key.clone(), Some(&**key))
            );
            assert_eq!((grant.account(), grant.route()), (Some("acme"), Some(0)));
            let other = ask(key, number + 1).reason();
            assert_eq!(other, Some(Reason::ConstraintViolated));
        }
        assert_eq!(ask("key-4", 4).reason(), Some(Reason::UnknownKey));
    }
}
