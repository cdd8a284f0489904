//! The same, at random, to both backends, which must answer alike and end alike.

use std::fmt::Debug;

use super::*;
use crate::key::KeyId;
use crate::store::{
    AccountContent, Act, AuditFilter, Authority, FirstState, KeyContent, KeyFilter, KeyIndex,
    KeyPath, KeySlice, KeyTransition, NewKey, NoticeOutcome, NoticeSlice, Order, Premise,
    RetiringPlan, Rotation, StatusFilter, StoreError, UsageFilter, Use,
};

/// How many operations a run has.
const STEPS: i64 = 1500;

#[test]
fn both_answer_alike() {
    for seed in 1..=4 {
        on_memory(|memory| on_sqlite(|sqlite| run(&[memory, sqlite], seed)));
    }
}

/// Numbers that look random and are the same each time.
struct Chance(u64);

impl Chance {
    /// One below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) % bound
    }

    fn number(&mut self, bound: i64) -> i64 {
        self.below(bound.unsigned_abs()).cast_signed()
    }

    fn is(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.below(of.len() as u64)).expect("an index")]
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.is(2) { Some(make(self)) } else { None }
    }
}

/// What both stores say to the same question.
#[track_caller]
fn ask<T: Debug>(
    stores: &[&dyn Store; 2],
    step: i64,
    question: impl Fn(&dyn Store) -> Result<T, StoreError>,
) {
    let [memory, sqlite] = stores.map(|store| match question(store) {
        Ok(answer) => format!("{answer:?}"),
        Err(error) => format!("refused: {error}"),
    });
    assert_eq!(memory, sqlite, "step {step}");
}

fn run(stores: &[&dyn Store; 2], seed: u64) {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15 ^ seed);
    for store in stores {
        stage(*store);
    }
    for step in 0..STEPS {
        // Mostly forward, and at times back.
        let now = step * 10 + chance.number(40) - 20;
        let act = Act {
            actor: chance.one(&["op_1", "op_2"]).to_owned(),
            at: at(now),
            authority: Authority::Server,
            premise: Premise {
                rules: None,
                keys_enabled: chance.is(4),
            },
        };
        match chance.below(12) {
            0..=3 => create(stores, step, &mut chance, &act),
            4 => update(stores, step, &mut chance, &act),
            5 => change(stores, step, &mut chance, &act),
            6 => rotate(stores, step, &mut chance, &act),
            7 => use_keys(stores, step, &mut chance, &act),
            8 => remove(stores, step, &mut chance, &act),
            9 => time(stores, step, &mut chance, &act),
            _ => look(stores, step, &mut chance, now),
        }
    }
    let everything = |store: &dyn Store| {
        let mut live = Vec::new();
        store.live_keys("shop", &mut |_, key| live.push(format!("{key:?}")))?;
        let entries = store.audit_chain(0, u32::MAX)?;
        Ok((
            live,
            entries,
            store.keyspaces()?,
            store.accounts("shop", None, 9)?,
        ))
    };
    ask(stores, STEPS, everything);
}

fn path_of(chance: &mut Chance, step: i64) -> KeyPath {
    let keyspace = chance.one(&["shop", "shop", "shop", "other"]);
    let of = chance.one(&["acme", "acme", "bolt"]);
    path_in(keyspace, of, chance.number(step.max(1)))
}

fn content_of(chance: &mut Chance, now: i64) -> KeyContent {
    KeyContent {
        subject: chance.maybe(|chance| chance.one(&["a", "b"]).to_owned()),
        expires_at: chance.maybe(|chance| at(now + chance.number(3000))),
        fields: chance
            .maybe(|chance| chance.one(&["a@example.org", "b@example.org"]).to_owned())
            .map(|address| ("contact_email".to_owned(), address))
            .into_iter()
            .collect(),
        ..content(chance.one(&["full", "events"]))
    }
}

fn index_of(chance: &mut Chance) -> KeyIndex {
    let name = chance.one(&["", "billing", "billing sync", "crm", "cr", "é"]);
    let mut slots = Vec::new();
    if chance.is(2) {
        slots.push(lasting(
            chance.one(&["1", "2", "3", "4", "5", "6", "7", "8"]),
        ));
    }
    if chance.is(2) {
        slots.push(while_active(chance.one(&["1", "2", "3", "4"])));
    }
    KeyIndex {
        name: name.to_owned(),
        slots,
    }
}

fn create(stores: &[&dyn Store; 2], step: i64, chance: &mut Chance, act: &Act) {
    let mut path = path_of(chance, step);
    if !chance.is(10) {
        path.id = id(step);
    }
    let of = if chance.is(10) {
        chance.number(step.max(1))
    } else {
        step
    };
    let of = of.to_string();
    let new = NewKey {
        secret: if chance.is(3) {
            sealed_secret(&of, u8::try_from(chance.below(3)).expect("small"))
        } else {
            secret(&of)
        },
        state: if chance.is(6) {
            FirstState::Disabled
        } else {
            FirstState::Active
        },
        content: content_of(chance, step * 10),
        index: index_of(chance),
    };
    let request = u8::try_from(chance.below(30)).expect("small");
    let is_remembered = chance.is(3);
    ask(stores, step, |store| {
        let remember = is_remembered.then(|| remember(request, step * 10 + 300));
        store.insert_key(path.clone(), new.clone(), remember, act.clone())
    });
    ask(stores, step, |store| {
        store.remembered([request; 32], act.at)
    });
}

fn update(stores: &[&dyn Store; 2], step: i64, chance: &mut Chance, act: &Act) {
    let (path, revision) = (path_of(chance, step), chance.below(4));
    let (content, index) = (content_of(chance, step * 10), index_of(chance));
    ask(stores, step, |store| {
        let (path, content, index) = (path.clone(), content.clone(), index.clone());
        store.update_key(path, revision, content, index, act.clone())
    });
    let (path, revision) = (path_of(chance, step), chance.below(4));
    let content = AccountContent {
        name: None,
        keys_enabled: chance.is(2),
        monthly_uses: Some(chance.below(100)),
    };
    ask(stores, step, |store| {
        store.update_account(path.account.clone(), revision, content.clone(), act.clone())
    });
}

fn change(stores: &[&dyn Store; 2], step: i64, chance: &mut Chance, act: &Act) {
    let revision = chance
        .maybe(|chance| chance.below(4))
        .filter(|_| chance.is(2));
    let transition = match chance.below(8) {
        0 => KeyTransition::Deactivate,
        1..=4 => KeyTransition::Disable,
        _ => KeyTransition::Enable,
    };
    for _ in 0..3 {
        let path = path_of(chance, step);
        ask(stores, step, |store| {
            store.change_key(path.clone(), transition, revision, act.clone())
        });
    }
}

fn rotate(stores: &[&dyn Store; 2], step: i64, chance: &mut Chance, act: &Act) {
    let path = path_of(chance, step);
    let rotation = Rotation {
        secret: secret(&format!("next {}", chance.number(step.max(1)))),
        retiring: chance.maybe(|chance| RetiringPlan {
            ends_at: at(step * 10 + chance.number(2000)),
            ends_after_use: chance.maybe(|chance| chance.number(500)),
        }),
    };
    ask(stores, step, |store| {
        store.rotate_key(path.clone(), rotation.clone(), None, None, act.clone())
    });
    ask(stores, step, |store| {
        store.key_by_digest("shop", &rotation.secret.digest, act.at)
    });
}

fn use_keys(stores: &[&dyn Store; 2], step: i64, chance: &mut Chance, act: &Act) {
    let uses: Vec<Use> = (0..10)
        .map(|_| Use {
            id: id(chance.number(step.max(1))),
            count: chance.below(5),
            last: at(step * 10 + chance.number(300) - 200),
            newest_used_at: chance.maybe(|chance| at(step * 10 + chance.number(300) - 200)),
        })
        .collect();
    let batch = [u8::try_from(chance.below(100)).expect("small"); 32];
    let batch = Some(batch).filter(|_| chance.is(2));
    ask(stores, step, |store| {
        store.add_uses("shop", batch, uses.clone(), act.clone())
    });
    let filter = UsageFilter {
        account: chance.maybe(|chance| chance.one(&["acme", "none"]).to_owned()),
        id: Some(id(chance.number(step.max(1)))).filter(|_| chance.is(2)),
        first_day: 0,
        last_day: u32::MAX,
    };
    let after = chance.maybe(|chance| {
        (
            u32::try_from(20_000 + chance.below(1000)).expect("small"),
            id(step),
        )
    });
    let limit = 1 + u32::try_from(chance.below(20)).expect("small");
    ask(stores, step, |store| {
        store.usage("shop", &filter, after, limit)
    });
    ask(stores, step, |store| {
        store.used(&account("shop", "acme"), 0, u32::MAX)
    });
}

fn remove(stores: &[&dyn Store; 2], step: i64, chance: &mut Chance, act: &Act) {
    let path = path_of(chance, step);
    ask(stores, step, |store| {
        store.delete_key(path.clone(), None, act.clone())
    });
    let ids: Vec<KeyId> = (0..5).map(|_| id(chance.number(step.max(1)))).collect();
    ask(stores, step, |store| {
        store.reveal_keys(&account("shop", "acme"), ids.clone(), act.clone())
    });
}

fn time(stores: &[&dyn Store; 2], step: i64, chance: &mut Chance, act: &Act) {
    let cutoff = at(step * 10 - 3000 + chance.number(500));
    ask(stores, step, |store| store.has_idle("shop", cutoff));
    let limit = 1 + u32::try_from(chance.below(3)).expect("small");
    ask(stores, step, |store| {
        store.disable_idle("shop", cutoff, limit, act.clone())
    });
    notice(stores, step, chance, act);
    ask(stores, step, |store| store.purge(0, act.clone()));
    ask(stores, step, |store| {
        let mut sealed = store.sealed_under_others([1; 8], 10_000)?;
        sealed.sort_by_key(|(path, ..)| (path.account.keyspace.clone(), path.id));
        Ok(sealed)
    });
}

fn notice(stores: &[&dyn Store; 2], step: i64, chance: &mut Chance, act: &Act) {
    let slice = NoticeSlice {
        field: "contact_email".to_owned(),
        now: act.at,
        until: at(step * 10 + chance.number(3000)),
        after: chance.maybe(|chance| (at(step * 10 + 500), id(chance.number(step.max(1))))),
        limit: 1 + u32::try_from(chance.below(4)).expect("small"),
    };
    ask(stores, step, |store| store.due_notices("shop", &slice));
    let due = stores[0].due_notices("shop", &slice).expect("an answer");
    let outcome = if chance.is(3) {
        let reply = "550".to_owned();
        NoticeOutcome::Refused { reply }
    } else {
        NoticeOutcome::Sent
    };
    if let Some(notice) = due.first() {
        ask(stores, step, |store| {
            store.note_notice(notice.clone(), outcome.clone(), act.clone())
        });
    }
}

fn look(stores: &[&dyn Store; 2], step: i64, chance: &mut Chance, now: i64) {
    let status = [
        StatusFilter::Active(at(now)),
        StatusFilter::Expired(at(now)),
        StatusFilter::Disabled,
        StatusFilter::Deactivated,
    ][usize::try_from(chance.below(4)).expect("an index")];
    let some_time = |chance: &mut Chance| at(chance.number(step * 10 + 1));
    let filter = KeyFilter {
        account: chance.maybe(|chance| chance.one(&["acme", "bolt"]).to_owned()),
        name: Some("billing".to_owned()).filter(|_| chance.is(5)),
        name_contains: chance
            .maybe(|chance| chance.one(&["", "b", "cr", "ing", "g sy", "é"]).to_owned()),
        status: Some(status).filter(|_| chance.is(2)),
        level: Some("full".to_owned()).filter(|_| chance.is(3)),
        subject: Some("a".to_owned()).filter(|_| chance.is(4)),
        created_before: Some(some_time(chance)).filter(|_| chance.is(4)),
        created_after: Some(some_time(chance)).filter(|_| chance.is(4)),
        used_before: Some(some_time(chance)).filter(|_| chance.is(4)),
        used_after: Some(some_time(chance)).filter(|_| chance.is(4)),
    };
    let slice = KeySlice {
        order: if chance.is(2) {
            Order::NewestFirst
        } else {
            Order::OldestFirst
        },
        after: chance.maybe(|chance| id(chance.number(step.max(1)))),
        skip: chance.below(3),
        limit: 1 + u32::try_from(chance.below(30)).expect("small"),
    };
    ask(stores, step, |store| store.keys("shop", &filter, slice));
    ask(stores, step, |store| store.count_keys("shop", &filter));
    let filter = AuditFilter {
        account: chance.maybe(|_| "acme".to_owned()),
        target: chance.maybe(|chance| id(chance.number(step.max(1))).to_string()),
        actor: chance.maybe(|_| "op_1".to_owned()),
        action: chance.maybe(|_| "key.create".to_owned()),
    };
    let before = chance.maybe(|chance| chance.number(step.max(1)));
    ask(stores, step, |store| {
        store.audit("shop", &filter, before, 20)
    });
}
