//! Records in a file: a JSON array of what the npm package's `createVerifier` takes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Failure;
use crate::access::{Constraint, ConstraintValue};
use crate::key::Digest;
use crate::limit::Rate;
use crate::time::Timestamp;
use crate::verify::{Record, Status};

/// The most digests of one record.
const MAX_DIGESTS: usize = 8;

/// Reads the file; an error names the record by its position and, where it has one, its id.
pub(super) fn read(path: &Path) -> Result<Vec<Record>, Failure> {
    let refuse = |why: String| Failure::failed(format!("{}: {why}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    let written: Vec<Written> =
        serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    let records = written.into_iter().enumerate().map(|(index, written)| {
        let id = written.id.clone();
        written
            .into_record()
            .map_err(|why| refuse(format!("record {index} ('{id}'): {why}")))
    });
    records.collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Written {
    id: String,
    digest: Option<String>,
    digests: Option<Vec<WrittenDigest>>,
    account: Option<String>,
    level: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    constraints: BTreeMap<String, Value>,
    expires_at: Option<Time>,
    status: Option<WrittenStatus>,
    rate: Option<WrittenRate>,
    subject: Option<String>,
    meta: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenDigest {
    Plain(String),
    Ending(EndingDigest),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct EndingDigest {
    digest: String,
    expires_at: Option<Time>,
}

/// Milliseconds since 1970, or what a `Date` becomes in JSON.
#[derive(Deserialize)]
#[serde(untagged)]
enum Time {
    Millis(f64),
    Text(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenStatus {
    Active,
    Disabled,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRate {
    limit: u32,
    window: u32,
}

impl Written {
    fn into_record(self) -> Result<Record, String> {
        let mut digests = self.digests()?;
        // The first one ends with the record, so the one that lasts longest stands there.
        digests.sort_by_key(|&(_, end)| std::cmp::Reverse(end.unwrap_or(Timestamp::MAX)));
        let mut digests = digests.into_iter();
        let Some((first, first_ends)) = digests.next() else {
            return Err("it has no digest".into());
        };
        let expires_at = self.expires_at.as_ref().map(Time::read).transpose()?;
        let expires_at = [expires_at, first_ends].into_iter().flatten().min();
        let mut record = Record::new(&self.id, first);
        for (digest, ends) in digests {
            record = record.digest(digest, ends);
        }
        if let Some(at) = expires_at {
            record = record.expires_at(at);
        }
        if let Some(account) = &self.account {
            record = record.account(account);
        }
        if let Some(level) = &self.level {
            record = record.level(level);
        }
        for scope in &self.scopes {
            record = record.scope(scope);
        }
        for (dimension, written) in self.constraints {
            let constraint =
                constraint(written).map_err(|why| format!("constraint '{dimension}': {why}"))?;
            record = record.constraint(&dimension, constraint);
        }
        if let Some(WrittenRate { limit, window }) = self.rate {
            record = record.rate(Rate::new(limit, window).map_err(|error| error.to_string())?);
        }
        if let Some(subject) = &self.subject {
            record = record.subject(subject);
        }
        if let Some(meta) = &self.meta {
            record = record.meta(meta.get());
        }
        Ok(record.status(match self.status {
            None | Some(WrittenStatus::Active) => Status::Active,
            Some(WrittenStatus::Disabled) => Status::Disabled,
        }))
    }

    fn digests(&self) -> Result<Vec<(Digest, Option<Timestamp>)>, String> {
        let read = |text: &str| text.parse::<Digest>().map_err(|error| error.to_string());
        match (&self.digest, &self.digests) {
            (Some(digest), None) => Ok(vec![(read(digest)?, None)]),
            (None, Some(digests)) if (1..=MAX_DIGESTS).contains(&digests.len()) => digests
                .iter()
                .map(|written| match written {
                    WrittenDigest::Plain(digest) => Ok((read(digest)?, None)),
                    WrittenDigest::Ending(EndingDigest { digest, expires_at }) => {
                        let ends = expires_at.as_ref().map(Time::read).transpose()?;
                        Ok((read(digest)?, ends))
                    }
                })
                .collect(),
            (None, Some(digests)) => Err(format!(
                "{} digests; a record has 1 to {MAX_DIGESTS}",
                digests.len()
            )),
            (Some(_), Some(_)) => Err("it has `digest` and `digests`; give one of the two".into()),
            (None, None) => Err("it has no digest".into()),
        }
    }
}

impl Time {
    fn read(&self) -> Result<Timestamp, String> {
        let instant = match self {
            Self::Millis(millis) => Timestamp::from_js(*millis),
            Self::Text(text) => rfc3339(text),
        };
        instant.ok_or_else(|| {
            "expiresAt is neither milliseconds after 1970 nor an RFC 3339 time".into()
        })
    }
}

/// The instant that a text means, such as `2027-01-31T12:00:00Z`.
pub(super) fn rfc3339(text: &str) -> Option<Timestamp> {
    let instant: jiff::Timestamp = text.parse().ok()?;
    Timestamp::from_millis(instant.as_millisecond())
}

/// `"all"`, or a list of texts and whole numbers that is not empty.
fn constraint(written: Value) -> Result<Constraint, String> {
    let value = |value: Value| match value {
        Value::String(text) => Ok(ConstraintValue::Text(text.into())),
        Value::Number(number) => number
            .as_i64()
            .map(ConstraintValue::Integer)
            .ok_or_else(|| format!("{number} is no whole number")),
        other => Err(format!("{other} is neither a text nor a number")),
    };
    match written {
        Value::String(all) if all == "all" => Ok(Constraint::All),
        Value::Array(values) => {
            let values: Vec<_> = values.into_iter().map(value).collect::<Result<_, _>>()?;
            Constraint::only(values).map_err(|error| error.to_string())
        }
        other => Err(format!("{other} is neither \"all\" nor a list")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    fn read(members: &str) -> Result<Record, String> {
        let text = format!("{{ \"id\": \"a\", {} }}", members.replace("DIGEST", DIGEST));
        let written: Written = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        written.into_record()
    }

    #[test]
    fn mistakes_are_named() {
        for (members, expected) in [
            (r#""level": "full""#, "no digest"),
            (r#""digest": "md5:0""#, "digest"),
            (r#""digests": []"#, "1 to 8"),
            (
                r#""digest": "DIGEST", "digests": ["DIGEST"]"#,
                "one of the two",
            ),
            (
                r#""digest": "DIGEST", "expires_at": 1"#,
                "unknown field `expires_at`",
            ),
            (
                r#""digest": "DIGEST", "expiresAt": 0"#,
                "neither milliseconds",
            ),
            (
                r#""digest": "DIGEST", "expiresAt": "tomorrow""#,
                "neither milliseconds",
            ),
            (
                r#""digest": "DIGEST", "status": "deactivated""#,
                "unknown variant",
            ),
            (
                r#""digest": "DIGEST", "constraints": { "ip": [] }"#,
                "empty list",
            ),
            (
                r#""digest": "DIGEST", "constraints": { "ip": "any" }"#,
                "neither \"all\"",
            ),
            (
                r#""digest": "DIGEST", "constraints": { "ip": [1.5] }"#,
                "no whole number",
            ),
            (
                r#""digest": "DIGEST", "constraints": { "ip": [null] }"#,
                "neither a text",
            ),
            (
                r#""digest": "DIGEST", "rate": { "limit": 0, "window": 1 }"#,
                "at least 1",
            ),
        ] {
            let message = read(members).expect_err(members);
            assert!(message.contains(expected), "{members}: {message}");
        }
    }

    #[test]
    fn a_digest_never_outlives_its_own_end() {
        let early = r#"{ "digest": "DIGEST", "expiresAt": 1000 }"#;
        let late = early.replace("1000", "2000");
        let record = read(&format!(r#""digests": [{early}, {late}]"#)).expect("good");
        let other = read(&format!(
            r#""digests": [{late}, {early}], "expiresAt": 3000"#
        ));
        let shown = format!("{record:?}");
        assert_eq!(shown, format!("{:?}", other.expect("good")));
        assert!(
            shown.contains("expires_at: Some(Timestamp(2000))"),
            "{shown}"
        );
        assert!(shown.contains("Some(Timestamp(1000))"), "{shown}");
    }
}
