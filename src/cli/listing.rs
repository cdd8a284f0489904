//! Lists as people and programs get them: a table that is printed as it grows, or one JSON array.

use std::ops::ControlFlow;

use anstyle::Style;
use clap::Args;
use serde_json::value::RawValue;

use super::Failure;
use super::client::{Client, End, Item, Paging, Target};
use super::output::{Table, indented, print, stream, tell};

/// How much of a list is wanted.
#[derive(Args)]
pub(super) struct Limit {
    /// Stop after so many [default: everything there is]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

/// The columns of a table.
pub(super) trait Columns {
    /// The headings, where the first items show what there is to be headed.
    fn headings(&mut self, first: &[Item]) -> Vec<String>;

    /// The cells of an item.
    fn row(&self, item: &Item) -> Vec<(Style, String)>;
}

/// Columns that are the same whatever is listed.
pub(super) struct Fixed<F> {
    pub(super) headings: &'static [&'static str],
    pub(super) row: F,
}

impl<F: Fn(&Item) -> Vec<(Style, String)>> Columns for Fixed<F> {
    fn headings(&mut self, _: &[Item]) -> Vec<String> {
        self.headings
            .iter()
            .map(|heading| (*heading).to_owned())
            .collect()
    }

    fn row(&self, item: &Item) -> Vec<(Style, String)> {
        (self.row)(item)
    }
}

/// A list to be printed.
pub(super) struct Listing<'a> {
    /// What is listed, in the plural, for when there is none.
    pub(super) what: &'a str,
    pub(super) target: Target,
    pub(super) paging: Paging,
    pub(super) limit: Option<usize>,
    pub(super) json: bool,
}

impl Limit {
    pub(super) fn items(&self) -> Option<usize> {
        self.limit.and_then(|limit| usize::try_from(limit).ok())
    }
}

impl Listing<'_> {
    pub(super) fn print(&self, client: &Client, columns: impl Columns) -> Result<(), Failure> {
        if self.json {
            return self.print_json(client);
        }
        let mut columns = columns;
        let mut table = Table::without_headings();
        let mut count = 0;
        let end = self.pages(client, |page| {
            let items: Vec<_> = page
                .iter()
                .map(|raw| Item::read(raw))
                .collect::<Result<_, _>>()?;
            if count == 0 && !items.is_empty() {
                table.headings(&columns.headings(&items));
            }
            count += items.len();
            for item in &items {
                table.styled_row(columns.row(item));
            }
            stream(&table.take())
        })?;
        match end {
            End::MoreFollows => tell(&format!("{count} shown; there are more")),
            End::Reached if count == 0 => tell(&format!("no {}", self.what)),
            End::Reached | End::Enough => {}
        }
        Ok(())
    }

    fn print_json(&self, client: &Client) -> Result<(), Failure> {
        let mut is_first = true;
        print("[")?;
        self.pages(client, |page| {
            let mut text = String::new();
            for raw in &page {
                text.push_str(if is_first { "\n  " } else { ",\n  " });
                text.push_str(&indented(raw.get(), 1));
                is_first = false;
            }
            stream(&text)
        })?;
        print(if is_first { "]\n" } else { "\n]\n" })
    }

    fn pages(
        &self,
        client: &Client,
        visit: impl FnMut(Vec<Box<RawValue>>) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<End, Failure> {
        client.each_page(&self.target, self.paging, self.limit, visit)
    }
}
