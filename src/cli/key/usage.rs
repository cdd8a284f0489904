//! `keyward key usage`.

use clap::Args;

use crate::cli::Failure;
use crate::cli::client::{Item, Paging, Server};
use crate::cli::listing::{Fixed, Limit, Listing};
use crate::cli::place::InKeyspace;
use crate::cli::record::cell;

const EXAMPLES: &str = "\
Examples:
  keyward key usage --keyspace shop --account acme
  keyward key usage key_0FkLm2x9Q --keyspace shop --from 2026-11-01 --to 2026-11-30";

/// Show how often keys were used, by day (UTC)
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Usage {
    #[command(flatten)]
    place: InKeyspace,
    /// Only those of this account
    #[arg(long, short = 'a', value_name = "ACCOUNT", env = "KEYWARD_ACCOUNT")]
    account: Option<String>,
    /// Only this key
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// From this day on, such as 2026-11-01
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// To this day, with it
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    #[command(flatten)]
    limit: Limit,
}

impl Usage {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let listing = Listing {
            what: "uses",
            target: self
                .place
                .target()
                .under("usage")
                .asking("account", self.account)
                .asking("key", self.id)
                .asking("from", self.from)
                .asking("to", self.to),
            paging: Paging::Pages,
            limit: self.limit.items(),
            json: server.json,
        };
        listing.print(
            &server.connect()?,
            Fixed {
                headings: &["DAY (UTC)", "KEY", "USES"],
                row: |item: &Item| {
                    vec![cell(item, "day"), cell(item, "key_id"), cell(item, "count")]
                },
            },
        )
    }
}
