//! What tests of rounds stand on: a clock that only they move, and a shop with one account.

use std::sync::atomic::{AtomicI64, Ordering};

use super::{AccountPath, CreateAccount, CreateKeyspace, Principal, Service};
use crate::env::Clock;
use crate::time::Timestamp;

/// Where the clock stands at first.
pub(super) const START: i64 = 1_795_292_040_123;

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).expect("positive")
}

/// The hands of the clock.
pub(super) struct Hands(AtomicI64);

impl Default for Hands {
    fn default() -> Self {
        Self(AtomicI64::new(START))
    }
}

impl Hands {
    pub(super) fn turn(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        at(self.0.load(Ordering::SeqCst))
    }
}

/// Makes the first operator, and for them a keyspace `shop` by these rules, with an account `acme`.
pub(super) fn open_shop(service: &Service, rules: CreateKeyspace) -> (Principal, AccountPath) {
    let first = service.create_first_operator(|_| Ok(()));
    let caller = Principal::from(first.expect("the first"));
    let keyspace = CreateKeyspace {
        id: "shop".to_owned(),
        ..rules
    };
    service
        .create_keyspace(&caller, keyspace)
        .expect("a keyspace");
    let account = CreateAccount {
        id: Some("acme".to_owned()),
        ..CreateAccount::default()
    };
    service
        .create_account(&caller, "shop", account)
        .expect("an account");
    let path = AccountPath {
        keyspace: "shop".to_owned(),
        account: "acme".to_owned(),
    };
    (caller, path)
}
