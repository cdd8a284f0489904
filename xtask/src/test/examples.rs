//! The examples, as somebody who found them would run them: against the packed package, outside the repository's tree
//! of packages.

use crate::context::Context;
use crate::package;
use crate::plan::Live;
use crate::test::Tally;
use crate::tool::Tool;
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::Path;

/// What the quickstart comes to, line by line.
const VERDICTS: [&str; 7] = [
    "200 allow",
    "403 deny   insufficient_scope",
    "401 deny   bad_checksum",
    "401 deny   unknown_key",
    "401 deny   missing_credential",
    "400 deny   malformed_path",
    "401 deny   disabled",
];

/// Installs the tarball into a copy of `examples/quickstart` and runs it.
pub(crate) fn quickstart(context: &Context, live: &Live) -> Result<Tally> {
    let project = context.scratch("quickstart");
    copy(&context.root.join("examples/quickstart"), &project)?;
    Tool::new(context, "npm")
        .args("install --offline --no-audit --no-fund")
        .arg(package::tarball_path(context)?)
        .dir(&project)
        .run(live)?;
    let said = Tool::new(context, "npm")
        .args("start --silent")
        .dir(&project)
        .run(live)?;
    let verdicts: Vec<&str> = said
        .lines()
        .filter_map(|line| {
            VERDICTS
                .iter()
                .find(|verdict| line.contains(**verdict))
                .copied()
        })
        .collect();
    if verdicts != VERDICTS {
        bail!("examples/quickstart did not show what it should, in order: {VERDICTS:?}\n{said}");
    }
    Ok(Tally::one())
}

/// A fresh copy of an example, without what is installed in it.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    let _ = fs::remove_dir_all(to);
    copy_below(from, to)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}

fn copy_below(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), target)?;
        } else if entry.file_name() != "node_modules" {
            copy_below(&entry.path(), &target)?;
        }
    }
    Ok(())
}
