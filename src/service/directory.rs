//! The data directory: readable by its owner only, and used by one server at a time.

use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::root_key::RootSeed;
use crate::env::Entropy;
use crate::key::Secret;
use crate::snapshot::SigningKey;

const LOCK: &str = "keyward.lock";
const ROOT_KEY: &str = "root.key";
const OPERATOR_KEY: &str = "operator.key";
const REVOCATIONS: &str = "revocations.log";

/// What the lock file says of a directory whose database has an operator.
const USED: &[u8] = b"in use\n";

/// What the lock file says while a backup is being restored into the directory.
const RESTORING: &[u8] = b"restoring\n";

/// A data directory that this process has locked; the lock ends with the value.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    lock: File,
}

/// Why a directory cannot be used as data directory.
#[derive(Debug)]
pub struct DirectoryError {
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Foreign,
    InUse,
    NotEmpty,
    HalfRestored,
    Io(io::Error),
}

impl DirectoryError {
    fn new(path: &Path, kind: Kind) -> Self {
        Self {
            path: path.to_owned(),
            kind,
        }
    }

    /// Whether another server works on it.
    pub const fn is_in_use(&self) -> bool {
        matches!(self.kind, Kind::InUse)
    }

    /// Whether it holds files, and none of Keyward's.
    pub const fn is_foreign(&self) -> bool {
        matches!(self.kind, Kind::Foreign)
    }

    /// Whether it is no place to restore into, or a restore into it was cut off.
    pub const fn is_unfit(&self) -> bool {
        matches!(self.kind, Kind::NotEmpty | Kind::HalfRestored)
    }
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.kind {
            Kind::Foreign => write!(
                f,
                "{path} is not empty and holds no Keyward data; name a directory of its own"
            ),
            Kind::InUse => write!(
                f,
                "another Keyward server is using {path}; stop it first, or name another directory"
            ),
            Kind::NotEmpty => write!(
                f,
                "{path} is not empty; a backup is restored into a new directory"
            ),
            Kind::HalfRestored => write!(
                f,
                "a restore into {path} was cut off, and keys may work there that were revoked; remove the directory and \
                 restore again"
            ),
            Kind::Io(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                write!(f, "{path} is a file; name a directory for the data")
            }
            Kind::Io(error) => write!(f, "{path} cannot be used as data directory: {error}"),
        }
    }
}

impl std::error::Error for DirectoryError {}

impl DataDirectory {
    /// Opens or creates the directory, closes it to everybody but its owner, and locks it.
    pub fn open(path: &Path) -> Result<Self, DirectoryError> {
        let fail = |kind| DirectoryError::new(path, kind);
        let io = |error| fail(Kind::Io(error));
        create(path).map_err(io)?;
        if holds_files(path).map_err(io)? && !path.join(LOCK).exists() {
            // Closing a directory that holds somebody else's files to their users would be no small mistake.
            return Err(fail(Kind::Foreign));
        }
        let directory = Self::lock(path)?;
        if directory.says(RESTORING).map_err(io)? {
            return Err(fail(Kind::HalfRestored));
        }
        Ok(directory)
    }

    /// Makes the directory, which must be new or empty, for a backup to be restored into it. No server uses it before
    /// [`finish_restore`](Self::finish_restore).
    pub(super) fn open_for_restore(path: &Path) -> Result<Self, DirectoryError> {
        let fail = |kind| DirectoryError::new(path, kind);
        let io = |error| fail(Kind::Io(error));
        create(path).map_err(io)?;
        if holds_files(path).map_err(io)? {
            return Err(fail(Kind::NotEmpty));
        }
        let directory = Self::lock(path)?;
        directory
            .say(RESTORING)
            .and_then(|()| directory.sync())
            .map_err(io)?;
        Ok(directory)
    }

    /// What was restored is whole.
    pub(super) fn finish_restore(&self) -> io::Result<()> {
        self.say(USED)
    }

    /// Takes away what a restore that failed has made: every file, for there was none before.
    pub(super) fn discard_restore(path: &Path) {
        let files = std::fs::read_dir(path).into_iter().flatten().flatten();
        for file in files.filter(|file| file.file_name() != LOCK) {
            // What cannot go keeps servers away by the lock's content.
            drop(std::fs::remove_file(file.path()));
        }
        drop(std::fs::remove_file(path.join(LOCK)));
    }

    fn lock(path: &Path) -> Result<Self, DirectoryError> {
        let fail = |kind| DirectoryError::new(path, kind);
        let io = |error| fail(Kind::Io(error));
        std::fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(io)?;
        let lock = private()
            .read(true)
            .create(true)
            .truncate(false)
            .open(path.join(LOCK))
            .map_err(io)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                lock,
            }),
            Err(TryLockError::WouldBlock) => Err(fail(Kind::InUse)),
            Err(TryLockError::Error(error)) => Err(io(error)),
        }
    }

    /// Whether the lock file says this.
    fn says(&self, content: &[u8]) -> io::Result<bool> {
        let mut said = Vec::new();
        (&self.lock).take(64).read_to_end(&mut said)?;
        Ok(said == content)
    }

    /// Writes this into the lock file. One that says nothing is as good as one that says that it is used.
    fn say(&self, content: &[u8]) -> io::Result<()> {
        self.lock.set_len(0)?;
        self.lock.write_all_at(content, 0)?;
        self.lock.sync_all()
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the first operator key goes when there is no terminal to show it on.
    pub fn operator_key_file(&self) -> PathBuf {
        self.path.join(OPERATOR_KEY)
    }

    /// Writes the first operator key into its file.
    pub fn write_operator_key(&self, key: &Secret) -> io::Result<()> {
        let line = Zeroizing::new(format!("{}\n", key.expose()));
        self.write_file(OPERATOR_KEY, line.as_bytes())
    }

    /// Whether there is a key, which shows that there was a database.
    ///
    /// Both are made after the database has its tables, so that a first start which was cut short never leaves one
    /// beside an empty database.
    pub(super) fn has_keys(&self) -> bool {
        [ROOT_KEY, OPERATOR_KEY]
            .iter()
            .any(|name| self.path.join(name).exists())
    }

    /// Whether the database once had an operator: also keys that were taken away since do not hide that.
    pub(super) fn is_marked(&self) -> io::Result<bool> {
        Ok(self.lock.metadata()?.len() > 0)
    }

    /// Notes that the database has an operator.
    pub(super) fn mark(&self) -> io::Result<()> {
        if !self.is_marked()? {
            self.say(USED)?;
        }
        Ok(())
    }

    pub(super) fn database(&self) -> PathBuf {
        self.path.join(crate::store::FILE_NAME)
    }

    /// SQLite gives its other files the permissions of this one, so it has to be there first.
    pub(super) fn prepare_database(&self) -> io::Result<()> {
        let file = private()
            .create(true)
            .truncate(false)
            .open(self.database())?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.sync_all()?;
        self.sync()
    }

    /// Copies a backup to where the database belongs.
    pub(super) fn restore_database(&self, from: &mut File) -> io::Result<()> {
        self.prepare_database()?;
        let mut database = OpenOptions::new().write(true).open(self.database())?;
        io::copy(from, &mut database)?;
        database.sync_all()
    }

    /// The log of revocations, to be read and written.
    pub(super) fn revocations(&self) -> io::Result<File> {
        let file = private()
            .read(true)
            .create(true)
            .truncate(false)
            .open(self.path.join(REVOCATIONS))?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        self.sync()?;
        Ok(file)
    }

    /// Makes the root key, unless there is one.
    pub(super) fn create_root_key(&self, entropy: &dyn Entropy) -> io::Result<()> {
        if self.path.join(ROOT_KEY).exists() {
            return Ok(());
        }
        let text = RootSeed::generate(entropy).to_text();
        self.write_file(ROOT_KEY, text.as_bytes())
    }

    /// The root key of a keyspace, grown from the seed in the file; `None` where that is kept elsewhere.
    pub(super) fn root_key(&self, keyspace: &str) -> io::Result<Option<SigningKey>> {
        let seed = RootSeed::read(&self.path.join(ROOT_KEY))?;
        Ok(seed.map(|seed| seed.key(keyspace)))
    }

    /// Writes a file whole or not at all, and for its owner only.
    fn write_file(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let unfinished = self.path.join(format!("{name}.new"));
        let mut file = private().create(true).truncate(true).open(&unfinished)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, self.path.join(name))?;
        self.sync()
    }

    /// A name in a directory lasts once the directory is on disk.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

/// Makes a directory that only its owner may enter; one that is there stays as it is.
fn create(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn holds_files(path: &Path) -> io::Result<bool> {
    // The root of a volume has this one from the start.
    let mut files = std::fs::read_dir(path)?;
    Ok(files.any(|file| file.map_or(true, |file| file.file_name() != "lost+found")))
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}
