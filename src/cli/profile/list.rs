//! `keyward profile list`: the presets.

use clap::Args;

use super::view::View;
use crate::cli::Failure;
use crate::cli::output::{Table, print, print_json};
use crate::profile::Profile;

/// List the presets
#[derive(Args)]
pub(super) struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(self) -> Result<(), Failure> {
        let presets: Vec<_> = Profile::PRESETS
            .iter()
            .filter_map(|name| Profile::preset(name))
            .collect();
        if self.json {
            let views: Vec<_> = presets.iter().map(View::of).collect();
            return print_json(&views);
        }
        let headings = ["NAME", "TITLE", "LEVELS", "CALLS", "KEYS", "TRANSPORTS"];
        let mut table = Table::new(&headings);
        for preset in &presets {
            let levels: Vec<_> = preset.levels().iter().map(|level| &*level.id).collect();
            let transports: Vec<_> = preset
                .transports()
                .iter()
                .map(ToString::to_string)
                .collect();
            table.row([
                preset.id().to_owned(),
                preset.title().to_owned(),
                levels.join(", "),
                preset.routes().rules().len().to_string(),
                super::show::key_format(preset),
                transports.join(", "),
            ]);
        }
        print(&table.to_string())
    }
}
