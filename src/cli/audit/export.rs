//! `keyward audit export`.

use clap::Args;

use crate::cli::Failure;
use crate::cli::client::{Paging, Server, Target};
use crate::cli::output::stream;

const EXAMPLES: &str = "\
Examples:
  keyward audit export > audit.jsonl
  keyward audit export | tail -n 1 | jq '{sequence, hash}'

Each entry is a line of JSON with a hash over itself and the entry before, also with --json. Kept where the server
cannot reach it, it shows later what was changed or cut off.";

/// Print the whole trail of the server, oldest first, an entry a line, to be kept elsewhere
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Export {}

impl Export {
    pub(super) fn run(server: &Server) -> Result<(), Failure> {
        let target = Target::v1().under("audit");
        let client = server.connect()?;
        client.each_page(&target, Paging::Pages, None, |entries| {
            let lines = entries.iter().flat_map(|entry| [entry.get(), "\n"]);
            stream(&lines.collect::<String>())
        })?;
        Ok(())
    }
}
