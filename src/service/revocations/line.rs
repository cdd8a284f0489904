//! One line of the file: what was revoked, as JSON.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::key::{Digest, KeyId};
use crate::service::instant;
use crate::time::Timestamp;

/// No line is longer; a file with longer ones is none of ours.
pub(super) const MAX_LINE: u64 = 16 * 1024;

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::service) struct Line {
    #[serde(with = "rfc3339")]
    pub(in crate::service) at: Timestamp,
    #[serde(flatten)]
    pub(in crate::service) revoked: Revoked,
}

/// What was revoked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "what")]
pub(in crate::service) enum Revoked {
    #[serde(rename = "key.disabled")]
    KeyDisabled(Key),
    #[serde(rename = "key.deactivated")]
    KeyDeactivated(Key),
    #[serde(rename = "key.deleted")]
    KeyDeleted(Key),
    #[serde(rename = "key.expires")]
    KeyExpires {
        #[serde(flatten)]
        key: Key,
        #[serde(with = "rfc3339")]
        expires_at: Timestamp,
    },
    #[serde(rename = "key.rotated")]
    KeyRotated {
        #[serde(flatten)]
        key: Key,
        #[serde(with = "text")]
        digest: Digest,
        hint: String,
        #[serde(with = "rfc3339::optional")]
        ends_at: Option<Timestamp>,
        ends_after_use: Option<i64>,
    },
    #[serde(rename = "key.retires")]
    KeyRetires {
        #[serde(flatten)]
        key: Key,
        #[serde(with = "rfc3339")]
        ends_at: Timestamp,
    },
    #[serde(rename = "operator.removed")]
    OperatorRemoved { id: String },
    #[serde(rename = "operator.rotated")]
    OperatorRotated {
        id: String,
        /// Which of its keys this is: tells whether a backup has an earlier one.
        revision: u64,
        #[serde(with = "text")]
        digest: Digest,
        hint: String,
    },
    #[serde(rename = "token.removed")]
    TokenRemoved { keyspace: String, id: String },
    /// A restore began this era: a later restore of the same backup must not begin it again.
    #[serde(rename = "era.begun")]
    EraBegun { keyspace: String, era: u32 },
}

impl Revoked {
    /// The key that it concerns, if one.
    pub(in crate::service) const fn key(&self) -> Option<&Key> {
        match self {
            Self::KeyDisabled(key)
            | Self::KeyDeactivated(key)
            | Self::KeyDeleted(key)
            | Self::KeyExpires { key, .. }
            | Self::KeyRotated { key, .. }
            | Self::KeyRetires { key, .. } => Some(key),
            Self::OperatorRemoved { .. }
            | Self::OperatorRotated { .. }
            | Self::TokenRemoved { .. }
            | Self::EraBegun { .. } => None,
        }
    }

    /// Its place among the lines that are about the same thing. Whoever rotates at the same time as another writes down
    /// what came of it in any order; so that what was superseded does not come back, it counts when it was committed.
    /// What removes an operator comes last: nothing else is to be found of it then.
    pub(in crate::service) fn order(&self) -> (u8, u32, u64) {
        match self {
            Self::OperatorRotated { revision, .. } => (1, 0, *revision),
            Self::OperatorRemoved { .. } | Self::TokenRemoved { .. } | Self::EraBegun { .. } => {
                (2, 0, 0)
            }
            Self::KeyDisabled(key)
            | Self::KeyDeactivated(key)
            | Self::KeyDeleted(key)
            | Self::KeyExpires { key, .. }
            | Self::KeyRotated { key, .. }
            | Self::KeyRetires { key, .. } => (0, key.era, key.revision),
        }
    }
}

/// Which key, and the state of its record after the change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::service) struct Key {
    pub(in crate::service) keyspace: String,
    pub(in crate::service) era: u32,
    pub(in crate::service) account: String,
    #[serde(with = "text")]
    pub(in crate::service) id: KeyId,
    pub(in crate::service) revision: u64,
}

impl Line {
    pub(in crate::service) fn to_bytes(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).expect("texts and numbers are always JSON");
        line.push(b'\n');
        line
    }

    /// Every line of the file at `path`; one that cannot be read fails with its number. A last line without an end is
    /// left out: it was never acknowledged.
    pub(in crate::service) fn read_all(path: &Path) -> io::Result<Vec<Self>> {
        let mut file = BufReader::new(File::open(path)?);
        let mut lines = Vec::new();
        let mut line = Vec::new();
        loop {
            line.clear();
            file.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
            if line.len() < usize::try_from(MAX_LINE).unwrap_or(usize::MAX)
                && !line.ends_with(b"\n")
            {
                return Ok(lines);
            }
            lines.push(serde_json::from_slice(&line).map_err(|error| {
                let message = format!(
                    "line {} is no line of a revocation log: {error}",
                    lines.len() + 1
                );
                io::Error::new(io::ErrorKind::InvalidData, message)
            })?);
        }
    }
}

/// What is written and read as text.
mod text {
    use super::{Deserialize as _, Deserializer, Display, FromStr, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &impl Display, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
        from: D,
    ) -> Result<T, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

mod rfc3339 {
    use super::{Deserialize as _, Deserializer, Serializer, Timestamp, instant};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over references"
    )]
    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&instant::rfc3339(*at))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        read(&String::deserialize(from)?)
    }

    fn read<E: serde::de::Error>(text: &str) -> Result<Timestamp, E> {
        instant::parse(text).ok_or_else(|| E::custom("no RFC 3339 time"))
    }

    pub(super) mod optional {
        use super::super::{
            Deserialize as _, Deserializer, Serialize as _, Serializer, Timestamp, instant,
        };

        #[expect(
            clippy::ref_option,
            reason = "the signature that serde's `with` asks for"
        )]
        pub(in super::super) fn serialize<S: Serializer>(
            at: &Option<Timestamp>,
            to: S,
        ) -> Result<S::Ok, S::Error> {
            at.map(instant::rfc3339).serialize(to)
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            from: D,
        ) -> Result<Option<Timestamp>, D::Error> {
            let text = Option::<String>::deserialize(from)?;
            text.map(|text| super::read(&text)).transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_795_292_040_123;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("positive")
    }

    #[test]
    fn every_kind_of_line_is_read_back_as_it_was_written() {
        let key = Key {
            keyspace: "shop".to_owned(),
            era: 2,
            account: "acme".to_owned(),
            id: KeyId::from_u64(7).expect("small"),
            revision: 4,
        };
        let digest = Digest::sha256_of(b"a key");
        let kinds = [
            Revoked::KeyDisabled(key.clone()),
            Revoked::KeyDeactivated(key.clone()),
            Revoked::KeyDeleted(key.clone()),
            Revoked::KeyExpires {
                key: key.clone(),
                expires_at: at(AT + 1),
            },
            Revoked::KeyRotated {
                key: key.clone(),
                digest,
                hint: "es_Ab…".to_owned(),
                ends_at: Some(at(AT + 2)),
                ends_after_use: None,
            },
            Revoked::KeyRotated {
                key: key.clone(),
                digest,
                hint: "es_Ab…".to_owned(),
                ends_at: None,
                ends_after_use: None,
            },
            Revoked::KeyRetires {
                key,
                ends_at: at(AT + 3),
            },
            Revoked::OperatorRemoved {
                id: "op_1".to_owned(),
            },
            Revoked::OperatorRotated {
                id: "op_1".to_owned(),
                revision: 2,
                digest,
                hint: "kw_op_b…".to_owned(),
            },
            Revoked::TokenRemoved {
                keyspace: "shop".to_owned(),
                id: "tok_1".to_owned(),
            },
            Revoked::EraBegun {
                keyspace: "shop".to_owned(),
                era: 3,
            },
        ];
        for revoked in kinds {
            let line = Line {
                at: at(AT),
                revoked,
            };
            let bytes = line.to_bytes();
            let read: Line = serde_json::from_slice(&bytes).expect("a line");
            assert_eq!(format!("{read:?}"), format!("{line:?}"));
        }
    }
}
