//! Which key calls a dialect, and what it may do by that: what the verifier says of the call, in its own account.

use std::collections::BTreeSet;

use super::speakers::Speaker;
use crate::access::Context;
use crate::key::Digest;
use crate::limit::Rate;
use crate::profile::Dialect;
use crate::request::{CredentialErrorKind, DecodeBuffer, extract};
use crate::service::principal::CallingKey;
use crate::service::verifying::record;
use crate::service::{Principal, Service, ServiceError};
use crate::store::{AccountPath, FoundKey, KeyContent, Right};
use crate::time::Timestamp;
use crate::verify::{Decision, Reason, Request, Verifier};

/// A key that may make the call.
#[derive(Clone, Debug)]
pub struct Calling {
    /// The key as a caller of use cases.
    pub principal: Principal,
    /// Its account, the only one that it reaches.
    pub account: AccountPath,
    /// What `WWW-Authenticate` says once the key is refused after all.
    pub challenge: String,
    pub(super) terms: Terms,
}

/// What a dialect needs to know of the caller and of its profile.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    /// What the caller is, and makes nothing stronger than.
    pub(super) maker: KeyContent,
    /// The field that people know a key by.
    pub(super) name: String,
    /// The level of a key that is made without naming one.
    pub(super) default_level: String,
    /// Whether what was switched off can be switched on again.
    pub(super) reversible: bool,
    /// Whether this caller is shown whole keys.
    pub(super) shows_keys: bool,
}

/// Why a call of a dialect does not reach its use case.
#[derive(Debug)]
#[non_exhaustive]
pub enum DialectRefusal {
    /// No keyspace here has a profile with this dialect.
    NotSpoken,
    /// The key may not make the call.
    Denied(DialectDenial),
    /// The call could not be decided.
    Failed(ServiceError),
}

/// What is said of a call that a key may not make.
#[derive(Debug)]
pub struct DialectDenial {
    /// For the log; callers are told what [`Reason::status`] tells.
    pub reason: Reason,
    /// What the profile says to callers of a route that no key may call.
    pub note: Option<String>,
    /// What `WWW-Authenticate` says where a key is missing.
    pub challenge: String,
    /// When the same call may be made again, where it came too soon.
    pub retry_after_seconds: Option<u64>,
}

impl DialectDenial {
    const fn of(reason: Reason) -> Self {
        Self {
            reason,
            note: None,
            challenge: String::new(),
            retry_after_seconds: None,
        }
    }
}

impl From<DialectDenial> for DialectRefusal {
    fn from(denial: DialectDenial) -> Self {
        Self::Denied(denial)
    }
}

impl From<ServiceError> for DialectRefusal {
    fn from(error: ServiceError) -> Self {
        Self::Failed(error)
    }
}

/// A call, as far as it decides who calls.
struct Call<'a> {
    headers: &'a [(&'a str, &'a [u8])],
    method: &'a str,
    path: &'a str,
    now: Timestamp,
    /// What those are asked for who are refused.
    challenge: &'a str,
}

impl Service {
    /// Finds out which key calls, and whether it may. `path` is what stands behind the dialect's own prefix: the
    /// profile's base path is put before it. `headers` are those of the request, as they came.
    pub fn authenticate_key(
        &self,
        dialect: Dialect,
        headers: &[(&str, &[u8])],
        method: &str,
        path: &str,
    ) -> Result<Calling, DialectRefusal> {
        let speakers = self.speakers(dialect)?;
        if speakers.is_empty() {
            return Err(DialectRefusal::NotSpoken);
        }
        let challenge = challenge(&speakers);
        let call = Call {
            headers,
            method,
            path,
            now: self.judged_at(),
            challenge: &challenge,
        };
        // Until the use is noted, nothing that goes by uses comes in between.
        let _deciding = self.uses.deciding();
        let found = self.find_calling(&speakers, &call);
        let admitted = found.and_then(|found| match found {
            Some((speaker, digest, key)) => {
                self.admit_calling(dialect, speaker, digest, key, &call)
            }
            None => Err(stranger(&speakers, &call)?.into()),
        });
        admitted.map_err(|refusal| match refusal {
            DialectRefusal::Denied(denial) => DialectRefusal::Denied(DialectDenial {
                challenge: challenge.clone(),
                ..denial
            }),
            other => other,
        })
    }

    /// The key that was presented, live or not, and the keyspace that knows it.
    fn find_calling<'a>(
        &self,
        speakers: &'a [Speaker],
        call: &Call<'_>,
    ) -> Result<Option<(&'a Speaker, Digest, FoundKey)>, DialectRefusal> {
        let mut found: Option<(&Speaker, _, _)> = None;
        for speaker in speakers {
            let mut buffer = DecodeBuffer::default();
            let transports = speaker.profile().transports();
            let credential = match extract(transports, call.headers, &mut buffer) {
                Ok(credential) => credential,
                // Also where it would be one for another keyspace.
                Err(error) if error.kind() == CredentialErrorKind::Ambiguous => {
                    return Err(DialectDenial::of(Reason::AmbiguousCredential).into());
                }
                Err(_) => continue,
            };
            // What is no key by its shape is not looked for.
            if speaker
                .profile()
                .key_format()
                .check(credential.key)
                .is_err()
            {
                continue;
            }
            let digest = Digest::sha256_of(credential.key);
            let keyspace = &speaker.keyspace;
            let known = self.store.key_by_digest(keyspace, &digest, call.now);
            let Some(key) = known.map_err(ServiceError::from)? else {
                continue;
            };
            if let Some((other, ..)) = found.replace((speaker, digest, key)) {
                // Whose keys it may see would be a matter of chance.
                tracing::error!(
                    one = other.keyspace,
                    other = keyspace,
                    "two keyspaces of one dialect hold the same key, which both refuse"
                );
                return Ok(None);
            }
        }
        Ok(found)
    }

    /// Has the verifier decide about the call, with this one key to know. What is allowed counts as a use.
    fn admit_calling(
        &self,
        dialect: Dialect,
        speaker: &Speaker,
        digest: Digest,
        key: FoundKey,
        call: &Call<'_>,
    ) -> Result<Calling, DialectRefusal> {
        let (keyspace, profile) = (&*speaker.keyspace, speaker.profile());
        let id = key.record.id;
        let verifier = Verifier::builder(profile.clone())
            .record(record(digest, &key))
            .build()
            .map_err(|error| {
                tracing::error!(keyspace, key = %id, %error, "a key does not fit its profile and is refused");
                DialectDenial::of(Reason::UnknownKey)
            })?;
        let (rate, cost) = decide(&verifier, call, call.method)?;
        if let Some(rate) = rate {
            let bucket = format!("{keyspace}/{id}");
            let outcome = self.limiter.admit(&bucket, rate, cost, self.clock.now());
            if !outcome.admitted {
                return Err(DialectRefusal::Denied(DialectDenial {
                    retry_after_seconds: Some(outcome.retry_after_millis.div_ceil(1000)),
                    ..DialectDenial::of(Reason::RateLimited)
                }));
            }
        }
        let shows_keys = dialect == Dialect::Inboxfirst
            && profile.lifecycle().recoverable
            // Whoever may only write gets to see no key that is there already.
            && decide(&verifier, call, "GET").is_ok();
        let name = profile.name_field().map(|field| field.name.to_string());
        let terms = Terms {
            maker: key.record.content.clone(),
            name: name.unwrap_or_default(),
            default_level: profile.default_level().id.to_string(),
            reversible: profile.lifecycle().reversible,
            shows_keys,
        };
        self.note_use(keyspace, &key, self.clock.now());
        Ok(Calling {
            account: AccountPath {
                keyspace: keyspace.to_owned(),
                account: key.record.account.clone(),
            },
            challenge: call.challenge.to_owned(),
            principal: Principal::Key(Box::new(CallingKey {
                keyspace: keyspace.to_owned(),
                digest,
                record: key.record,
                rights: rights(call.method, shows_keys),
            })),
            terms,
        })
    }
}

/// What the call itself needs, and nothing that would serve for another.
fn rights(method: &str, shows_keys: bool) -> BTreeSet<Right> {
    let mut rights = BTreeSet::from([Right::KeysRead]);
    if !matches!(method, "GET" | "HEAD") {
        rights.insert(Right::KeysWrite);
    }
    if shows_keys {
        rights.insert(Right::KeysReveal);
    }
    rights
}

/// Whether the key that `verifier` knows may make the call by `method`, and what it takes of which rate.
fn decide(
    verifier: &Verifier,
    call: &Call<'_>,
    method: &str,
) -> Result<(Option<Rate>, u32), DialectDenial> {
    let target = format!("{}{}", verifier.profile().base_path(), call.path);
    let request = Request {
        headers: call.headers,
        method: method.as_bytes(),
        target: target.as_bytes(),
        // Calls of a dialect are about keys and nothing else, and behind a proxy nobody knows where they come from.
        context: Context::default(),
    };
    match verifier.verify(&request, call.now) {
        Decision::Allow(grant) => Ok((grant.rate(), grant.cost())),
        Decision::Deny(denial) => Err(DialectDenial {
            note: denial.note().map(str::to_owned),
            ..DialectDenial::of(denial.reason())
        }),
    }
}

/// Why a request is refused whose key no keyspace knows: what a verifier without keys says. Where keyspaces take keys
/// in different places, the one for which there is a key speaks.
fn stranger(speakers: &[Speaker], call: &Call<'_>) -> Result<DialectDenial, ServiceError> {
    for speaker in speakers {
        let verifier = Verifier::builder(speaker.profile().clone())
            .build()
            .map_err(ServiceError::internal)?;
        if let Err(denial) = decide(&verifier, call, call.method)
            && denial.reason != Reason::MissingCredential
        {
            return Ok(denial);
        }
    }
    Ok(DialectDenial::of(Reason::MissingCredential))
}

/// What `WWW-Authenticate` says where a key is missing.
fn challenge(speakers: &[Speaker]) -> String {
    let mut challenges = Vec::new();
    for challenge in speakers
        .iter()
        .flat_map(|speaker| speaker.profile().challenges())
    {
        if !challenges.contains(&challenge) {
            challenges.push(challenge);
        }
    }
    challenges.join(", ")
}
