//! The build card: tool pins, flags of the wasm build, size budgets.

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// `wasm-pack.toml`, whole.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Card {
    tools: BTreeMap<String, String>,
    pub(crate) build: Build,
    pub(crate) budgets: BTreeMap<String, usize>,
}

/// How the module is built.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Build {
    pub(crate) target: String,
    pub(crate) profile: String,
    pub(crate) out_dir: String,
    pub(crate) out_name: String,
    pub(crate) flags: Vec<String>,
    pub(crate) cargo_flags: Vec<String>,
    pub(crate) rustflags: Vec<String>,
}

impl Card {
    /// Reads the card; a member that nobody reads is an error.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("in {}", path.display()))
    }

    /// The pinned version of a tool.
    pub(crate) fn version(&self, tool: &str) -> Result<&str> {
        self.tools
            .get(tool)
            .map(String::as_str)
            .with_context(|| format!("wasm-pack.toml pins no version of {tool}"))
    }

    /// Holds the pin of wasm-bindgen's CLI against the library in `Cargo.lock`: the two speak a private format.
    pub(crate) fn check_lock(&self, lock: &Path) -> Result<()> {
        #[derive(Deserialize)]
        struct Lock {
            package: Vec<Package>,
        }
        #[derive(Deserialize)]
        struct Package {
            name: String,
            version: String,
        }
        let text =
            fs::read_to_string(lock).with_context(|| format!("cannot read {}", lock.display()))?;
        let lock: Lock = toml::from_str(&text).context("in Cargo.lock")?;
        let pinned = self.version("wasm-bindgen-cli")?;
        match lock
            .package
            .iter()
            .find(|package| package.name == "wasm-bindgen")
        {
            Some(package) if package.version == pinned => Ok(()),
            Some(package) => bail!(
                "Cargo.lock has wasm-bindgen {}, wasm-pack.toml pins its CLI at {pinned}: `cargo update --precise` wasm-bindgen-test, js-sys and wasm-bindgen back, in this order, or raise the pin",
                package.version
            ),
            None => bail!("Cargo.lock has no wasm-bindgen"),
        }
    }
}
