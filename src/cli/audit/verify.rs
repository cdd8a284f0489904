//! `keyward audit verify`.

use std::process::ExitCode;

use clap::Args;
use serde::Deserialize;

use crate::cli::Failure;
use crate::cli::client::{Call, Server, Target};
use crate::cli::output::{BAD, GOOD, plain, print, styled};
use crate::cli::record::print_answer;

const EXAMPLES: &str = "\
Examples:
  keyward audit verify
  keyward audit verify --json | jq .last     keep this elsewhere: it shows later whether the end was cut off

Exit codes:
  0  every entry follows from those before it
  1  one does not: entries were changed or taken out
  other: it could not be found out; see `keyward --help`";

/// Check the whole audit trail: that each entry follows from those before it
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Verify {}

#[derive(Deserialize)]
struct Check {
    entries: u64,
    intact: bool,
    first_broken: Option<i64>,
    last: Option<Last>,
}

#[derive(Deserialize)]
struct Last {
    sequence: i64,
    hash: String,
}

impl Verify {
    pub(super) fn run(server: &Server) -> Result<ExitCode, Failure> {
        let call = Call::get(Target::v1().under("audit").under("check")).patiently();
        let answer = server.connect().map_err(Failure::undecided)?.send(&call);
        let answer = answer.map_err(Failure::undecided)?;
        let check: Check = answer.read().map_err(Failure::undecided)?;
        if server.json {
            print_answer(&answer)?;
        } else {
            print(&check.page())?;
        }
        Ok(ExitCode::from(u8::from(!check.intact)))
    }
}

impl Check {
    fn page(&self) -> String {
        let mut page = if self.intact {
            format!("{}: {} entries\n", styled(GOOD, "intact"), self.entries)
        } else {
            let place = match self.first_broken {
                Some(sequence) => format!("entry {sequence} does not follow from those before it"),
                None => "the trail does not hold".to_owned(),
            };
            format!(
                "{}: {place}; {} are good\n",
                styled(BAD, "broken"),
                self.entries
            )
        };
        if let Some(Last { sequence, hash }) = &self.last {
            let hash = plain(hash);
            page.extend([
                "last good entry: ",
                &sequence.to_string(),
                ", ",
                &hash,
                "\n",
            ]);
        }
        page
    }
}
