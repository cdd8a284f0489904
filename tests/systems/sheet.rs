//! How a table is written down: the keys of one system, and calls with what comes of them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::vector::{Case, Expect, GivenDigest, GivenKey, NOW, Record, Request};

pub(crate) const DAY: i64 = 86_400_000;

/// What a level grants, by the table.
#[derive(Clone, Copy)]
pub(crate) enum Grants {
    Everything,
    Scopes(&'static [&'static str]),
}

/// The table of one system.
pub(crate) struct Sheet {
    pub(crate) profile: &'static str,
    pub(crate) keys: Vec<GivenKey>,
    pub(crate) cases: Vec<Case>,
    host: &'static str,
    /// The header in which a client of this system sends a key.
    send: fn(&str) -> (&'static str, String),
    levels: &'static [(&'static str, Grants)],
}

impl Sheet {
    pub(crate) fn new(
        profile: &'static str,
        host: &'static str,
        send: fn(&str) -> (&'static str, String),
        levels: &'static [(&'static str, Grants)],
    ) -> Self {
        Self {
            profile,
            keys: Vec::new(),
            cases: Vec::new(),
            host,
            send,
            levels,
        }
    }

    /// A key of this level in account `acme`.
    pub(crate) fn key(&mut self, name: &str, key: String, level: &str) -> &mut Record {
        assert!(self.levels.iter().any(|(known, _)| *known == level));
        let record = self.record(name, key);
        record.level = Some(level.to_owned());
        record
    }

    /// A key of no level: it has this one scope. What is open to every scope, or to none, shows with such keys alone.
    pub(crate) fn scoped(&mut self, name: &str, key: String, scope: &str) -> &mut Record {
        let record = self.record(name, key);
        record.scopes = vec![scope.to_owned()];
        record
    }

    fn record(&mut self, name: &str, key: String) -> &mut Record {
        let record = Record {
            id: format!("{}-{name}", self.profile),
            digest: Some(digest(&key)),
            account: "acme".to_owned(),
            ..Record::default()
        };
        self.push(name, key, Some(record));
        let record = self.keys.last_mut().and_then(|key| key.record.as_mut());
        record.expect("just pushed")
    }

    /// A key of which there is no record of its own.
    pub(crate) fn stranger(&mut self, name: &str, key: String) {
        self.push(name, key, None);
    }

    fn push(&mut self, name: &str, key: String, record: Option<Record>) {
        let new = self
            .keys
            .iter()
            .all(|other| other.name != name && other.key != key);
        assert!(new, "{name} stands there twice");
        self.keys.push(GivenKey {
            name: name.to_owned(),
            key,
            record,
        });
    }

    pub(crate) fn secret(&self, name: &str) -> &str {
        &self.find(name).key
    }

    fn find(&self, name: &str) -> &GivenKey {
        self.keys
            .iter()
            .find(|key| key.name == name)
            .unwrap_or_else(|| panic!("{} has no key {name:?}", self.profile))
    }

    /// A call that is allowed with this key. `why` may be empty where the call says it all.
    pub(crate) fn allow(&mut self, row: &str, why: &str, key: &str, call: &str) -> &mut Case {
        let record = self
            .find(key)
            .record
            .as_ref()
            .unwrap_or_else(|| panic!("{key} has no record: see allow_by"));
        let expect = self.allowed(record);
        self.case(row, why, key, call, expect)
    }

    /// The same for a key that stands in another key's record.
    pub(crate) fn allow_by(
        &mut self,
        record_of: &str,
        row: &str,
        why: &str,
        key: &str,
        call: &str,
    ) -> &mut Case {
        let record = self.find(record_of).record.as_ref().expect("a record");
        let expect = self.allowed(record);
        self.case(row, why, key, call, expect)
    }

    fn allowed(&self, record: &Record) -> Expect {
        let grants = |level: &String| {
            let known = self.levels.iter().find(|(known, _)| known == level);
            known.expect("a level of this system").1
        };
        Expect {
            allowed: true,
            key_id: Some(record.id.clone()),
            level: record.level.clone(),
            scopes: match record.level.as_ref().map(grants) {
                None => Some(record.scopes.clone()),
                Some(Grants::Everything) => None,
                Some(Grants::Scopes(scopes)) => {
                    Some(scopes.iter().map(ToString::to_string).collect())
                }
            },
            ..Expect::default()
        }
    }

    /// A call that is refused with this key.
    pub(crate) fn deny(
        &mut self,
        row: &str,
        why: &str,
        key: &str,
        call: &str,
        reason: &str,
    ) -> &mut Case {
        let expect = Expect {
            reason: Some(reason.to_owned()),
            status: Some(match reason {
                "malformed_credential" | "ambiguous_credential" | "malformed_path" => 400,
                "missing_credential" | "malformed_key" | "bad_checksum" | "unknown_key"
                | "disabled" | "expired" => 401,
                "insufficient_scope" | "constraint_violated" => 403,
                _ => panic!("no table says {reason:?}"),
            }),
            ..Expect::default()
        };
        self.case(row, why, key, call, expect)
    }

    fn case(&mut self, row: &str, why: &str, key: &str, call: &str, expect: Expect) -> &mut Case {
        let (method, path) = call.split_once(' ').expect("METHOD /path");
        let (header, value) = (self.send)(self.secret(key));
        let what = if why.is_empty() { key } else { why };
        self.cases.push(Case {
            row: row.to_owned(),
            name: format!("{row} {what}: {call}"),
            profile: self.profile.to_owned(),
            key: key.to_owned(),
            request: Request {
                method: method.to_owned(),
                url: format!("https://{}{path}", self.host),
                headers: BTreeMap::from([(header.to_owned(), value)]),
            },
            context: BTreeMap::new(),
            client_address: None,
            now: None,
            expect,
        });
        self.cases.last_mut().expect("just pushed")
    }
}

impl Case {
    /// In place of the usual header, this one.
    pub(crate) fn sent_as(&mut self, header: &str, value: &str) -> &mut Self {
        self.bare().with(header, value)
    }

    /// One more header.
    pub(crate) fn with(&mut self, header: &str, value: &str) -> &mut Self {
        self.request
            .headers
            .insert(header.to_owned(), value.to_owned());
        self
    }

    /// Without any credential.
    pub(crate) fn bare(&mut self) -> &mut Self {
        self.request.headers.clear();
        self
    }

    /// What the call is about.
    pub(crate) fn about(&mut self, dimension: &str, value: impl Into<Value>) -> &mut Self {
        self.context.insert(dimension.to_owned(), value.into());
        self
    }

    /// The client's address.
    pub(crate) fn from(&mut self, address: &str) -> &mut Self {
        self.client_address = Some(address.to_owned());
        self
    }

    /// So many milliseconds after the vectors' `now`.
    pub(crate) fn after(&mut self, millis: i64) -> &mut Self {
        self.now = Some(NOW + millis);
        self
    }

    /// With a text in the reply that says what to use instead.
    pub(crate) fn noted(&mut self) -> &mut Self {
        self.expect.noted = true;
        self
    }
}

impl Record {
    /// Switched off, to be switched on again.
    pub(crate) fn disabled(&mut self) -> &mut Self {
        self.status = Some("disabled".to_owned());
        self
    }

    /// Ends so many milliseconds after the vectors' `now`.
    pub(crate) fn ends_after(&mut self, millis: i64) -> &mut Self {
        self.expires_at = Some(NOW + millis);
        self
    }

    pub(crate) fn limited(&mut self, dimension: &str, values: impl Into<Value>) -> &mut Self {
        self.constraints.insert(dimension.to_owned(), values.into());
        self
    }

    pub(crate) fn of(&mut self, subject: &str) -> &mut Self {
        self.subject = Some(subject.to_owned());
        self
    }

    /// The same key by another secret, which ends so many milliseconds after the vectors' `now`.
    pub(crate) fn also(&mut self, key: &str, millis: i64) -> &mut Self {
        let current = self.digest.take().expect("one digest so far");
        self.digests = vec![
            GivenDigest {
                digest: current,
                expires_at: None,
            },
            GivenDigest {
                digest: digest(key),
                expires_at: Some(NOW + millis),
            },
        ];
        self
    }
}

/// A checksummed key that is the same in every run.
pub(crate) fn checksummed(prefix: &str, name: &str) -> String {
    const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let seed = Sha256::digest(format!("{prefix} {name}"));
    let body: String = seed[..30]
        .iter()
        .map(|byte| char::from(BASE62[usize::from(byte % 62)]))
        .collect();
    let checksum = keyward::key::checksum(body.as_bytes()).map(char::from);
    format!("{prefix}_{body}{}", String::from_iter(checksum))
}

/// The key with another last character: a typo.
pub(crate) fn mistyped(key: &str) -> String {
    let (rest, last) = key.split_at(key.len() - 1);
    format!("{rest}{}", if last == "a" { "b" } else { "a" })
}

pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn digest(key: &str) -> String {
    use std::fmt::Write as _;
    let mut text = "sha256:".to_owned();
    for byte in Sha256::digest(key) {
        write!(text, "{byte:02x}").expect("a string grows");
    }
    text
}
