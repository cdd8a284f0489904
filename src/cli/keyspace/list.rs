//! `keyward keyspace list`.

use clap::Args;

use crate::cli::Failure;
use crate::cli::client::{Item, Paging, Server, Target};
use crate::cli::listing::{Fixed, Limit, Listing};
use crate::cli::record::{cell, time_cell};

const EXAMPLES: &str = "\
Examples:
  keyward keyspace list
  keyward keyspace list --json | jq -r '.[].id'";

/// List the keyspaces that your operator key reaches
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    #[command(flatten)]
    limit: Limit,
}

impl List {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let listing = Listing {
            what: "keyspaces",
            target: Target::v1().under("keyspaces"),
            paging: Paging::Whole,
            limit: self.limit.items(),
            json: server.json,
        };
        listing.print(
            &server.connect()?,
            Fixed {
                headings: &["KEYSPACE", "PROFILE", "ERA", "EPOCH", "CREATED (UTC)"],
                row: |item: &Item| {
                    vec![
                        cell(item, "id"),
                        cell(item, "profile"),
                        cell(item, "era"),
                        cell(item, "epoch"),
                        time_cell(item, "created_at"),
                    ]
                },
            },
        )
    }
}
