//! What a filter asks, as conditions of a statement, and which index answers it.
//!
//! The index is chosen here and named in the statement, not left to SQLite: it knows neither how many keys an account has
//! nor how many have a name, and a list of a million keys bears no wrong guess. All but one index give the keys in the
//! order of ids, so that a part of a list costs what the part costs.

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use crate::key::KeyId;
use crate::store::sqlite::columns::number;
use crate::store::sqlite::errors::Read;
use crate::store::{KeyFilter, KeySlice, Order, StatusFilter, StoreError};
use crate::time::Timestamp;

/// So many keys are gone through one by one without anybody noticing. Tests go every way with fewer.
const FEW: u32 = if cfg!(test) { 10 } else { 5_000 };

/// The primary key of the table.
const PRIMARY: &str = "sqlite_autoindex_keys_1";

/// What the keys are found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::sqlite) enum Path {
    /// An index that gives keys in the order of ids.
    Index(&'static str),
    /// The index by last use, whose finds are put in order.
    Use,
    /// The grams of a part of the name.
    Grams,
}

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

impl Path {
    /// The way to the keys that a filter asks for.
    pub(super) fn choose(
        db: &Connection,
        keyspace: &str,
        filter: &KeyFilter,
    ) -> Result<Self, StoreError> {
        let offered = offered(filter);
        let has_part = part_of_name(filter).is_some();
        if let ([only @ Self::Index(_)], false) = (&offered[..], has_part) {
            return Ok(*only);
        }
        for path in &offered {
            if path.leads_to_few(db, keyspace, filter)? {
                return Ok(*path);
            }
        }
        if has_part {
            return Ok(Self::Grams);
        }
        let in_order = offered.into_iter().find(|path| *path != Self::Use);
        Ok(in_order.unwrap_or(Self::Index(PRIMARY)))
    }

    /// Whether it leads to few keys, of all that it leads to.
    fn leads_to_few(
        self,
        db: &Connection,
        keyspace: &str,
        filter: &KeyFilter,
    ) -> Result<bool, StoreError> {
        let own = self.own_part(filter);
        let all = Range {
            first: 0,
            last: i64::MAX,
        };
        let (inner, values) = Conditions::of(keyspace, &own, all).select("1", self, &own, "");
        let sql = format!("SELECT count(*) FROM ({inner} LIMIT {})", FEW + 1);
        let found: u32 = db
            .prepare_cached(&sql)
            .read()?
            .query_row(params_from_iter(values), |row| row.get(0))
            .read()?;
        Ok(found <= FEW)
    }

    /// The part of the filter that this way answers.
    fn own_part(self, filter: &KeyFilter) -> KeyFilter {
        let mut own = KeyFilter::default();
        match self {
            Self::Index("keys_by_name") => own.name.clone_from(&filter.name),
            Self::Index("keys_by_subject") => own.subject.clone_from(&filter.subject),
            Self::Index("keys_by_account") => own.account.clone_from(&filter.account),
            Self::Index("keys_by_state") => own.status = filter.status,
            Self::Index("keys_by_level") => own.level.clone_from(&filter.level),
            Self::Use if filter.used_after.is_some() => own.used_after = filter.used_after,
            Self::Use => own.used_before = filter.used_before,
            Self::Index(_) | Self::Grams => {}
        }
        own
    }
}

/// The indexes that answer a part of the filter, those first that leave the fewest keys where they leave many.
fn offered(filter: &KeyFilter) -> Vec<Path> {
    let has_name = filter.name.as_deref().is_some_and(|name| !name.is_empty());
    let is_off = matches!(
        filter.status,
        Some(StatusFilter::Disabled | StatusFilter::Deactivated)
    );
    let is_used = filter.used_after.is_some() || filter.used_before.is_some();
    // What depends on the time is not counted beforehand: the index says the state and not the time.
    let is_timed = filter.status.is_some() && !is_off;
    let by_time = is_timed
        && *filter
            == KeyFilter {
                status: filter.status,
                ..KeyFilter::default()
            };
    [
        (has_name, Path::Index("keys_by_name")),
        (filter.subject.is_some(), Path::Index("keys_by_subject")),
        (filter.account.is_some(), Path::Index("keys_by_account")),
        (is_off || by_time, Path::Index("keys_by_state")),
        (is_used, Path::Use),
        (filter.level.is_some(), Path::Index("keys_by_level")),
    ]
    .into_iter()
    .filter_map(|(is_offered, path)| is_offered.then_some(path))
    .collect()
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
    /// All that the filter asks.
    pub(super) fn of(keyspace: &str, filter: &KeyFilter, range: Range) -> Self {
        let mut asked = Self {
            text: "k.keyspace = ?1".to_owned(),
            values: vec![text(keyspace)],
        };
        asked.ask("k.id >= ", Value::Integer(range.first), "");
        asked.ask("k.id <= ", Value::Integer(range.last), "");
        if let Some(account) = &filter.account {
            asked.ask("k.account = ", text(account), "");
        }
        if let Some(name) = &filter.name {
            asked.ask("k.name = ", text(name), "");
        }
        if let Some(part) = part_of_name(filter) {
            asked.ask("instr(k.name, ", text(part), ") > 0");
        }
        if let Some(status) = filter.status {
            asked.ask_status(status);
        }
        if let Some(level) = &filter.level {
            asked.ask("k.level = ", text(level), "");
        }
        if let Some(subject) = &filter.subject {
            asked.ask("k.subject = ", text(subject), "");
        }
        if let Some(before) = filter.created_before {
            asked.ask("k.created_at < ", instant(before), "");
        }
        if let Some(after) = filter.created_after {
            asked.ask("k.created_at >= ", instant(after), "");
        }
        if let Some(before) = filter.used_before {
            let earlier = "(k.last_used_at IS NULL OR k.last_used_at < ";
            asked.ask(earlier, instant(before), ")");
        }
        if let Some(after) = filter.used_after {
            asked.ask("k.last_used_at >= ", instant(after), "");
        }
        asked
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
            Path::Index(name) => name,
            Path::Use | Path::Grams => PRIMARY,
        };
        match path {
            // In the words of the index, which has no keys without a name.
            Path::Index("keys_by_name") => self.also("k.name <> ''"),
            Path::Use => self.only_by_use(filter),
            Path::Index(_) | Path::Grams => {}
        }
        let Self { text, values } = self;
        let sql = format!("SELECT {what} FROM keys AS k INDEXED BY {index} WHERE {text}{tail}");
        (sql, values)
    }

    /// Leaves the ids that the index by last use gives.
    fn only_by_use(&mut self, filter: &KeyFilter) {
        let range = |condition: &str| {
            format!(
                "SELECT id FROM keys INDEXED BY keys_by_use WHERE keyspace = ?1 AND {condition}"
            )
        };
        if let Some(after) = filter.used_after {
            let ids = range(&format!("last_used_at >= {}", self.bind(instant(after))));
            self.also(&format!("k.id IN ({ids})"));
        } else if let Some(before) = filter.used_before {
            let never = range("last_used_at IS NULL");
            let earlier = range(&format!("last_used_at < {}", self.bind(instant(before))));
            self.also(&format!("k.id IN ({never} UNION ALL {earlier})"));
        }
    }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn instant(at: Timestamp) -> Value {
    Value::Integer(at.as_millis())
}
