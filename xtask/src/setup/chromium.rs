//! The browser of the browser tests, and its driver.

use super::debian;
use crate::plan::{Done, Step};
use anyhow::{Context as _, bail};
use std::env;
use std::path::PathBuf;

/// A browser and the driver that belongs to it.
pub(crate) struct Chromium {
    pub(crate) browser: PathBuf,
    pub(crate) driver: PathBuf,
}

impl Chromium {
    /// What is there: named by `CHROME` and `CHROMEDRIVER`, or found on `PATH`.
    pub(crate) fn find() -> Option<Self> {
        let browser = named("CHROME")
            .or_else(|| debian::on_path(&["chromium", "chromium-browser", "google-chrome"]))?;
        let driver = named("CHROMEDRIVER").or_else(|| debian::on_path(&["chromedriver"]))?;
        Some(Self { browser, driver })
    }
}

/// Uses what is there; installs it on Debian as root; otherwise says what to install.
pub(crate) fn step() -> Step {
    Step::new("Chromium and its driver", |context, live| {
        if Chromium::find().is_some() {
            return Ok(Done::Nothing);
        }
        if !debian::is_ours() {
            bail!(
                "the browser tests need Chromium and ChromeDriver on PATH (Debian: `apt-get install chromium chromium-driver`), or named by CHROME and CHROMEDRIVER"
            );
        }
        debian::install(context, live, "chromium chromium-driver")?;
        Chromium::find().context("Debian's packages chromium and chromium-driver brought no `chromium` and `chromedriver`")?;
        Ok(Done::Worked)
    })
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.exists())
}
