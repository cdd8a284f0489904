//! Usage: how often keys were used on a day, and when last.
//!
//! What the server verifies itself is collected in memory and written down every few seconds: a crash loses the uses
//! since then, and nothing else. What edges see, they report in batches, each of which counts once however often it is
//! sent.

use std::collections::HashMap;
use std::sync::{
    Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError,
};

use sha2::{Digest as _, Sha256};

use super::cursor::List;
use super::error::{FieldError, ServiceError};
use super::revocations::Loss;
use super::tokens::Touch;
use super::{Page, PageRequest, Place, Principal, Service, instant};
use crate::key::KeyId;
use crate::store::{AccountPath, Act, KeyPath, KeyRecord, Right, UsageFilter, Use};
use crate::time::Timestamp;

/// How many uses are written down in one transaction.
const WRITTEN_AT_ONCE: usize = 2_000;

/// The most characters of a batch's name.
const MAX_BATCH: usize = 128;

/// The most keys of one report.
const MAX_REPORTED: usize = 10_000;

/// The most uses of one key in one report: 2⁵³ − 1.
const MAX_COUNT: u64 = (1 << 53) - 1;

/// The most days that are shown at once.
const MAX_DAYS: u32 = 400;

/// The days that are shown where none are asked for.
const DEFAULT_DAYS: u32 = 30;

/// What an edge has counted.
#[derive(Clone, Debug, Default)]
pub struct Beacon {
    /// The name of this report among those of the edge token: sent again, it counts once.
    pub batch: String,
    /// Key by key. None is a report as well: the edge is well, and nobody has used it.
    pub keys: Vec<BeaconUse>,
}

/// Uses of one key.
#[derive(Clone, Debug)]
pub struct BeaconUse {
    /// The key's id.
    pub id: String,
    /// How many units were used.
    pub count: u64,
    /// The last time; RFC 3339. What lies ahead of the server's clock counts as now.
    pub last_used_at: String,
    /// Whether the secret of the key's last rotation was among those presented, as far as the edge knows.
    pub by_newest_secret: bool,
}

/// Whose uses are wanted, and on which days (`2026-11-21`, UTC).
#[derive(Clone, Debug, Default)]
pub struct UsageQuery {
    /// Of this account.
    pub account: Option<String>,
    /// Of this key.
    pub key: Option<String>,
    /// The first day; left out, 30 days to the last one.
    pub from: Option<String>,
    /// The last day; left out, today.
    pub to: Option<String>,
}

/// How often a key was used on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// The key.
    pub id: KeyId,
    /// The day, such as `2026-11-21`, UTC.
    pub day: String,
    /// How many units.
    pub count: u64,
}

/// The uses that are not written down yet.
#[derive(Default)]
pub(super) struct Uses {
    /// By keyspace and key.
    waiting: Mutex<HashMap<String, HashMap<KeyId, Use>>>,
    /// Held shared while a decision is made and its use is noted, and alone by what goes by uses.
    gate: RwLock<()>,
    /// Held while uses are on their way from memory to the disk, or back: whoever has it sees each of them in one of
    /// the two.
    flushing: Mutex<()>,
}

impl Uses {
    /// While this is held, no key is switched off for want of use.
    pub(super) fn deciding(&self) -> RwLockReadGuard<'_, ()> {
        self.gate.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, unless somebody would have to be waited for.
    pub(super) fn try_deciding(&self) -> Option<RwLockReadGuard<'_, ()>> {
        match self.gate.try_read() {
            Ok(gate) => Some(gate),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// While this is held, no key is decided about.
    pub(super) fn judging(&self) -> RwLockWriteGuard<'_, ()> {
        self.gate.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(
        &self,
        keyspace: &str,
        id: KeyId,
        count: u64,
        by_newest_secret: bool,
        now: Timestamp,
    ) {
        let one = Use {
            id,
            count,
            last: now,
            newest_used_at: by_newest_secret.then_some(now),
        };
        let mut waiting = self.waiting();
        if let Some(keys) = waiting.get_mut(keyspace) {
            merge(keys, one);
        } else {
            merge(waiting.entry(keyspace.to_owned()).or_default(), one);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<String, HashMap<KeyId, Use>>> {
        // A use is noted in one step.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flushing(&self) -> MutexGuard<'_, ()> {
        self.flushing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn merge(keys: &mut HashMap<KeyId, Use>, one: Use) {
    keys.entry(one.id)
        .and_modify(|known| {
            known.count = known.count.saturating_add(one.count);
            known.last = known.last.max(one.last);
            known.newest_used_at = known.newest_used_at.max(one.newest_used_at);
        })
        .or_insert(one);
}

impl Service {
    /// Writes down what was used since the last time, and returns of how many keys. What could not be written is kept.
    /// Waits for a flush that is under way: when this returns, what was noted before it is written down.
    pub fn flush_uses(&self) -> Result<u64, ServiceError> {
        let _flushing = self.uses.flushing();
        let mut written = 0;
        let mut outcome = self.flush_touches();
        let taken = std::mem::take(&mut *self.uses.waiting());
        for (keyspace, keys) in taken {
            let keys = keys.into_values().collect::<Vec<_>>();
            for part in keys.chunks(WRITTEN_AT_ONCE) {
                // Once something has failed, the rest is kept: the disk has had its say.
                let result = match &outcome {
                    Ok(()) => self.add_uses(&keyspace, part),
                    Err(_) => Ok(false),
                };
                match result {
                    Ok(true) => written += part.len() as u64,
                    Ok(false) => self.keep(&keyspace, part),
                    Err(error) => {
                        self.keep(&keyspace, part);
                        outcome = Err(error);
                    }
                }
            }
        }
        outcome.map(|()| written)
    }

    fn add_uses(&self, keyspace: &str, uses: &[Use]) -> Result<bool, ServiceError> {
        let act = self.own_act();
        let retired = self.store.add_uses(keyspace, None, uses.to_vec(), act)?;
        self.note_retired(&retired.unwrap_or_default());
        Ok(true)
    }

    /// Notes the keys whose secret before the last rotation ends earlier than it was to.
    fn note_retired(&self, retired: &[(KeyPath, KeyRecord)]) {
        for (path, record) in retired {
            self.note_key_loss(path, record, Loss::Retires);
        }
    }

    fn keep(&self, keyspace: &str, uses: &[Use]) {
        let mut waiting = self.uses.waiting();
        let keys = waiting.entry(keyspace.to_owned()).or_default();
        for &one in uses {
            merge(keys, one);
        }
    }

    /// What the server does by itself.
    pub(super) fn own_act(&self) -> Act {
        Act::of_server(self.clock.now())
    }

    /// Takes what an edge has counted. `false`: this batch is known already, and has counted.
    pub fn report_uses(
        &self,
        caller: &Principal,
        keyspace: &str,
        beacon: &Beacon,
    ) -> Result<bool, ServiceError> {
        caller.must(Right::UsageWrite, Place::Keyspace(keyspace))?;
        self.find_keyspace(keyspace)?;
        let now = self.clock.now();
        let uses = read(beacon, now)?;
        let batch = batch_id(&caller.id(), &beacon.batch);
        let retired = self
            .store
            .add_uses(keyspace, Some(batch), uses, self.act(caller))?;
        let is_new = retired.is_some();
        self.note_retired(&retired.unwrap_or_default());
        self.touch(caller, Touch::Report);
        Ok(is_new)
    }

    /// How often keys were used, by day and key.
    pub fn usage(
        &self,
        caller: &Principal,
        keyspace: &str,
        query: &UsageQuery,
        request: &PageRequest,
    ) -> Result<Page<KeyUse>, ServiceError> {
        match &query.account {
            Some(account) => {
                let path = AccountPath {
                    keyspace: keyspace.to_owned(),
                    account: account.clone(),
                };
                caller.must(Right::UsageRead, Place::Account(&path))?;
            }
            None => caller.must(Right::UsageRead, Place::Keyspace(keyspace))?,
        }
        let filter = query.filter(self.clock.now())?;
        let list = List {
            of: "usage",
            keyspace,
            account: query.account.as_deref().unwrap_or_default(),
            filter: &query.as_text(),
        };
        let after = self.position(&list, request)?;
        let after = after.as_deref().map(place).transpose()?;
        let uses = self
            .store
            .usage(keyspace, &filter, after, request.limit + 1)?
            .ok_or_else(|| {
                let account = query.account.as_ref();
                ServiceError::not_found(account.map_or("keyspace", |_| "account"))
            })?;
        let shown = uses.into_iter().map(|one| KeyUse {
            id: one.id,
            day: instant::day_text(one.day),
            count: one.count,
        });
        Ok(self.page(&list, request, shown.collect(), |one| {
            format!("{} {}", one.day, one.id)
        }))
    }
}

/// The day and the key that a cursor names.
fn place(position: &str) -> Result<(u32, KeyId), ServiceError> {
    let parts = position.split_once(' ');
    parts
        .and_then(|(day, id)| instant::parse_day(day).zip(id.parse().ok()))
        .ok_or_else(|| ServiceError::internal("a cursor of ours names no day and key"))
}

/// Reads a report; finds all that is wrong with it at once.
fn read(beacon: &Beacon, now: Timestamp) -> Result<Vec<Use>, ServiceError> {
    let mut errors = Vec::new();
    let mut refuse = |field: String, message: String| errors.push(FieldError { field, message });
    let is_name = !beacon.batch.is_empty()
        && beacon.batch.len() <= MAX_BATCH
        && beacon.batch.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_name {
        refuse(
            "batch".to_owned(),
            format!(
                "must be 1 to {MAX_BATCH} visible characters of ASCII, and another one for each report"
            ),
        );
    }
    if beacon.keys.len() > MAX_REPORTED {
        let message = format!("names more than {MAX_REPORTED} keys; send several reports");
        return Err(ServiceError::invalid_field("keys", message));
    }
    let mut uses = HashMap::new();
    for (at, one) in beacon.keys.iter().enumerate() {
        let id = one.id.parse::<KeyId>();
        let last = instant::parse(&one.last_used_at);
        if id.is_err() {
            refuse(format!("keys[{at}].id"), "is no key id".to_owned());
        }
        if last.is_none() {
            refuse(
                format!("keys[{at}].last_used_at"),
                instant::NO_TIME.to_owned(),
            );
        }
        if one.count > MAX_COUNT {
            refuse(
                format!("keys[{at}].count"),
                format!("must be at most {MAX_COUNT}"),
            );
        }
        if let Some((id, last)) = id.ok().zip(last) {
            let last = last.min(now);
            let one = Use {
                id,
                count: one.count,
                last,
                newest_used_at: one.by_newest_secret.then_some(last),
            };
            merge(&mut uses, one);
        }
    }
    if !errors.is_empty() {
        return Err(ServiceError::invalid(errors));
    }
    let mut uses = uses.into_values().collect::<Vec<_>>();
    uses.sort_unstable_by_key(|one| one.id);
    Ok(uses)
}

/// Batches of one edge say nothing of those of another.
fn batch_id(reporter: &str, batch: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"keyward usage batch 1");
    for part in [reporter, batch] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

impl UsageQuery {
    /// What a cursor is bound to, besides the account: as it was asked, so that a walk that began before midnight can
    /// end after it.
    fn as_text(&self) -> String {
        let members = [("key", &self.key), ("from", &self.from), ("to", &self.to)].into_iter();
        members
            .filter_map(|(name, value)| {
                let value = value.as_deref()?;
                Some(format!("{name} {} {value}\n", value.len()))
            })
            .collect()
    }

    fn filter(&self, now: Timestamp) -> Result<UsageFilter, ServiceError> {
        let mut errors = Vec::new();
        let mut refuse = |field: &str, message: &str| {
            errors.push(FieldError {
                field: field.to_owned(),
                message: message.to_owned(),
            });
        };
        let mut day = |field: &str, text: &Option<String>| {
            let text = text.as_deref()?;
            let day = instant::parse_day(text);
            if day.is_none() {
                refuse(field, "must be a day, such as 2026-11-21");
            }
            day
        };
        let first_day = day("from", &self.from);
        let last_day = day("to", &self.to).unwrap_or(instant::day_of(now));
        let first_day = first_day.unwrap_or(last_day.saturating_sub(DEFAULT_DAYS - 1));
        let id = self.key.as_deref().and_then(|key| {
            let id = key.parse::<KeyId>().ok();
            if id.is_none() {
                refuse("key", "is no key id");
            }
            id
        });
        if first_day > last_day {
            refuse("from", "is after `to`");
        } else if last_day - first_day >= MAX_DAYS {
            refuse("from", "is more than 400 days before `to`");
        }
        if !errors.is_empty() {
            return Err(ServiceError::invalid(errors));
        }
        Ok(UsageFilter {
            account: self.account.clone(),
            id,
            first_day,
            last_day,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_millis(1_795_292_040_123).expect("positive")
    }

    fn one(id: u64, count: u64, last: &str) -> BeaconUse {
        BeaconUse {
            id: KeyId::from_u64(id).expect("small").to_string(),
            count,
            last_used_at: last.to_owned(),
            by_newest_secret: id == 2,
        }
    }

    #[test]
    fn a_report_is_merged_and_never_ahead() {
        let beacon = Beacon {
            batch: "b-1".to_owned(),
            keys: vec![
                one(2, 5, "2026-11-21T20:00:00Z"),
                one(1, 1, "2099-01-01T00:00:00Z"),
                one(2, 3, "2026-11-21T19:00:00Z"),
            ],
        };
        let uses = read(&beacon, now()).expect("well formed");
        let [first, second] = uses[..] else {
            panic!("{uses:?}")
        };
        assert_eq!((first.id.get(), first.count, first.last), (1, 1, now()));
        assert_eq!((second.id.get(), second.count), (2, 8));
        assert_eq!(instant::rfc3339(second.last), "2026-11-21T20:00:00.000Z");
        assert_eq!(second.newest_used_at, Some(second.last));
        assert_eq!(first.newest_used_at, None);
    }

    #[test]
    fn all_mistakes_are_found_at_once() {
        let mut wrong = one(1, MAX_COUNT + 1, "now");
        wrong.id = "key_".to_owned();
        let beacon = Beacon {
            batch: String::new(),
            keys: vec![one(1, 1, "2026-11-21T20:00:00Z"), wrong],
        };
        let error = read(&beacon, now()).expect_err("refused");
        let fields = error.fields().iter().map(|error| &*error.field);
        assert_eq!(
            fields.collect::<Vec<_>>(),
            [
                "batch",
                "keys[1].id",
                "keys[1].last_used_at",
                "keys[1].count"
            ]
        );
    }

    #[test]
    fn batches_of_two_edges_never_meet() {
        assert_ne!(batch_id("tok_1", "2"), batch_id("tok_", "12"));
        assert_eq!(batch_id("tok_1", "2"), batch_id("tok_1", "2"));
    }

    #[test]
    fn thirty_days_unless_others_are_asked_for() {
        let query = |from: &str, to: &str| {
            let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            UsageQuery {
                from: some(from),
                to: some(to),
                ..UsageQuery::default()
            }
            .filter(now())
            .map(|filter| (filter.first_day, filter.last_day))
        };
        let day = |text| instant::parse_day(text).expect("a day");
        assert_eq!(
            query("", "").expect("good"),
            (day("2026-10-23"), day("2026-11-21"))
        );
        assert_eq!(
            query("2026-11-01", "2026-11-01").expect("good"),
            (day("2026-11-01"), day("2026-11-01"))
        );
        for (from, to) in [
            ("2026-11-02", "2026-11-01"),
            ("2025-01-01", ""),
            ("yesterday", ""),
            ("", "2026-02-30"),
        ] {
            assert!(query(from, to).is_err(), "{from} {to}");
        }
    }
}
