//! The one writer: a thread with a connection and a queue.
//!
//! What waits in the queue is committed together, so that many changes share one sync of the disk. Each runs in a
//! savepoint of its own and is answered after the commit: one that fails leaves no trace and disturbs no other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::errors::Read;
use super::reserve::Reserve;
use crate::store::StoreError;

/// How many changes may wait. More than this, and the disk does not keep up: better to say so than to pile up.
const QUEUE: usize = 256;

/// How many changes share a commit at most.
const BATCH: usize = 64;

#[cfg(not(feature = "bench"))]
const fn batch() -> usize {
    BATCH
}

/// Benches compare with what it were if each change had a commit of its own.
#[cfg(feature = "bench")]
static TOGETHER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(BATCH);

#[cfg(feature = "bench")]
fn batch() -> usize {
    TOGETHER.load(std::sync::atomic::Ordering::Relaxed)
}

/// Lets at most so many changes share a commit in this process.
#[cfg(feature = "bench")]
pub fn commit_at_most(changes: usize) {
    TOGETHER.store(changes.max(1), std::sync::atomic::Ordering::Relaxed);
}

/// A change in the queue.
struct Change {
    need: Need,
    run: Run,
}

/// Runs in the transaction, or is told why there is none; answers through its [`Outcome`] either way.
type Run = Box<dyn FnOnce(Result<&Connection, StoreError>) -> Outcome + Send>;

/// What a change may have where space on the disk is short.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Nothing of what is kept back.
    Ordinary,
    /// It goes on when ordinary changes do not.
    Revoking,
    /// It found the disk full: what is kept back is for it.
    Reserve,
}

/// What a change came to, to be announced once it is known whether it lasts.
struct Outcome {
    keep: bool,
    announce: Announce,
}

type Announce = Box<dyn FnOnce(Result<(), StoreError>)>;

/// The queue's end that takes changes. Dropping it finishes what is queued and closes the connection.
pub(super) struct Writer {
    queue: Option<SyncSender<Change>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(db: Connection, reserve: Reserve) -> Result<Self, StoreError> {
        let (queue, waiting) = mpsc::sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("keyward-writer".to_owned())
            .spawn(move || work(&db, reserve, &waiting))
            .map_err(StoreError::unavailable)?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Runs `change` in a transaction and returns after it is durable.
    pub(super) fn run<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(Need::Ordinary, change)
    }

    /// As [`run`](Self::run), for a change that takes something out of use: it succeeds on a full disk too, as long as
    /// the reserve lasts.
    pub(super) fn run_revoking<T: Send + 'static>(
        &self,
        change: impl Fn(&Connection) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        let change = Arc::new(change);
        let again = Arc::clone(&change);
        match self.submit(Need::Revoking, move |db| change(db)) {
            Err(error) if error.is_full() => self.submit(Need::Reserve, move |db| again(db)),
            result => result,
        }
    }

    fn submit<T: Send + 'static>(
        &self,
        need: Need,
        change: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let run: Run = Box::new(move |transaction| {
            let result = transaction.and_then(change);
            Outcome {
                keep: result.is_ok(),
                // Whoever asked may have gone; then nobody needs the answer.
                announce: Box::new(move |lasting| drop(answer.send(lasting.and(result)))),
            }
        });
        let queue = self.queue.as_ref().expect("taken out only by drop");
        let change = Change { need, run };
        queue.try_send(change).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::busy(),
            TrySendError::Disconnected(_) => StoreError::internal("the writer has ended"),
        })?;
        answered
            .recv()
            .map_err(|_| StoreError::internal("a change panicked and was undone"))?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the writer has been reported by its message already.
            drop(thread.join());
        }
    }
}

fn work(db: &Connection, mut reserve: Reserve, waiting: &Receiver<Change>) {
    while let Ok(first) = waiting.recv() {
        let changes: Vec<_> = std::iter::once(first)
            .chain(waiting.try_iter().take(batch() - 1))
            .collect();
        let needs = |need| changes.iter().any(|change| change.need == need);
        if needs(Need::Reserve) {
            reserve.spend();
            fold(db);
        } else if reserve.is_spent() && needs(Need::Ordinary) {
            reserve.regain();
        }
        let mut transaction = execute(db, "BEGIN IMMEDIATE");
        let mut announcements = Vec::new();
        for change in changes {
            if reserve.is_spent() && change.need == Need::Ordinary {
                announcements.push((change.run)(Err(StoreError::full())).announce);
            } else {
                announcements.extend(run_in_savepoint(db, &mut transaction, change.run));
            }
        }
        let lasting = transaction.and_then(|()| execute(db, "COMMIT"));
        if lasting.is_err() && !db.is_autocommit() {
            // Fails only where SQLite has rolled back by itself, which is as good.
            drop(execute(db, "ROLLBACK"));
        }
        if lasting.as_ref().is_err_and(StoreError::is_full) {
            fold(db);
        }
        for announce in announcements {
            announce(lasting.clone());
        }
    }
}

/// Folds the write-ahead log into the file, as far as there is space, so that it can be written from its start again.
fn fold(db: &Connection) {
    drop(db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
}

/// Runs one change; one that panics has nothing to announce. `transaction` becomes an error once nothing of it can
/// last.
fn run_in_savepoint(
    db: &Connection,
    transaction: &mut Result<(), StoreError>,
    run: Run,
) -> Option<Announce> {
    if transaction.is_ok() {
        *transaction = execute(db, "SAVEPOINT change");
    }
    if let Err(error) = transaction {
        return Some(run(Err(error.clone())).announce);
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| run(Ok(db)))).ok();
    *transaction = if db.is_autocommit() {
        // As SQLite does by itself when the disk is full or fails. If it is another fault, the reserve is spent for
        // nothing, and made again with the next change.
        Err(StoreError::full())
    } else if outcome.as_ref().is_some_and(|outcome| outcome.keep) {
        execute(db, "RELEASE change")
    } else {
        execute(db, "ROLLBACK TO change").and_then(|()| execute(db, "RELEASE change"))
    };
    outcome.map(|outcome| outcome.announce)
}

fn execute(db: &Connection, statement: &'static str) -> Result<(), StoreError> {
    db.prepare_cached(statement)
        .read()?
        .execute([])
        .read()
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::Directory;

    fn writer() -> Writer {
        let db = Connection::open_in_memory().expect("memory");
        db.execute_batch("CREATE TABLE t (x INTEGER UNIQUE)")
            .expect("a table");
        let place = Directory::new();
        let reserve = Reserve::beside(&place.path().join("test.db"));
        Writer::start(db, reserve).expect("a thread")
    }

    fn insert(db: &Connection, number: i64) -> Result<(), StoreError> {
        db.execute("INSERT INTO t VALUES (?1)", [number])
            .read()
            .map(drop)
    }

    fn count(writer: &Writer) -> i64 {
        writer
            .run(|db| {
                db.query_row("SELECT count(*) FROM t", [], |row| row.get(0))
                    .read()
            })
            .expect("a count")
    }

    #[test]
    fn a_failed_change_leaves_nothing_and_disturbs_no_other() {
        let writer = writer();
        writer.run(|db| insert(db, 1)).expect("the first");
        let failed = writer.run(|db| insert(db, 2).and_then(|()| insert(db, 1)));
        assert!(failed.expect_err("1 is taken").is_exists());
        assert_eq!(count(&writer), 1);
    }

    #[test]
    fn a_panic_is_undone_and_the_writer_goes_on() {
        let writer = writer();
        let failed = writer.run::<()>(|db| {
            insert(db, 1)?;
            panic!("in the middle of a change");
        });
        assert!(
            failed
                .expect_err("it panicked")
                .to_string()
                .contains("panicked")
        );
        assert_eq!(count(&writer), 0);
    }

    #[test]
    fn changes_from_many_threads_all_last() {
        let writer = writer();
        std::thread::scope(|scope| {
            for number in 0..32 {
                let writer = &writer;
                scope.spawn(move || {
                    writer
                        .run(move |db| insert(db, number))
                        .expect("all differ");
                });
            }
        });
        assert_eq!(count(&writer), 32);
    }

    #[test]
    fn a_lost_transaction_fails_every_change_of_it() {
        let writer = writer();
        let failed = writer.run(|db| {
            insert(db, 1)?;
            // What SQLite does by itself when the disk is full.
            db.execute_batch("ROLLBACK").read()
        });
        assert!(failed.expect_err("nothing lasts").is_unavailable());
        assert_eq!(count(&writer), 0);
    }

    #[test]
    fn the_reserve_is_for_those_who_revoke() {
        let place = Directory::new();
        let database = place.path().join("test.db");
        let reserve = place.path().join("test.reserve");
        let db = Connection::open(&database).expect("a file");
        db.execute_batch("CREATE TABLE t (x INTEGER UNIQUE)")
            .expect("a table");
        let writer = Writer::start(db, Reserve::beside(&database)).expect("a thread");
        assert!(reserve.exists());

        // A disk that is full as long as the reserve is there.
        let is_there = reserve.clone();
        let revoke = move |db: &Connection| {
            if is_there.exists() {
                Err(StoreError::full())
            } else {
                insert(db, 1)
            }
        };
        writer
            .run_revoking(revoke)
            .expect("in the space of the reserve");
        assert!(!reserve.exists());
        // It cannot be made again.
        std::fs::create_dir(&reserve).expect("the place is free");
        let refused = writer.run(|db| insert(db, 2));
        assert!(refused.expect_err("nothing ordinary").is_full());
        writer.run_revoking(|db| insert(db, 3)).expect("still");
        std::fs::remove_dir(&reserve).expect("empty");
        writer
            .run(|db| insert(db, 2))
            .expect("there is space again");
        assert!(reserve.exists());
        assert_eq!(count(&writer), 3);
    }

    #[test]
    fn a_disk_without_space_refuses_and_goes_on() {
        let place = Directory::new();
        let database = place.path().join("test.db");
        let db = Connection::open(&database).expect("a file");
        db.execute_batch("CREATE TABLE t (x); PRAGMA max_page_count = 20")
            .expect("a table");
        let writer = Writer::start(db, Reserve::beside(&database)).expect("a thread");
        let large = |db: &Connection| {
            db.execute("INSERT INTO t VALUES (zeroblob(200000))", [])
                .read()
                .map(drop)
        };
        assert!(writer.run(large).expect_err("too large").is_full());
        writer.run(|db| insert(db, 1)).expect("small enough");
        assert_eq!(count(&writer), 1);
    }
}
