//! Space on the disk that is kept back, so that keys can still be revoked when the disk is full (threat 3).
//!
//! A file lies beside the database that holds nothing. When a change that revokes something finds the disk full, the
//! file is given up, and from then on nothing but revocations is done, until the file can be made again. With its space
//! the write-ahead log can be folded into the database, and then be written from its start again: for hundreds of
//! revocations.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// As much as the log holds when it is folded in (`connection`), and where there is no room for that, a little.
const SIZES: [usize; 2] = [4 * 1024 * 1024, 256 * 1024];

/// The file, or the lack of it.
pub(super) struct Reserve {
    path: PathBuf,
    /// How much is kept back: as much as there was room for at first, lest what was given up for revocations is taken
    /// by new keys.
    size: Option<usize>,
    is_spent: bool,
}

impl Reserve {
    /// Makes the reserve of the database at `database`, unless it is there. Where it cannot be made, it is spent.
    pub(super) fn beside(database: &Path) -> Self {
        let path = database.with_extension("reserve");
        let is_whole = |file: fs::Metadata| usize::try_from(file.len()) == Ok(SIZES[0]);
        let is_there = fs::metadata(&path).is_ok_and(is_whole);
        let mut reserve = Self {
            path,
            size: is_there.then_some(SIZES[0]),
            is_spent: !is_there,
        };
        reserve.regain();
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
        let sizes = self.size.map_or(SIZES.to_vec(), |size| vec![size]);
        for size in sizes {
            if !self.is_spent {
                return;
            }
            match self.write(size) {
                Ok(()) => {
                    self.size = Some(size);
                    self.is_spent = false;
                }
                Err(_) => drop(fs::remove_file(&self.path)),
            }
        }
    }

    fn write(&self, size: usize) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&self.path)?;
        file.write_all(&filling(size))?;
        file.sync_all()
    }
}

/// Bytes that no file system can store in less space.
fn filling(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(size);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes
}
