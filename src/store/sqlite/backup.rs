//! A copy of the database, made while a server works on it.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::connection;
use super::errors::Read;
use crate::store::StoreError;

/// Every page.
const ALL: i32 = -1;

/// Copies one state of the database at `from` into the new file `to`; where it fails there is no such file.
pub(in crate::store) fn run(from: &Path, to: &Path) -> Result<(), StoreError> {
    connection::check_library()?;
    // Opening it would make a database that is not there.
    if !from.exists() {
        return Err(StoreError::unusable(format!(
            "there is no database at {}",
            from.display()
        )));
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .map_err(|error| {
            StoreError::unusable(format!("{} cannot be made: {error}", to.display()))
        })?;
    copy(from, to).inspect_err(|_| drop(fs::remove_file(to)))
}

fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let source = connection::open_for_reading(from)?;
    let mut copy = Connection::open(to).read()?;
    copy.execute_batch("PRAGMA synchronous = FULL").read()?;
    // In one step, which reads one state: a server beside it may write, and nothing is begun anew.
    let step = Backup::new(&source, &mut copy).and_then(|backup| backup.step(ALL));
    match step.read()? {
        StepResult::Done => {}
        _ => return Err(StoreError::busy()),
    }
    copy.close().map_err(|(_, error)| error).read()?;
    let sync = |path: &Path| File::open(path).and_then(|file| file.sync_all());
    let directory = match to.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    sync(to)
        .and_then(|()| sync(directory))
        .map_err(StoreError::unavailable)
}
