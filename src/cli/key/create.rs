//! `keyward key create`.

use clap::Args;

use super::content::{CONSTRAINTS, Content};
use crate::cli::Failure;
use crate::cli::client::{Call, Server};
use crate::cli::created::{self, KEY, Once};
use crate::cli::place::InAccount;
use crate::cli::when::Expiry;

const EXAMPLES: &str = "\
Examples:
  keyward key create --keyspace shop --account acme --level full --field name=CRM
  keyward key create --keyspace shop --account acme --level sending --field name=Newsletter \\
      --constraint sending_domain_id=42,43 --rate 100/60s --expires-in 90d
  keyward key create --keyspace shop --account acme --level full --field name=CRM | pass insert -e crm

The key alone goes to stdout, the words around it to stderr. What a profile asks for: `keyward profile show PROFILE`.

";

/// Make a key and show it, this once
#[derive(Args)]
#[command(after_help = format!("{EXAMPLES}{CONSTRAINTS}"))]
pub(super) struct Create {
    #[command(flatten)]
    place: InAccount,
    /// The access level: what it may do
    #[arg(long, value_name = "LEVEL")]
    level: String,
    #[command(flatten)]
    expiry: Expiry,
    #[command(flatten)]
    content: Content,
    #[command(flatten)]
    once: Once,
}

impl Create {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let mut body = self.content.members()?;
        body.insert("level".into(), self.level.into());
        let constraints = self.content.constraints()?;
        if !constraints.is_empty() {
            body.insert("constraints".into(), constraints.into());
        }
        if let Some((name, end)) = self.expiry.member() {
            body.insert(name.into(), end);
        }
        let call = Call::post(self.place.keys())
            .with(&body)
            .once(&self.once.key());
        created::show(&server.connect()?.send(&call)?, &KEY, server.json)
    }
}
