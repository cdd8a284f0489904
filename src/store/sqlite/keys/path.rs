//! Which index leads to the keys that a filter asks for.
//!
//! It is chosen here and named in the statement, not left to SQLite: that knows neither how many keys an account has
//! nor how many have a name, and a list of a million keys bears no wrong guess. What leads to few keys is taken first,
//! whatever else is asked; otherwise what gives them in the order of ids, so that a part of a list costs what the part
//! costs.

use rusqlite::{Connection, params_from_iter};

use super::filter::{Conditions, part_of_name};
use crate::store::sqlite::errors::Read;
use crate::store::{KeyFilter, StatusFilter, StoreError};

/// So many keys are gone through one by one without anybody noticing. Tests go every way with fewer.
const FEW: u32 = if cfg!(test) { 10 } else { 5_000 };

/// The way to some keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::sqlite) enum Path {
    /// All of the keyspace, in the order of ids.
    Keyspace,
    /// An index that gives them in the order of ids.
    Ordered(By),
    /// One that does not, and leads to so few that they are put in order.
    Sorted(By),
    /// The grams of a part of the name, in the order of ids.
    Grams,
}

/// What an index leads by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::sqlite) enum By {
    /// The whole name.
    Name,
    /// The subject.
    Subject,
    /// The account.
    Account,
    /// The state: of what depends on the time it says only the half.
    State,
    /// The level.
    Level,
    /// The end.
    Expiry,
    /// The last use.
    Use,
}

impl Path {
    /// The way to the keys that a filter asks for.
    pub(super) fn choose(
        db: &Connection,
        keyspace: &str,
        filter: &KeyFilter,
    ) -> Result<Self, StoreError> {
        let asked = By::asked(filter);
        let has_part = part_of_name(filter).is_some();
        if let ([only], false) = (&asked[..], has_part)
            && only.is_ordered()
        {
            return Ok(Self::Ordered(*only));
        }
        for by in &asked {
            if by.leads_to_few(db, keyspace, filter)? {
                return Ok(if by.is_ordered() {
                    Self::Ordered(*by)
                } else {
                    Self::Sorted(*by)
                });
            }
        }
        if has_part {
            return Ok(Self::Grams);
        }
        let in_order = asked.into_iter().find(|by| by.is_ordered());
        let by_state = filter.status.map(|_| By::State);
        Ok(in_order.or(by_state).map_or(Self::Keyspace, Self::Ordered))
    }
}

impl By {
    /// Those that a filter asks by, first those that lead to the fewest keys where they lead to many.
    fn asked(filter: &KeyFilter) -> Vec<Self> {
        let has_name = filter.name.as_deref().is_some_and(|name| !name.is_empty());
        let is_off = matches!(
            filter.status,
            Some(StatusFilter::Disabled | StatusFilter::Deactivated)
        );
        let has_expired = matches!(filter.status, Some(StatusFilter::Expired(_)));
        let is_used = filter.used_after.is_some() || filter.used_before.is_some();
        [
            (has_name, Self::Name),
            (filter.subject.is_some(), Self::Subject),
            (filter.account.is_some(), Self::Account),
            (is_off, Self::State),
            (has_expired, Self::Expiry),
            (is_used, Self::Use),
            (filter.level.is_some(), Self::Level),
        ]
        .into_iter()
        .filter_map(|(is_asked, by)| is_asked.then_some(by))
        .collect()
    }

    /// The index.
    pub(super) const fn index(self) -> &'static str {
        match self {
            Self::Name => "keys_by_name",
            Self::Subject => "keys_by_subject",
            Self::Account => "keys_by_account",
            Self::State => "keys_by_state",
            Self::Level => "keys_by_level",
            Self::Expiry => "keys_by_expiry",
            Self::Use => "keys_by_use",
        }
    }

    const fn is_ordered(self) -> bool {
        !matches!(self, Self::Expiry | Self::Use)
    }

    /// Whether it leads to few keys, all together.
    fn leads_to_few(
        self,
        db: &Connection,
        keyspace: &str,
        filter: &KeyFilter,
    ) -> Result<bool, StoreError> {
        let mut asked = Conditions::in_keyspace(keyspace);
        let counts: Vec<_> = asked
            .ranges(self, filter)
            .iter()
            .map(|range| format!("(SELECT count(*) FROM ({range} LIMIT {}))", FEW + 1))
            .collect();
        let found: u32 = db
            .prepare_cached(&format!("SELECT {}", counts.join(" + ")))
            .read()?
            .query_row(params_from_iter(asked.into_values()), |row| row.get(0))
            .read()?;
        Ok(found <= FEW)
    }
}
