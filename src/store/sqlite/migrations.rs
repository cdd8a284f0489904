//! The schema, step by step. A step that was once released is never edited; a change is a new step.

use rusqlite::{Connection, TransactionBehavior};

use super::errors::Read;
use super::{audit, keyspaces};
use crate::store::StoreError;

/// "KWRD": tells `file` and ourselves whose database this is.
const APPLICATION_ID: i32 = 0x4b57_5244;

/// One step: statements, and then what they cannot say.
struct Step {
    statements: &'static str,
    then: fn(&Connection) -> Result<(), StoreError>,
}

/// Step n brings the schema from version n − 1 to version n.
const STEPS: [Step; 4] = [
    Step {
        statements: include_str!("migrations/0001_core.sql"),
        then: |_| Ok(()),
    },
    Step {
        statements: include_str!("migrations/0002_management.sql"),
        then: |db| {
            audit::chain_all(db)?;
            keyspaces::begin_epochs(db)
        },
    },
    Step {
        statements: include_str!("migrations/0003_bounds.sql"),
        then: |_| Ok(()),
    },
    Step {
        statements: include_str!("migrations/0004_notices.sql"),
        then: |_| Ok(()),
    },
];

/// Whether no step was ever run.
pub(super) fn is_missing(db: &Connection) -> Result<bool, StoreError> {
    let tables: u32 = db
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .read()?;
    Ok(tables == 0)
}

/// Runs what is missing, each step in a transaction of its own. A database of a newer Keyward is refused.
pub(super) fn run(db: &mut Connection) -> Result<(), StoreError> {
    up_to(db, u32::try_from(STEPS.len()).unwrap_or(u32::MAX))
}

/// The same, as the Keyward did whose newest schema this was.
pub(super) fn up_to(db: &mut Connection, newest: u32) -> Result<(), StoreError> {
    let application: i32 = db
        .query_row("PRAGMA application_id", [], |row| row.get(0))
        .read()?;
    let version: u32 = db
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .read()?;
    let tables: u32 = db
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .read()?;
    if application != APPLICATION_ID && (version, tables) != (0, 0) {
        return Err(StoreError::unusable(
            "the database file belongs to another program",
        ));
    }
    if version > newest {
        return Err(StoreError::unusable(format!(
            "the database has schema {version}, and this Keyward knows schemas up to {newest}: use the newer Keyward that wrote it"
        )));
    }
    for (number, step) in (1..=newest)
        .zip(STEPS)
        .filter(|(number, _)| *number > version)
    {
        let transaction = db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .read()?;
        transaction.execute_batch(step.statements).read()?;
        (step.then)(&transaction)?;
        transaction
            .pragma_update(None, "application_id", APPLICATION_ID)
            .read()?;
        transaction
            .pragma_update(None, "user_version", number)
            .read()?;
        transaction.commit().read()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_database_gets_every_step_once() {
        let mut db = Connection::open_in_memory().expect("memory");
        run(&mut db).expect("all steps");
        run(&mut db).expect("nothing to do");
        let version: u32 = db
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .expect("a number");
        assert_eq!(usize::try_from(version), Ok(STEPS.len()));
    }

    #[test]
    fn foreign_and_newer_files_are_refused() {
        let mut foreign = Connection::open_in_memory().expect("memory");
        foreign
            .execute_batch("CREATE TABLE t (x)")
            .expect("a table");
        assert!(
            run(&mut foreign)
                .expect_err("foreign")
                .to_string()
                .contains("another program")
        );

        let mut newer = Connection::open_in_memory().expect("memory");
        run(&mut newer).expect("all steps");
        newer
            .pragma_update(None, "user_version", 99)
            .expect("a number");
        assert!(
            run(&mut newer)
                .expect_err("newer")
                .to_string()
                .contains("newer Keyward")
        );
    }
}
