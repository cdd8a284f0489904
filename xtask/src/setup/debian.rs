//! Programs of the system's own: found on `PATH`, or installed on Debian as root.

use crate::context::Context;
use crate::plan::Live;
use crate::tool::Tool;
use anyhow::Result;
use std::env;
use std::path::{Path, PathBuf};

/// The first of these programs that is there.
pub(crate) fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names.iter().find_map(|name| {
        env::split_paths(&path)
            .map(|dir| dir.join(name))
            .find(|file| file.is_file())
    })
}

/// Whether packages can be installed here.
pub(crate) fn is_ours() -> bool {
    Path::new("/etc/debian_version").exists() && rustix::process::geteuid().is_root()
}

/// Installs packages, given with blanks between them.
pub(crate) fn install(context: &Context, live: &Live, packages: &str) -> Result<()> {
    let apt = |arguments: &str| {
        Tool::new(context, "apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(arguments)
            .run(live)
    };
    apt("update")?;
    apt(&format!("install --yes --no-install-recommends {packages}"))?;
    Ok(())
}
