//! `keyward token list`.

use clap::Args;

use crate::cli::Failure;
use crate::cli::client::{Item, Paging, Server};
use crate::cli::listing::{Fixed, Limit, Listing};
use crate::cli::place::InKeyspace;
use crate::cli::record::{cell, time_cell};

const EXAMPLES: &str = "\
Examples:
  keyward token list --keyspace shop";

/// List the edge tokens of a keyspace, oldest first
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
            what: "tokens",
            target: self.place.target().under("tokens"),
            paging: Paging::Pages,
            limit: self.limit.items(),
            json: server.json,
        };
        listing.print(
            &server.connect()?,
            Fixed {
                headings: &[
                    "TOKEN",
                    "HINT",
                    "NAME",
                    "RIGHTS",
                    "LAST READ (UTC)",
                    "LAST REPORT (UTC)",
                    "EXPIRES (UTC)",
                    "CREATED (UTC)",
                ],
                row: |item: &Item| {
                    vec![
                        cell(item, "id"),
                        cell(item, "hint"),
                        cell(item, "name"),
                        cell(item, "rights"),
                        time_cell(item, "last_read_at"),
                        time_cell(item, "last_reported_at"),
                        time_cell(item, "expires_at"),
                        time_cell(item, "created_at"),
                    ]
                },
            },
        )
    }
}
