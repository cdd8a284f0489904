//! The statements that are run for what is asked most, caught while they run, and how SQLite goes about each.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, params_from_iter};

use super::errors::Read;
use super::{accounts, connection, keys, keyspaces, operators, tokens, uses};
use crate::env::{Clock as _, Entropy as _, SystemClock, SystemEntropy};
use crate::key::{Digest, KeyId};
use crate::store::{
    AccountPath, Act, FirstState, KeyFilter, KeyIndex, KeyPath, KeyRecord, KeySlice, KeyTransition,
    NewKey, NewSecret, Order, RetiringPlan, Rotation, Slot, StatusFilter, StoreError, Use,
};

pub use super::writer::commit_at_most;

/// Whether databases are only made to be measured.
static IN_HASTE: AtomicBool = AtomicBool::new(false);

/// Lets this process write databases that it opens from now on without waiting for the disk, and with much memory: for
/// those that are made to be measured, and not while measuring.
pub fn make_in_haste(is_so: bool) {
    IN_HASTE.store(is_so, Ordering::Relaxed);
}

pub(super) fn hasten(db: &Connection) -> Result<(), StoreError> {
    if !IN_HASTE.load(Ordering::Relaxed) {
        return Ok(());
    }
    db.execute_batch(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -524288; PRAGMA wal_autocheckpoint = 100000;",
    )
    .read()
}

/// Something that is asked, and the statements that answer it.
#[derive(Debug)]
pub struct Planned {
    /// What is asked.
    pub what: &'static str,
    /// Each statement once, in the order in which they run first.
    pub statements: Vec<Statement>,
}

/// A statement.
#[derive(Debug)]
pub struct Statement {
    /// Its text, in one line.
    pub sql: String,
    /// What SQLite says that it does, a line a step. Nothing, where rows are only put in.
    pub plan: Vec<String>,
}

/// Runs what is asked, and is told what that was.
struct Watch {
    db: Connection,
    seen: Arc<Mutex<Vec<String>>>,
    planned: Vec<Planned>,
}

pub(in crate::store) fn plans(
    path: &Path,
    account: &AccountPath,
) -> Result<Vec<Planned>, StoreError> {
    let mut watch = Watch::over(connection::open_for_reading(path)?)?;
    let newest = read(&mut watch, account)?;
    let mut planned = watch.planned;
    let db = connection::open_for_writing(path)?;
    db.execute_batch("BEGIN IMMEDIATE").read()?;
    let mut watch = Watch::over(db)?;
    change(&mut watch, account, newest)?;
    watch.db.execute_batch("ROLLBACK").read()?;
    planned.append(&mut watch.planned);
    Ok(planned)
}

/// Asks what changes nothing; returns a key of the account.
fn read(watch: &mut Watch, account: &AccountPath) -> Result<KeyPath, StoreError> {
    let keyspace = &*account.keyspace;
    let digest = Digest::sha256_of(b"nobody's");
    let now = SystemClock.now();
    watch.ask("who calls, with an operator key", |db| {
        operators::by_digest(db, &digest).map(drop)
    })?;
    watch.ask("who calls, with an edge token", |db| {
        tokens::by_digest(db, &digest).map(drop)
    })?;
    watch.ask("where the keyspace stands", |db| {
        keyspaces::edition(db, keyspace).map(drop)
    })?;
    watch.ask(
        "whose key was presented, without published files at hand",
        |db| keys::by_digest(db, keyspace, &digest, now).map(drop),
    )?;
    let slice = KeySlice {
        order: Order::NewestFirst,
        after: None,
        skip: 0,
        limit: 51,
    };
    let mut listed = Vec::<KeyRecord>::new();
    let all = KeyFilter::default();
    let own = KeyFilter {
        account: Some(account.account.clone()),
        ..KeyFilter::default()
    };
    let some = |text: &str| Some(text.to_owned());
    let mut list = |watch: &mut Watch, what, filter: KeyFilter| {
        watch.ask(what, |db| {
            listed.extend(keys::page(db, keyspace, &filter, slice)?.unwrap_or_default());
            Ok(())
        })
    };
    list(watch, "the keys of an account", own.clone())?;
    list(watch, "the keys of all accounts", all.clone())?;
    let named = |filter: &KeyFilter, name| KeyFilter {
        name: some(name),
        ..filter.clone()
    };
    let partly = |filter: &KeyFilter, part| KeyFilter {
        name_contains: some(part),
        ..filter.clone()
    };
    list(watch, "a name, in an account", named(&own, "production"))?;
    list(watch, "a name, in all accounts", named(&all, "production"))?;
    list(
        watch,
        "a part of a name, in an account",
        partly(&own, "prod"),
    )?;
    list(
        watch,
        "a part of a name, in all accounts",
        partly(&all, "prod"),
    )?;
    list(
        watch,
        "those that may be used",
        KeyFilter {
            status: Some(StatusFilter::Active(now)),
            ..all.clone()
        },
    )?;
    list(
        watch,
        "those that have not been used since",
        KeyFilter {
            used_before: Some(now),
            ..all
        },
    )?;
    watch.ask("accounts", |db| {
        accounts::page(db, keyspace, None, 51).map(drop)
    })?;
    let newest = listed
        .first()
        .ok_or_else(|| StoreError::internal("the account has no keys"))?;
    let path = KeyPath {
        account: account.clone(),
        id: newest.id,
    };
    watch.ask("one key", |db| keys::one(db, &path).map(drop))?;
    watch.ask("live keys, to be published", |db| {
        let mut rest = 0;
        keys::live(db, keyspace, &mut |_, _| rest += 1).map(drop)
    })?;
    Ok(path)
}

/// Makes changes.
fn change(watch: &mut Watch, account: &AccountPath, path: KeyPath) -> Result<(), StoreError> {
    let act = Act::of_server(SystemClock.now());
    let secret = || {
        let mut bytes = [0; 32];
        SystemEntropy.fill(&mut bytes);
        NewSecret {
            digest: Digest::from_sha256(bytes),
            hint: "…".to_owned(),
            sealed: None,
        }
    };
    let content = keys::one(&watch.db, &path)?
        .ok_or_else(|| StoreError::internal("the key is gone"))?
        .content;
    let new = NewKey {
        secret: secret(),
        content,
        index: KeyIndex {
            name: "a plan".to_owned(),
            slots: vec![Slot {
                field: "name".to_owned(),
                value: "a plan".to_owned(),
                while_active: false,
            }],
        },
        state: FirstState::Active,
    };
    let made = KeyPath {
        account: account.clone(),
        id: KeyId::generate(act.at, &SystemEntropy),
    };
    watch.ask("making a key", |db| {
        keys::insert(db, &made, new, None, &act).map(drop)
    })?;
    let rotation = Rotation {
        secret: secret(),
        retiring: Some(RetiringPlan {
            ends_at: act.at.saturating_add_millis(86_400_000),
            ends_after_use: Some(0),
        }),
    };
    watch.ask("rotating it", |db| {
        keys::rotate(db, &made, rotation, None, None, &act).map(drop)
    })?;
    let one = Use {
        id: made.id,
        count: 1,
        last: act.at,
        newest_used_at: Some(act.at),
    };
    watch.ask("writing down a use of it", |db| {
        uses::add(db, &account.keyspace, None, &[one], &act).map(drop)
    })?;
    watch.ask("disabling it", |db| {
        keys::change(db, &made, KeyTransition::Disable, None, &act).map(drop)
    })
}

impl Watch {
    fn over(mut db: Connection) -> Result<Self, StoreError> {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&seen);
        let hear = move |event: TraceEvent<'_>| {
            if let TraceEvent::Stmt(statement, _) = event {
                let mut seen = told.lock().unwrap_or_else(PoisonError::into_inner);
                seen.push(statement.sql().into_owned());
            }
        };
        db.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(hear))
            .read()?;
        Ok(Self {
            db,
            seen,
            planned: Vec::new(),
        })
    }

    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn ask(
        &mut self,
        what: &'static str,
        question: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        drop(self.heard());
        question(&self.db)?;
        let mut statements = Vec::<Statement>::new();
        for sql in self.heard() {
            let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
            if statements.iter().all(|known| known.sql != line) {
                let plan = plan(&self.db, &sql)?;
                statements.push(Statement { sql: line, plan });
            }
        }
        self.planned.push(Planned { what, statements });
        Ok(())
    }
}

fn plan(db: &Connection, sql: &str) -> Result<Vec<String>, StoreError> {
    let mut query = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).read()?;
    let nothing = vec![rusqlite::types::Value::Null; query.parameter_count()];
    let steps = query
        .query_map(params_from_iter(nothing), |row| row.get(3))
        .read()?;
    steps.collect::<rusqlite::Result<_>>().read()
}
