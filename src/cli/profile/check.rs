//! `keyward profile check`: find all that is wrong with profiles.

use clap::Args;

use crate::cli::Failure;
use crate::cli::output::{BAD, GOOD, plain, print, styled};
use crate::profile::Profile;

const EXAMPLES: &str = "\
Examples:
  keyward profile check my-api.toml
  keyward profile check profiles/*.toml

Exit codes: 0 all are good, 1 something is wrong with one, 2 the command line was not understood.";

/// Find all that is wrong with profiles: each mistake with its line and its mend
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// Files of TOML, or names of presets
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

impl Check {
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut lines = Vec::new();
        let mut wrong = 0;
        for file in &self.files {
            let shown = plain(file);
            match check(file) {
                Ok(profile) => {
                    let (levels, rules) = (profile.levels().len(), profile.routes().rules().len());
                    let (ok, id) = (styled(GOOD, "ok"), profile.id());
                    let level = if levels == 1 { "level" } else { "levels" };
                    let rule = if rules == 1 { "rule" } else { "rules" };
                    lines.push(format!(
                        "{shown}: {ok} ({id}: {levels} {level}, {rules} {rule})\n"
                    ));
                }
                Err(mistakes) => {
                    wrong += 1;
                    let shown = styled(BAD, shown);
                    let each = mistakes.iter();
                    lines.extend(each.map(|mistake| format!("{shown}: {}\n", plain(mistake))));
                }
            }
        }
        print(&lines.concat())?;
        if wrong == 0 {
            return Ok(());
        }
        let message = format!("{wrong} of {} profiles must be mended", self.files.len());
        Err(Failure::failed(message))
    }
}

fn check(file: &str) -> Result<Profile, Vec<String>> {
    let text = match Profile::preset_toml(file) {
        Some(text) => text.to_owned(),
        None => super::read(file).map_err(|failure| vec![failure.to_string()])?,
    };
    Profile::check_toml(&text).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}
