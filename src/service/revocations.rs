//! What was taken away, in a file beside the database (threat 6): a restored backup knows nothing of what was revoked
//! after it was made, and this file tells it.
//!
//! A line of JSON each, on disk before the change is answered. It names what was changed, never a secret: of a rotated
//! key the new digest, as snapshots have it. Which lines a backup knows already is told by era and revision, not by
//! time, which can be set back.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::mem;
use std::path::Path;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::instant;
use super::{DataDirectory, Service, ServiceError};
use crate::key::{Digest, KeyId};
use crate::store::{KeyPath, KeyRecord, Operator, RetiringPlan, Store};
use crate::time::Timestamp;

/// No line is longer; a file with longer ones is none of ours.
const MAX_LINE: u64 = 16 * 1024;

/// What a key lost.
#[derive(Clone, Copy, Debug)]
pub(super) enum Loss {
    /// It was switched off.
    Disabled,
    /// It was taken out of use for good.
    Deactivated,
    /// It was removed.
    Deleted,
    /// Its end was brought forward.
    Expires,
    /// It got another secret, with this digest; the one before ends at once or as planned.
    Rotated(Digest, Option<RetiringPlan>),
    /// The secret before ends earlier than was planned: the new one was used.
    Retires,
}

impl Service {
    /// Notes that a key lost something: to be called after the commit and before the answer, with the record as it is
    /// now (of a removed key, as it was).
    pub(super) fn note_key_loss(&self, path: &KeyPath, record: &KeyRecord, loss: Loss) {
        let key = Key {
            era: self.revocations.era(&path.account.keyspace),
            keyspace: path.account.keyspace.clone(),
            account: path.account.account.clone(),
            id: path.id,
            revision: record.revision,
        };
        let revoked = match loss {
            Loss::Disabled => Revoked::KeyDisabled(key),
            Loss::Deactivated => Revoked::KeyDeactivated(key),
            Loss::Deleted => Revoked::KeyDeleted(key),
            Loss::Expires => match record.content.expires_at {
                Some(expires_at) => Revoked::KeyExpires { key, expires_at },
                None => return,
            },
            Loss::Rotated(digest, retiring) => Revoked::KeyRotated {
                key,
                digest,
                hint: record.hint.clone(),
                ends_at: retiring.map(|plan| plan.ends_at),
                ends_after_use: retiring.and_then(|plan| plan.ends_after_use),
            },
            Loss::Retires => match &record.retiring {
                Some(retiring) => Revoked::KeyRetires {
                    key,
                    ends_at: retiring.ends_at,
                },
                None => return,
            },
        };
        self.revocations.note(self.clock.now(), revoked);
    }

    /// Notes that an operator or portal link was removed.
    pub(super) fn note_operator_removed(&self, id: &str) {
        let revoked = Revoked::OperatorRemoved { id: id.to_owned() };
        self.revocations.note(self.clock.now(), revoked);
    }

    /// Notes that an operator got another key, with this digest.
    pub(super) fn note_operator_rotated(&self, rotated: &Operator, digest: &Digest) {
        let revoked = Revoked::OperatorRotated {
            id: rotated.id.clone(),
            revision: rotated.revision,
            digest: *digest,
            hint: rotated.hint.clone(),
        };
        self.revocations.note(self.clock.now(), revoked);
    }

    /// Notes that a restore began an era.
    pub(super) fn note_era(&self, keyspace: &str, era: u32) {
        let begun = Revoked::EraBegun {
            keyspace: keyspace.to_owned(),
            era,
        };
        self.revocations.note(self.clock.now(), begun);
    }

    /// Notes that an edge token was removed.
    pub(super) fn note_token_removed(&self, keyspace: &str, id: &str) {
        let revoked = Revoked::TokenRemoved {
            keyspace: keyspace.to_owned(),
            id: id.to_owned(),
        };
        self.revocations.note(self.clock.now(), revoked);
    }
}

/// The file, as a running server writes it.
pub(super) struct Revocations {
    /// The eras of the keyspaces that there were at the start; later ones are in their first. A new era needs a
    /// restore, and that needs a server that is not running.
    eras: BTreeMap<String, u32>,
    waiting: Mutex<Waiting>,
    written: Mutex<Written>,
}

/// Lines that are not on disk yet.
#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    /// How many there were ever.
    count: u64,
}

struct Written {
    file: File,
    /// Whatever lies behind is the rest of a write that failed.
    length: u64,
    /// How many lines of [`Waiting::count`] are on disk.
    count: u64,
}

impl Revocations {
    /// The log in a data directory, for a server that works on this database.
    pub(super) fn of(directory: &DataDirectory, store: &dyn Store) -> Result<Self, ServiceError> {
        let keyspaces = store.keyspaces()?.into_iter();
        let eras = keyspaces.map(|keyspace| (keyspace.id, keyspace.edition.era));
        directory
            .revocations()
            .and_then(|file| Self::resume(file, eras.collect()))
            .map_err(ServiceError::internal)
    }

    /// Goes on writing `file`. A last line that was cut off is given up: whoever waited for it got no answer.
    fn resume(mut file: File, eras: BTreeMap<String, u32>) -> io::Result<Self> {
        let length = whole_lines(&mut file)?;
        if length < file.metadata()?.len() {
            file.set_len(length)?;
            file.sync_all()?;
        }
        Ok(Self {
            eras,
            waiting: Mutex::default(),
            written: Mutex::new(Written {
                file,
                length,
                count: 0,
            }),
        })
    }

    fn era(&self, keyspace: &str) -> u32 {
        self.eras.get(keyspace).copied().unwrap_or(1)
    }

    /// Returns once the line is on disk. Where that fails, the log of the server says so and the line is written with
    /// the next one: the change itself stands, and calling it failed would be untrue.
    fn note(&self, at: Timestamp, revoked: Revoked) {
        let line = Line { at, revoked }.to_bytes();
        let number = {
            let mut waiting = lock(&self.waiting);
            waiting.lines.extend(line);
            waiting.count += 1;
            waiting.count
        };
        self.write(number);
    }

    /// Writes what could not be written when it was noted.
    pub(super) fn retry(&self) {
        let number = lock(&self.waiting).count;
        self.write(number);
    }

    /// Sees to it that the first `number` lines are on disk. Those who wait for the file share one write.
    fn write(&self, number: u64) {
        let mut written = lock(&self.written);
        if written.count >= number {
            return;
        }
        let (lines, count) = {
            let mut waiting = lock(&self.waiting);
            (mem::take(&mut waiting.lines), waiting.count)
        };
        match written.append(&lines) {
            Ok(()) => written.count = count,
            Err(error) => {
                tracing::error!(%error, "revocations could not be written to their log; a backup restored now would not know them");
                lock(&self.waiting).lines.splice(..0, lines);
            }
        }
    }
}

impl Written {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(lines)?;
        self.file.sync_data()?;
        self.length += u64::try_from(lines.len()).unwrap_or_default();
        Ok(())
    }
}

/// Nothing that could be left half done is done while the lock is held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the last whole line ends.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let tail = length.min(MAX_LINE);
    file.seek(SeekFrom::Start(length - tail))?;
    let mut bytes = Vec::new();
    file.take(tail).read_to_end(&mut bytes)?;
    let cut = bytes
        .iter()
        .rev()
        .take_while(|&&byte| byte != b'\n')
        .count();
    Ok(length - u64::try_from(cut).unwrap_or_default())
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    #[serde(with = "rfc3339")]
    pub(super) at: Timestamp,
    #[serde(flatten)]
    pub(super) revoked: Revoked,
}

/// What was revoked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "what")]
pub(super) enum Revoked {
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
    pub(super) const fn key(&self) -> Option<&Key> {
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
    pub(super) fn order(&self) -> (u8, u32, u64) {
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
pub(super) struct Key {
    pub(super) keyspace: String,
    pub(super) era: u32,
    pub(super) account: String,
    #[serde(with = "text")]
    pub(super) id: KeyId,
    pub(super) revision: u64,
}

impl Line {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).expect("texts and numbers are always JSON");
        line.push(b'\n');
        line
    }

    /// Every line of the file at `path`; one that cannot be read fails with its number. A last line without an end is
    /// left out: it was never acknowledged.
    pub(super) fn read_all(path: &Path) -> io::Result<Vec<Self>> {
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

    fn token(id: &str) -> Revoked {
        Revoked::TokenRemoved {
            keyspace: "shop".to_owned(),
            id: id.to_owned(),
        }
    }

    /// A file of its own, gone when the test is.
    struct Place(std::path::PathBuf);

    impl Place {
        fn new(name: &str) -> Self {
            let name = format!("keyward-revocations-{}-{name}", std::process::id());
            Self(std::env::temp_dir().join(name))
        }

        fn open(&self) -> File {
            File::options()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&self.0)
                .expect("a writable place")
        }

        fn log(&self) -> Revocations {
            Revocations::resume(self.open(), BTreeMap::new()).expect("a log")
        }

        fn text(&self) -> String {
            std::fs::read_to_string(&self.0).expect("readable")
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            drop(std::fs::remove_file(&self.0));
        }
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
            token("tok_1"),
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

    #[test]
    fn a_line_says_when_what_and_of_whom() {
        let place = Place::new("line");
        place.log().note(at(AT), token("tok_1"));
        assert_eq!(
            place.text(),
            "{\"at\":\"2026-11-21T20:14:00.123Z\",\"what\":\"token.removed\",\"keyspace\":\"shop\",\"id\":\"tok_1\"}\n"
        );
    }

    #[test]
    fn a_line_that_was_cut_off_is_given_up_and_the_log_goes_on() {
        let place = Place::new("cut");
        place.log().note(at(AT), token("tok_1"));
        let whole = place.text();
        std::fs::write(&place.0, format!("{whole}{{\"at\":\"20")).expect("writable");
        assert_eq!(Line::read_all(&place.0).expect("readable").len(), 1);
        place.log().note(at(AT), token("tok_2"));
        assert_eq!(
            place.text(),
            whole.clone() + &whole.replace("tok_1", "tok_2")
        );

        std::fs::write(&place.0, format!("{whole}nonsense\n{whole}")).expect("writable");
        let refused = Line::read_all(&place.0).expect_err("line 2");
        assert!(refused.to_string().starts_with("line 2 "), "{refused}");
    }

    #[test]
    fn what_could_not_be_written_is_written_with_the_next_line() {
        let place = Place::new("later");
        let log = place.log();
        let reading = File::open(&place.0).expect("there");
        let good = mem::replace(&mut lock(&log.written).file, reading);
        log.note(at(AT), token("tok_1"));
        assert_eq!(place.text(), "", "it was open for reading only");
        lock(&log.written).file = good;
        log.note(at(AT), token("tok_2"));
        let lines = Line::read_all(&place.0).expect("readable");
        assert_eq!(lines.len(), 2, "{}", place.text());
        assert!(place.text().find("tok_1") < place.text().find("tok_2"));
        lock(&log.written).length = 0;
        log.retry();
        assert_eq!(
            Line::read_all(&place.0).expect("readable").len(),
            2,
            "nothing waits"
        );
    }

    #[test]
    fn lines_from_many_threads_all_last() {
        let place = Place::new("threads");
        let log = place.log();
        std::thread::scope(|scope| {
            for number in 0..16 {
                let log = &log;
                scope.spawn(move || log.note(at(AT), token(&format!("tok_{number}"))));
            }
        });
        assert_eq!(Line::read_all(&place.0).expect("readable").len(), 16);
    }
}
