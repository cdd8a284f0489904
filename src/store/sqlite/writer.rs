//! The one writer: a thread with a connection and a queue.
//!
//! What waits in the queue is committed together, so that many changes share one sync of the disk. Each runs in a
//! savepoint of its own and is answered after the commit: one that fails leaves no trace and disturbs no other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::errors::Read;
use crate::store::StoreError;

/// How many changes may wait. More than this, and the disk does not keep up: better to say so than to pile up.
const QUEUE: usize = 256;

/// How many changes share a commit at most.
const BATCH: usize = 64;

/// Runs in the transaction, or is told why there is none; answers through its [`Outcome`] either way.
type Change = Box<dyn FnOnce(Result<&Connection, StoreError>) -> Outcome + Send>;

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
    pub(super) fn start(db: Connection) -> Result<Self, StoreError> {
        let (queue, waiting) = mpsc::sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("keyward-writer".to_owned())
            .spawn(move || work(&db, &waiting))
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
        let (answer, answered) = mpsc::sync_channel(1);
        let change: Change = Box::new(move |transaction| {
            let result = transaction.and_then(change);
            Outcome {
                keep: result.is_ok(),
                // Whoever asked may have gone; then nobody needs the answer.
                announce: Box::new(move |lasting| drop(answer.send(lasting.and(result)))),
            }
        });
        let queue = self.queue.as_ref().expect("taken out only by drop");
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

fn work(db: &Connection, waiting: &Receiver<Change>) {
    while let Ok(first) = waiting.recv() {
        let mut transaction = db.execute_batch("BEGIN IMMEDIATE").read();
        let mut announcements = Vec::new();
        for change in std::iter::once(first).chain(waiting.try_iter().take(BATCH - 1)) {
            announcements.extend(run_in_savepoint(db, &mut transaction, change));
        }
        let lasting = transaction.and_then(|()| db.execute_batch("COMMIT").read());
        if lasting.is_err() && !db.is_autocommit() {
            // Fails only where SQLite has rolled back by itself, which is as good.
            drop(db.execute_batch("ROLLBACK"));
        }
        for announce in announcements {
            announce(lasting.clone());
        }
    }
}

/// Runs one change; one that panics has nothing to announce. `transaction` becomes an error once nothing of it can last.
fn run_in_savepoint(
    db: &Connection,
    transaction: &mut Result<(), StoreError>,
    change: Change,
) -> Option<Announce> {
    if transaction.is_ok() {
        *transaction = db.execute_batch("SAVEPOINT change").read();
    }
    if let Err(error) = transaction {
        return Some(change(Err(error.clone())).announce);
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| change(Ok(db)))).ok();
    *transaction = if db.is_autocommit() {
        Err(StoreError::unavailable(
            "SQLite gave up the transaction, as it does when the disk is full or fails",
        ))
    } else if outcome.as_ref().is_some_and(|outcome| outcome.keep) {
        db.execute_batch("RELEASE change").read()
    } else {
        db.execute_batch("ROLLBACK TO change; RELEASE change")
            .read()
    };
    outcome.map(|outcome| outcome.announce)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer() -> Writer {
        let db = Connection::open_in_memory().expect("memory");
        db.execute_batch("CREATE TABLE t (x INTEGER UNIQUE)")
            .expect("a table");
        Writer::start(db).expect("a thread")
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
}
