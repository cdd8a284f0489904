//! The browser of the browser tests, and its driver.

use crate::context::Context;
use crate::plan::{Done, Live, Step};
use crate::tool::Tool;
use anyhow::{Context as _, Result, bail};
use std::env;
use std::path::{Path, PathBuf};

/// A browser and the driver that belongs to it.
pub(crate) struct Chromium {
    pub(crate) browser: PathBuf,
    pub(crate) driver: PathBuf,
}

impl Chromium {
    /// What is there: named by `CHROME` and `CHROMEDRIVER`, or found on `PATH`.
    pub(crate) fn find() -> Option<Self> {
        let browser = named("CHROME")
            .or_else(|| on_path(&["chromium", "chromium-browser", "google-chrome"]))?;
        let driver = named("CHROMEDRIVER").or_else(|| on_path(&["chromedriver"]))?;
        Some(Self { browser, driver })
    }
}

/// Uses what is there; installs it on Debian as root; otherwise says what to install.
pub(crate) fn step() -> Step {
    Step::new("Chromium and its driver", |context, live| {
        if Chromium::find().is_some() {
            return Ok(Done::Nothing);
        }
        if !(Path::new("/etc/debian_version").exists() && rustix::process::geteuid().is_root()) {
            bail!(
                "the browser tests need Chromium and ChromeDriver on PATH (Debian: `apt-get install chromium chromium-driver`), or named by CHROME and CHROMEDRIVER"
            );
        }
        install(context, live)?;
        Chromium::find().context("Debian's packages chromium and chromium-driver brought no `chromium` and `chromedriver`")?;
        Ok(Done::Worked)
    })
}

fn install(context: &Context, live: &Live) -> Result<()> {
    let apt = |arguments: &str| {
        Tool::new(context, "apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(arguments)
            .run(live)
    };
    apt("update")?;
    apt("install --yes --no-install-recommends chromium chromium-driver")?;
    Ok(())
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.exists())
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names.iter().find_map(|name| {
        env::split_paths(&path)
            .map(|dir| dir.join(name))
            .find(|file| file.is_file())
    })
}
