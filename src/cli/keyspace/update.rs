//! `keyward keyspace update`.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde::Deserialize;
use serde_json::Map;

use super::differences;
use crate::cli::client::{Call, Server};
use crate::cli::output::print;
use crate::cli::profile::Source;
use crate::cli::when::Span;
use crate::cli::{Failure, place, record};
use crate::profile::Profile;

const EXAMPLES: &str = "\
Examples:
  keyward keyspace show shop --toml > my-api.toml           the rules that hold, to be edited
  keyward keyspace update shop --profile my-api.toml --dry-run
  keyward keyspace update shop --profile my-api.toml --if-revision 3
  keyward keyspace update shop --fresh-for 1m

Keys that are there stay as they are: rules that have no place for one of them are refused, with the list.";

/// Change the rules of a keyspace: its profile, and for how long what an edge has holds
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Update {
    /// The keyspace's id
    #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    id: String,
    #[command(flatten)]
    change: Change,
    /// Only if the rules are still of this revision
    #[arg(long, value_name = "REVISION")]
    if_revision: Option<u64>,
    /// Show what would change, and whether it is possible; change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct Change {
    /// The profile with its rules: the name of a preset, or a file of TOML
    #[arg(long, value_name = "PROFILE", visible_alias = "profile-file")]
    profile: Option<String>,
    /// For how long what an edge has counts as fresh, from 10s to 24h
    #[arg(long, value_name = "SPAN")]
    fresh_for: Option<Span>,
    /// After how long without news an edge refuses everything, at most 30d
    #[arg(long, value_name = "SPAN")]
    valid_for: Option<Span>,
}

/// What holds now.
#[derive(Deserialize)]
struct Rules {
    profile: String,
    profile_toml: Option<String>,
    revision: u64,
}

impl Update {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let mut body = Map::new();
        let mut wanted = None;
        if let Some(profile) = &self.change.profile {
            let source = Source::open(profile)?;
            if Profile::preset_toml(profile).is_some() {
                body.insert("profile".into(), profile.as_str().into());
            } else {
                body.insert("profile_toml".into(), source.text.into());
            }
            wanted = Some(source.profile);
        }
        for (name, span) in [
            ("fresh_for_seconds", self.change.fresh_for),
            ("valid_for_seconds", self.change.valid_for),
        ] {
            if let Some(span) = span {
                body.insert(name.into(), span.as_seconds().into());
            }
        }
        let client = server.connect()?;
        let place = || place::keyspace(&self.id);
        let patch = |body: &Map<_, _>, revision| {
            Call::patch(place())
                .with(body)
                .at_revision(revision)
                .patiently()
        };
        if !self.dry_run {
            return record::show(&client.send(&patch(&body, self.if_revision))?, server.json);
        }
        let Rules {
            profile,
            profile_toml,
            revision,
        } = client.send(&Call::get(place()))?.read()?;
        body.insert("dry_run".into(), true.into());
        let would_be = client.send(&patch(&body, self.if_revision.or(Some(revision))))?;
        if server.json {
            return record::show(&would_be, true);
        }
        let toml = profile_toml.as_deref().or(Profile::preset_toml(&profile));
        // A newer server may have rules that this program does not read.
        let known = toml.and_then(|toml| Profile::from_toml(toml).ok());
        if let (Some(known), Some(wanted)) = (known, &wanted) {
            print(&differences::page(&known, wanted))?;
        }
        record::show(&would_be, false)
    }
}
