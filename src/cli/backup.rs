//! `keyward backup`: a copy of the database, also of one that a server works on.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Failure;
use crate::store;

const NOTES: &str = "\
Not in the copy, and to be kept elsewhere:
  root.key            without it nothing can be restored: a restore begins a new era, which it signs
  the master key      without it recoverable keys cannot be shown again
  revocations.log     in the data directory, written on while the server runs: a restore needs what was revoked since the
                      copy was made; have it copied off the machine as often as you can

Examples:
  keyward backup --data /var/lib/keyward --to /backups/keyward-$(date +%F).db
  keyward restore --from /backups/keyward-2026-11-22.db --revocations revocations.log --root-key root.key --data NEWDIR";

/// Copy the database of a data directory, also beside a running server
///
/// The copy is one file, readable by its owner only, read through and found sound before it gets its name.
#[derive(Args)]
#[command(after_help = NOTES)]
pub(super) struct Backup {
    /// The data directory
    #[arg(long, value_name = "DIR", env = "KEYWARD_DATA")]
    data: PathBuf,
    /// The copy; there must be no such file yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

impl Backup {
    pub(super) fn run(self) -> Result<(), Failure> {
        let database = self.data.join(store::FILE_NAME);
        if !database.is_file() {
            let message = format!(
                "{} holds no Keyward database; name the directory that `keyward serve --data` was given",
                self.data.display()
            );
            return Err(Failure::directory(message));
        }
        if self.to.symlink_metadata().is_ok() {
            return Err(exists(&self.to));
        }
        let unfinished = Unfinished::beside(&self.to)?;
        eprintln!("keyward: copying {}", database.display());
        store::backup(&database, &unfinished.0).map_err(Failure::failed)?;
        let fail = |error| cannot(&self.to, &error);
        fs::set_permissions(&unfinished.0, Permissions::from_mode(0o600)).map_err(fail)?;
        eprintln!("keyward: reading the copy through");
        store::check(&unfinished.0).map_err(Failure::failed)?;
        let bytes = unfinished.publish(&self.to)?;
        eprintln!(
            "keyward: {} holds {bytes} bytes; root.key, the master key and revocations.log are not in it",
            self.to.display()
        );
        Ok(())
    }
}

/// A copy that has not got its name yet. Goes with the value.
struct Unfinished(PathBuf);

impl Unfinished {
    /// In the same directory, which is the same file system.
    fn beside(to: &Path) -> Result<Self, Failure> {
        let name = to
            .file_name()
            .ok_or_else(|| Failure::usage(format!("--to {}: name a file", to.display())))?;
        let mut own = name.to_owned();
        own.push(format!(".{}.new", std::process::id()));
        let unfinished = Self(to.with_file_name(own));
        // Left by a process of the same number that was killed.
        unfinished.remove();
        Ok(unfinished)
    }

    /// Gives it its name once it is on disk; never that of another file.
    fn publish(self, to: &Path) -> Result<u64, Failure> {
        let fail = |error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(to),
            _ => cannot(to, &error),
        };
        let file = File::open(&self.0).map_err(fail)?;
        file.sync_all().map_err(fail)?;
        fs::hard_link(&self.0, to).map_err(fail)?;
        self.remove();
        let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))
            .and_then(|directory| directory.sync_all())
            .map_err(fail)?;
        Ok(file.metadata().map_err(fail)?.len())
    }

    fn remove(&self) {
        for end in ["", "-journal", "-wal", "-shm"] {
            let mut name = self.0.clone().into_os_string();
            name.push(end);
            // What is not there need not go.
            drop(fs::remove_file(name));
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.remove();
    }
}

fn exists(to: &Path) -> Failure {
    Failure::failed(format!(
        "{} exists already; nothing is overwritten",
        to.display()
    ))
}

fn cannot(to: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("{} cannot be written: {error}", to.display()))
}
