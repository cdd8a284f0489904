//! The file, as a running server writes it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::line::{Line, MAX_LINE, Revoked};
use crate::service::{DataDirectory, ServiceError};
use crate::store::Store;
use crate::time::Timestamp;

/// The file, as a running server writes it.
pub(in crate::service) struct Revocations {
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
    pub(in crate::service) fn of(
        directory: &DataDirectory,
        store: &dyn Store,
    ) -> Result<Self, ServiceError> {
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

    pub(super) fn era(&self, keyspace: &str) -> u32 {
        self.eras.get(keyspace).copied().unwrap_or(1)
    }

    /// Returns once the line is on disk. Where that fails, the log of the server says so and the line is written with
    /// the next one: the change itself stands, and calling it failed would be untrue.
    pub(super) fn note(&self, at: Timestamp, revoked: Revoked) {
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
    pub(in crate::service) fn retry(&self) {
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
