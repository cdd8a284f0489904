//! `keyward audit list`.

use clap::Args;

use crate::cli::Failure;
use crate::cli::client::{Item, Paging, Server};
use crate::cli::listing::{Fixed, Limit, Listing};
use crate::cli::place::{self, InKeyspace};
use crate::cli::record::{cell, time_cell};

const EXAMPLES: &str = "\
Examples:
  keyward audit list --keyspace shop --limit 20
  keyward audit list --keyspace shop --target key_0FkLm2x9Q
  keyward audit list --keyspace shop --action key.deactivate --json | jq '.[].details'";

/// List the changes in a keyspace, newest first
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    #[command(flatten)]
    place: InKeyspace,
    /// Only those of this account
    #[arg(long, short = 'a', value_name = "ACCOUNT")]
    account: Option<String>,
    /// Only those of this key, operator, token or account
    #[arg(long, value_name = "ID")]
    target: Option<String>,
    /// Only those by this operator, portal link or key, or by `system`
    #[arg(long, value_name = "ID")]
    actor: Option<String>,
    /// Only those of this kind, such as key.create
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    #[command(flatten)]
    limit: Limit,
}

impl List {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let place = match &self.account {
            Some(account) => place::account(self.place.target(), account),
            None => self.place.target(),
        };
        let listing = Listing {
            what: "changes",
            target: place
                .under("audit")
                .asking("target", self.target)
                .asking("actor", self.actor)
                .asking("action", self.action),
            paging: Paging::Pages,
            limit: self.limit.items(),
            json: server.json,
        };
        listing.print(
            &server.connect()?,
            Fixed {
                headings: &["TIME (UTC)", "WHO", "WHAT", "TARGET", "ACCOUNT", "EPOCH"],
                row: |item: &Item| {
                    vec![
                        time_cell(item, "at"),
                        cell(item, "actor"),
                        cell(item, "action"),
                        cell(item, "target"),
                        cell(item, "account"),
                        cell(item, "epoch"),
                    ]
                },
            },
        )
    }
}
