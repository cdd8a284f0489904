//! `keyward restore`: a new data directory from a backup.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::Failure;
use super::output::{Table, plain, print};
use crate::env::{SystemClock, SystemEntropy};
use crate::service::{self, RestoreError, Restored};

const NOTES: &str = "\
Each keyspace begins a new era, signed by the root key: edges follow it, and refuse whatever the server that was lost had
signed. Read docs/operating.md before you need this.

Example:
  keyward restore --from keyward-2026-11-22.db --revocations revocations.log --root-key root.key --data /var/lib/keyward";

/// Make a new data directory from a backup, and revoke again what was revoked since
///
/// Nothing is changed but the new directory. The root key is read and not copied.
#[derive(Args)]
#[command(after_help = NOTES)]
pub(super) struct Restore {
    /// The backup, as `keyward backup` made it
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The new data directory; made where it does not exist, otherwise it must be empty
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    revoked: Revoked,
    /// The file root.key; needed if there is a keyspace
    #[arg(long, value_name = "FILE")]
    root_key: Option<PathBuf>,
    /// The first era that may begin; where an earlier restore's log is lost, one more than `edge.status` shows
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    min_era: u32,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Revoked {
    /// The newest revocations.log of the data directory that was lost
    #[arg(long, value_name = "FILE")]
    revocations: Option<PathBuf>,
    /// Restore without the log: what was revoked since the backup works again
    #[arg(long)]
    accept_lost_revocations: bool,
}

impl Restore {
    pub(super) fn run(self) -> Result<(), Failure> {
        let data = self.data.display().to_string();
        let restore = service::Restore {
            from: self.from,
            data: self.data,
            revocations: self.revoked.revocations,
            root_key: self.root_key,
            min_era: self.min_era,
        };
        let restored = service::restore(&restore, Arc::new(SystemClock), Arc::new(SystemEntropy));
        let restored = restored.map_err(|error| match error {
            RestoreError::Directory(error) => Failure::from(error),
            RestoreError::Service(error) => Failure::from(error),
        })?;
        print(&page(&restored, restore.revocations.is_some()))?;
        eprintln!("Start the server with: keyward serve --data {data}");
        Ok(())
    }
}

fn page(restored: &Restored, has_log: bool) -> String {
    let mut table = Table::new(&["KEYSPACE", "NEW ERA"]);
    for (keyspace, era) in &restored.eras {
        table.row([keyspace.clone(), era.to_string()]);
    }
    let mut page = table.to_string();
    if has_log {
        let (applied, known) = (restored.applied.len(), restored.known);
        // Writing to a text cannot fail.
        let _ = writeln!(
            page,
            "\nrevoked again: {applied}; known to the backup: {known}"
        );
    } else {
        page.push_str("\nno log of revocations: what was revoked since the backup works again\n");
    }
    for line in restored.applied.iter().chain(&restored.left) {
        let _ = writeln!(page, "  {}", plain(line));
    }
    page
}
