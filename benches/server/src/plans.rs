//! The plans of the statements that are run most.

use std::collections::HashSet;
use std::fmt::Write as _;

use keyward::store::FILE_NAME;
use keyward::store::bench::plans;

use crate::stock::{self, Stock};
use crate::{Bench, Outcome};

pub fn section(_: &Bench, stocks: &[Stock; 2], page: &mut String) -> Outcome {
    let stock = &stocks[1];
    writeln!(page, "### Plans\n")?;
    writeln!(
        page,
        "The statements that were caught while the store answered, in a copy of the larger database, and what SQLite says that it does\n\
         for each (`EXPLAIN QUERY PLAN`); each statement stands where it came first. Where it says nothing, a row is put in.\n"
    )?;
    let copy = stock.copy()?;
    let planned = plans(&copy.path().join(FILE_NAME), &stock::path(stock.large()))?;
    let mut seen = HashSet::new();
    for asked in planned {
        writeln!(page, "- {}", asked.what)?;
        let all = asked.statements.len();
        let fresh = asked.statements.into_iter();
        let fresh: Vec<_> = fresh
            .filter(|statement| seen.insert(statement.sql.clone()))
            .collect();
        if fresh.len() < all {
            writeln!(page, "  (and {} of those above)", all - fresh.len())?;
        }
        for statement in fresh {
            writeln!(page, "\n  ```sql\n  {}\n  ```\n", statement.sql)?;
            for step in statement.plan {
                writeln!(page, "  - `{step}`")?;
            }
        }
        writeln!(page)?;
    }
    Ok(())
}
