//! The data directory: readable by its owner only, and used by one server at a time.

use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::env::Entropy;
use crate::key::Secret;
use crate::snapshot::SigningKey;

const LOCK: &str = "keyward.lock";
const ROOT_KEY: &str = "root.key";
const OPERATOR_KEY: &str = "operator.key";

/// What the lock file says of a directory whose database has an operator.
const USED: &[u8] = b"in use\n";

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
    Io(io::Error),
}

impl DirectoryError {
    /// Whether another server works on it.
    pub const fn is_in_use(&self) -> bool {
        matches!(self.kind, Kind::InUse)
    }

    /// Whether it holds files, and none of Keyward's.
    pub const fn is_foreign(&self) -> bool {
        matches!(self.kind, Kind::Foreign)
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
            Kind::Io(error) => write!(f, "{path} cannot be used as data directory: {error}"),
        }
    }
}

impl std::error::Error for DirectoryError {}

impl DataDirectory {
    /// Opens or creates the directory, closes it to everybody but its owner, and locks it.
    pub fn open(path: &Path) -> Result<Self, DirectoryError> {
        let fail = |kind| DirectoryError {
            path: path.to_owned(),
            kind,
        };
        let io = |error| fail(Kind::Io(error));
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(io)?;
        let mut files = std::fs::read_dir(path).map_err(io)?;
        // The root of a volume has this one from the start.
        let is_in_use =
            files.any(|file| file.map_or(true, |file| file.file_name() != "lost+found"));
        if is_in_use && !path.join(LOCK).exists() {
            // Closing a directory that holds somebody else's files to their users would be no small mistake.
            return Err(fail(Kind::Foreign));
        }
        std::fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(io)?;
        let lock = private()
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
    /// Both are made after the database has its tables, so that a first start which was cut short never leaves one beside
    /// an empty database.
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
            (&self.lock).write_all(USED)?;
            self.lock.sync_all()?;
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

    /// Makes the root key, unless there is one.
    pub(super) fn create_root_key(&self, entropy: &dyn Entropy) -> io::Result<()> {
        if self.path.join(ROOT_KEY).exists() {
            return Ok(());
        }
        let mut seed = Zeroizing::new([0; 32]);
        entropy.fill(seed.as_mut());
        let mut text = Zeroizing::new(String::with_capacity(65));
        for byte in seed.iter() {
            text.push(char::from(b"0123456789abcdef"[usize::from(byte >> 4)]));
            text.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
        }
        text.push('\n');
        self.write_file(ROOT_KEY, text.as_bytes())
    }

    /// The root key of a keyspace, grown from the seed in the file; `None` where that is kept elsewhere.
    pub(super) fn root_key(&self, keyspace: &str) -> io::Result<Option<SigningKey>> {
        let mut text = Zeroizing::new(String::with_capacity(128));
        match File::open(self.path.join(ROOT_KEY)) {
            Ok(file) => file.take(128).read_to_string(&mut text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let malformed = || {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "root.key does not hold 64 hexadecimal digits",
            )
        };
        let digits = text.trim_end().as_bytes();
        if digits.len() != 64 {
            return Err(malformed());
        }
        let mut seed = Zeroizing::new([0; 32]);
        for (byte, pair) in seed.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |digit: u8| {
                char::from(digit)
                    .to_digit(16)
                    .and_then(|value| u8::try_from(value).ok())
            };
            *byte = digit(pair[0])
                .zip(digit(pair[1]))
                .map(|(high, low)| high << 4 | low)
                .ok_or_else(malformed)?;
        }
        Ok(Some(SigningKey::root_of(&seed, keyspace)))
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

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}
