//! The key that a command is about: from a file, from stdin, or typed unseen. Never an argument, which `ps` would show.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use super::{Failure, prompt};
use crate::key::misplaced;

/// The most that is read where a key or a pepper should be.
const MAX_SECRET: u64 = 64 * 1024;

#[derive(Args)]
#[group(multiple = false)]
pub(super) struct PresentedKey {
    /// Read the key from a file [default: on a terminal you are asked]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Read the key from stdin
    #[arg(long)]
    key_stdin: bool,
}

impl PresentedKey {
    pub(super) fn read(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let mut key = if let Some(path) = &self.key_file {
            read_secret(path)?
        } else if self.key_stdin && !io::stdin().is_terminal() {
            let mut key = Zeroizing::new(Vec::new());
            let stdin = io::stdin().lock();
            let read = stdin.take(MAX_SECRET).read_until(b'\n', &mut key);
            read.map_err(|error| Failure::failed(format!("no key from stdin: {error}")))?;
            key
        } else {
            prompt::secret("Key (not shown): ")?.ok_or_else(|| {
                Failure::usage("no key: add --key-file FILE, or --key-stdin and pipe it")
            })?
        };
        // Editors and `echo` put a line's end behind it; nothing else is taken off.
        for end in [b'\n', b'\r'] {
            if key.last() == Some(&end) {
                key.pop();
            }
        }
        Ok(key)
    }

    /// The key for a request; what is no text is no key.
    pub(super) fn read_text(&self) -> Result<Zeroizing<String>, Failure> {
        let key = self.read()?;
        match std::str::from_utf8(&key) {
            Ok(text) => Ok(Zeroizing::new(text.to_owned())),
            Err(_) => Err(Failure::usage("what was given as the key is not text")),
        }
    }
}

/// What a file holds that should be a key or a pepper.
pub(super) fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut secret = Zeroizing::new(Vec::new());
    fs::File::open(path)
        .and_then(|file| file.take(MAX_SECRET).read_to_end(&mut secret))
        .map_err(|error| Failure::failed(unreadable(path, &error)))?;
    Ok(secret)
}

/// Why the file of a secret cannot be read. Who put the secret where its file's name belongs is told so, and not shown
/// it again.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> String {
    if misplaced::holds_key(&path.to_string_lossy()) {
        "name the file that the key is in, not the key; others on this machine can read the arguments of a command, so make another key"
            .to_owned()
    } else {
        format!("{}: {error}", path.display())
    }
}
