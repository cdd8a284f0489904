//! `keyward key list`.

use anstyle::Style;
use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::cli::Failure;
use crate::cli::client::{Item, Paging, Server, Target};
use crate::cli::listing::{Columns, Limit, Listing};
use crate::cli::place::{self, InKeyspace};
use crate::cli::record::{cell, status_cell, time_cell};
use crate::cli::when::Past;

const EXAMPLES: &str = "\
Examples:
  keyward key list --keyspace shop --account acme
  keyward key list --keyspace shop --status active --used-before 90d      across accounts; unused for 90 days
  keyward key list --keyspace shop --name-contains crm --json | jq -r '.[].id'

Times are such as 2027-01-31T12:00:00Z, a date (its start in UTC), or how long ago, such as 90d.";

/// Members of a record that are no fields of the profile.
const OWN: [&str; 19] = [
    "id",
    "account",
    "level",
    "status",
    "hint",
    "constraints",
    "rate",
    "subject",
    "meta",
    "created_at",
    "created_by",
    "updated_at",
    "expires_at",
    "last_used_at",
    "enabled_at",
    "rotated_at",
    "retiring",
    "recoverable",
    "revision",
];

/// The most characters of a field in a table.
const MAX_CELL: usize = 40;

/// List the keys of an account, or of a whole keyspace, newest first
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    #[command(flatten)]
    place: InKeyspace,
    /// Only those of this account
    #[arg(long, short = 'a', value_name = "ACCOUNT", env = "KEYWARD_ACCOUNT")]
    account: Option<String>,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    limit: Limit,
}

#[derive(Args)]
struct Filter {
    /// Only those of this name, upper and lower case alike
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Only those with this in their name
    #[arg(long, value_name = "TEXT")]
    name_contains: Option<String>,
    /// Only those of this status
    #[arg(long, value_name = "STATUS", value_parser = PossibleValuesParser::new(["active", "disabled", "deactivated", "expired"]))]
    status: Option<String>,
    /// Only those of this level
    #[arg(long, value_name = "LEVEL")]
    level: Option<String>,
    /// Only those of this subject
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// Only those made before this
    #[arg(long, value_name = "TIME")]
    created_before: Option<Past>,
    /// Only those made at this time or later
    #[arg(long, value_name = "TIME")]
    created_after: Option<Past>,
    /// Only those last used before this, or never
    #[arg(long, value_name = "TIME")]
    used_before: Option<Past>,
    /// Only those last used at this time or later
    #[arg(long, value_name = "TIME")]
    used_after: Option<Past>,
}

impl List {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let place = match &self.account {
            Some(account) => place::account(self.place.target(), account),
            None => self.place.target(),
        };
        let listing = Listing {
            what: "keys",
            target: self.filter.ask(place.under("keys")),
            paging: Paging::Pages,
            limit: self.limit.items(),
            json: server.json,
        };
        let columns = KeyColumns {
            fields: Vec::new(),
            has_account: self.account.is_none(),
        };
        listing.print(&server.connect()?, columns)
    }
}

impl Filter {
    fn ask(self, target: Target) -> Target {
        target
            .asking("name", self.name)
            .asking("name_contains", self.name_contains)
            .asking("status", self.status)
            .asking("level", self.level)
            .asking("subject", self.subject)
            .asking("created_before", self.created_before)
            .asking("created_after", self.created_after)
            .asking("used_before", self.used_before)
            .asking("used_after", self.used_after)
    }
}

/// Which columns there are depends on the profile: its fields are among them.
struct KeyColumns {
    fields: Vec<String>,
    has_account: bool,
}

impl Columns for KeyColumns {
    fn headings(&mut self, first: &[Item]) -> Vec<String> {
        for item in first {
            for name in fields(item) {
                if !self.fields.iter().any(|known| known == name) {
                    self.fields.push(name.to_owned());
                }
            }
        }
        let account = self.has_account.then(|| "ACCOUNT".to_owned());
        let fields = self
            .fields
            .iter()
            .map(|name| name.replace('_', " ").to_uppercase());
        let rest = [
            "LEVEL",
            "STATUS",
            "HINT",
            "CREATED (UTC)",
            "LAST USED (UTC)",
            "EXPIRES (UTC)",
        ];
        ["KEY".to_owned()]
            .into_iter()
            .chain(account)
            .chain(fields)
            .chain(rest.map(str::to_owned))
            .collect()
    }

    fn row(&self, item: &Item) -> Vec<(Style, String)> {
        let account = self.has_account.then(|| cell(item, "account"));
        let fields = self.fields.iter().map(|name| {
            let (style, text) = cell(item, name);
            (style, shortened(&text))
        });
        [cell(item, "id")]
            .into_iter()
            .chain(account)
            .chain(fields)
            .chain([
                cell(item, "level"),
                status_cell(item),
                cell(item, "hint"),
                time_cell(item, "created_at"),
                time_cell(item, "last_used_at"),
                time_cell(item, "expires_at"),
            ])
            .collect()
    }
}

/// The names of a record's members that are the profile's fields.
pub(super) fn fields(item: &Item) -> impl Iterator<Item = &str> {
    let names = item.members().map(|(name, _)| name);
    names.filter(|name| !OWN.contains(name))
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= MAX_CELL {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(MAX_CELL - 1).collect();
    short.push('…');
    short
}
