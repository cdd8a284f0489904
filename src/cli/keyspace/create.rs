//! `keyward keyspace create`.

use clap::Args;
use serde_json::Map;

use crate::cli::Failure;
use crate::cli::client::{Call, Server, Target};
use crate::cli::profile::Source;
use crate::cli::record;
use crate::cli::when::Span;
use crate::profile::Profile;

const EXAMPLES: &str = "\
Examples:
  keyward keyspace create shop --profile emailit
  keyward keyspace create shop --profile my-api.toml --fresh-for 1m --valid-for 12h

`keyward profile list` lists the presets. An edge pins the public key that is shown.";

/// Publish another API
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Create {
    /// Its id: 1 to 64 of a-z, 0-9, - and _
    id: String,
    /// The profile with its rules: the name of a preset, or a file of TOML
    #[arg(long, value_name = "PROFILE")]
    profile: String,
    /// For how long what an edge has counts as fresh, from 10s to 24h [default: 5m]
    #[arg(long, value_name = "SPAN")]
    fresh_for: Option<Span>,
    /// After how long without news an edge refuses everything, at most 30d [default: 24h]
    #[arg(long, value_name = "SPAN")]
    valid_for: Option<Span>,
}

impl Create {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let mut body = Map::new();
        body.insert("id".into(), self.id.into());
        let source = Source::open(&self.profile)?;
        if Profile::preset_toml(&self.profile).is_some() {
            body.insert("profile".into(), self.profile.into());
        } else {
            body.insert("profile_toml".into(), source.text.into());
        }
        for (name, span) in [
            ("fresh_for_seconds", self.fresh_for),
            ("valid_for_seconds", self.valid_for),
        ] {
            if let Some(span) = span {
                body.insert(name.into(), span.as_seconds().into());
            }
        }
        let target = Target::v1().under("keyspaces");
        let call = Call::post(target).with(&body);
        record::show(&server.connect()?.send(&call)?, server.json)
    }
}
