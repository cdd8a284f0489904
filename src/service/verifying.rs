//! `/verify` and `/explain`: the server decides by the very verifier of the edge.
//!
//! Where the published files of the present epoch lie ready, they decide, as they do at every edge. Otherwise, and
//! wherever they know no live key, the one key is looked up and a verifier decides that knows this key alone: it also
//! says of a key that is not live why it is not.

use std::collections::BTreeMap;
use std::net::IpAddr;

use zeroize::Zeroizing;

use super::error::{FieldError, ServiceError};
use super::publishing::Live;
use super::{Place, Principal, Service};
use crate::access::{Constraint, ConstraintValue, Context, LimitValue, Value};
use crate::key::{Digest, KeyId, misplaced};
use crate::profile::Profile;
use crate::store::{FoundKey, KeyState, Right};
use crate::time::Timestamp;
use crate::verify::{
    Ask, Decision, Denial, Explanation, Grant, Reason, Record, RecordId, Status, Verifier,
};

/// What is asked about a key.
#[derive(Default)]
pub struct VerifyAsk {
    /// The key, as it was presented.
    pub key: Zeroizing<Vec<u8>>,
    /// The method of the call, beside `path`.
    pub method: Option<String>,
    /// The path of the call, as it was sent, without query.
    pub path: Option<String>,
    /// A scope, instead of a call. Neither: whether the key is alive.
    pub scope: Option<String>,
    /// What the call is about: dimensions of the profile, and the values that it uses of them. A list without a value
    /// is within no limit.
    pub context: BTreeMap<String, Vec<ConstraintValue>>,
    /// The client's address.
    pub client_address: Option<String>,
    /// The units that the call takes, instead of what its route says.
    pub cost: Option<u32>,
}

/// What came out.
#[derive(Debug)]
pub enum Verified {
    /// The key is genuine and alive, and may do this.
    Allowed(Box<Allowed>),
    /// It is not, or may not.
    Denied {
        /// Why.
        reason: Reason,
        /// What the profile says to callers of a route that no key may call.
        note: Option<String>,
        /// How its bucket stands, where too much was asked of it.
        rate: Option<RateStanding>,
    },
}

/// What an allowed key is and may do.
#[derive(Debug)]
pub struct Allowed {
    /// The key's id.
    pub key_id: String,
    /// The account that it belongs to.
    pub account: String,
    /// The API owner's id for whom it stands for.
    pub subject: Option<String>,
    /// The API owner's JSON object, as text.
    pub meta: Option<String>,
    /// The id of its level.
    pub level: String,
    /// The ids of its scopes.
    pub scopes: Vec<String>,
    /// What it may use, by dimension; those that are not named are free.
    pub constraints: BTreeMap<String, Constraint>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// How its bucket stands after this call, where it has a rate.
    pub rate: Option<RateStanding>,
}

/// How the bucket of a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateStanding {
    /// How many units a full bucket holds.
    pub limit: u32,
    /// In how many seconds an empty one is full again.
    pub window_seconds: u32,
    /// How many units it holds now.
    pub remaining: u32,
    /// In how many milliseconds it is full again.
    pub reset_millis: u64,
    /// After how many milliseconds the same call would be admitted; 0 where it was, or never is.
    pub retry_after_millis: u64,
}

impl Service {
    /// Decides about a key. What is allowed counts as a use, and takes from the key's rate.
    pub fn verify(
        &self,
        caller: &Principal,
        keyspace: &str,
        ask: &VerifyAsk,
    ) -> Result<Verified, ServiceError> {
        caller.must(Right::KeysVerify, Place::Keyspace(keyspace))?;
        let asked = Asked::read(ask)?;
        let now = self.judged_at();
        // Until the use is noted, nothing that goes by uses comes in between.
        let _deciding = self.uses.deciding();
        let edition = self
            .store
            .edition(keyspace)?
            .ok_or_else(|| ServiceError::not_found("keyspace"))?;
        let live = self.live(keyspace, edition);
        let is_unpublished = match live.map(|live| self.verify_by(&live, keyspace, &asked, now)) {
            Some(ByFiles::Verified(verified)) => return Ok(verified),
            Some(ByFiles::Unknown) => true,
            Some(ByFiles::Open) | None => false,
        };
        let one = self.one_key(keyspace, asked.key, now)?;
        Ok(match (asked.decide(&one.verifier, now), &one.found) {
            (Decision::Deny(denial), _) => denied(&denial),
            // Refused as it is at the edge. One that was made since has another edition.
            (Decision::Allow(_), _)
                if is_unpublished && self.store.edition(keyspace)? == Some(edition) =>
            {
                Verified::Denied {
                    reason: Reason::UnknownKey,
                    note: None,
                    rate: None,
                }
            }
            (Decision::Allow(grant), Some(found)) => {
                let id = found.record.id;
                self.count_in(keyspace, id, !found.is_retiring, &grant, &asked)
            }
            (Decision::Allow(_), None) => {
                return Err(ServiceError::internal(
                    "a verifier without keys allowed one",
                ));
            }
        })
    }

    /// The same, where the published files can say it and nobody has to be waited for; blocks nobody. `None` where
    /// [`verify`](Self::verify) has to be asked, which also says what is wrong with a question.
    pub fn verify_at_hand(
        &self,
        caller: &Principal,
        keyspace: &str,
        ask: &VerifyAsk,
    ) -> Option<Verified> {
        let place = Place::Keyspace(keyspace);
        caller.must(Right::KeysVerify, place).ok()?;
        let asked = Asked::read(ask).ok()?;
        let now = self.judged_at();
        let _deciding = self.uses.try_deciding()?;
        let edition = self.store.edition_at_hand(keyspace)?;
        let live = self.live_at_hand(keyspace, edition)?;
        match self.verify_by(&live, keyspace, &asked, now) {
            ByFiles::Verified(verified) => Some(verified),
            ByFiles::Unknown | ByFiles::Open => None,
        }
    }

    /// Decides by the published files, as far as they go.
    fn verify_by(&self, live: &Live, keyspace: &str, asked: &Asked<'_>, now: Timestamp) -> ByFiles {
        match asked.decide(&live.verifier, now) {
            Decision::Allow(grant) => match grant.record_id() {
                // Only one secret, so that it is the newest.
                RecordId::Key(id) if !live.is_rotating(id) => {
                    ByFiles::Verified(self.count_in(keyspace, id, true, &grant, asked))
                }
                _ => ByFiles::Open,
            },
            Decision::Deny(denial) => match denial.reason() {
                Reason::UnknownKey => ByFiles::Unknown,
                Reason::Expired => ByFiles::Open,
                _ => ByFiles::Verified(denied(&denial)),
            },
        }
    }

    /// Decides in the same way, and says how it came to that. Counts as no use, and takes nothing.
    pub fn explain(
        &self,
        caller: &Principal,
        keyspace: &str,
        ask: &VerifyAsk,
    ) -> Result<Explanation, ServiceError> {
        caller.must(Right::KeysVerify, Place::Keyspace(keyspace))?;
        let asked = Asked::read(ask)?;
        let now = self.judged_at();
        let one = self.one_key(keyspace, asked.key, now)?;
        let mut explanation =
            one.verifier
                .explain_key(asked.key, asked.ask, asked.context(), Some(now));
        // Among one.
        explanation.ordinal = None;
        // A key in the path or in the context would be told as what was seen there.
        for step in &mut explanation.steps {
            if misplaced::holds_key(&step.detail) {
                "something that looks like a key, which is not shown".clone_into(&mut step.detail);
            }
        }
        Ok(explanation)
    }

    /// Takes an allowed call from the key's rate, and notes it.
    fn count_in(
        &self,
        keyspace: &str,
        id: KeyId,
        by_newest_secret: bool,
        grant: &Grant<'_>,
        asked: &Asked<'_>,
    ) -> Verified {
        let now = self.clock.now();
        let cost = asked.cost.unwrap_or(grant.cost());
        let taken = grant.rate().map(|rate| {
            let bucket = format!("{keyspace}/{id}");
            let outcome = self.limiter.admit(&bucket, rate, cost, now);
            let standing = RateStanding {
                limit: rate.limit(),
                window_seconds: rate.window_seconds(),
                remaining: outcome.remaining,
                reset_millis: outcome.reset_millis,
                retry_after_millis: outcome.retry_after_millis,
            };
            (outcome.admitted, standing)
        });
        if let Some((false, standing)) = taken {
            return Verified::Denied {
                reason: Reason::RateLimited,
                note: None,
                rate: Some(standing),
            };
        }
        self.uses
            .note(keyspace, id, u64::from(cost), by_newest_secret, now);
        Verified::Allowed(Box::new(allowed(
            grant,
            taken.map(|(_, standing)| standing),
        )))
    }

    /// Notes that a key was used that was decided about elsewhere in the service.
    pub(super) fn note_use(&self, keyspace: &str, found: &FoundKey, now: Timestamp) {
        self.uses
            .note(keyspace, found.record.id, 1, !found.is_retiring, now);
    }

    /// A verifier that knows the one key that was presented, if it is one of the keyspace.
    fn one_key(&self, keyspace: &str, key: &[u8], now: Timestamp) -> Result<OneKey, ServiceError> {
        let loaded = self.profile_of(keyspace)?;
        let profile = &loaded.profile;
        let mut found = None;
        // What is no key by its shape is not looked for.
        if profile.key_format().check(key).is_ok() {
            let digest = Digest::sha256_of(key);
            let known = self.store.key_by_digest(keyspace, &digest, now)?;
            found = known.map(|found| (record(digest, &found), found));
        }
        let (record, found) = found.unzip();
        let builder = |record: Option<Record>| Verifier::builder(profile.clone()).records(record);
        match builder(record).build() {
            Ok(verifier) => Ok(OneKey { verifier, found }),
            Err(error) => {
                // It is left out of the published files as well, and refused there.
                let id = found.map(|found| found.record.id.to_string());
                tracing::error!(keyspace, key = id, %error, "a key does not fit its profile and is refused");
                let verifier = builder(None).build().map_err(ServiceError::internal)?;
                Ok(OneKey {
                    verifier,
                    found: None,
                })
            }
        }
    }
}

/// What the published files say.
enum ByFiles {
    /// All that there is to say.
    Verified(Verified),
    /// That no such key is live. The database knows why: switched off, expired, gone.
    Unknown,
    /// Too little: which of two secrets it is, or which of its ends has come.
    Open,
}

/// A verifier for the one key that was asked about.
struct OneKey {
    verifier: Verifier,
    found: Option<FoundKey>,
}

/// A key of the database as a verifier takes it, known by the digest that was presented.
pub(super) fn record(digest: Digest, found: &FoundKey) -> Record {
    let FoundKey {
        record: key,
        is_retiring,
    } = found;
    let content = &key.content;
    let retires = key.retiring.as_ref().filter(|_| *is_retiring);
    let ends = [content.expires_at, retires.map(|retiring| retiring.ends_at)];
    let mut record = Record::new(&key.id.to_string(), digest)
        .account(&key.account)
        .level(&content.level)
        .status(match key.state {
            KeyState::Active => Status::Active,
            KeyState::Disabled { .. } => Status::Disabled,
            KeyState::Deactivated { .. } => Status::Deactivated,
        });
    if let Some(end) = ends.into_iter().flatten().min() {
        record = record.expires_at(end);
    }
    for (dimension, constraint) in &content.constraints {
        record = record.constraint(dimension, constraint.clone());
    }
    if let Some(rate) = content.rate {
        record = record.rate(rate);
    }
    if let Some(subject) = &content.subject {
        record = record.subject(subject);
    }
    if let Some(meta) = &content.meta {
        record = record.meta(meta);
    }
    record
}

/// A question, read and borrowed.
struct Asked<'a> {
    key: &'a [u8],
    ask: Ask<'a>,
    client: Option<IpAddr>,
    values: Vec<(&'a str, Value<'a>)>,
    cost: Option<u32>,
}

impl<'a> Asked<'a> {
    /// Finds all that is wrong with a question at once.
    fn read(ask: &'a VerifyAsk) -> Result<Self, ServiceError> {
        let mut errors = Vec::new();
        let mut refuse = |field: &str, message: &str| {
            errors.push(FieldError {
                field: field.to_owned(),
                message: message.to_owned(),
            });
        };
        let question = match (&ask.method, &ask.path, &ask.scope) {
            (None, None, None) => Ask::Alive,
            (None, None, Some(scope)) => Ask::Scope(scope),
            (Some(method), Some(path), None) => Ask::Call {
                method: method.as_bytes(),
                path: path.as_bytes(),
            },
            (None, Some(_), _) => {
                refuse("method", "is required beside `path`");
                Ask::Alive
            }
            (Some(_), None, _) => {
                refuse("path", "is required beside `method`");
                Ask::Alive
            }
            (Some(_), Some(_), Some(_)) => {
                refuse(
                    "scope",
                    "cannot stand beside a call; ask for one of the two",
                );
                Ask::Alive
            }
        };
        let client = ask.client_address.as_deref().and_then(|text| {
            let address = text.parse::<IpAddr>().ok();
            if address.is_none() {
                refuse(
                    "client_address",
                    "must be an IP address, such as 192.0.2.7 or 2001:db8::7",
                );
            }
            address
        });
        if !errors.is_empty() {
            return Err(ServiceError::invalid(errors));
        }
        let mut values = Vec::new();
        for (dimension, used) in &ask.context {
            if used.is_empty() {
                values.push((&**dimension, Value::Empty));
            }
            values.extend(used.iter().map(|value| {
                let value = match value {
                    ConstraintValue::Integer(number) => Value::Integer(*number),
                    ConstraintValue::Text(text) => Value::Text(text),
                };
                (&**dimension, value)
            }));
        }
        Ok(Self {
            key: &ask.key,
            ask: question,
            client,
            values,
            cost: ask.cost,
        })
    }

    fn context(&self) -> Context<'_> {
        Context {
            client: self.client,
            values: &self.values,
        }
    }

    fn decide<'v>(&self, verifier: &'v Verifier, now: Timestamp) -> Decision<'v> {
        verifier.verify_key(self.key, self.ask, self.context(), now)
    }
}

fn denied(denial: &Denial<'_>) -> Verified {
    Verified::Denied {
        reason: denial.reason(),
        note: denial.note().map(str::to_owned),
        rate: None,
    }
}

fn allowed(grant: &Grant<'_>, rate: Option<RateStanding>) -> Allowed {
    let profile = grant.profile();
    let scopes = grant.scopes().iter();
    let scopes = scopes.filter_map(|scope| profile.scopes().get(usize::from(scope)));
    Allowed {
        key_id: grant.key_id(),
        account: grant.account().unwrap_or_default().to_owned(),
        subject: grant.subject().map(str::to_owned),
        meta: grant.meta().map(str::to_owned),
        level: grant.level().unwrap_or_default().to_owned(),
        scopes: scopes.map(|scope| scope.id.to_string()).collect(),
        constraints: constraints(profile, grant),
        expires_at: grant.expires_at(),
        rate,
    }
}

/// What the key is limited to. Where it is free, nothing is said, whether it was given `all` or nothing.
fn constraints(profile: &Profile, grant: &Grant<'_>) -> BTreeMap<String, Constraint> {
    if !grant.is_limited() {
        return BTreeMap::new();
    }
    let limited = (0..)
        .zip(profile.dimensions())
        .filter_map(|(at, dimension)| {
            let values = grant.only(at)?.into_iter().map(|value| match value {
                LimitValue::Integer(number) => ConstraintValue::Integer(number),
                LimitValue::Text(text) => ConstraintValue::from(text),
                LimitValue::Network(network) => ConstraintValue::from(&*network.to_string()),
            });
            // No values come of damaged bytes only, which have been refused.
            Some((dimension.name.to_string(), Constraint::only(values).ok()?))
        });
    limited.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(ask: &VerifyAsk) -> Vec<String> {
        let error = Asked::read(ask).map(|_| ()).expect_err("refused");
        let fields = error.fields().iter();
        fields.map(|error| error.field.clone()).collect()
    }

    #[test]
    fn a_question_is_one_question() {
        let some = |text: &str| Some(text.to_owned());
        let ask = |method, path, scope| VerifyAsk {
            method,
            path,
            scope,
            ..VerifyAsk::default()
        };
        assert_eq!(refused(&ask(some("GET"), None, None)), ["path"]);
        assert_eq!(refused(&ask(None, some("/a"), None)), ["method"]);
        assert_eq!(refused(&ask(None, some("/a"), some("read"))), ["method"]);
        assert_eq!(
            refused(&ask(some("GET"), some("/a"), some("read"))),
            ["scope"]
        );
        let alive = ask(None, None, None);
        assert!(matches!(
            Asked::read(&alive).expect("a question").ask,
            Ask::Alive
        ));
        let everything_wrong = VerifyAsk {
            client_address: some("localhost"),
            ..ask(some("GET"), None, None)
        };
        assert_eq!(refused(&everything_wrong), ["path", "client_address"]);
    }

    #[test]
    fn lists_become_values_and_empty_ones_stay() {
        let context = BTreeMap::from([
            ("channel".to_owned(), vec!["a".into(), "b".into()]),
            ("none".to_owned(), Vec::new()),
            ("sending_domain_id".to_owned(), vec![7.into()]),
        ]);
        let ask = VerifyAsk {
            context,
            ..VerifyAsk::default()
        };
        let asked = Asked::read(&ask).expect("a question");
        assert_eq!(
            asked.values,
            [
                ("channel", Value::Text("a")),
                ("channel", Value::Text("b")),
                ("none", Value::Empty),
                ("sending_domain_id", Value::Integer(7)),
            ]
        );
    }
}
