//! What `--print-config` prints.

use super::settings::{SETTINGS, Shown};
use super::{Given, Resolved};
use crate::cli::output::Table;

/// Every setting, what holds and where it comes from. Nothing of a secret.
pub(in crate::cli) fn page(resolved: &Resolved) -> String {
    let mut table = Table::new(&["SETTING", "VALUE", "FROM"]);
    for setting in &SETTINGS {
        let given = resolved
            .given
            .iter()
            .find(|given| given.setting.name == setting.name);
        let (value, origin) = given.map_or_else(
            || ("–".to_owned(), "not set".to_owned()),
            |given| (value(given), given.origin.to_string()),
        );
        table.row([setting.name.to_owned(), value, origin]);
    }
    table.to_string()
}

fn value(given: &Given) -> String {
    match given.setting.shown {
        Shown::Whole if given.setting.value == "DIR" || given.setting.value == "FILE" => {
            let paths: Vec<_> = given
                .paths()
                .map(|path| path.display().to_string())
                .collect();
            paths.join(", ")
        }
        Shown::Whole => given.text().to_owned(),
        Shown::FirstWord => {
            let mut words = given.text().split_whitespace();
            let program = words.next().unwrap_or_default().to_owned();
            if words.next().is_some() {
                program + " …"
            } else {
                program
            }
        }
        Shown::Nothing => "[elided]".to_owned(),
    }
}
