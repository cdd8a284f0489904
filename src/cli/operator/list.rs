//! `keyward operator list`.

use clap::Args;

use crate::cli::Failure;
use crate::cli::client::{Item, Paging, Server};
use crate::cli::listing::{Fixed, Limit, Listing};
use crate::cli::place::Over;
use crate::cli::record::{cell, time_cell};

const EXAMPLES: &str = "\
Examples:
  keyward operator list                                   over the whole server
  keyward operator list --keyspace shop                   over this keyspace
  keyward operator list --keyspace shop --account acme    over this account";

/// List the operators over the server, a keyspace or an account
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    #[command(flatten)]
    over: Over,
    #[command(flatten)]
    limit: Limit,
}

impl List {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let listing = Listing {
            what: "operators",
            target: self.over.target().under("operators"),
            paging: Paging::Pages,
            limit: self.limit.items(),
            json: server.json,
        };
        listing.print(
            &server.connect()?,
            Fixed {
                headings: &[
                    "OPERATOR",
                    "NAME",
                    "HINT",
                    "CREATED (UTC)",
                    "EXPIRES (UTC)",
                    "RIGHTS",
                ],
                row: |item: &Item| {
                    vec![
                        cell(item, "id"),
                        cell(item, "name"),
                        cell(item, "hint"),
                        time_cell(item, "created_at"),
                        time_cell(item, "expires_at"),
                        cell(item, "rights"),
                    ]
                },
            },
        )
    }
}
