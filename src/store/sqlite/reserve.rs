//! Space on the disk that is kept back, so that keys can still be revoked when the disk is full (threat 3).
//!
//! A file of some hundred kilobytes lies beside the database. When a change that revokes something finds the disk full, the
//! file is given up, and from then on nothing but revocations is done, until the file can be made again.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Enough for some hundred revocations.
const SIZE: usize = 256 * 1024;

/// The file, or the lack of it.
pub(super) struct Reserve {
    path: PathBuf,
    is_spent: bool,
}

impl Reserve {
    /// Makes the reserve of the database at `database`, unless it is there. Where it cannot be made, it is spent.
    pub(super) fn beside(database: &Path) -> Self {
        let mut reserve = Self {
            path: database.with_extension("reserve"),
            is_spent: true,
        };
        let is_whole = |file: fs::Metadata| usize::try_from(file.len()) == Ok(SIZE);
        if fs::metadata(&reserve.path).is_ok_and(is_whole) {
            reserve.is_spent = false;
        } else {
            reserve.regain();
        }
        reserve
    }

    /// Whether the space has been given up.
    pub(super) const fn is_spent(&self) -> bool {
        self.is_spent
    }

    /// Gives the space up.
    pub(super) fn spend(&mut self) {
        // What cannot be removed gives nothing; the change will say that the disk is full.
        drop(fs::remove_file(&self.path));
        self.is_spent = true;
    }

    /// Takes the space back, if it is there.
    pub(super) fn regain(&mut self) {
        if self.is_spent {
            match self.write() {
                Ok(()) => self.is_spent = false,
                Err(_) => drop(fs::remove_file(&self.path)),
            }
        }
    }

    fn write(&self) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&self.path)?;
        file.write_all(&filling())?;
        file.sync_all()
    }
}

/// Bytes that no file system can store in less space.
fn filling() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(SIZE);
    while bytes.len() < SIZE {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes
}
