//! Where things are: the repository, what is built, and the per-user cache of tools.

use crate::card::Card;
use anyhow::{Context as _, Result};
use std::env;
use std::path::{Path, PathBuf};

/// What every step may look at.
pub(crate) struct Context {
    /// The repository.
    pub(crate) root: PathBuf,
    /// cargo's target directory.
    pub(crate) target: PathBuf,
    /// Tools by version, shared between clones.
    tools: PathBuf,
    /// The build card, `wasm-pack.toml`.
    pub(crate) card: Card,
    /// Show the output of everything that is run.
    pub(crate) verbose: bool,
}

impl Context {
    /// Finds the repository from xtask's own manifest and reads the build card.
    pub(crate) fn new(verbose: bool) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask lies in a workspace")?
            .to_path_buf();
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |dir| root.join(dir));
        let cache = match (env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")) {
            (Some(cache), _) if !cache.is_empty() => PathBuf::from(cache),
            (_, Some(home)) => Path::new(&home).join(".cache"),
            _ => target.clone(),
        };
        let card = Card::read(&root.join("wasm-pack.toml"))?;
        Ok(Self {
            root,
            target,
            tools: cache.join("keyward/tools"),
            card,
            verbose,
        })
    }

    /// Where one version of a tool is installed; its programs lie in `bin` below.
    pub(crate) fn tool_root(&self, name: &str, version: &str) -> PathBuf {
        self.tools.join(format!("{name}-{version}"))
    }

    /// The programs of a tool of the build card.
    pub(crate) fn tool_bin(&self, name: &str) -> Result<PathBuf> {
        Ok(self.tool_root(name, self.card.version(name)?).join("bin"))
    }

    /// A directory of xtask's own below `target`.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.target.join("xtask").join(name)
    }

    /// Programs that npm packages bring.
    pub(crate) fn npm_bin(&self) -> PathBuf {
        self.root.join("node_modules/.bin")
    }

    /// Whether a part of the repository exists.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }
}
