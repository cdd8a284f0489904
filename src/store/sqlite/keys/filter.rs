//! What a filter asks, as conditions of a statement.

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::path::{By, Path};
use crate::key::KeyId;
use crate::store::sqlite::columns::number;
use crate::store::sqlite::errors::Read;
use crate::store::{KeyFilter, KeySlice, Order, StatusFilter, StoreError};
use crate::time::Timestamp;

/// The primary key of the table.
const PRIMARY: &str = "sqlite_autoindex_keys_1";

/// In the words of the index by name, which has no keys without one.
const HAS_NAME: &str = "k.name <> ''";

const IN_KEYSPACE: &str = "k.keyspace = ?1";

/// The ids that can be meant, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::sqlite) struct Range {
    /// The lowest.
    pub(in crate::store::sqlite) first: i64,
    /// The highest.
    pub(in crate::store::sqlite) last: i64,
}

/// Conditions on `keys AS k`, with their values.
#[derive(Clone, Debug)]
pub(super) struct Conditions {
    text: String,
    values: Vec<Value>,
}

/// The part of a name that is asked for; everything has an empty one.
pub(super) fn part_of_name(filter: &KeyFilter) -> Option<&str> {
    filter
        .name_contains
        .as_deref()
        .filter(|part| !part.is_empty())
}

impl Range {
    /// What times of creation leave of the ids, which tell them too, and what the position in the list leaves.
    pub(super) fn of(
        db: &Connection,
        keyspace: &str,
        filter: &KeyFilter,
        slice: Option<&KeySlice>,
    ) -> Result<Self, StoreError> {
        let mut range = Self {
            first: 0,
            last: i64::MAX,
        };
        if filter.created_after.is_some() || filter.created_before.is_some() {
            let skew: i64 = db
                .prepare_cached("SELECT id_skew FROM editions WHERE keyspace = ?1")
                .read()?
                .query_row(params![keyspace], |row| row.get(0))
                .read()?;
            if let Some(after) = filter.created_after {
                range.first = number(KeyId::first_at(after.saturating_add_millis(-skew)));
            }
            if let Some(before) = filter.created_before {
                range.last = number(KeyId::first_at(before.saturating_add_millis(skew)));
            }
        }
        match slice.map(|slice| (slice.order, slice.after)) {
            Some((Order::NewestFirst, Some(after))) => {
                range.last = range.last.min(number(after) - 1);
            }
            Some((Order::OldestFirst, Some(after))) => {
                range.first = range.first.max(number(after) + 1);
            }
            _ => {}
        }
        Ok(range)
    }
}

impl Conditions {
    /// Everything in a keyspace, which is the first value of every statement here.
    pub(super) fn in_keyspace(keyspace: &str) -> Self {
        Self {
            text: IN_KEYSPACE.to_owned(),
            values: vec![text(keyspace)],
        }
    }

    /// All that the filter asks.
    pub(super) fn of(keyspace: &str, filter: &KeyFilter, range: Range) -> Self {
        let mut asked = Self::in_keyspace(keyspace);
        asked.ask("k.id >= ", Value::Integer(range.first), "");
        asked.ask("k.id <= ", Value::Integer(range.last), "");
        asked.ask_text("k.account", filter.account.as_deref());
        asked.ask_text("k.name", filter.name.as_deref());
        if let Some(part) = part_of_name(filter) {
            asked.ask("instr(k.name, ", text(part), ") > 0");
        }
        if let Some(status) = filter.status {
            asked.ask_status(status);
        }
        asked.ask_text("k.level", filter.level.as_deref());
        asked.ask_text("k.subject", filter.subject.as_deref());
        asked.ask_instant("k.created_at < ", filter.created_before, "");
        asked.ask_instant("k.created_at >= ", filter.created_after, "");
        let earlier = "(k.last_used_at IS NULL OR k.last_used_at < ";
        asked.ask_instant(earlier, filter.used_before, ")");
        asked.ask_instant("k.last_used_at >= ", filter.used_after, "");
        asked
    }

    /// The parts of an index that hold what the filter asks by it: statements inside this one that select the ids.
    pub(super) fn ranges(&mut self, by: By, filter: &KeyFilter) -> Vec<String> {
        let mut ranges = Vec::new();
        if by == By::Use && filter.used_after.is_none() {
            ranges.push(self.range(by, |range| range.also("k.last_used_at IS NULL")));
        }
        ranges.push(self.range(by, |range| match by {
            By::Name => {
                range.ask_text("k.name", filter.name.as_deref());
                range.also(HAS_NAME);
            }
            By::Subject => range.ask_text("k.subject", filter.subject.as_deref()),
            By::Account => range.ask_text("k.account", filter.account.as_deref()),
            By::Level => range.ask_text("k.level", filter.level.as_deref()),
            By::State | By::Expiry => {
                if let Some(status) = filter.status {
                    range.ask_status(status);
                }
            }
            By::Use => {
                range.ask_instant("k.last_used_at < ", filter.used_before, "");
                range.ask_instant("k.last_used_at >= ", filter.used_after, "");
            }
        }));
        ranges
    }

    fn range(&mut self, by: By, ask: impl FnOnce(&mut Self)) -> String {
        let outer = std::mem::replace(&mut self.text, IN_KEYSPACE.to_owned());
        ask(self);
        let range = std::mem::replace(&mut self.text, outer);
        format!(
            "SELECT k.id FROM keys AS k INDEXED BY {} WHERE {range}",
            by.index()
        )
    }

    /// The values, in the order of their places.
    pub(super) fn into_values(self) -> Vec<Value> {
        self.values
    }

    fn ask_status(&mut self, status: StatusFilter) {
        match status {
            StatusFilter::Active(now) => {
                self.also("k.state = 'active'");
                self.ask(
                    "(k.expires_at IS NULL OR k.expires_at > ",
                    instant(now),
                    ")",
                );
            }
            StatusFilter::Expired(now) => {
                self.also("k.state = 'active'");
                self.ask("k.expires_at <= ", instant(now), "");
            }
            StatusFilter::Disabled => self.also("k.state = 'disabled'"),
            StatusFilter::Deactivated => self.also("k.state = 'deactivated'"),
        }
    }

    fn ask_text(&mut self, column: &str, wanted: Option<&str>) {
        if let Some(wanted) = wanted {
            self.ask(&format!("{column} = "), text(wanted), "");
        }
    }

    fn ask_instant(&mut self, before: &str, at: Option<Timestamp>, after: &str) {
        if let Some(at) = at {
            self.ask(before, instant(at), after);
        }
    }

    /// One condition more, with a value in it.
    fn ask(&mut self, before: &str, value: Value, after: &str) {
        let place = self.bind(value);
        self.also(&format!("{before}{place}{after}"));
    }

    fn also(&mut self, condition: &str) {
        self.text.push_str(" AND ");
        self.text.push_str(condition);
    }

    /// The place of one value more.
    pub(super) fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    /// The statement that asks `what` of the keys to which `path` leads, and then says `tail`.
    pub(super) fn select(
        mut self,
        what: &str,
        path: Path,
        filter: &KeyFilter,
        tail: &str,
    ) -> (String, Vec<Value>) {
        let index = match path {
            Path::Ordered(by) => by.index(),
            Path::Keyspace | Path::Grams | Path::Sorted(_) => PRIMARY,
        };
        match path {
            Path::Ordered(By::Name) => self.also(HAS_NAME),
            Path::Sorted(by) => {
                let ids = self.ranges(by, filter).join(" UNION ALL ");
                self.also(&format!("k.id IN ({ids})"));
            }
            Path::Ordered(_) | Path::Keyspace | Path::Grams => {}
        }
        let Self { text, values } = self;
        let sql = format!("SELECT {what} FROM keys AS k INDEXED BY {index} WHERE {text}{tail}");
        (sql, values)
    }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn instant(at: Timestamp) -> Value {
    Value::Integer(at.as_millis())
}
