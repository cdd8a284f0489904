//! What a step's result depends on, as one hash: the contents of files, and words such as versions and flags.

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Directories that hold what is built or installed, never what it is built from.
const NOT_INPUTS: [&str; 4] = ["node_modules", "target", "dist", ".git"];

/// Collects what a result depends on. Paths are relative to the root that it was made with.
pub(crate) struct Fingerprint {
    root: PathBuf,
    hash: Sha256,
}

impl Fingerprint {
    /// Nothing collected yet.
    pub(crate) fn of(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
            hash: Sha256::new(),
        }
    }

    /// A word: a version, a flag.
    pub(crate) fn word(mut self, word: &str) -> Self {
        self.add(b"word", word.as_bytes());
        self
    }

    /// Files, and all files below directories. One that is absent counts as absent.
    pub(crate) fn files(mut self, paths: &[&str]) -> Result<Self> {
        for path in paths {
            self.walk(Path::new(path))?;
        }
        Ok(self)
    }

    /// The hash, in hexadecimal.
    pub(crate) fn finish(self) -> String {
        self.hash
            .finalize()
            .iter()
            .fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            })
    }

    fn walk(&mut self, path: &Path) -> Result<()> {
        let full = self.root.join(path);
        let name = path.to_string_lossy().into_owned();
        if full.is_dir() {
            let mut children = fs::read_dir(&full)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .with_context(|| format!("cannot list {}", full.display()))?;
            children.sort_by_key(fs::DirEntry::file_name);
            for child in children {
                if !NOT_INPUTS.iter().any(|name| child.file_name() == *name) {
                    self.walk(&path.join(child.file_name()))?;
                }
            }
        } else if full.exists() {
            let bytes =
                fs::read(&full).with_context(|| format!("cannot read {}", full.display()))?;
            self.add(name.as_bytes(), &bytes);
        } else {
            self.add(name.as_bytes(), b"(absent)");
        }
        Ok(())
    }

    /// Lengths go in too, so that no two lists of parts hash alike.
    fn add(&mut self, name: &[u8], bytes: &[u8]) {
        for part in [name, bytes] {
            self.hash.update((part.len() as u64).to_le_bytes());
            self.hash.update(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str) -> PathBuf {
        let root =
            std::env::temp_dir().join(format!("keyward-fingerprint-{}-{name}", std::process::id()));
        fs::create_dir_all(root.join("a/node_modules"))
            .expect("the temporary directory is writable");
        fs::write(root.join("a/one"), "1").expect("writable");
        root
    }

    fn hash(root: &Path) -> String {
        Fingerprint::of(root)
            .files(&["a"])
            .expect("readable")
            .finish()
    }

    #[test]
    fn changes_with_contents_names_and_new_files() {
        let root = sample("changes");
        let before = hash(&root);
        fs::write(root.join("a/one"), "2").expect("writable");
        let edited = hash(&root);
        assert_ne!(before, edited);
        fs::write(root.join("a/two"), "").expect("writable");
        assert_ne!(edited, hash(&root));
        fs::remove_dir_all(root).expect("removable");
    }

    #[test]
    fn what_is_installed_is_no_input() {
        let root = sample("installed");
        let before = hash(&root);
        fs::write(root.join("a/node_modules/package"), "x").expect("writable");
        assert_eq!(before, hash(&root));
        fs::remove_dir_all(root).expect("removable");
    }

    #[test]
    fn parts_do_not_run_together() {
        let root = Path::new("/");
        let one = Fingerprint::of(root).word("ab").word("c").finish();
        let other = Fingerprint::of(root).word("a").word("bc").finish();
        assert_ne!(one, other);
    }
}
