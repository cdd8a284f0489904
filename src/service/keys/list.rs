//! Lists of keys: those of an account, or a search across the accounts of a keyspace.

use crate::key::KeyId;
use crate::service::cursor::List;
use crate::service::error::{FieldError, ServiceError};
use crate::service::principal::{Place, Principal};
use crate::service::{Page, PageRequest, Service, instant, text};
use crate::store::{AccountPath, KeyFilter, KeyRecord, KeySlice, Order, Right, StatusFilter};
use crate::time::Timestamp;

/// Which keys are wanted; a member that is `None` is not asked about.
#[derive(Clone, Debug, Default)]
pub struct KeyQuery {
    /// The whole name, whatever its case.
    pub name: Option<String>,
    /// A part of the name, whatever its case.
    pub name_contains: Option<String>,
    /// `active`, `disabled`, `deactivated` or `expired`.
    pub status: Option<String>,
    /// The id of an access level.
    pub level: Option<String>,
    /// The whole subject.
    pub subject: Option<String>,
    /// Created before this instant; RFC 3339, as all of these.
    pub created_before: Option<String>,
    /// Created at this instant or later.
    pub created_after: Option<String>,
    /// Last used before this instant, or never.
    pub used_before: Option<String>,
    /// Last used at this instant or later.
    pub used_after: Option<String>,
}

impl Service {
    /// The keys of a keyspace or of one account in it, newest first.
    pub fn keys(
        &self,
        caller: &Principal,
        keyspace: &str,
        account: Option<&str>,
        query: &KeyQuery,
        request: &PageRequest,
    ) -> Result<Page<KeyRecord>, ServiceError> {
        let filter = self.key_filter(caller, keyspace, account, query)?;
        let list = List {
            of: "keys",
            keyspace,
            account: account.unwrap_or_default(),
            filter: &query.as_text(),
        };
        let after = request.cursor.as_deref().map(|cursor| {
            let position = self.cursors.open(&list, cursor)?;
            position.parse::<KeyId>().map_err(ServiceError::internal)
        });
        let slice = KeySlice {
            order: Order::NewestFirst,
            after: after.transpose()?,
            skip: 0,
            limit: request.limit + 1,
        };
        let items = self.slice(keyspace, account, &filter, slice)?;
        Ok(self.page(&list, request, items, |key| key.id.to_string()))
    }

    /// Any part of such a list, in either order: for those who number pages.
    pub fn key_slice(
        &self,
        caller: &Principal,
        keyspace: &str,
        account: Option<&str>,
        query: &KeyQuery,
        slice: KeySlice,
    ) -> Result<Vec<KeyRecord>, ServiceError> {
        let filter = self.key_filter(caller, keyspace, account, query)?;
        self.slice(keyspace, account, &filter, slice)
    }

    /// How many keys such a list has.
    pub fn count_keys(
        &self,
        caller: &Principal,
        keyspace: &str,
        account: Option<&str>,
        query: &KeyQuery,
    ) -> Result<u64, ServiceError> {
        let filter = self.key_filter(caller, keyspace, account, query)?;
        self.store
            .count_keys(keyspace, &filter)?
            .ok_or_else(|| absent(account))
    }

    fn slice(
        &self,
        keyspace: &str,
        account: Option<&str>,
        filter: &KeyFilter,
        slice: KeySlice,
    ) -> Result<Vec<KeyRecord>, ServiceError> {
        self.store
            .keys(keyspace, filter, slice)?
            .ok_or_else(|| absent(account))
    }

    /// What the store is asked, if the caller may ask it.
    fn key_filter(
        &self,
        caller: &Principal,
        keyspace: &str,
        account: Option<&str>,
        query: &KeyQuery,
    ) -> Result<KeyFilter, ServiceError> {
        match account {
            Some(account) => {
                let path = AccountPath {
                    keyspace: keyspace.to_owned(),
                    account: account.to_owned(),
                };
                caller.must(Right::KeysRead, Place::Account(&path))?;
            }
            None => caller.must(Right::KeysRead, Place::Keyspace(keyspace))?,
        }
        let filter = query.filter(self.clock.now())?;
        Ok(KeyFilter {
            account: account.map(str::to_owned),
            ..filter
        })
    }
}

fn absent(account: Option<&str>) -> ServiceError {
    ServiceError::not_found(if account.is_some() {
        "account"
    } else {
        "keyspace"
    })
}

impl KeyQuery {
    /// The members by name.
    fn members(&self) -> [(&'static str, Option<&str>); 9] {
        [
            ("name", self.name.as_deref()),
            ("name_contains", self.name_contains.as_deref()),
            ("status", self.status.as_deref()),
            ("level", self.level.as_deref()),
            ("subject", self.subject.as_deref()),
            ("created_before", self.created_before.as_deref()),
            ("created_after", self.created_after.as_deref()),
            ("used_before", self.used_before.as_deref()),
            ("used_after", self.used_after.as_deref()),
        ]
    }

    /// What a cursor is bound to: with other filters, the place that it names would mean another.
    fn as_text(&self) -> String {
        let members = self.members().into_iter();
        members
            .filter_map(|(name, value)| {
                value.map(|value| format!("{name} {} {value}\n", value.len()))
            })
            .collect()
    }

    /// The same as the store asks it; finds all mistakes at once.
    fn filter(&self, now: Timestamp) -> Result<KeyFilter, ServiceError> {
        let mut errors = Vec::new();
        let mut refuse = |field: &str, message: &str| {
            errors.push(FieldError {
                field: field.to_owned(),
                message: message.to_owned(),
            });
        };
        for (name, value) in self.members() {
            if value.is_some_and(|value| value.trim().is_empty()) {
                refuse(name, "is empty; leave it out, or say what is wanted");
            }
        }
        let status = self
            .status
            .as_deref()
            .filter(|text| !text.trim().is_empty());
        let status = status.and_then(|status| match status {
            "active" => Some(StatusFilter::Active(now)),
            "expired" => Some(StatusFilter::Expired(now)),
            "disabled" => Some(StatusFilter::Disabled),
            "deactivated" => Some(StatusFilter::Deactivated),
            _ => {
                refuse(
                    "status",
                    "must be one of: active, disabled, deactivated, expired",
                );
                None
            }
        });
        let mut instant = |field: &str, text: &Option<String>| {
            let text = text.as_deref().filter(|text| !text.trim().is_empty())?;
            let at = instant::parse(text);
            if at.is_none() {
                refuse(field, instant::NO_TIME);
            }
            at
        };
        let filter = KeyFilter {
            account: None,
            name: self.name.as_deref().map(text::fold),
            name_contains: self.name_contains.as_deref().map(text::fold),
            status,
            level: self.level.clone(),
            subject: self
                .subject
                .as_deref()
                .map(|subject| text::normalise(subject).into_owned()),
            created_before: instant("created_before", &self.created_before),
            created_after: instant("created_after", &self.created_after),
            used_before: instant("used_before", &self.used_before),
            used_after: instant("used_after", &self.used_after),
        };
        if errors.is_empty() {
            Ok(filter)
        } else {
            Err(ServiceError::invalid(errors))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_millis(1_795_292_040_123).expect("positive")
    }

    #[test]
    fn words_become_what_the_store_asks() {
        let query = KeyQuery {
            name: Some(" Straße  Nord ".to_owned()),
            status: Some("expired".to_owned()),
            used_before: Some("2026-11-21T21:14:00.123+01:00".to_owned()),
            ..KeyQuery::default()
        };
        let filter = query.filter(now()).expect("good");
        assert_eq!(filter.name, Some(text::fold("STRASSE NORD")));
        assert_eq!(filter.status, Some(StatusFilter::Expired(now())));
        assert_eq!(filter.used_before, Some(now()));
    }

    #[test]
    fn all_mistakes_are_found_at_once() {
        let query = KeyQuery {
            name: Some(" ".to_owned()),
            status: Some("on".to_owned()),
            created_after: Some("yesterday".to_owned()),
            used_after: Some(String::new()),
            ..KeyQuery::default()
        };
        let error = query.filter(now()).expect_err("refused");
        let fields = error.fields().iter().map(|error| &*error.field);
        assert_eq!(
            fields.collect::<Vec<_>>(),
            ["name", "used_after", "status", "created_after"]
        );
    }

    #[test]
    fn no_two_queries_have_one_text() {
        let texts = [None, Some("a"), Some("b"), Some("a\nname_contains 1 b")];
        let mut all = Vec::new();
        for name in texts {
            for name_contains in texts {
                let query = KeyQuery {
                    name: name.map(str::to_owned),
                    name_contains: name_contains.map(str::to_owned),
                    ..KeyQuery::default()
                };
                all.push(query.as_text());
            }
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
