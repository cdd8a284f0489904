//! `keyward account list`.

use clap::Args;

use crate::cli::Failure;
use crate::cli::client::{Item, Paging, Server};
use crate::cli::listing::{Fixed, Limit, Listing};
use crate::cli::place::InKeyspace;
use crate::cli::record::{cell, time_cell};

const EXAMPLES: &str = "\
Examples:
  keyward account list --keyspace shop
  keyward account list --keyspace shop --json | jq -r '.[].id'";

/// List the accounts of a keyspace
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    #[command(flatten)]
    place: InKeyspace,
    #[command(flatten)]
    limit: Limit,
}

impl List {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let listing = Listing {
            what: "accounts",
            target: self.place.target().under("accounts"),
            paging: Paging::Pages,
            limit: self.limit.items(),
            json: server.json,
        };
        listing.print(
            &server.connect()?,
            Fixed {
                headings: &["ACCOUNT", "NAME", "MAY HAVE KEYS", "CREATED (UTC)"],
                row: |item: &Item| {
                    vec![
                        cell(item, "id"),
                        cell(item, "name"),
                        cell(item, "keys_enabled"),
                        time_cell(item, "created_at"),
                    ]
                },
            },
        )
    }
}
